"""The map as its user moves it: by wheel, keys, clicks and drags."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.gui.map.frame import Frame, Window
from memviz.gui.map.item import chip_of
from memviz.gui.map.lanes import MARGIN, MOST_PITCH
from memviz.gui.map.legend import entries_of_mode
from memviz.gui.map.modes import mode_of
from memviz.gui.map.spot import Spot, spot_at
from memviz.gui.map.view import MapView
from memviz.gui.session.selection import BLOCK, RANGE, REGION, Selection, select_group, select_page, select_region
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import page_runs, show

SIZE = builders.PAGE
LINES = (
    "400-480 r-xp /bin/program rss=512k",
    "480-4a0 rw-p /bin/program rss=128k",
    "800-c00 rw-p [heap] rss=4m",
    "7f0000000-7f0000800 rw-p rss=4m",
    "7f0001000-7f0001100 r-xp /lib/libc.so rss=1m",
    "7f0001100-7f0001120 rw-p /lib/libc.so rss=128k",
    "7fffffff0-7ffffffff rw-p [stack] rss=60k",
)
SNAPSHOT = builders.snapshot(*LINES, start_brk=0x800 * SIZE)
RUNS = page_runs(
    "400-480 f", "480-4a0 a", "800-c00 a", "7f0000000-7f0000400 a", "7f0001000-7f0001100 f", "7f0001100-7f0001120 a",
    "7fffffff0-7ffffffff a",
)  # fmt: skip


def shown_map(session: Session, qtbot: QtBot) -> MapView:
    made = MapView(session)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    show(session, SNAPSHOT, RUNS)
    qtbot.waitUntil(lambda: made.stage.frame is not None)
    return made


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> MapView:
    return shown_map(session, qtbot)


def resize(view: MapView, session: Session, width: int, height: int) -> None:
    """Resize and lay out, which otherwise comes in a later turn of the event loop."""
    view.resize(width, height)
    session.tasks.finish()


def frame_of(view: MapView) -> Frame:
    assert view.stage.frame is not None
    return view.stage.frame


def place_of(view: MapView, page: int) -> QPoint:
    """The middle of a page in the view."""
    frame = frame_of(view)
    along = (frame.along(page) + frame.along(page + 1)) / 2
    x, y = frame.lanes.place(along)
    return QPoint(int(x), int(y + frame.lanes.thickness / 2))


def turn(view: MapView, place: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(place), view.viewport().mapToGlobal(QPointF(place)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_that_everything_shows_at_first(view: MapView) -> None:
    frame = frame_of(view)
    assert view.stage.is_fitted
    assert frame.axis.length <= frame.lanes.capacity


@pytest.mark.parametrize("steps", [1, 5, 20])
def test_that_the_wheel_keeps_the_address_under_the_pointer(view: MapView, steps: int) -> None:
    place = place_of(view, 0xA00)
    before = frame_of(view).page_at(place.x(), place.y())
    for _ in range(steps):
        turn(view, place, 1)
    frame = frame_of(view)
    after = frame.page_at(place.x(), place.y())
    assert int(after) == int(before), "where pages stand in columns, the pointer stays on its page"
    assert frame.cell or after == pytest.approx(before, abs=1e-6)
    assert not view.stage.is_fitted


def test_that_zooming_in_ends_where_one_page_is_hundreds_of_pixels_wide(view: MapView) -> None:
    place = place_of(view, 0xA00)
    for _ in range(80):
        turn(view, place, 1)
    assert SIZE / frame_of(view).scale >= 200
    spot = spot_at(frame_of(view), place.x(), place.y())
    assert spot is not None
    assert spot.state is not None
    assert spot.state.name == "private, in memory"


def test_that_zooming_out_ends_with_everything(view: MapView) -> None:
    place = place_of(view, 0xA00)
    turn(view, place, 6)
    turn(view, place, -9)
    assert view.stage.is_fitted


def test_that_backspace_undoes_a_zoom_and_shift_backspace_redoes_it(view: MapView) -> None:
    view.zoom_to(0x800 * SIZE, 0xC00 * SIZE)
    close = frame_of(view).scale
    QTest.keyClick(view, Qt.Key.Key_Backspace)
    assert view.stage.is_fitted
    QTest.keyClick(view, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ShiftModifier)
    assert frame_of(view).scale == close


def test_that_zooming_to_a_range_shows_the_whole_of_it(view: MapView) -> None:
    view.zoom_to(0x800 * SIZE, 0xC00 * SIZE)
    frame = frame_of(view)
    assert frame.is_visible(0x800)
    assert frame.is_visible(0xBFF)
    assert not frame.is_visible(0x7F0001000)


def test_that_a_click_selects_the_block_and_another_its_region(view: MapView, session: Session) -> None:
    place = place_of(view, 0x410)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.selection.kind == BLOCK
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.selection == select_region(SNAPSHOT, 0)


def test_that_a_click_at_page_zoom_selects_the_page(view: MapView, session: Session) -> None:
    view.zoom_to(0x900 * SIZE, 0x904 * SIZE)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, 0x902))
    assert session.selection == select_page(SNAPSHOT, 0x902 * SIZE)


def test_that_a_click_beside_everything_selects_nothing(view: MapView, session: Session) -> None:
    session.select(select_region(SNAPSHOT, 0))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert session.selection == Selection()


def test_that_a_drag_selects_a_range_of_whole_pages(view: MapView, session: Session) -> None:
    begin, end = place_of(view, 0x820), place_of(view, 0xA00)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(view.viewport(), (begin + end) / 2)
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert session.selection.kind == RANGE
    assert session.selection.start % SIZE == session.selection.end % SIZE == 0
    assert abs(session.selection.start // SIZE - 0x820) <= 16
    assert abs(session.selection.end // SIZE - 0xA00) <= 16


def test_that_a_click_on_a_fold_unfolds_it_for_good(view: MapView, session: Session, qtbot: QtBot) -> None:
    axis = frame_of(view).axis
    at = int(np.flatnonzero(axis.folded & (axis.pages[:-1] == 0x4A0))[0])
    low, high = int(axis.pages[at]), int(axis.pages[at + 1])
    x, y = frame_of(view).lanes.place(float(axis.positions[at] + axis.positions[at + 1]) / 2 - frame_of(view).offset)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y + 4)))
    assert not frame_of(view).axis.is_fold(float(frame_of(view).axis.at((low + high) / 2)))
    before = frame_of(view).terrain
    show(session, builders.snapshot(*LINES, start_brk=0x800 * SIZE), RUNS)
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    assert not frame_of(view).axis.is_fold(float(frame_of(view).axis.at((low + high) / 2)))


def test_that_a_first_touch_splits_a_fold_and_keeps_the_selection_in_place(
    view: MapView, session: Session, qtbot: QtBot
) -> None:
    view.zoom_to(0x7F0000000 * SIZE, 0x7F0000800 * SIZE)
    session.select(select_page(SNAPSHOT, 0x7F0000200 * SIZE))
    along = frame_of(view).along(0x7F0000200)
    before = frame_of(view).terrain
    start, end = np.uint64(0x7F0000600 * SIZE), np.uint64(0x7F0000601 * SIZE)
    columns = [list(column) for column in RUNS[:3]]
    place = 4
    for column, value in zip(columns, (start, end, np.uint64(8)), strict=True):
        column.insert(place, value)
    more = RUNS._replace(**dict(zip(("start", "end", "bits"), (np.array(c, np.uint64) for c in columns), strict=True)))
    show(session, builders.snapshot(*LINES, start_brk=0x800 * SIZE), more)
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    assert frame_of(view).along(0x7F0000200) == pytest.approx(along, abs=1e-6)
    assert not frame_of(view).axis.is_fold(float(frame_of(view).axis.at(0x7F0000600 + 0.5)))


def test_that_hovering_tells_what_lies_there(view: MapView, qtbot: QtBot) -> None:
    spots: list[Spot | None] = []
    view.hovered.connect(spots.append)
    QTest.mouseMove(view.viewport(), place_of(view, 0x410))
    qtbot.waitUntil(lambda: bool(spots))
    spot = spots[-1]
    assert spot is not None
    assert spot.row == 0
    assert spot.group == "text"


@pytest.mark.parametrize("layout", ["rows", "column"])
def test_that_each_page_is_found_where_it_is_drawn(view: MapView, session: Session, layout: str) -> None:
    session.set_options(layout=layout)
    frame = frame_of(view)
    for row in range(len(SNAPSHOT.regions)):
        middle = float(frame.terrain.start[row] + frame.terrain.end[row]) / 2
        x, y = frame.lanes.place(frame.along(middle))
        shift = (3, 0) if layout == "column" else (0, 3)
        spot = spot_at(frame, x + shift[0], y + shift[1])
        assert spot is not None
        near = frame.terrain.end[row] - frame.terrain.start[row] < 2 * frame.scale / SIZE
        assert spot.row == row or near


def test_that_the_view_tells_its_window(view: MapView) -> None:
    told: list[Window] = []
    view.view_changed.connect(told.append)
    view.zoom_to(0x800 * SIZE, 0xC00 * SIZE)
    assert told[-1].start <= 0x800 * SIZE < 0xC00 * SIZE <= told[-1].end
    assert not told[-1].fitted


@pytest.mark.parametrize(
    ("key", "moves"),
    [(Qt.Key.Key_D, lambda a, b: b > a), (Qt.Key.Key_A, lambda a, b: b < a), (Qt.Key.Key_Down, lambda a, b: b > a)],
)
def test_that_keys_move_along(view: MapView, key: Qt.Key, moves: Callable[[float, float], bool]) -> None:
    view.zoom_to(0x900 * SIZE, 0xA00 * SIZE)
    before = frame_of(view).offset
    QTest.keyClick(view, key)
    assert moves(before, frame_of(view).offset)


def test_that_f_centres_the_selection_and_again_fits_it(view: MapView, session: Session) -> None:
    view.zoom_to(0x900 * SIZE, 0x910 * SIZE)
    scale = frame_of(view).scale
    session.select(select_region(SNAPSHOT, 3))
    QTest.keyClick(view, Qt.Key.Key_F)
    assert frame_of(view).scale == scale
    assert frame_of(view).along(0x7F0000400) == pytest.approx(frame_of(view).lanes.capacity / 2, rel=0.01)
    QTest.keyClick(view, Qt.Key.Key_F)
    assert frame_of(view).is_visible(0x7F0000000)
    assert frame_of(view).is_visible(0x7F00007FF)


def test_that_enter_goes_from_hit_to_hit(view: MapView, session: Session) -> None:
    session.set_filter("libc")
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert session.selection == select_region(SNAPSHOT, 4)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert session.selection == select_region(SNAPSHOT, 5)
    QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == select_region(SNAPSHOT, 4)


def test_that_a_screen_of_many_pixels_shows_the_very_pixels_of_the_film(view: MapView, session: Session) -> None:
    session.set_options(motion=False)
    resize(view, session, 1900, 1000)
    view.stage.zoom(8, 900, 400)
    view.board.density = 3.0
    view.board.redraw()
    drawn = view.board.drawn
    assert drawn is not None
    assert drawn.film.buffer.shape[1] > 1 << 16, "where Qt's fixed-point arithmetic ends"
    image = QImage(1900 * 3, 1000 * 3, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(3)
    painter = QPainter(image)
    for place, part in drawn.images:
        painter.drawImage(place, part)
    painter.end()
    shown = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    width = drawn.film.count // len(drawn.images)
    for lane, (place, _) in enumerate(drawn.images):
        x, y = round(place.x() * 3), round(place.y() * 3)
        expected = drawn.film.pixels[:, lane * width : (lane + 1) * width]
        assert np.array_equal(shown[y : y + len(expected), x : x + width], expected)


def test_that_what_the_filter_does_not_want_is_dimmed(view: MapView, session: Session) -> None:
    assert view.board.drawn is not None
    before = view.board.drawn.film.pixels.copy()
    session.set_filter("group:heap")
    assert view.board.wanted is not None
    assert view.board.wanted.tolist() == [False, False, True, False, False, False, False]
    assert (before != view.board.drawn.film.pixels).any()


def test_that_names_of_what_is_dimmed_are_dim_too(view: MapView, session: Session) -> None:
    session.set_filter("group:heap")
    assert view.board.drawn is not None
    labels = view.board.drawn.labels
    assert {label.dim for label in labels} == {True, False}
    assert all(label.dim == (not label.text.startswith("heap")) for label in labels)
    session.set_filter("")
    assert not any(label.dim for label in view.board.drawn.labels)


def test_that_no_outline_runs_through_a_name(view: MapView, session: Session) -> None:
    session.set_options(theme="dark")
    assert view.board.drawn is not None
    names = [chip_of(label, view.board.looks).toAlignedRect() for label in view.board.drawn.labels]
    before = view.picture()
    for row in range(len(SNAPSHOT.regions)):
        session.select(select_region(SNAPSHOT, row))
        after = view.picture()
        assert before != after
        assert all(before.copy(name) == after.copy(name) for name in names)


def test_that_the_kernels_half_is_a_word_at_its_notch_and_stays_folded(
    view: MapView, session: Session, qtbot: QtBot
) -> None:
    before = frame_of(view).terrain
    show(
        session, builders.snapshot(*LINES, "ffffffffff600-ffffffffff601 --xp [vsyscall]", start_brk=0x800 * SIZE), RUNS
    )
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    axis = frame_of(view).axis
    assert view.board.drawn is not None
    assert "kernel" in [note.text for note in view.board.drawn.notes]
    assert not any("EiB" in note.text for note in view.board.drawn.notes)
    at = int(np.flatnonzero(axis.folded)[-1])
    x, y = frame_of(view).lanes.place(float(axis.positions[at] + axis.positions[at + 1]) / 2 - frame_of(view).offset)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y + 4)))
    assert axis.folded.sum() == frame_of(view).axis.folded.sum()


@pytest.mark.parametrize("size", [(500, 160), (760, 250), (900, 420), (1000, 640), (2300, 1250)])
def test_that_rows_fill_the_pane_and_what_is_left_lies_above_and_below_alike(
    view: MapView, session: Session, size: tuple[int, int]
) -> None:
    resize(view, session, *size)
    lanes = frame_of(view).lanes
    _, top, _, height = lanes.box
    below = size[1] - top - height
    assert abs(top - below) <= 2
    assert lanes.count == 1 or lanes.thickness >= 14
    most = 2 * MARGIN + lanes.count + lanes.pitch - lanes.thickness
    assert top + below <= most or lanes.pitch >= MOST_PITCH


def test_that_a_process_that_shrinks_leaves_no_rows_empty(view: MapView, session: Session, qtbot: QtBot) -> None:
    lines = [f"{0x1000 + 0x200 * n:x}-{0x1100 + 0x200 * n:x} rw-p rss=1m" for n in range(50)]
    runs = [f"{line.split()[0]} a" for line in lines]
    for left in (50, 47, 44, 42):
        before = frame_of(view).terrain
        show(session, builders.snapshot(*lines[:left]), page_runs(*runs[:left]))
        qtbot.waitUntil(lambda before=before: frame_of(view).terrain is not before)
        frame = frame_of(view)
        assert frame.axis.length <= frame.lanes.capacity
        assert frame.axis.length > (frame.lanes.count - 2) * frame.lanes.width


def test_that_under_change_names_and_legend_tell_by_how_much(view: MapView, session: Session, qtbot: QtBot) -> None:
    session.set_mark(SNAPSHOT)
    grown = [line.replace("[heap] rss=4m", "[heap] rss=3m") for line in LINES]
    before = frame_of(view).terrain
    show(session, builders.snapshot(*grown, start_brk=0x800 * SIZE), RUNS)
    qtbot.waitUntil(lambda: session.difference is not None and frame_of(view).terrain is not before)
    session.set_options(colour_by="change")
    qtbot.waitUntil(session.jobs.is_idle)
    assert view.board.drawn is not None
    heap = [label.text for label in view.board.drawn.labels if label.text.startswith("heap")]
    assert heap
    assert "-1.0 MiB" in heap[0]
    entries = entries_of_mode(mode_of("change"), session.theme, frame_of(view).terrain, session.difference)
    told = {entry.name: entry.change for entry in entries}
    assert told == {"new": "", "grown": "", "shrunk": "-1.0 MiB", "unchanged": "", "gone": ""}


def test_that_a_fold_is_followed_by_a_small_address_beside_no_name(view: MapView) -> None:
    assert view.board.drawn is not None
    notes = [note for note in view.board.drawn.notes if note.is_address]
    starts = [f"{int(page) * SIZE:_x}" for page in frame_of(view).axis.pages]
    assert notes
    for note in notes:
        assert note.text in starts
        for label in view.board.drawn.labels:
            beside = label.x >= note.x + note.width or label.x + label.width <= note.x
            assert beside or label.y >= note.y + note.height or label.y + label.height <= note.y


def test_that_escape_selects_nothing_and_m_sets_the_mark(view: MapView, session: Session) -> None:
    session.select(select_group("heap"))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.keyClick(view, Qt.Key.Key_M)
    assert not session.selection
    assert session.mark is SNAPSHOT


def test_that_what_is_selected_is_said(view: MapView, session: Session) -> None:
    session.select(select_region(SNAPSHOT, 2))
    assert view.accessibleDescription() == "Region of heap (brk): 4.0 MiB, 4.0 MiB in memory."


def test_that_new_regions_flash_and_only_with_motion(view: MapView, session: Session, qtbot: QtBot) -> None:
    more = builders.snapshot(*LINES[:3], "c80-c90 rw-p rss=64k", *LINES[3:], start_brk=0x800 * SIZE)
    before = frame_of(view).terrain
    show(session, more, RUNS)
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    assert [bool(glow.pieces) for glow in view.board.item.glows] == [True, False]
    session.set_options(motion=False)
    qtbot.waitUntil(lambda: not any(glow.pieces for glow in view.board.item.glows), timeout=4000)
    before = frame_of(view).terrain
    show(session, SNAPSHOT, RUNS)
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    assert not view.board.item.glows


def test_that_another_process_forgets_views_and_folds(view: MapView, session: Session) -> None:
    view.zoom_to(0x800 * SIZE, 0xC00 * SIZE)
    session.open(8)
    assert view.stage.frame is None
    assert view.stage.is_fitted


@pytest.mark.parametrize("density", [1.0, 2.0])
def test_that_a_picture_has_as_many_pixels_as_asked_for(view: MapView, density: float) -> None:
    image = view.picture(None, density)
    assert image.width() == round(view.width() * density)
    ground = view.board.palette.ground
    middle = place_of(view, 0xA00)
    assert image.pixel(round(middle.x() * density), round(middle.y() * density)) != ground


def test_that_a_terrain_of_maps_alone_is_drawn(view: MapView, session: Session, qtbot: QtBot) -> None:
    bare = builders.snapshot(*(line.split(" rss=")[0] for line in LINES), measured=False)
    before = frame_of(view).terrain
    show(session, bare, None)
    qtbot.waitUntil(lambda: frame_of(view).terrain is not before)
    assert view.board.drawn is not None
    assert view.board.drawn.labels


def test_that_labels_never_overlap(view: MapView) -> None:
    assert view.board.drawn is not None
    labels = view.board.drawn.labels
    assert labels
    for number, one in enumerate(labels):
        for other in labels[:number]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_that_a_second_click_elsewhere_in_a_block_selects_that_region(view: MapView, session: Session) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, 0x410))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, 0x490))
    assert session.selection == select_region(SNAPSHOT, 1)
    assert session.selection.kind == REGION


def test_that_a_pane_of_another_height_leaves_what_is_looked_at_where_it_is(view: MapView, session: Session) -> None:
    turn(view, place_of(view, 0x900), 12)
    before, place = frame_of(view), place_of(view, 0x900)
    for height in (460, 430, 520):
        resize(view, session, 900, height)
        QApplication.processEvents()
        assert frame_of(view).lanes.pitch == before.lanes.pitch
        assert place_of(view, 0x900) == place
        _, top, _, depth = frame_of(view).lanes.box
        assert top + depth <= height


def test_that_escape_lets_go_of_the_selection_and_then_of_the_filter(view: MapView, session: Session) -> None:
    session.set_filter("group:heap")
    session.select(select_region(SNAPSHOT, 2))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert (bool(session.selection), session.filter) == (False, "group:heap")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert session.filter == ""


def test_that_what_comes_below_a_resting_pointer_is_told(view: MapView, qtbot: QtBot) -> None:
    place = place_of(view, 0x900)
    view.stage.pointer = (place.x(), place.y())
    told: list[Spot | None] = []
    view.hovered.connect(told.append)
    view.hover_again()
    view.stage.pointer = None
    view.hover_again()
    assert told[0] is not None
    assert told[0].address // SIZE == 0x900
    assert told[1] is None


def test_that_panning_moves_whole_cells_and_loses_nothing(view: MapView) -> None:
    view.stage.zoom_to(0x900 * SIZE, 0x910 * SIZE)
    frame = view.stage.frame
    assert frame is not None
    assert frame.cell
    before = frame.offset
    for _ in range(frame.cell):
        view.stage.pan(1)
    assert view.stage.frame is not None
    assert view.stage.frame.offset == before + frame.cell
