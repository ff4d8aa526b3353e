"""Whatever tells what grew since the mark tells the same number: sentence, legend, table, map and reports."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given

from memviz import units
from memviz.core.diff import Difference, diff
from memviz.core.headline import cost
from memviz.core.snapshot import Snapshot
from memviz.gui.map import words
from memviz.gui.map.legend import entries_of, entries_of_mode
from memviz.gui.map.modes import CHANGE, GONE, grown_by_block, grown_by_entry, mode_of
from memviz.gui.map.terrain import Terrain, make_terrain
from memviz.gui.tables.changes import frames_beside
from memviz.gui.tables.columns import CHANGE as DELTA
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frames
from memviz.gui.tables.order import FLAT, TREE, Arrangement, arrange
from memviz.gui.tables.sums import sum_of
from memviz.gui.theme import theme
from tests.builders import snapshot
from tests.made_snapshots import snapshots

MIB = 1 << 20
CODE = ("10-14 r-xp /bin/program rss=8k shared_clean=8k", "14-18 rw-p /bin/program rss=4k")
BEFORE = snapshot(
    *CODE, "1000-2000 rw-p [heap] rss=2m", "10000-10500 rw-p rss=5m", "12000-13400 rw-p rss=12m",
    "16000-19c00 rw-p rss=60m", "20000-20800 rw-p rss=4m swap=2m", "22000-22100 rw-p rss=1m", start_brk=0x1000000,
)  # fmt: skip
AFTER = snapshot(  # the first anonymous block is gone; the others grew, shrank, are cut, went to swap; one is new
    *CODE, "1000-2400 rw-p [heap] rss=3m", "12000-13400 rw-p rss=15m", "16000-17000 rw-p rss=10m",
    "17010-19c00 rw-p rss=43m", "20000-20800 rw-p rss=2m swap=4m", "21f00-22100 rw-p rss=2m", "30000-30100 rw-p rss=1m",
    start_brk=0x1000000,
)  # fmt: skip
GREW = {"heap": 1 * MIB, "anonymous": (-5 + 3 - 7 + 0 + 1 + 1) * MIB}


class Shown(NamedTuple):
    """One difference as everything shows it."""

    difference: Difference
    frames: Frames
    terrain: Terrain


def shown(before: Snapshot, after: Snapshot) -> Shown:
    difference = diff(before, after)
    return Shown(difference, frames_beside(before, after, difference), make_terrain(after, None))


def numbers_of(made: Shown, before: Snapshot, after: Snapshot) -> dict[str, int]:
    """By how much it grew, by whom one asks."""
    difference, frames, terrain = made
    gone = sum(block.grown for block in difference.blocks if block.state == "gone")
    tables = {
        f"table of level {level}": int(frames.level(level).extra["private_swap" + DELTA].sum())  # type: ignore[union-attr]  # a column of numbers
        for level in (BLOCKS, REGIONS)
    }
    lines = [arrange(frames, Arrangement(order)) for order in (FLAT, TREE)]
    return {
        "the cost then and now": (after.private_swap or 0) - (before.private_swap or 0),
        "totals": difference.totals.grown,
        "gained and lost": difference.gained + difference.lost,
        **{name: sum(part.grown for part in getattr(difference, name)) for name in ("groups", "blocks", "regions")},
        **tables,
        "line below the flat table": sum_of(frames, lines[0]).change or 0,
        "line below the tree": sum_of(frames, lines[1]).change or 0,
        "names in the map": int(grown_by_block(terrain, difference).sum()) + gone,
        "legend of the map": int(grown_by_entry(difference).sum()),
    }


def test_that_all_tell_the_same_number_for_a_growth_of_several_anonymous_blocks() -> None:
    expected = sum(GREW.values())
    numbers = numbers_of(shown(BEFORE, AFTER), BEFORE, AFTER)
    assert numbers == dict.fromkeys(numbers, expected)


@given(snapshots(), snapshots())
def test_that_all_tell_the_same_number_whatever_changed(before: Snapshot, after: Snapshot) -> None:
    if before.private_swap is None or after.private_swap is None:
        return
    numbers = numbers_of(shown(before, after), before, after)
    assert len(set(numbers.values())) == 1, numbers


def test_that_names_in_the_map_tell_what_the_lines_of_the_table_do() -> None:
    difference, frames, terrain = shown(BEFORE, AFTER)
    column = frames.blocks.extra["private_swap" + DELTA]
    assert isinstance(column, np.ndarray)
    assert column[: frames.blocks.present].tolist() == grown_by_block(terrain, difference).tolist()


def test_that_the_sentence_has_that_number_and_the_legend_its_parts() -> None:
    difference, _, terrain = shown(BEFORE, AFTER)
    sentence, total = words.since(difference, BEFORE), sum(GREW.values())
    assert sentence.startswith(f"{units.signed(total)} since ")
    assert sentence.endswith("all of it anonymous")
    chips = {entry.name: entry.change for entry in entries_of(AFTER, theme("dark"), difference)}
    assert chips == {name: units.signed(GREW[name]) if name in GREW else "" for name in chips}
    chips = {entry.name: entry.change for entry in entries_of_mode(mode_of(CHANGE), theme("dark"), terrain, difference)}
    assert chips["new"] == "+1.0 MiB"
    assert chips["gone"] == "-5.0 MiB"
    assert chips["unchanged"] == ""


def test_that_the_places_of_entries_are_those_of_the_mode() -> None:
    names = [entry.name for entry in mode_of(CHANGE).entries]
    assert names.index("gone") == GONE == len(names) - 1


def test_that_reports_say_what_the_sentence_is_the_difference_of() -> None:
    def costs(snapshot: Snapshot) -> float:
        found = re.search(r"([\d.]+) MiB \(private \+ swap\)", cost(snapshot)) or pytest.fail(cost(snapshot))
        return float(found[1])

    assert costs(AFTER) - costs(BEFORE) == pytest.approx(sum(GREW.values()) / MIB)


def test_that_what_grew_here_and_shrank_there_is_not_called_unchanged() -> None:
    before = snapshot("10000-10500 rw-p rss=1m", "12000-13400 rw-p rss=3m")
    after = snapshot("10000-10500 rw-p rss=2m", "12000-13400 rw-p rss=2m")
    assert words.since(diff(before, after), before).endswith(": +1.0 MiB here, -1.0 MiB there")


def test_that_what_only_others_share_is_told_apart() -> None:
    before, after = (snapshot(f"10-1014 r--s /srv/data rss={size} shared_clean={size}") for size in ("1m", "3m"))
    sentence = words.since(diff(before, after), before)
    assert sentence.startswith("Private memory unchanged since ")
    assert sentence.endswith(", +2.0 MiB shared or file cache")
