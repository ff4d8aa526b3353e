"""The tab "Live" as a user has it: choices, cursor, pause, pins, events, and what is said where nothing is known."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from memviz.core.facts import Identity
from memviz.errors import ProcessGone
from memviz.gui.live import events
from memviz.gui.live.plot import Plot
from memviz.gui.live.readout import beside
from memviz.gui.live.shapes import Curve
from memviz.gui.live.window import Window
from memviz.gui.session.selection import GROUP, RANGE, REGION
from memviz.gui.session.session import Session
from memviz.gui.session.state import GONE, NOT_ANSWERING, State
from memviz.gui.tabs.live import LiveTab
from tests import builders
from tests.gui.fake_source import MIB, FakeSource, sample, show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", time=100.0)
BIG = builders.snapshot(
    "10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", "100000-109600 rw-p rss=8m", time=105.0
)
WITHOUT_SCREEN = pytest.mark.qt_log_ignore("This plugin does not support")  # to raise windows, to grab keys
REFUSED = builders.snapshot(errno=13, time=100.0)


@pytest.fixture
def tab(qtbot: QtBot, session: Session) -> Iterator[LiveTab]:
    made = LiveTab(session)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    yield made
    made.close()


def feed(session: Session, count: int = 20, start: float = 100.0) -> None:
    for number in range(count):
        session.show_sample(sample(time=start + number, rss=(10 + number) * MIB, minor_faults=number))


@pytest.fixture
def live(qtbot: QtBot, session: Session, tab: LiveTab) -> LiveTab:
    """Shown, with a target and twenty samples."""
    show(session, SMALL)
    feed(session)
    tab.show()
    qtbot.waitExposed(tab)
    qtbot.waitUntil(lambda: bool(tab.tracks.current and len(tab.tracks.current.snapshots)))
    settle(qtbot, tab)
    return tab


def settle(qtbot: QtBot, tab: LiveTab) -> None:
    """Until what came in is drawn."""
    qtbot.waitUntil(lambda: not tab._due.isActive())
    tab.session.tasks.finish()


def right_edge(tab: LiveTab) -> float:
    assert tab.board is not None
    return tab.board.plots["memory"].canvas.picture.right


def test_that_pyqtgraph_is_not_imported_before_a_plot_is_shown() -> None:
    code = "import sys, memviz.gui.tabs.live; sys.exit('pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_a_tab_that_was_never_shown_collects_and_has_no_plots(session: Session, tab: LiveTab) -> None:
    show(session, SMALL)
    feed(session)
    assert tab.board is None
    assert tab.tracks.current is not None
    assert len(tab.tracks.current.samples) == 20


def test_that_a_hidden_tab_draws_nothing_and_shows_the_newest_when_it_comes_back(
    session: Session, live: LiveTab, qtbot: QtBot
) -> None:
    live.hide()
    before = right_edge(live)
    feed(session, 5, 200)
    assert not live._due.isActive()
    assert right_edge(live) == before
    live.show()
    assert right_edge(live) == 204


def test_that_new_samples_move_a_live_picture(session: Session, live: LiveTab, qtbot: QtBot) -> None:
    assert right_edge(live) == 119
    feed(session, 1, 120)
    settle(qtbot, live)
    assert right_edge(live) == 120


def test_that_a_pause_holds_the_picture_while_data_comes_in_and_the_way_back_shows_it(
    session: Session, live: LiveTab, qtbot: QtBot
) -> None:
    session.set_paused(True)
    assert live.bar.back.isVisible()
    feed(session, 10, 120)
    settle(qtbot, live)
    assert right_edge(live) == 119
    assert live.tracks.current is not None
    assert live.tracks.current.newest == 129
    live.bar.back.click()
    assert not session.paused
    assert right_edge(live) == 129
    assert not live.bar.back.isVisible()


def test_that_snapshots_that_come_in_a_pause_are_kept(session: Session, live: LiveTab, qtbot: QtBot) -> None:
    session.set_paused(True)
    show(session, BIG)
    track = live.tracks.current
    assert track is not None
    qtbot.waitUntil(lambda: len(track.snapshots) == 2)
    assert session.snapshot is SMALL


def test_that_going_back_in_time_by_key_leaves_live_and_end_returns(live: LiveTab) -> None:
    board = live.board
    assert board is not None
    QTest.keyClick(board, Qt.Key.Key_Minus)
    assert live.window_of_time == Window(75, None)
    live.set_window(Window(10))
    QTest.keyClick(board, Qt.Key.Key_Left)
    assert live.window_of_time == Window(10, 118)
    assert live.bar.back.isVisible()
    QTest.keyClick(board, Qt.Key.Key_End)
    assert live.window_of_time.is_live
    QTest.keyClick(board, Qt.Key.Key_Home)
    assert live.window_of_time == Window(None)


def test_that_a_window_that_was_chosen_is_checked_and_another_length_is_none_of_them(live: LiveTab) -> None:
    live.bar.lengths[300].click()
    assert [seconds for seconds, button in live.bar.lengths.items() if button.isChecked()] == [300]
    live.set_window(Window(17))
    assert not any(button.isChecked() for button in live.bar.lengths.values())


def test_that_toggles_show_and_hide_plots_and_no_plot_at_all_is_told(live: LiveTab) -> None:
    board = live.board
    assert board is not None
    live.bar.charts["threads"].click()
    assert board.plots["threads"].isVisible()
    for name in list(live.charts):
        live.bar.charts[name].click()
    assert live.word.isVisible()
    assert "plot" in live.word.text()
    live.bar.charts["memory"].click()
    assert not live.word.isVisible()
    assert board.plots["memory"].geometry() == board.rect()


def hover(live: LiveTab, name: str, share: float) -> None:
    """The mouse on a plot, at a share of its width."""
    assert live.board is not None
    plot = live.board.plots[name]
    corner = plot.view.mapFromScene(plot.box.mapToScene(plot.box.width() * share, plot.box.height() / 2))
    QTest.mouseMove(plot.view.viewport(), corner - QPoint(4, 0))
    QTest.mouseMove(plot.view.viewport(), corner)


def test_that_the_cursor_tells_the_values_of_its_time_in_the_box_and_in_every_plot(live: LiveTab, qtbot: QtBot) -> None:
    board = live.board
    assert board is not None
    hover(live, "memory", 0.9)
    qtbot.waitUntil(board.readout.isVisible)
    assert board.cursor_time is not None
    assert {plot.canvas.cursor for plot in board.plots.values()} == {board.cursor_time}
    rows = {row.name: row.value for row in board.readout.rows}
    assert rows["RSS"] == f"{10 + int(board.cursor_time - 100)}.0 MiB"
    assert board.rect().contains(board.readout.geometry())
    QTest.keyClick(board, Qt.Key.Key_Escape)
    assert not board.readout.isVisible()


def test_that_the_cursor_stays_below_the_mouse_while_time_goes_on(
    session: Session, live: LiveTab, qtbot: QtBot
) -> None:
    board = live.board
    assert board is not None
    hover(live, "memory", 0.9)
    qtbot.waitUntil(board.readout.isVisible)
    before = board.cursor_time
    assert before is not None
    feed(session, 3, 120)
    settle(qtbot, live)
    assert board.cursor_time == pytest.approx(before + 3, abs=0.01)


def test_that_the_box_tells_why_nothing_is_known_and_adds_nothing_up(
    session: Session, live: LiveTab, qtbot: QtBot
) -> None:
    feed(session, 2, 150)
    settle(qtbot, live)
    board, plot = live.board, plot_of(live, "groups")
    assert board is not None
    board._hovered(plot, (135.0, QPoint(50, 50)))
    names = {row.name: row.value for row in board.readout.rows}
    assert any(name.startswith("Not known: nobody looked") for name in names)
    assert names["Together"] == "–"


def test_that_the_cursor_moves_by_keys_alone(live: LiveTab) -> None:
    board = live.board
    assert board is not None
    QTest.keyClick(board, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert board.cursor_time == pytest.approx(119 - 0.6)
    assert board.readout.isVisible()
    assert "RSS" in board.readout.text


@pytest.mark.parametrize("at", [QPoint(0, 0), QPoint(399, 0), QPoint(0, 199), QPoint(399, 199), QPoint(200, 100)])
def test_that_the_box_never_leaves_its_area(at: QPoint) -> None:
    area, size = QRect(0, 0, 400, 200), QSize(150, 90)
    assert area.contains(QRect(beside(at, size, area), size))


def test_that_clicking_an_event_selects_its_region(session: Session, live: LiveTab, qtbot: QtBot) -> None:
    show(session, BIG)
    feed(session, 5, 120)
    track, board = live.tracks.current, live.board
    assert track is not None
    assert board is not None
    qtbot.waitUntil(lambda: bool(track.events))
    settle(qtbot, live)
    plot = board.plots["memory"]
    at = plot.box.mapToScene(plot.canvas.x_of(105.0) + 2, 20)
    QTest.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=plot.view.mapFromScene(at))
    assert session.selection.kind == REGION
    assert session.selection.start == 0x100000000


def test_that_an_event_of_a_region_that_went_selects_its_addresses(session: Session, live: LiveTab) -> None:
    with_event = events.Event(101.0, events.WENT, "it went", 0x900000, 0x990000)
    live.choose(with_event)
    assert (session.selection.kind, session.selection.start) == (RANGE, 0x900000)
    live.choose(events.Event(101.0, events.MARKED, "mark"))
    assert session.selection.start == 0x900000


def test_that_the_mark_is_an_event(session: Session, live: LiveTab) -> None:
    session.set_mark(SMALL)
    assert live.tracks.current is not None
    assert [event.kind for event in live.tracks.current.events] == [events.MARKED]


def test_that_a_pinned_process_goes_on_beside_the_next_target(
    session: Session, source: FakeSource, live: LiveTab, qtbot: QtBot
) -> None:
    source.snapshots[7] = SMALL
    live.bar.pin.click()
    assert not live.bar.pin.isEnabled()
    session.set_options(rate=10)
    session.open(8, "other")
    session.show_sample(sample(8, time=130.0)._replace(identity=Identity("b", 0, 8, 500)))
    pinned = live.tracks.pinned[7]
    assert live.tracks.beside == [pinned]
    had = len(pinned.samples)
    qtbot.waitUntil(lambda: len(pinned.samples) > had)
    settle(qtbot, live)
    assert live.board is not None
    live.board.refresh()
    labels = [curve.label for curve in live.board.plots["memory"].canvas.picture.curves]
    assert "program" in labels
    assert "program RSS" in labels
    (chip,) = live.bar.chips
    chip.click()
    assert not live.tracks.pinned
    assert not live.bar.chips


def test_that_pinned_processes_rest_while_nobody_looks(session: Session, source: FakeSource, live: LiveTab) -> None:
    source.snapshots[7] = SMALL
    live.tracks.pin()
    session.open(8, "other")
    assert live.tracks._timer.isActive()
    session.set_visible(False)
    assert not live.tracks._timer.isActive()
    session.set_visible(True)
    assert live.tracks._timer.isActive()


def test_that_a_pinned_process_that_ends_stays_with_its_last_data(
    session: Session, source: FakeSource, live: LiveTab, qtbot: QtBot
) -> None:
    live.tracks.pin()
    source.snapshots[7] = ProcessGone("process 7 has ended")
    session.set_options(rate=10)
    session.open(8, "other")
    pinned = live.tracks.pinned[7]
    qtbot.waitUntil(lambda: pinned.has_ended)
    assert pinned.newest == 119
    assert pinned.events[-1].kind is events.ENDED


def test_that_a_process_that_ends_keeps_its_picture_with_a_word_on_it(session: Session, live: LiveTab) -> None:
    session.set_state(State(GONE, "program (7) has ended."))
    assert live.board is not None
    assert live.board.isVisible()
    assert live.bar.word.text() == "program (7) has ended."
    assert live.tracks.current is not None
    assert live.tracks.current.events[-1].kind is events.ENDED


def test_that_silence_is_a_gap_with_its_reason(session: Session, live: LiveTab) -> None:
    session.set_state(State(NOT_ANSWERING, "program does not answer."))
    track = live.tracks.current
    assert track is not None
    assert track.events[-1].kind is events.SILENT
    assert track.why("rss") == "it does not answer"
    assert live.bar.word.text() == "program does not answer."


def test_that_a_number_that_was_used_again_begins_a_new_track(session: Session, live: LiveTab) -> None:
    old = live.tracks.current
    session.show_sample(sample(time=150.0)._replace(identity=Identity("b", 0, 7, 999)))
    assert live.tracks.current is not old
    assert live.tracks.current is not None
    assert len(live.tracks.current.samples) == 1


def test_that_where_room_is_short_the_cost_of_the_target_keeps_its_label(live: LiveTab, qtbot: QtBot) -> None:
    plot, board = plot_of(live, "memory"), live.board
    assert board is not None
    live.resize(600, 120)
    qtbot.waitUntil(lambda: not board.is_held)
    plot.view.grab()
    labels = [curve.label for curve, _, _ in plot.canvas.labels._placed]
    assert len(labels) < len(plot.canvas.picture.curves)
    assert "Anon + swap" in labels


def test_that_without_a_target_there_is_one_sentence(tab: LiveTab) -> None:
    tab.show()
    assert tab.word.isVisible()
    assert tab.word.text() == "Choose a process on the left."


def test_that_what_may_not_be_read_tells_why(session: Session, tab: LiveTab, qtbot: QtBot) -> None:
    show(session, REFUSED)
    feed(session)
    tab.show()
    qtbot.waitUntil(lambda: bool(tab.tracks.current and len(tab.tracks.current.snapshots)))
    assert tab.board is not None
    tab.board.refresh()
    assert "denied" in tab.board.plots["groups"].canvas.message
    assert "denied" in tab.board.plots["memory"].note.toolTip()
    assert [curve.label for curve in tab.board.plots["memory"].canvas.picture.curves] == ["Anon + swap", "RSS", "Swap"]


def test_that_theme_and_size_of_text_are_followed(session: Session, live: LiveTab) -> None:
    assert live.board is not None
    canvas = live.board.plots["memory"].canvas
    small = canvas.pens.font.pointSizeF()
    session.set_options(theme="light" if session.theme.name == "dark" else "dark", text_scale=2.0)
    assert canvas.pens.theme is session.theme
    assert canvas.pens.font.pointSizeF() == pytest.approx(2 * small)
    assert live.board.readout.pens is canvas.pens


def test_that_choices_are_kept_and_taken_up(session: Session, qtbot: QtBot, tab: LiveTab) -> None:
    tab.set_charts({"cpu", "memory"})
    tab.set_window(Window(None))
    tab.set_from_zero(False)
    other = LiveTab(session)
    qtbot.addWidget(other)
    other.restore_state(tab.save_state())
    assert (other.charts, other.window_of_time, other.from_zero) == ({"cpu", "memory"}, Window(None), False)


def test_that_the_menu_copies_values_and_tables(live: LiveTab, qtbot: QtBot) -> None:
    titles = {action.text(): action for action in live.menu.actions()}
    live.menu.aboutToShow.emit()
    titles["Copy values at the cursor"].trigger()
    assert "RSS: 29.0 MiB" in QGuiApplication.clipboard().text()
    titles["Copy what is shown as CSV"].trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().startswith("time,"))
    assert QGuiApplication.clipboard().text().count("\n") == 22
    titles["Copy as picture"].trigger()
    assert QGuiApplication.clipboard().pixmap().width() > 0


def plot_of(live: LiveTab, name: str) -> Plot:
    assert live.board is not None
    return live.board.plots[name]


def at(plot: Plot, share: float) -> QPoint:
    """A place on the viewport: a share of the plot's width, half its height."""
    return plot.view.mapFromScene(plot.box.mapToScene(plot.box.width() * share, plot.box.height() / 2))


