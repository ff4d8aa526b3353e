"""The list of processes as it is used: keys, clicks, states, and rows that hold still."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeySequence
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow
from memviz.gui.processes import live, table
from memviz.gui.processes.columns import LIST_COLUMNS, NUMBERS
from memviz.gui.processes.menu import process_menu
from memviz.gui.processes.view import ProcessesView
from memviz.gui.session.session import ProcessList, Session
from memviz.gui.theme import palette
from tests import builders
from tests.gui.fake_source import MIB, process, show

ROWS = [
    process(1, "init", ppid=0, private_swap=1 * MIB), process(7, "program", private_swap=900 * MIB),
    process(8, "python · server.py", private_swap=300 * MIB, ppid=7),
    process(9, "bash", private_swap=6 * MIB, user="root"),
    process(20, "kworker/0:1", is_kernel_thread=True, private_swap=None, ppid=2),
]  # fmt: skip
KEY, MOUSE = Qt.Key, Qt.MouseButton.LeftButton


class Clock:
    """A monotonic clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (live, table):
        monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture
def view(qtbot: QtBot, session: Session, clock: Clock) -> ProcessesView:
    made = ProcessesView(session)
    made.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]  # kept as long as the view
        made.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    listed(session, ROWS)
    return made


def listed(session: Session, rows: list[ProcessRow], why: str = "") -> None:
    session.show_processes(ProcessList(tuple(rows), 5.0, why))


def names(view: ProcessesView) -> list[str]:
    return [line.row.name if line.row is not None else str(line.key) for line in view.people.lines]


def click(view: ProcessesView, name: str, x: int = 60) -> None:
    at = view.table.visualRect(view.model.index(names(view).index(name), 0)).center()
    QTest.mouseClick(view.table.viewport(), MOUSE, pos=QPoint(x, at.y()))


def point(view: ProcessesView, *, inside: bool) -> None:
    """The pointer comes into the list or leaves it."""
    at = QPointF(5, 5)
    event = QEnterEvent(at, at, at) if inside else QEvent(QEvent.Type.Leave)
    QApplication.sendEvent(view.table.viewport(), event)


def test_that_the_filter_has_the_focus_and_typing_leaves_what_matches(view: ProcessesView) -> None:
    assert view.focusWidget() is view.search.edit
    QTest.keyClicks(view.search.edit, "py")
    assert names(view) == ["python · server.py"]
    QTest.keyClick(view.search.edit, KEY.Key_Escape)
    assert names(view) == ["program", "python · server.py", "bash", "init", "kernel threads"]


def test_that_enter_in_the_filter_opens_what_comes_first(view: ProcessesView, session: Session) -> None:
    QTest.keyClicks(view.search.edit, "bash")
    QTest.keyClick(view.search.edit, KEY.Key_Return)
    assert session.target is not None
    assert (session.target.pid, session.target.name) == (9, "bash")


def test_that_down_goes_into_the_list_and_enter_there_opens(view: ProcessesView, session: Session) -> None:
    QTest.keyClick(view.search.edit, KEY.Key_Down)
    assert view.focusWidget() is view.table
    assert session.target is None
    QTest.keyClick(view.table, KEY.Key_Down)
    QTest.keyClick(view.table, KEY.Key_Return)
    assert session.target is not None
    assert session.target.pid == 8


def test_that_letters_typed_in_the_list_go_to_the_filter(view: ProcessesView) -> None:
    view.table.setFocus()
    QTest.keyClicks(view.table, "b")
    assert view.search.edit.text() == "b"
    assert view.focusWidget() is view.search.edit


def test_that_a_click_opens_and_a_click_on_what_is_open_does_nothing(
    view: ProcessesView, session: Session, qtbot: QtBot
) -> None:
    click(view, "bash")
    assert session.target is not None
    assert session.target.pid == 9
    with qtbot.assertNotEmitted(session.target_changed):
        click(view, "bash")


