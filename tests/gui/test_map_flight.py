"""How the map gets from one scale to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from memviz.gui.map.axis import LADDER
from memviz.gui.map.flight import between
from memviz.gui.map.frame import Frame, fitted
from memviz.gui.map.lanes import make_rows
from memviz.gui.map.terrain import Terrain, make_terrain
from memviz.gui.map.view import MapView
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import page_runs
from tests.gui.test_map_axis import terrains
from tests.gui.test_map_view import shown_map

LANES = make_rows(900, 500, 8)


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> MapView:
    return shown_map(session, qtbot)


def pair(terrain: Terrain, scale: int, share: float) -> tuple[Frame, Frame]:
    """All of it, and a closer frame about a place of it."""
    whole = fitted(terrain, LANES, frozenset())
    along = share * LANES.capacity
    return whole, whole.zoomed(min(scale, whole.scale), float(whole.axis.page(along)), along)


@given(terrains(), st.sampled_from(LADDER[:30]), st.floats(0, 0.99), st.booleans())
def test_that_it_begins_where_one_is_and_ends_at_the_goal(
    terrain: Terrain, scale: int, share: float, is_back: bool
) -> None:
    start, goal = pair(terrain, scale, share)[:: -1 if is_back else 1]
    if start.scale == goal.scale:
        return
    for at, end in ((0.0, start), (1.0, goal)):
        frame = between(start, goal, at)
        assert frame.scale == pytest.approx(end.scale)
        middle, off = end.lanes.capacity / 2, 2 * end.scale / terrain.page_size + 1
        if frame.lanes.width != end.lanes.width:
            continue  # rows of whole cells: they are those of the goal from the beginning
        assert float(frame.axis.page(frame.offset + middle)) == pytest.approx(
            float(end.axis.page(end.offset + middle)), abs=off
        )


@given(terrains(), st.sampled_from(LADDER[:30]), st.floats(0, 0.99))
def test_that_scales_come_one_after_the_other(terrain: Terrain, scale: int, share: float) -> None:
    start, goal = pair(terrain, scale, share)
    if start.scale == goal.scale:
        return
    scales = [between(start, goal, step / 10).scale for step in range(11)]
    assert scales == sorted(scales, reverse=True)


def test_that_what_is_under_the_pointer_stays_there_on_the_way() -> None:
    terrain = make_terrain(builders.snapshot("10-10010 rw-p rss=256m"), page_runs("10-10010 a"))
    whole = fitted(terrain, LANES, frozenset())
    page, along = float(whole.axis.page(2000.0)), 2000.0  # away from the ends, at which it has to stop
    goal = whole.zoomed(64, page, along)
    for step in range(11):
        frame = between(whole, goal, step / 10)
        (x, y), (first_x, first_y) = frame.lanes.place(frame.along(page)), whole.lanes.place(along)
        assert y == first_y
        assert x == pytest.approx(first_x, abs=goal.cell)


def test_that_the_stage_is_at_its_goal_while_the_picture_flies(view: MapView, qtbot: QtBot) -> None:
    board, stage = view.board, view.stage
    assert stage.frame is not None
    before = stage.frame.scale
    stage.zoom(3, 300, 200)
    goal = stage.frame
    assert board.drawn is not None
    assert goal.scale < board.drawn.frame.scale <= before
    qtbot.waitUntil(lambda: board.drawn is not None and board.drawn.frame is goal)
    assert board.flight.frame() is None


def test_that_without_motion_nothing_flies(view: MapView, session: Session) -> None:
    session.set_options(motion=False)
    view.stage.zoom(3, 300, 200)
    assert view.board.drawn is not None
    assert view.board.drawn.frame is view.stage.frame


def test_that_a_pane_of_another_size_is_drawn_at_once(view: MapView) -> None:
    view.resize(view.width() - 200, view.height())
    assert view.board.drawn is not None
    assert view.board.drawn.frame is view.stage.frame


def test_that_panning_ends_a_flight(view: MapView) -> None:
    view.stage.zoom(6, 300, 200)
    view.board.drawn = view.board.make(view.stage.frame, 1.0)  # type: ignore[arg-type]  # as if it had come there
    view.stage.pan(20)
    assert view.board.flight.frame() is None
    assert view.board.drawn is not None
    assert view.board.drawn.frame is view.stage.frame
