"""The whole table through random churn of the session: what is kept by key is kept, and nothing is left behind."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from memviz.core.snapshot import Snapshot
from memviz.gui.session.selection import Selection, select_block, select_group, select_range, select_region
from memviz.gui.session.session import Reading, Session
from memviz.gui.tables.columns import COLUMNS
from memviz.gui.tables.frames import BLOCKS
from memviz.gui.tables.order import FLAT, TREE
from memviz.gui.tabs.regions import RegionsTab
from tests import builders
from tests.gui.fake_source import FakeSource
from tests.made_snapshots import snapshots

STEPS = st.one_of(
    st.tuples(st.just("snapshot"), snapshots(6)),
    st.tuples(st.just("snapshot"), snapshots(6)),
    st.tuples(st.just("mark")),
    st.tuples(st.just("no mark")),
    st.tuples(st.just("other process")),
    st.tuples(st.just("filter"), st.sampled_from(["", "perm:w", ">8K", "libc", "-group:heap", "nothing", "perm:q"])),
    st.tuples(st.just("sort"), st.sampled_from([column.name for column in COLUMNS])),
    st.tuples(st.just("mode"), st.sampled_from([TREE, FLAT])),
    st.tuples(st.just("fold"), st.integers(0, 20)),
    st.tuples(st.just("click"), st.integers(0, 20)),
    st.tuples(st.just("select"), st.integers(0, 20), st.sampled_from(["block", "region", "group", "range", ""])),
    st.tuples(st.just("back")),
    st.tuples(st.just("pause")),
    st.tuples(st.just("hold"), st.booleans()),
)


def at_once(
    name: str, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None],
    *, waits: bool = False,
) -> None:  # fmt: skip
    """A job that answers before its caller goes on."""
    done(work())


def selection_of(snapshot: Snapshot, number: int, kind: str) -> Selection:
    if not len(snapshot.regions):
        return Selection()
    row = number % len(snapshot.regions)
    match kind:
        case "block":
            return select_block(snapshot, int(snapshot.regions["block"][row]))
        case "region":
            return select_region(snapshot, row)
        case "group":
            return select_group("heap")
        case "range":
            return select_range(0x10000, 0x10000 * number)
    return Selection()


def step(tab: RegionsTab, what: tuple) -> None:  # type: ignore[type-arg]  # of STEPS
    session, table = tab.session, tab.table
    match what:
        case ("snapshot", snapshot):
            session.show_reading(Reading(snapshot))
        case ("mark",):
            session.set_mark(session.snapshot)
        case ("no mark",):
            session.set_mark(None)
        case ("other process",):
            session.open(7, "program")
        case ("filter", text):
            tab.filter.setText(text)
            tab.filter.apply()
        case ("sort", name):
            table.sort_by(name)
        case ("mode", mode):
            table.set_mode(mode)
        case ("fold", number) if table.model.rowCount():
            line = number % table.model.rowCount()
            if table.model.wanted.mode == TREE and table.model.level(line) == BLOCKS:
                table.toggle(line)
        case ("click", number) if table.model.rowCount():
            table.view.selectRow(number % table.model.rowCount())
        case ("select", number, kind) if session.snapshot is not None:
            session.select(selection_of(session.snapshot, number, kind))
        case ("back",):
            session.walk()
        case ("pause",):
            session.set_paused(not session.paused)
        case ("hold", True):
            table.view.touch()
        case ("hold", False):
            table.view.release()


@settings(max_examples=50)
@given(st.lists(STEPS, max_size=15))
def test_that_the_tab_stays_true_to_its_session_through_churn(qapp: QApplication, steps: list[tuple]) -> None:  # type: ignore[type-arg]  # of STEPS
    session = Session(FakeSource())
    session.jobs.run = at_once  # type: ignore[method-assign]  # nothing waits here
    tab = RegionsTab(session)
    tester = QAbstractItemModelTester(tab.table.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tab.show()
    session.open(7, "program")
    session.show_reading(Reading(builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k")))
    for what in steps:
        before = kept(tab)
        step(tab, what)
        check(tab)
        if what[0] in ("sort", "hold"):
            assert kept(tab) == before
    tab.grab()
    tab.close()
    session.close()
    tab.deleteLater()
    assert tester is not None


def kept(tab: RegionsTab) -> tuple[set[int], set[int]]:
    """The keys that are shown, and those that are selected."""
    keys = tab.table.model.keys
    return set(keys.tolist()), set(keys[tab.table.view.chosen_lines()].tolist())


def check(tab: RegionsTab) -> None:
    session, model, view = tab.session, tab.table.model, tab.table.view
    assert (model.frames.snapshot if model.frames is not None else None) is session.snapshot
    assert model.rowCount() == len(model.lines)
    assert bool(tab.footer.whole) == (len(model.lines) > 0 or bool(tab.filter.why))
    shown = {column.name for column in tab.table.header.shown_columns()}
    assert ("rss_change" in shown) == (model.frames is not None and session.mark is not None)
    selection, lines = session.selection, view.chosen_lines().tolist()
    if len(lines) == 1 and selection.kind in ("block", "region") and tab.table.pointing.told == selection:
        start, end = (model.value(lines[0], name) for name in ("start", "end"))
        assert start <= selection.start < end  # type: ignore[operator]  # both are known