def test_that_kernel_threads_unfold_at_a_click(view: ProcessesView) -> None:
    assert "kworker/0:1" not in names(view)
    click(view, "kernel threads")
    assert names(view)[-2:] == ["kernel threads", "kworker/0:1"]
    click(view, "kernel threads")
    assert names(view)[-1] == "kernel threads"


def test_that_the_tree_folds_with_keys_and_at_its_triangle(view: ProcessesView, session: Session) -> None:
    view.search.tree.setChecked(True)
    assert names(view)[:4] == ["init", "program", "python · server.py", "bash"]
    view.table.go_to_row(2)
    QTest.keyClick(view.table, KEY.Key_Left)
    QTest.keyClick(view.table, KEY.Key_Left)
    assert names(view)[:3] == ["init", "program", "bash"]
    click(view, "program", x=view.painter.text_begins(view.people.lines[1], 200) - 5)
    assert names(view)[:4] == ["init", "program", "python · server.py", "bash"]
    assert session.target is None


def test_that_rows_stay_under_the_pointer_and_are_sorted_when_it_leaves(view: ProcessesView, session: Session) -> None:
    point(view, inside=True)
    listed(session, [*ROWS[:3], ROWS[3]._replace(private_swap=5000 * MIB), ROWS[4]])
    assert names(view)[0] == "program"
    assert view.words.hint.isVisible()
    point(view, inside=False)
    assert names(view)[0] == "bash"
    assert not view.words.hint.isVisible()


def test_that_a_pointer_that_was_forgotten_over_the_list_holds_nothing(
    view: ProcessesView, session: Session, clock: Clock
) -> None:
    point(view, inside=True)
    clock.now += table.POINTED
    listed(session, [*ROWS[:3], ROWS[3]._replace(private_swap=5000 * MIB), ROWS[4]])
    assert names(view)[0] == "bash"


def test_that_the_order_holds_for_three_seconds_after_a_key(
    view: ProcessesView, session: Session, clock: Clock
) -> None:
    QTest.keyClick(view.table, KEY.Key_Down)
    grown = [*ROWS[:3], ROWS[3]._replace(private_swap=5000 * MIB), ROWS[4]]
    listed(session, grown)
    assert names(view)[0] == "program"
    clock.now += table.HELD
    listed(session, grown)
    assert names(view)[0] == "bash"


