"""What is where: runs by kind, untouched stretches, and what takes their place where pages are not known."""

import numpy as np

from memviz.gui.map.motion import without
from memviz.gui.map.survey import merged
from memviz.gui.map.terrain import OF_FILE, PRIVATE, SWAP, make_terrain
from tests import builders
from tests.gui.fake_source import page_runs

SNAPSHOT = builders.snapshot("10-110 rw-p rss=16k", "200-300 r-xp /lib/a.so rss=4k", "300-400 ---p")
RUNS = page_runs("10-12 a", "12-14 a", "20-24 f", "200-201 f", "210-212 s")


def test_that_pages_before_a_place_are_counted_by_kind() -> None:
    before = make_terrain(SNAPSHOT, RUNS).runs.before(np.array([0x10, 0x11, 0x14, 0x22, 0x400], np.float64))
    assert before[PRIVATE].tolist() == [0, 1, 4, 4, 4]
    assert before[OF_FILE].tolist() == [0, 0, 0, 2, 5]
    assert before[SWAP].tolist() == [0, 0, 0, 0, 2]


def test_that_a_place_within_a_page_counts_its_part() -> None:
    before = make_terrain(SNAPSHOT, RUNS).runs.before(np.array([0x10, 0x10 + 0.25], np.float64))
    assert before[PRIVATE].tolist() == [0, 0.25]


def test_that_neighbouring_runs_of_one_kind_are_joined() -> None:
    runs = make_terrain(SNAPSHOT, RUNS).runs
    assert next(zip(runs.start.tolist(), runs.end.tolist(), strict=True)) == (0x10, 0x14)


def test_that_stretches_are_what_nobody_touched_cut_at_borders_of_regions() -> None:
    stretches = make_terrain(SNAPSHOT, RUNS).stretches
    found = [(f"{int(a):x}", f"{int(b):x}") for a, b in zip(stretches.start, stretches.end, strict=True)]
    assert found == [("24", "110"), ("110", "200"), ("212", "300"), ("300", "400")]


def test_that_without_pages_nothing_of_a_used_region_folds() -> None:
    stretches = make_terrain(SNAPSHOT, None).stretches
    found = [(int(a), int(b)) for a, b in zip(stretches.start, stretches.end, strict=True)]
    assert found == [(0x110, 0x200), (0x300, 0x400)]


def test_that_regions_beyond_what_was_looked_at_show_their_average() -> None:
    pages = page_runs("10-14 a")._replace(rest=0x200 * builders.PAGE)
    terrain = make_terrain(SNAPSHOT, pages)
    assert terrain.averaged.tolist() == [False, True, True]
    assert terrain.share is not None
    assert terrain.share[1] == 1 / 256


def test_that_maps_alone_tell_no_share() -> None:
    assert make_terrain(builders.snapshot("10-20 rw-p", measured=False), None).share is None


def test_that_finer_runs_replace_those_of_their_range() -> None:
    size = builders.PAGE
    pages = merged(page_runs("10-20 a", "30-40 f"), page_runs("18-19 f"), 0x14 * size, 0x38 * size)
    found = [(f"{int(a) // size:x}", f"{int(b) // size:x}") for a, b in zip(pages.start, pages.end, strict=True)]
    assert found == [("10", "14"), ("18", "19"), ("38", "40")]


def test_that_of_a_region_that_grew_only_what_came_to_it_is_new() -> None:
    size = builders.PAGE
    before = make_terrain(builders.snapshot("20-30 rw-p", "38-3a rw-p"), None)
    ranges = np.array([[0x18, 0x40], [0x22, 0x24], [0x50, 0x51]], np.uint64) * np.uint64(size)
    found = [(f"{a // size:x}", f"{b // size:x}") for a, b in without(ranges, before).tolist()]
    assert found == [("18", "20"), ("30", "38"), ("3a", "40"), ("50", "51")]
