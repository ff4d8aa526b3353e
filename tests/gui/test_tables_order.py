"""Order, filter and folds of lines, on every snapshot that hypothesis makes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.diff import diff
from memviz.core.query import parse
from memviz.core.snapshot import Snapshot
from memviz.gui.tables.changes import frames_beside
from memviz.gui.tables.columns import COLUMNS, columns_for
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frames, frames_of
from memviz.gui.tables.order import FLAT, TREE, Arrangement, Lines, arrange
from memviz.gui.tables.sums import sum_of
from tests import builders
from tests.made_snapshots import snapshots

MODES = st.sampled_from([TREE, FLAT])
FILTERS = st.sampled_from(["", "perm:w", ">8K", "-group:library", "libc", "rss:>0", "heap", "nothing-is-called-so"])
NAMES = st.sampled_from([column.name for column in COLUMNS])


@st.composite
def arrangements(draw: st.DrawFn, frames: Frames) -> Arrangement:
    keys = frames.blocks.keys.tolist()
    unfolded = frozenset(draw(st.sets(st.sampled_from(keys)))) if keys else frozenset()
    return Arrangement(draw(MODES), draw(NAMES), draw(st.booleans()), parse(draw(FILTERS)), unfolded)


@st.composite
def frames(draw: st.DrawFn) -> Frames:
    """Of one snapshot, half of the time beside another."""
    after = draw(snapshots())
    if draw(st.booleans()):
        return frames_of(after)
    before = draw(snapshots())
    return frames_beside(before, after, diff(before, after))


def shown(lines: Lines, level: int) -> list[int]:
    return lines.rows[lines.levels == level].tolist()


@given(frames(), st.data())
def test_that_every_line_that_fits_is_shown_once_below_its_block(made: Frames, data: st.DataObject) -> None:
    wanted = data.draw(arrangements(made))
    lines = arrange(made, wanted)
    if wanted.mode == FLAT:
        assert shown(lines, BLOCKS) == []
        assert sorted(shown(lines, REGIONS)) == np.flatnonzero(made.mask(wanted.query, "regions")).tolist()
        return
    assert sorted(shown(lines, BLOCKS)) == np.flatnonzero(made.mask(wanted.query, "blocks")).tolist()
    block, below = -1, []
    for level, row in zip(lines.levels.tolist(), lines.rows.tolist(), strict=True):
        if level == BLOCKS:
            block = row
        else:
            below.append(row)
            assert made.block_of[row] == block
    open_ = np.isin(made.blocks.keys, list(wanted.unfolded) or [0])[made.block_of]
    fits = made.mask(wanted.query, "blocks")[made.block_of] & made.mask(wanted.query, "unfolded")
    assert sorted(below) == np.flatnonzero(fits & open_).tolist()


@given(frames(), st.data())
def test_that_lines_are_in_order_and_equal_ones_in_order_of_address(made: Frames, data: st.DataObject) -> None:
    wanted = data.draw(arrangements(made))
    lines = arrange(made, wanted)
    level = REGIONS if wanted.mode == FLAT else BLOCKS
    frame, rows = made.level(level), shown(lines, level)
    values = [frame.value(wanted.column, row) for row in rows]
    keys = [
        (value.lower() if isinstance(value, str) else value if value is not None else 0, int(frame.keys[row]))
        for value, row in zip(values, rows, strict=True)
    ]
    if wanted.descending:
        assert [key for key, _ in keys] == sorted((key for key, _ in keys), reverse=True)
        assert all(a[1] < b[1] for a, b in itertools.pairwise(keys) if a[0] == b[0] and isinstance(a[0], int))
    else:
        assert [key for key, _ in keys] == sorted(key for key, _ in keys)


@given(frames(), st.data())
def test_that_keys_of_lines_are_unique_and_outlive_order(made: Frames, data: st.DataObject) -> None:
    wanted = data.draw(arrangements(made))
    lines = arrange(made, wanted)
    keys = lines.keys(made).tolist()
    assert len(set(keys)) == len(keys)


@given(snapshots(), snapshots(), MODES, NAMES, st.data())
def test_that_lines_that_are_held_keep_their_order(
    first: Snapshot, second: Snapshot, mode: str, name: str, data: st.DataObject
) -> None:
    before, after = frames_of(first), frames_of(second)
    wanted = Arrangement(mode, name)
    old = arrange(before, wanted)
    held, free = arrange(after, wanted, (before, old)), arrange(after, wanted)
    now = held.keys(after).tolist()
    assert sorted(now) == sorted(free.keys(after).tolist())
    stayed = [key for key in old.keys(before).tolist() if key in now]
    assert now[: len(stayed)] == stayed


@given(frames(), st.data())
def test_that_sums_are_those_of_the_snapshot_and_count_no_region_twice(made: Frames, data: st.DataObject) -> None:
    unfolded = frozenset(made.blocks.keys.tolist())
    for wanted in (Arrangement(FLAT), Arrangement(TREE), Arrangement(TREE, unfolded=unfolded)):
        found = sum_of(made, arrange(made, wanted))
        assert found.regions == len(made.snapshot.regions)
        assert {name: found.sizes[name] or None for name in found.sizes} == {
            name: made.snapshot.totals[name] or None for name in found.sizes
        }
        if made.mark is not None and found.change is not None and made.mark.regions.measured:
            assert found.change == (made.snapshot.private_swap or 0) - (made.mark.private_swap or 0)


@given(snapshots())
def test_that_a_mark_on_the_same_snapshot_changes_nothing(snapshot: Snapshot) -> None:
    made = frames_beside(snapshot, snapshot, diff(snapshot, snapshot))
    assert len(made.regions) == len(snapshot.regions)
    assert {made.regions.value("state", row) for row in range(len(made.regions))} <= {""}


@given(snapshots())
def test_that_every_column_has_one_value_a_line_or_none(snapshot: Snapshot) -> None:
    made = frames_of(snapshot)
    for column in columns_for(snapshot):
        for level in (BLOCKS, REGIONS):
            frame = made.level(level)
            if len(frame):
                value = frame.value(column.name, len(frame) - 1)
                assert value is None or isinstance(value, str) != column.numeric or column.name == "start"


def test_that_what_is_gone_has_a_line_below_its_block() -> None:
    before = builders.snapshot(
        "20-30 rw-p [heap] rss=16k", "30-40 r--p /bin/x", "40-44 rw-p /bin/x rss=4k", start_brk=0x20000
    )
    after = builders.snapshot(
        "20-38 rw-p [heap] rss=64k", "40-44 rw-p /bin/x rss=8k", "50-54 rw-p rss=12k", start_brk=0x20000
    )
    made = frames_beside(before, after, diff(before, after))
    state = {made.regions.value("path", row): made.regions.value("state", row) for row in range(len(made.regions))}
    assert state == {"[heap]": "changed", "/bin/x": "gone", "": "new"}
    changes = [made.regions.value("rss_change", row) for row in range(len(made.regions))]
    assert changes == [48 << 10, 4 << 10, 12 << 10, 0]
    assert made.blocks.value("name", int(made.block_of[3])) == "x"


def test_that_what_others_share_differently_is_not_called_changed() -> None:
    """PSS moves too when another process maps the same file, or ends: nothing of this region has changed."""
    before = builders.snapshot(
        "10-14 r-xp /bin/x rss=16k pss=8k", "14-18 r--p /bin/x rss=16k pss=8k", "18-1c r--p /bin/y rss=16k pss=8k",
        "20-24 rw-p [heap] rss=8k pss=8k", start_brk=0x20000,
    )  # fmt: skip
    after = builders.snapshot(
        "10-14 r-xp /bin/x rss=16k pss=4k", "14-18 r--p /bin/x rss=16k pss=8k", "18-1c rw-p /bin/y rss=16k pss=4k",
        "20-24 rw-p [heap] rss=12k pss=12k", start_brk=0x20000,
    )  # fmt: skip
    made = frames_beside(before, after, diff(before, after))
    assert [made.regions.value("state", row) for row in range(4)] == ["shared differently", "", "changed", "changed"]
    assert [made.blocks.value("state", row) for row in range(2)] == ["shared differently", "shared differently"]
    assert made.regions.value("pss_change", 0) == -4096


def test_that_a_name_is_made_once_for_all_regions_of_it() -> None:
    snapshot = builders.snapshot(*(f"{2 * n:x}-{2 * n + 1:x} rw-p rss=4k" for n in range(10, 60)))
    names = frames_of(snapshot).regions.column("name")
    assert len(names.texts) == 1  # type: ignore[union-attr]  # a column of texts


@pytest.mark.parametrize("column", [column.name for column in COLUMNS])
def test_that_an_empty_process_can_be_sorted_by_everything(column: str) -> None:
    made = frames_of(builders.snapshot())
    for mode in (TREE, FLAT):
        assert len(arrange(made, Arrangement(mode, column, unfolded=frozenset({1})))) == 0