def label_of(plot: Plot) -> tuple[Curve, QPoint]:
    """The uppermost label at the right, and a place on it in the viewport."""
    for y in range(int(plot.box.height())):
        spot = QPointF(plot.box.width() + 12, y)
        if (curve := plot.canvas.label_at(spot)) is not None:
            return curve, plot.view.mapFromScene(plot.box.mapToScene(spot + QPointF(0, 2)))
    raise AssertionError("no line has a label")


def turn_wheel(plot: Plot, share: float, notches: int) -> None:
    place = QPointF(at(plot, share))
    event = QWheelEvent(
        place, plot.view.viewport().mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.view.viewport(), event)


def test_that_the_wheel_zooms_and_what_is_live_stays_so(live: LiveTab) -> None:
    live.set_window(Window(10))
    turn_wheel(plot_of(live, "memory"), 0.5, 2)
    assert live.window_of_time.is_live
    assert live.window_of_time.seconds == pytest.approx(10 / 1.0015**240)


def test_that_the_wheel_zooms_at_the_cursor_where_time_stands(live: LiveTab) -> None:
    live.set_window(Window(10, 115))
    plot = plot_of(live, "memory")
    before = plot.canvas.time_at(0.25 * plot.box.width())
    turn_wheel(plot, 0.25, 2)
    assert plot.canvas.time_at(0.25 * plot.box.width()) == pytest.approx(before, abs=0.05)