def test_that_a_header_sorts_at_once_and_the_large_amounts_first(view: ProcessesView) -> None:
    header = view.table.header()
    point(view, inside=True)
    at = header.sectionViewportPosition(NUMBERS["name"]) + 20
    QTest.mouseClick(header.viewport(), MOUSE, pos=QPoint(at, header.height() // 2))
    assert names(view) == ["bash", "init", "program", "python · server.py", "kernel threads"]
    at = header.sectionViewportPosition(NUMBERS["private_swap"]) + 20
    QTest.mouseClick(header.viewport(), MOUSE, pos=QPoint(at, header.height() // 2))
    assert names(view)[0] == "program"


def test_that_the_current_line_follows_its_process(view: ProcessesView, session: Session) -> None:
    view.table.go_to_row(names(view).index("bash"))
    listed(session, [process(99, "huge", private_swap=9000 * MIB), *ROWS])
    assert view.table.current_line() is not None
    assert view.table.current_line().key == ROWS[3].identity  # type: ignore[union-attr]  # just asserted


def test_that_a_list_that_is_scrolled_shows_the_same_lines_when_others_come(
    view: ProcessesView, session: Session
) -> None:
    many = [process(100 + at, f"p{at}", private_swap=(500 - at) * MIB) for at in range(100)]
    listed(session, many)
    bar = view.table.verticalScrollBar()
    bar.setValue(400)
    first = view.table.lines_in_sight()[0].key
    listed(session, [*many, *(process(900 + at, f"q{at}", private_swap=800 * MIB) for at in range(7))])
    assert view.table.lines_in_sight()[0].key == first
    bar.setValue(0)
    listed(session, [*many, process(950, "heaviest", private_swap=9000 * MIB)])
    assert view.table.lines_in_sight()[0].key == process(950).identity


def test_that_the_target_stays_marked_after_it_has_gone_and_its_number_was_used_again(
    view: ProcessesView, session: Session, clock: Clock
) -> None:
    click(view, "bash")
    again = process(9, "other", identity=Identity("b", 0, 9, 900))
    for _ in range(3):
        clock.now += 10
        listed(session, [*ROWS[:3], again])
    assert view.people.target == ROWS[3].identity
    assert {"bash", "other"} <= set(names(view))
    assert ROWS[3].identity in view.people.census.gone


def test_that_who_has_gone_is_struck_and_leaves(
    view: ProcessesView, session: Session, clock: Clock, qtbot: QtBot
) -> None:
    listed(session, ROWS[:3])
    assert "bash" in names(view)
    with qtbot.waitSignal(session.said) as said:
        click(view, "bash")
    assert "has ended" in said.args[0]
    assert session.target is None
    clock.now += 10
    listed(session, ROWS[:3])
    assert "bash" not in names(view)


def test_that_no_match_is_said_with_a_way_back(view: ProcessesView) -> None:
    view.search.edit.setText("zzz")
    assert "“zzz”" in view.words.sentence.text()
    assert view.words.clear_button.isVisible()
    view.words.clear_button.click()
    assert view.search.edit.text() == ""
    assert not view.words.sentence.isVisible()


def test_that_a_source_that_cannot_list_says_why_and_keeps_the_last_list(view: ProcessesView, session: Session) -> None:
    listed(session, ROWS, "the reader has ended")
    assert "the reader has ended" in view.words.failure.text()
    assert view.words.failure.isVisible()
    assert "program" in names(view)
    listed(session, ROWS)
    assert not view.words.failure.isVisible()


def test_that_a_list_that_never_came_says_so(qtbot: QtBot, session: Session) -> None:
    view = ProcessesView(session)
    qtbot.addWidget(view)
    view.show()
    assert "Listing" in view.words.sentence.text()
    session.show_processes(ProcessList(why="denied"))
    assert "denied" in view.words.failure.text()
    session.show_processes(ProcessList((), 5.0))
    assert "no processes" in view.words.sentence.text()


def test_that_nothing_is_done_while_hidden(view: ProcessesView, session: Session) -> None:
    view.hide()
    before = view.people.lines
    listed(session, ROWS[:1])
    assert view.people.lines is before
    view.show()
    assert names(view) == ["init"]
    assert not view.people.census.gone


def test_that_nothing_is_done_while_the_window_is_minimised(view: ProcessesView, session: Session) -> None:
    session.set_visible(False)
    before = view.people.lines
    listed(session, ROWS[:1])
    assert view.people.lines is before
    session.set_visible(True)
    assert names(view) == ["init"]


def test_that_a_pause_holds_the_list(view: ProcessesView, session: Session) -> None:
    session.set_paused(True)
    listed(session, [*ROWS, process(99, "late", private_swap=9000 * MIB)])
    assert "late" not in names(view)
    session.set_paused(False)
    assert names(view)[0] == "late"


def test_that_the_measured_pss_of_the_target_is_taken_over(view: ProcessesView, session: Session) -> None:
    snapshot = builders.snapshot("10-14 rw-p [heap] rss=16k")
    show(session, snapshot)
    assert view.people.shares[snapshot.identity].pss == snapshot.totals["pss"]
    assert view.people.target == snapshot.identity


def test_that_bars_are_of_the_metric(view: ProcessesView, session: Session) -> None:
    session.set_options(metric="rss")
    assert view.people.sorted_by == view.painter.bar == "rss"
    assert view.columns.names[:2] == ["name", "rss"] or "rss" in view.columns.names
    session.set_options(metric="pss")
    assert view.people.sorted_by == "private_swap"


def test_that_columns_chosen_by_hand_stay_and_are_remembered(view: ProcessesView, qtbot: QtBot) -> None:
    view.columns.show_only(["name", "rss", "user"])
    view.table.header().moveSection(view.table.header().visualIndex(NUMBERS["user"]), 0)
    view.table.header().resizeSection(NUMBERS["rss"], 133)
    view.search.tree.setChecked(True)
    view.table.sortByColumn(NUMBERS["rss"], Qt.SortOrder.AscendingOrder)
    state = view.save_state()
    other = ProcessesView(view.session)
    qtbot.addWidget(other)
    other.restore_state(state)
    other.resize(900, 300)
    other.show()
    assert other.columns.names == ["user", "name", "rss"]
    assert other.table.columnWidth(NUMBERS["rss"]) == 133
    assert (other.people.sorted_by, other.people.large_first, other.people.tree) == ("rss", False, True)
    assert other.save_state() == state


@pytest.mark.parametrize(
    "state",
    [
        {}, {"columns": 7, "order": {}, "widths": [], "sort": 3, "tree": "yes", "kernel": None},
        {"columns": ["zzz", 3, None], "order": ["rss", "rss", "zzz", 1],
         "widths": {"rss": -5, "pid": "9", "user": True}},
        {"columns": [], "order": [c.name for c in LIST_COLUMNS][::-1], "widths": {"name": 10**9, "rss": 10**9}},
    ],
)  # fmt: skip
def test_that_a_broken_state_is_no_reason_to_fail(view: ProcessesView, state: dict[str, object]) -> None:
    view.restore_state(state)
    assert "name" in view.columns.names
    assert view.people.sorted_by == "private_swap"


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("Copy PID", lambda text: text == "9"), ("Copy name", lambda text: text == "bash"),
        ("Copy command", lambda text: text == "/usr/bin/bash"), ("Copy row as text", lambda text: "6.0 MiB" in text),
        ("Copy row as Markdown", lambda text: text.startswith("| Name |") and "| bash |" in text),
        ("Copy row as JSON", lambda text: '"pid": 9' in text),
    ],
)  # fmt: skip
def test_that_a_process_can_be_copied(view: ProcessesView, title: str, fits: Callable[[str], bool]) -> None:
    line = view.people.lines[names(view).index("bash")]
    menu = process_menu(view.people, line, view.columns.shown, view.open_line, view)
    next(action for action in menu.actions() if action.text() == title).trigger()
    assert fits(QGuiApplication.clipboard().text())


def test_that_the_menu_of_a_process_opens_it(view: ProcessesView, session: Session) -> None:
    line = view.people.lines[names(view).index("bash")]
    process_menu(view.people, line, view.columns.shown, view.open_line, view).actions()[0].trigger()
    assert session.target is not None
    assert session.target.pid == 9


def test_that_the_current_row_is_copied_with_the_usual_key(view: ProcessesView) -> None:
    view.table.go_to_row(names(view).index("bash"))
    QTest.keySequence(view.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert "bash" in QGuiApplication.clipboard().text()


def test_that_every_theme_font_and_state_can_be_drawn(view: ProcessesView, session: Session) -> None:
    odd = [
        ROWS[0]._replace(state="Z"), ROWS[1]._replace(swap=300 * MIB), ROWS[2]._replace(name="n" * 3000),
        process(60, "new", private_swap=None), ROWS[4],
    ]  # fmt: skip
    view.columns.show_only([column.name for column in LIST_COLUMNS])
    view.people.kernel_open = True
    for theme in ("light", "dark"):
        session.set_options(theme=theme, motion=theme == "dark")
        listed(session, odd)
        session.open(7)
        view.setPalette(palette(session.theme))
        picture = view.grab().toImage()
        assert picture.pixelColor(5, picture.height() // 2).lightness() > 128 or theme == "dark"
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    before = view.table.visualRect(view.model.index(0, 0)).height()
    view.setFont(font)
    view.grab()
    assert view.table.visualRect(view.model.index(0, 0)).height() > before
