"""What lies under each pixel, and the picture made of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.regions import Array
from memviz.gui.map.axis import make_axis
from memviz.gui.map.ink import make_palette
from memviz.gui.map.labels import in_memory
from memviz.gui.map.lanes import Lanes, make_column, make_rows
from memviz.gui.map.modes import MODES, Mode
from memviz.gui.map.raster import Palette, Pixels, codes_of, paint, paint_scrolled, scrolled_codes
from memviz.gui.map.strip import Strip, sample, scrolled
from memviz.gui.map.terrain import OF_FILE, PRIVATE, Terrain, make_terrain
from memviz.gui.theme import theme
from tests import builders
from tests.gui.fake_source import page_runs
from tests.gui.test_map_axis import terrains

PAGE = builders.PAGE
KIB = 1 << 10


def strip_of(terrain: Terrain, scale: float, count: int) -> Strip:
    return sample(terrain, make_axis(terrain.stretches, scale, PAGE, 1000.0), 0.0, count)


def painted(terrain: Terrain, strip: Strip, entry: Array, palette: Palette) -> Pixels:
    return paint(terrain, strip, codes_of(terrain, strip, entry, palette, 10), palette, 10).pixels


def test_that_a_pixel_is_filled_by_the_pages_under_it() -> None:
    terrain = make_terrain(builders.snapshot("10-20 rw-p rss=24k"), page_runs("10-14 a", "18-1a f"))
    strip = strip_of(terrain, 4 * PAGE, 4)
    assert strip.row.tolist() == [0, 0, 0, 0]
    assert strip.shares[PRIVATE].tolist() == [1, 0, 0, 0]
    assert strip.shares[OF_FILE].tolist() == [0, 0, 0.5, 0]


def test_that_only_mapped_pages_count() -> None:
    terrain = make_terrain(builders.snapshot("10-12 rw-p rss=8k", "14-18 rw-p"), page_runs("10-12 a"))
    assert strip_of(terrain, 4 * PAGE, 2).shares[PRIVATE].tolist() == [1, 0]


def test_that_the_weightiest_of_narrow_regions_shows() -> None:
    lines = [f"{at:x}-{at + 1:x} r--p /lib/{at}.so" for at in range(0x10, 0x20)]
    lines[5] = "15-16 rwxp"
    terrain = make_terrain(builders.snapshot(*lines), page_runs())
    strip = strip_of(terrain, 16 * PAGE, 1)
    assert strip.row.tolist() == [5]


def test_that_a_lone_narrow_region_confesses_to_be_drawn_wider() -> None:
    terrain = make_terrain(builders.snapshot("10-20 rw-p /lib/a.so", "24-25 rw-p", "28-40 rw-p /lib/b.so"), page_runs())
    strip = strip_of(terrain, 4 * PAGE, 12)
    assert strip.wider is not None
    assert strip.row[np.flatnonzero(strip.wider)].tolist() == [1]


def test_that_beyond_the_line_there_is_nothing() -> None:
    terrain = make_terrain(builders.snapshot("10-14 rw-p"), page_runs())
    strip = strip_of(terrain, PAGE, 8)
    assert strip.row.tolist() == [0, 0, 0, 0, -1, -1, -1, -1]


@given(terrains())
def test_that_no_region_of_at_least_a_pixel_is_lost(terrain: Terrain) -> None:
    axis = make_axis(terrain.stretches, 16 * KIB, PAGE, 1000.0)
    count = int(min(axis.length + 1, 50_000))
    strip = sample(terrain, axis, 0.0, count)
    seen = set(strip.row.tolist())
    wide = (axis.at(terrain.end) - axis.at(terrain.start) >= 2) & (axis.at(terrain.end) < count)
    assert set(np.flatnonzero(wide).tolist()) <= seen


@given(terrains())
def test_that_shares_never_exceed_the_whole(terrain: Terrain) -> None:
    strip = strip_of(terrain, 64 * KIB, 500)
    for share in strip.shares.values():
        assert ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_each_mode_paints_what_costs_in_its_own_colour(mode: Mode, name: str) -> None:
    terrain = make_terrain(builders.snapshot("10-20 rw-p rss=64k"), page_runs("10-20 a"))
    palette, entry = make_palette(theme(name), mode), mode.number(terrain, None)
    pixels = painted(terrain, strip_of(terrain, PAGE, 20), entry, palette)
    assert pixels.shape == (10, 20)
    colour = mode.entries[int(entry[0])].colour(theme(name))
    assert pixels[5, 4] == colour.rgb() | 0xFF000000
    assert (pixels[:, 16:] == palette.ground).all()


def test_that_average_residency_is_hatched() -> None:
    terrain = make_terrain(builders.snapshot("10-20 rw-p rss=64k"), None)
    palette, entry = make_palette(theme("dark"), MODES[0]), MODES[0].number(terrain, None)
    pixels = painted(terrain, strip_of(terrain, PAGE, 16), entry, palette)
    assert len(np.unique(pixels[6])) == 2


def test_that_what_is_written_and_executed_carries_the_alarm() -> None:
    terrain = make_terrain(builders.snapshot("10-20 rwxp"), page_runs())
    palette, entry = make_palette(theme("dark"), MODES[0]), MODES[0].number(terrain, None)
    pixels = painted(terrain, strip_of(terrain, PAGE, 16), entry, palette)
    assert (pixels[1] == palette.alarm).all()


def test_that_lanes_of_many_thicknesses_share_their_colours() -> None:
    terrain = make_terrain(builders.snapshot("10-20 rw-p rss=64k"), page_runs("10-20 a"))
    palette, entry = make_palette(theme("dark"), MODES[0]), MODES[0].number(terrain, None)
    strip = strip_of(terrain, PAGE, 16)
    kept = []
    for thickness in (64, 65, 300, 301, 800, 801):
        codes = codes_of(terrain, strip, entry, palette, thickness)
        assert paint(terrain, strip, codes, palette, thickness).pixels.shape == (thickness, 16)
        kept.append(len(palette.lines))
    assert kept[-1] < 100, "whoever resizes a column would fill the memory"


@pytest.mark.parametrize("lanes", [make_rows(900, 500, 10), make_column(900, 500)], ids=["rows", "column"])
def test_that_a_place_leads_back_to_its_position(lanes: Lanes) -> None:
    for along in (0.0, 1.0, 130.5, lanes.capacity / 2, lanes.capacity - 1):
        x, y = lanes.place(along)
        assert abs(lanes.along(x + (5 if lanes.upright else 0), y + (0 if lanes.upright else 2)) - along) < 1e-6


@pytest.mark.parametrize("lanes", [make_rows(900, 500, 10), make_column(900, 500)], ids=["rows", "column"])
def test_that_the_pieces_of_a_stretch_are_as_long_as_it(lanes: Lanes) -> None:
    pieces = lanes.pieces(20.0, 400.0)
    assert sum(piece[3 if lanes.upright else 2] for piece in pieces) == 380.0


def test_that_sizes_say_their_unit_once() -> None:
    assert in_memory(8 << 20, 11 << 20) == "8.0 of 11.0 MiB"
    assert in_memory(400 * KIB, 11 << 20) == "400 KiB of 11.0 MiB"
    assert in_memory(11 << 20, 11 << 20) == "11.0 MiB"


def test_that_a_narrow_region_shows_where_it_lies_or_not_at_all() -> None:
    terrain = make_terrain(builders.snapshot("10-1f rw-p", "1f-20 r--p /lib/a.so", "20-40 rw-p"), page_runs())
    axis = make_axis(terrain.stretches, 4 * PAGE, PAGE, 1000.0)
    assert sample(terrain, axis, 0.0, 8).row.tolist() == [0, 0, 0, 1, 2, 2, 2, 2]
    assert sample(terrain, axis, 3.9, 4).row.tolist() == [2, 2, 2, 2]
    assert sample(terrain, axis, 0.8, 3).row.tolist() == [0, 0, 0]


@given(terrains(), st.integers(-300, 300), st.integers(0, 2000))
def test_that_a_scrolled_picture_is_the_same_as_one_drawn_anew(terrain: Terrain, step: int, offset: int) -> None:
    axis = make_axis(terrain.stretches, 16 * KIB, PAGE, 1000.0)
    old, new = sample(terrain, axis, offset, 800), sample(terrain, axis, offset + step, 800)
    moved = scrolled(old, terrain, axis, offset + step)
    assert moved is not None
    assert moved.row.tolist() == new.row.tolist()
    assert np.array_equal(moved.pages, new.pages)
    palette, entry = make_palette(theme("dark"), MODES[0]), MODES[0].number(terrain, None)
    before = codes_of(terrain, old, entry, palette, 10)
    codes = scrolled_codes(before, step, terrain, moved, entry, palette, 10)
    fresh = codes_of(terrain, new, entry, palette, 10)
    inner = slice(16, -16)  # at both ends a run of pixels may look shorter than it is
    assert codes[inner].tolist() == fresh[inner].tolist()


@given(terrains(), st.lists(st.integers(-400, 400), max_size=8), st.integers(0, 2000), st.booleans())
def test_that_a_scrolled_picture_is_moved_and_not_painted_anew(
    terrain: Terrain, steps: list[int], offset: int, is_read: bool
) -> None:
    if not is_read:
        terrain = make_terrain(terrain.snapshot, None)  # nothing but averages: all is hatched
    axis = make_axis(terrain.stretches, 16 * KIB, PAGE, 1000.0)
    palette, entry = make_palette(theme("dark"), MODES[0]), MODES[0].number(terrain, None)
    whole = sample(terrain, axis, offset - 4000, 8800)  # all pictures are cut from one: only moving may differ
    codes = codes_of(terrain, whole, entry, palette, 10)
    low, film = 4000, None
    for step in [0, *steps]:
        low += step
        cut = whole.part(low, low + 800), codes[low : low + 800]
        fresh = paint(terrain, *cut, palette, 10).pixels
        film = paint(terrain, *cut, palette, 10) if film is None else paint_scrolled(film, step, terrain, *cut, palette)
        assert np.array_equal(film.pixels, fresh)
