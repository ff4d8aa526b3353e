"""The tab of blocks and regions as a user meets it: filter, fold, sort, select, compare, keep."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.query import TERMS
from memviz.core.snapshot import Snapshot
from memviz.gui.session.selection import (
    BLOCK,
    RANGE,
    REGION,
    Selection,
    select_block,
    select_group,
    select_page,
    select_region,
)
from memviz.gui.session.session import Session
from memviz.gui.session.state import DENIED, State
from memviz.gui.tables.chooser import ColumnChooser
from memviz.gui.tables.columns import USUAL
from memviz.gui.tables.filter import completions, last_word
from memviz.gui.tables.header import layout_from
from memviz.gui.tables.order import FLAT, TREE
from memviz.gui.tabs.regions import RegionsTab
from tests import builders
from tests.gui import fake_source
from tests.gui.fake_source import FakeSource

# offscreen there is nothing that a popup could be raised above, or grab keys from
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
LINES = (
    "10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k", "20-40 rw-p [heap] rss=64k swap=4k",
    "200-208 r-xp /usr/lib/libc.so.6 rss=32k", "208-20a r--p /usr/lib/libc.so.6 rss=8k",
)  # fmt: skip


def snapshot(*more: str, heap: int = 64) -> Snapshot:
    lines = [line.replace("rss=64k", f"rss={heap}k") for line in LINES]
    return builders.snapshot(*lines, *more, start_brk=0x20000)


SMALL = snapshot()


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> Iterator[RegionsTab]:
    made = RegionsTab(session)
    qtbot.addWidget(made)
    tester = QAbstractItemModelTester(made.table.model, FATAL)
    made.resize(1000, 400)
    made.show()
    yield made
    assert tester is not None


def show(tab: RegionsTab, qtbot: QtBot, given: Snapshot = SMALL) -> None:
    """Shows a snapshot and waits until its table is made."""
    fake_source.show(tab.session, given)
    shown(tab, qtbot, given)


def shown(tab: RegionsTab, qtbot: QtBot, given: Snapshot) -> None:
    def is_made() -> None:
        assert tab.table.model.frames is not None
        assert tab.table.model.frames.snapshot is given
        assert not tab.session.jobs.is_running("table")
        assert not tab.session.jobs.is_running("difference")

    qtbot.waitUntil(is_made)


def names(tab: RegionsTab) -> list[str]:
    model = tab.table.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def line(tab: RegionsTab, name: str) -> int:
    return names(tab).index(name)


def click(tab: RegionsTab, name: str, *, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    view = tab.table.view
    point = view.visualRect(tab.table.model.index(line(tab, name), 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, point)


# -- blocks, folds, order ---------------------------------------------------------------------------------------------


def test_that_blocks_come_first_the_dearest_on_top(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    assert names(tab) == ["heap (brk)", "libc", "program"]
    assert "3 blocks · 5 regions" in tab.footer.whole
    assert "116 KiB resident" in tab.footer.whole


def test_that_a_click_on_the_sign_unfolds_and_folds(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    view, model = tab.table.view, tab.table.model
    sign = view.visualRect(model.index(line(tab, "libc"), 0)).topLeft() + QPoint(6, 8)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=sign)
    assert names(tab) == ["heap (brk)", "libc", "library code", "library data", "program"]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=sign)
    assert names(tab) == ["heap (brk)", "libc", "program"]


def test_that_keys_unfold_fold_and_go_to_the_block(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    view = tab.table.view
    click(tab, "libc")
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert "library code" in names(tab)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert tab.session.selection == select_region(SMALL, 3)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().row() == line(tab, "libc")
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert "library code" not in names(tab)


def test_that_a_click_on_a_head_sorts_and_another_turns_round(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.table.header.clicked.emit("name")
    assert names(tab) == ["heap (brk)", "libc", "program"]
    tab.table.header.clicked.emit("name")
    assert names(tab) == ["program", "libc", "heap (brk)"]
    tab.table.header.clicked.emit("rss")
    assert names(tab) == ["heap (brk)", "libc", "program"]


def test_that_another_metric_sorts_by_it_and_shows_its_column(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.set_options(metric="uss")
    assert tab.table.model.wanted.column == "uss"
    assert "uss" in [column.name for column in tab.table.header.shown_columns()]


def test_that_rows_stay_where_they_are_after_a_click_until_nobody_works_there(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    click(tab, "program")
    less = snapshot(heap=4)
    show(tab, qtbot, less)
    assert names(tab) == ["heap (brk)", "libc", "program"]
    tab.table.view.release()  # three seconds later
    assert names(tab) == ["libc", "program", "heap (brk)"]


def test_that_selection_and_folds_survive_other_rows(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.select(select_region(SMALL, 4))
    show(tab, qtbot, snapshot("300-310 rw-p /new rss=64k"))
    assert "library data" in names(tab)
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "library data")]


# -- filter -----------------------------------------------------------------------------------------------------------


def test_that_what_is_typed_in_the_table_goes_into_the_filter(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.table.view.setFocus()
    with qtbot.waitSignal(tab.session.filter_changed):
        QTest.keyClicks(tab.table.view, "l")
        QTest.keyClicks(tab.filter, "ibc")
    assert tab.session.filter == "libc"
    assert names(tab) == ["libc"]


def test_that_the_filter_of_the_session_is_the_filter_of_the_table(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.set_filter("group:heap")
    assert tab.filter.text() == "group:heap"
    assert names(tab) == ["heap (brk)"]
    tab.session.set_filter("")
    assert len(names(tab)) == 3


def test_that_with_a_filter_the_sum_is_that_of_the_regions_that_fit(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.set_filter("perm:x")
    assert names(tab) == ["libc", "program"]
    assert tab.footer.whole.startswith("Fits: 2 blocks · 2 regions")
    assert "40.0 KiB resident" in tab.footer.whole, "8 of program and 32 of libc, and nothing of what lies beside them"


def test_that_the_page_of_the_kernel_is_a_row_and_no_region_of_the_process(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot, snapshot("ffffffffff600-ffffffffff601 --xp [vsyscall]"))
    assert "· 5 regions" in tab.footer.whole


def test_that_a_wrong_filter_says_why_and_leaves_the_last_one(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.filter.setText("perm:q")
    tab.filter.apply()
    assert "permissions are letters" in tab.footer.whole
    assert tab.session.filter == ""
    assert len(names(tab)) == 3
    tab.filter.setText("perm:x")
    tab.filter.apply()
    assert "permissions are letters" not in tab.footer.whole


def test_that_a_filter_that_nothing_fits_says_so_and_can_be_taken_away(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.set_filter("nothing-is-called-so")
    assert "Nothing fits" in tab.notice.sentence.text()
    assert tab.stack.currentWidget() is tab.notice
    tab.notice.button.click()
    assert tab.session.filter == ""
    assert tab.stack.currentWidget() is tab.table


def test_that_escape_empties_the_filter_and_then_goes_to_the_table(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.filter.setText("libc")
    tab.filter.apply()
    QTest.keyClick(tab.filter, Qt.Key.Key_Escape)
    assert tab.session.filter == ""
    with qtbot.waitSignal(tab.filter.left):
        QTest.keyClick(tab.filter, Qt.Key.Key_Escape)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.example)
def test_that_every_example_of_the_help_goes_into_the_filter_by_a_click(tab: RegionsTab, term) -> None:  # noqa: ANN001  # a record
    tab.filter.setText("perm:r")
    tab.filter.add_term(term.example)
    assert tab.filter.text() == f"perm:r {term.example}"


def test_that_the_last_word_is_completed() -> None:
    assert last_word("libc -gro") == ("libc -", "gro")
    assert last_word("gro") == ("", "gro")
    assert last_word("libc ") == ("libc ", "")
    assert "group:heap" in completions()


def test_that_a_completion_keeps_what_stands_before(tab: RegionsTab) -> None:
    completer = tab.filter.completer()
    completer.setCompletionPrefix("perm:w -group:hea")
    assert completer.currentCompletion() == "perm:w -group:heap"


# -- selection --------------------------------------------------------------------------------------------------------


def test_that_a_row_that_is_clicked_is_selected_everywhere(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    click(tab, "libc")
    assert tab.session.selection == select_block(SMALL, 2)
    assert "Selected: 1 block · 2 regions" in tab.chosen.whole


def test_that_what_is_selected_elsewhere_is_unfolded_and_selected(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.select(select_page(SMALL, 0x208000))
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "library data")]
    tab.session.select(select_block(SMALL, 0))
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "program")]
    tab.session.select(Selection())
    assert not len(tab.table.view.chosen_lines())


def test_that_back_and_forward_move_the_table_too(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    click(tab, "libc")
    click(tab, "program")
    tab.session.walk()
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "libc")]


def test_that_regions_side_by_side_are_a_range(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.modes.button(1).click()
    tab.table.header.clicked.emit("start")
    view = tab.table.view
    view.selectRow(0)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert tab.session.selection == Selection(RANGE, 0x10000, 0x18000)
    assert "Selected: 2 regions · 32.0 KiB · 12.0 KiB resident" in tab.chosen.whole


def test_that_a_group_selects_its_blocks_or_regions(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.select(select_group("library"))
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "libc")]
    tab.modes.button(1).click()
    chosen = [tab.table.model.value(at, "category") for at in tab.table.view.chosen_lines().tolist()]
    assert chosen == ["library data"]


def test_that_a_selection_that_the_filter_hides_comes_back_with_it(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    click(tab, "libc")
    tab.session.set_filter("group:heap")
    assert not len(tab.table.view.chosen_lines())
    assert tab.session.selection.kind == BLOCK
    tab.session.set_filter("")
    assert tab.table.view.chosen_lines().tolist() == [line(tab, "libc")]


# -- mark -------------------------------------------------------------------------------------------------------------


def test_that_a_mark_brings_differences_and_taking_it_away_takes_them(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    before = [column.name for column in tab.table.header.shown_columns()]
    assert not any("change" in name for name in before)
    tab.session.set_mark(SMALL)
    grown = snapshot("300-304 rw-p rss=16k", heap=96)
    show(tab, qtbot, grown)
    qtbot.waitUntil(lambda: "rss_change" in [column.name for column in tab.table.header.shown_columns()])
    qtbot.waitUntil(lambda: tab.table.model.frames.mark is SMALL)  # type: ignore[union-attr]  # shown
    model = tab.table.model
    changes = {name: model.index(row, model.place("rss_change")).data() for row, name in enumerate(names(tab))}
    assert changes == {"heap (brk)": "+32.0 KiB", "libc": "0", "program": "0", "anonymous": "+16.0 KiB"}
    assert model.index(line(tab, "anonymous"), model.place("state")).data() == "new"
    assert "· +48.0 KiB since the mark" in tab.footer.whole
    tab.session.set_mark(None)
    qtbot.waitUntil(lambda: [column.name for column in tab.table.header.shown_columns()] == before)


# -- states, persistence ----------------------------------------------------------------------------------------------


def test_that_what_may_not_be_read_says_what_would_help(tab: RegionsTab) -> None:
    tab.session.open(7)
    tab.session.set_state(State(DENIED, "That may not be read.", "run it as root"))
    assert tab.notice.sentence.text() == "That may not be read."
    assert tab.notice.remedy.text() == "run it as root"
    assert tab.stack.currentWidget() is tab.notice


def test_that_another_process_leaves_nothing_of_the_last(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.session.open(8)
    assert names(tab) == []
    assert tab.footer.whole == ""


def test_that_a_hidden_tab_does_nothing_until_it_is_seen(tab: RegionsTab, qtbot: QtBot) -> None:
    tab.hide()
    fake_source.show(tab.session, SMALL)
    assert not tab.session.jobs.is_running("table")
    tab.show()
    shown(tab, qtbot, SMALL)
    assert len(names(tab)) == 3


def test_that_columns_order_and_mode_are_kept(tab: RegionsTab, session: Session, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.modes.button(1).click()
    tab.table.header.clicked.emit("size")
    tab.table.header.set_names(["name", "size", "flags", "private_swap"])
    tab.table.view.horizontalHeader().resizeSection(tab.table.model.place("size"), 123)
    state = json.loads(json.dumps(tab.save_state()))
    other = RegionsTab(session)
    qtbot.addWidget(other)
    other.restore_state(state)
    assert [column.name for column in other.table.header.shown_columns()] == ["name", "size", "flags", "private_swap"]
    assert other.table.view.columnWidth(other.table.model.place("size")) == 123
    assert (other.table.model.wanted.mode, other.table.model.wanted.column) == (FLAT, "size")
    assert other.save_state() == state


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["rss", "name", TREE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
STATES = JUNK | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("mode", "sort", "descending", "columns", "widths"), JUNK)
)


@given(STATES)
def test_that_a_nonsensical_state_is_not_believed(qapp: QApplication, state: object) -> None:
    session = Session(FakeSource())
    tab = RegionsTab(session)
    tab.restore_state(state)  # type: ignore[arg-type]  # nonsense
    assert tab.table.model.wanted.mode in (TREE, FLAT)
    assert tab.table.header.shown_columns()[0].name == "name"
    assert json.dumps(tab.save_state())
    session.close()
    tab.deleteLater()


def test_that_saved_columns_that_are_no_more_are_left_out() -> None:
    layout = layout_from({"columns": ["rss", "rss", 7], "widths": {"rss": 1, "pss": 100, "x": "y"}}, USUAL)
    assert layout.names == ["rss"]
    assert layout.widths == {"pss": 100}
    assert layout_from(None, USUAL).names == list(USUAL)


def test_that_columns_are_chosen_in_a_list(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    chooser = ColumnChooser(tab.table.header, USUAL, tab)
    titles = [chooser.list.item(row).text() for row in range(chooser.list.count())]
    assert "Flags" in titles
    assert "RSS Δ" not in titles  # there is no mark
    chooser.list.item(titles.index("Flags")).setCheckState(Qt.CheckState.Checked)
    assert "flags" in [column.name for column in tab.table.header.shown_columns()]
    chooser.list.item(titles.index("Flags")).setCheckState(Qt.CheckState.Unchecked)
    assert "flags" not in [column.name for column in tab.table.header.shown_columns()]
    chooser.close()


def test_that_a_field_that_nobody_knows_has_a_column(tab: RegionsTab, qtbot: QtBot) -> None:
    table = SMALL.regions.with_columns(later_field=np.arange(5, dtype=np.uint64))
    later = Snapshot(0.0, SMALL.facts, table, SMALL.categories, SMALL.absent)
    show(tab, qtbot, later)
    tab.table.header.set_names(["name", "later_field"])
    assert [column.title for column in tab.table.header.shown_columns()][:1] == ["Name"]
    assert "later_field" in [column.name for column in tab.table.header.shown_columns()]


def test_that_a_dragged_column_is_where_it_was_dropped_after_other_rows_came(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    bar = tab.table.view.horizontalHeader()
    bar.moveSection(bar.visualIndex(tab.table.model.place("path")), 1)
    order = [column.name for column in tab.table.header.shown_columns()]
    assert order[:2] == ["name", "path"]
    tab.session.set_filter("libc")
    show(tab, qtbot, snapshot("300-304 rw-p"))
    assert [column.name for column in tab.table.header.shown_columns()] == order


def test_that_the_text_can_be_larger(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    height = tab.table.view.rowHeight(0)
    font = tab.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    tab.setFont(font)
    assert tab.table.view.rowHeight(0) > height
    assert tab.table.model.looks.fixed.pointSizeF() == pytest.approx(font.pointSizeF() * 0.95)  # type: ignore[union-attr]  # is set


def test_that_the_theme_colours_the_chips_anew(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    before = tab.table.model.looks
    tab.session.set_options(theme="light" if tab.session.theme.name == "dark" else "dark")
    assert tab.table.model.looks is not before


def test_that_a_region_kind_of_selection_is_a_region(tab: RegionsTab, qtbot: QtBot) -> None:
    show(tab, qtbot)
    tab.modes.button(1).click()
    tab.table.view.selectRow(0)
    assert tab.session.selection.kind == REGION
