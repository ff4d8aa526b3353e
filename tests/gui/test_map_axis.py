"""The axis of the map: laws that hold for any address space at any scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.map.axis import LADDER, MOST_FOLDS, Axis, fitting, make_axis, rung
from memviz.gui.map.frame import fitted
from memviz.gui.map.lanes import make_rows
from memviz.gui.map.terrain import Terrain, make_terrain
from tests import builders
from tests.gui.fake_source import page_runs

PAGE = builders.PAGE


@st.composite
def terrains(draw: st.DrawFn) -> Terrain:
    """Regions with gaps of any size; some of their pages touched."""
    page, lines, runs = 16, [], []
    for _ in range(draw(st.integers(1, 12))):
        page += draw(st.integers(0, 40) | st.integers(0, 1 << 32))
        length = draw(st.integers(1, 64) | st.integers(1, 1 << 24))
        lines.append(f"{page:x}-{page + length:x} {draw(st.sampled_from(['rw-p', 'r-xp /bin/x', '---p']))}")
        if draw(st.booleans()):
            first = draw(st.integers(0, length - 1))
            last = draw(st.integers(first + 1, length))
            runs.append(f"{page + first:x}-{page + last:x} {draw(st.sampled_from('afs'))}")
        page += length
    return make_terrain(builders.snapshot(*lines), page_runs(*runs))


scales = st.sampled_from(LADDER[:70])


def axis_of(terrain: Terrain, scale: float, row: float = 1000.0) -> Axis:
    return make_axis(terrain.stretches, scale, terrain.page_size, row)


@given(terrains(), scales)
def test_that_pages_and_positions_grow_together(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    assert (np.diff(axis.pages) > 0).all()
    assert (np.diff(axis.positions) > 0).all()


@given(terrains(), scales)
def test_that_every_region_is_on_the_axis(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    assert axis.pages[0] == terrain.start[0]
    assert axis.pages[-1] == terrain.end[-1]
    assert (axis.at(terrain.end) > axis.at(terrain.start)).all()


@given(terrains(), scales)
def test_that_a_position_leads_back_to_its_page(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    assert (axis.page(axis.at(axis.pages)) == axis.pages).all()


@given(terrains(), scales)
def test_that_folds_keep_within_their_share(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    if not axis.folded.all():
        assert axis.folds() <= MOST_FOLDS + 1e-9


@given(terrains(), scales)
def test_that_only_untouched_pages_fold(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    for at in np.flatnonzero(axis.folded):
        low, high = axis.pages[at], axis.pages[at + 1]
        touched = (terrain.runs.start < high) & (terrain.runs.end > low)
        assert not touched.any()


@given(terrains(), scales)
def test_that_what_is_unfolded_stays_so(terrain: Terrain, scale: int) -> None:
    axis = axis_of(terrain, scale)
    folds = [(int(axis.pages[at]), int(axis.pages[at + 1])) for at in np.flatnonzero(axis.folded)]
    if folds:
        chosen = folds[len(folds) // 2]
        again = make_axis(terrain.stretches, scale, terrain.page_size, 1000.0, frozenset([chosen]))
        middle = float(again.at(sum(chosen) / 2))
        assert not again.is_fold(middle)


@given(terrains(), st.integers(5, 60))
def test_that_the_fitting_scale_shows_everything(terrain: Terrain, rows: int) -> None:
    axis = fitting(terrain.stretches, terrain.page_size, 900.0, rows)
    assert axis.length <= 900.0 * rows


def test_that_adding_regions_loses_none() -> None:
    lines = ["10-20 rw-p", "900000-900010 rw-p"]
    for more in ("500-600 rw-p", "100000-100004 rw-p", "a00000-a00001 ---p"):
        lines.append(more)
        terrain = make_terrain(builders.snapshot(*sorted(lines, key=lambda line: int(line.split("-")[0], 16))), None)
        axis = axis_of(terrain, 4096)
        assert (axis.at(terrain.end) > axis.at(terrain.start)).all()
        assert len(terrain) == len(lines)


@pytest.mark.parametrize("scale", LADDER[:60:7])
def test_that_a_rung_is_one_of_the_ladder(scale: int) -> None:
    assert rung(scale) == scale
    assert rung(scale, 1) > scale
    assert rung(scale - 0.5) == scale


@given(terrains(), st.sampled_from([8, 64, 128, 512]), st.floats(0, 0.99))
def test_that_pages_stand_in_columns_where_folds_leave_room(terrain: Terrain, scale: int, share: float) -> None:
    lanes = make_rows(900, 500, 8)
    whole = fitted(terrain, lanes, frozenset())
    along = share * lanes.capacity
    frame = whole.zoomed(scale, float(whole.axis.page(along)), along)
    assert frame.cell == PAGE // scale or scale == 8, "a row has no room for whole pages of 512 pixels and a rest"
    notches = np.diff(frame.axis.positions)[frame.axis.folded]
    if frame.cell and (notches % frame.cell == 0).all():
        begins = frame.offset + np.arange(lanes.count) * frame.lanes.width
        begins = begins[(begins >= 0) & (begins < frame.axis.length) & ~frame.axis.is_fold(begins)]
        assert (frame.axis.page(begins) % 1 == 0).all()