def test_that_dragging_to_the_right_goes_back_in_time_and_a_click_does_not(live: LiveTab) -> None:
    live.set_window(Window(10))
    plot = plot_of(live, "memory")
    port = plot.view.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(plot, 0.3))
    assert live.window_of_time == Window(10)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at(plot, 0.3))
    for share in (0.35, 0.4, 0.5, 0.6):
        move = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at(plot, share)), port.mapToGlobal(QPointF(at(plot, share))),
            Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(port, move)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at(plot, 0.6))
    assert live.window_of_time.seconds == 10
    assert live.window_of_time.right == pytest.approx(119 - 3, abs=1)
    assert live.bar.back.isVisible()


@WITHOUT_SCREEN
def test_that_a_right_click_opens_the_menu(live: LiveTab, qtbot: QtBot) -> None:
    plot = plot_of(live, "memory")
    port = plot.view.viewport()
    place = at(plot, 0.5)
    QApplication.sendEvent(port, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, port.mapToGlobal(place)))
    assert live.menu.isVisible()
    live.menu.close()


def test_that_clicking_the_label_of_a_group_selects_it(session: Session, live: LiveTab) -> None:
    plot = plot_of(live, "groups")
    plot.view.grab()
    curve, place = label_of(plot)
    QTest.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (session.selection.kind, session.selection.group) == (GROUP, curve.series.group)


@WITHOUT_SCREEN
def test_that_a_label_at_the_end_of_a_line_tells_what_it_means(live: LiveTab, qtbot: QtBot) -> None:
    plot = plot_of(live, "memory")
    port = plot.view.viewport()
    plot.view.grab()
    curve, place = label_of(plot)
    QApplication.sendEvent(port, QHelpEvent(QEvent.Type.ToolTip, place, port.mapToGlobal(place)))
    assert curve.series.explanation[:20] in QToolTip.text()
    QToolTip.hideText()


def test_that_a_tab_that_was_closed_leaves_nothing_behind(session: Session, qtbot: QtBot) -> None:
    """Nothing of the session holds it: its plots, its rings and its timers go with it."""
    show(session, SMALL)
    made = LiveTab(session)
    made.show()
    feed(session)
    made.tracks.pin()
    made.grab()
    held = [weakref.ref(made), weakref.ref(made.board), weakref.ref(made.tracks)]
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del made
    gc.collect()
    assert [each() for each in held] == [None, None, None]
    feed(session)
    session.set_options(text_scale=1.5)
