"""The model of the list of processes, through everything that a host and a user may do to it."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from memviz.core.facts import Identity
from memviz.core.snapshot import Absence
from memviz.core.source import ProcessRow
from memviz.gui.parts.roles import ALIGN, DISPLAY, TIP
from memviz.gui.processes.columns import LIST_COLUMNS, NUMBERS
from memviz.gui.processes.model import ALL, LARGE_FIRST, SMALL_FIRST, ProcessModel
from memviz.gui.processes.people import People, Share
from memviz.gui.processes.tree import KERNEL
from tests.gui.fake_source import MIB, process
from tests.gui.test_processes_tree import lists

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
ROWS = [
    process(1, "init", ppid=0, private_swap=1 * MIB),
    process(2, "big", private_swap=900 * MIB),
    process(3, "small"),
]


def model_of(*rows: ProcessRow, **settings: object) -> tuple[ProcessModel, QAbstractItemModelTester]:
    model = ProcessModel(People(**settings))  # type: ignore[arg-type]  # names of its fields
    tester = QAbstractItemModelTester(model, FATAL)
    if rows:
        take(model, rows, 0.0)
    return model, tester


def take(
    model: ProcessModel, rows: tuple[ProcessRow, ...] | list[ProcessRow], now: float, *, hold: bool = False
) -> None:
    model.people.take(rows, now)
    model.people.census.forget(now, set(model.people.census.gone) if hold else ())
    model.show(model.people.lines_now(hold=hold))


def print_model(model: ProcessModel, name: str = "name") -> list[str]:
    column = NUMBERS[name]
    return [str(model.data(model.index(row, column))) for row in range(model.rowCount())]


STEPS = st.one_of(
    st.tuples(st.just("list"), lists(), st.booleans()),
    st.tuples(st.just("sort"), st.integers(0, len(LIST_COLUMNS) - 1), st.booleans()),
    st.tuples(st.just("filter"), st.sampled_from(["", "p1", "p", "zzz", ">50", "-p1"])),
    st.tuples(st.just("tree"), st.booleans()),
    st.tuples(st.just("toggle"), st.integers(0, 30)),
    st.tuples(st.just("wait"), st.integers(1, 5)),
)


@given(st.lists(STEPS, max_size=12))
def test_that_the_model_stays_sound_whatever_happens(qapp: QApplication, steps: list[tuple[object, ...]]) -> None:
    model, tester = model_of()
    people, now, resets = model.people, 0.0, []
    model.modelReset.connect(lambda: resets.append(now))
    for kind, value, *more in steps:
        now += 1
        followed = [(QPersistentModelIndex(model.index(at, 0)), line.key) for at, line in enumerate(people.lines)]
        if kind == "list":
            take(model, value, now, hold=bool(more[0]))  # type: ignore[arg-type]  # a list of rows
        elif kind == "sort":
            model.sort(int(str(value)), LARGE_FIRST if more[0] else SMALL_FIRST)
        elif kind == "toggle" and people.lines:
            model.toggle(people.lines[int(str(value)) % len(people.lines)].key)
        elif kind == "filter":
            people.filter = str(value)
        elif kind == "tree":
            people.tree = bool(value)
        elif kind == "wait":
            now += int(str(value))
            people.census.forget(now)
        model.show(people.lines_now())
        keys = [line.key for line in people.lines]
        assert len(set(keys)) == len(keys) == model.rowCount()
        assert all(model.place_of(key) == at for at, key in enumerate(keys))
        for index, key in followed:
            assert keys[index.row()] == key if index.isValid() else resets or key not in keys
    tester.deleteLater()


@given(lists(), st.booleans())
def test_that_every_cell_has_words(qapp: QApplication, rows: list[ProcessRow], tree: bool) -> None:
    model, tester = model_of(*rows, tree=tree, kernel_open=True, sums_families=True)
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            assert isinstance(model.data(model.index(row, column)), str)
            assert str(model.data(model.index(row, column), TIP)).startswith("<qt>")
            assert isinstance(model.data(model.index(row, column), ALIGN), int)
    tester.deleteLater()


def test_that_the_heaviest_comes_first(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    assert print_model(model) == ["big", "small", "init"]
    assert print_model(model, "private_swap") == ["900 MiB", "6.0 MiB", "1.0 MiB"]


def test_that_equal_keys_are_told_as_changed_data_of_the_columns_that_changed(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    told: list[tuple[int, int, int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), a.column(), b.row(), b.column())))
    take(model, [row._replace(rss=row.rss + 1, user="other") for row in ROWS], 1.0)
    assert told == [(0, 0, 2, max(NUMBERS[name] for name in ("trend", "rss", "user")))]


def test_that_lines_that_stay_as_they_are_are_not_drawn_again(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), b.row())))
    for second in range(1, ALL):
        take(model, list(ROWS), float(second))
    assert told == []
    take(model, list(ROWS), float(ALL))
    assert told == [(0, 2)], "now and then all of them: a straight trend grows longer"
    take(model, [ROWS[0]._replace(threads=77), *ROWS[1:]], ALL + 1.0)
    assert told[1:] == [(model.place_of(ROWS[0].identity),) * 2]


def test_that_a_line_whose_trend_moves_is_drawn_again(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    grown = [ROWS[0]._replace(private_swap=(ROWS[0].private_swap or 0) + 4096), *ROWS[1:]]
    take(model, grown, 1.0)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), b.row())))
    take(model, grown, 2.0)
    assert told == [(model.place_of(ROWS[0].identity),) * 2]


def test_that_one_that_comes_and_one_that_goes_reset_nothing(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    told: list[str] = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.rowsInserted.connect(lambda parent, first, last: told.append(f"+{first}-{last}"))
    model.rowsRemoved.connect(lambda parent, first, last: told.append(f"-{first}-{last}"))
    take(model, [*ROWS[1:], process(9, "new", private_swap=100 * MIB)], 1.0)
    assert told == ["+1-1"]
    assert print_model(model) == ["big", "new", "small", "init"]  # the one that has gone is still shown
    take(model, [*ROWS[1:], process(9, "new", private_swap=100 * MIB)], 9.0)
    assert told == ["+1-1", "-3-3"]


def test_that_held_rows_stay_and_newcomers_stand_at_the_end(qapp: QApplication) -> None:
    model, _tester = model_of(*ROWS)
    grown = [ROWS[0]._replace(private_swap=2000 * MIB), *ROWS[1:], process(9, "new", private_swap=5000 * MIB)]
    take(model, grown, 1.0, hold=True)
    assert print_model(model) == ["big", "small", "init", "new"]
    assert model.people.stale
    take(model, grown, 2.0)
    assert print_model(model) == ["new", "init", "big", "small"]
    assert not model.people.stale


def test_that_opening_a_line_moves_no_other(qapp: QApplication) -> None:
    thread = process(8, "kworker", is_kernel_thread=True, private_swap=None)
    model, _tester = model_of(*ROWS, thread)
    model.people.take([ROWS[0]._replace(private_swap=2000 * MIB), *ROWS[1:], thread], 1.0)
    model.toggle(KERNEL)
    assert print_model(model) == ["big", "small", "init", "kernel threads (1)", "kworker"]


def test_that_an_unknown_size_is_a_dash_with_its_reason(qapp: QApplication) -> None:
    why = Absence("denied", "status may not be read", "run it as root")
    model, _tester = model_of(process(5, "secret", private_swap=None, absent={"status": why}))
    index = model.index(0, NUMBERS["private_swap"])
    assert model.data(index) == "–"
    assert "run it as root" in str(model.data(index, TIP))
    assert model.people.is_denied(model.people.lines[0], "private_swap")  # so a lock is drawn
    assert not model.people.is_denied(model.people.lines[0], "pss")  # nobody asked yet


def test_that_a_denied_pss_is_told_with_what_would_help(qapp: QApplication) -> None:
    model, _tester = model_of(ROWS[0])
    model.people.shares[ROWS[0].identity] = Share(None, 0.0, Absence("denied", "not yours", "read it as root"))
    model.shares_came({ROWS[0].identity})
    line = model.people.lines[0]
    assert model.people.is_denied(line, "pss")
    assert "read it as root" in str(model.data(model.index(0, NUMBERS["pss"]), TIP))


def test_that_what_a_process_calls_itself_is_no_markup(qapp: QApplication) -> None:
    model, _tester = model_of(process(5, "<b>bold</b>", command="<img src='/x'>"))
    tip = str(model.data(model.index(0, 0), TIP))
    assert "<b>" not in tip
    assert "<img" not in tip
    assert model.data(model.index(0, 0), DISPLAY) == "<b>bold</b>"


def test_that_a_state_is_told_in_words(qapp: QApplication) -> None:
    model, _tester = model_of(process(5, "dead", state="Z"), process(6, "asleep", identity=Identity("b", 0, 6, 1)))
    assert "zombie" in str(model.data(model.index(model.place_of(Identity("b", 0, 5, 500)), 0), TIP)).lower()
