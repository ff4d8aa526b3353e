from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memviz.core.diff import Change, diff
from memviz.core.snapshot import Snapshot
from tests.builders import snapshot

KINDS = ["rw-p", "r--p /a", "r-xp /a", "rw-s", "---p", "rw-p [heap]"]
tables = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(KINDS), st.integers(0, 3)), max_size=12, min_size=1)


def built(rows: list[tuple[int, str, int]], time: float = 0) -> Snapshot:
    chosen = {at: f"{0x1000 + 8 * at:x}-{0x1004 + 8 * at:x} {kind} rss={4 * rss}k" for at, kind, rss in rows}
    return snapshot(*[chosen[at] for at in sorted(chosen)], time=time)


def turned(change: Change) -> Change:
    state = {"new": "gone", "gone": "new"}.get(change.state, change.state)
    return Change(change.name, state, change.start, *[-v if v is not None else None for v in change[3:]])


@given(tables)
def test_that_a_snapshot_does_not_differ_from_itself(rows: list[tuple[int, str, int]]) -> None:
    result = diff(built(rows), built(rows))
    assert result.groups == result.blocks == result.regions == ()
    assert result.totals.state == "same"
    assert result.same_process


@given(tables, tables)
def test_that_a_difference_mirrors_its_opposite(
    first: list[tuple[int, str, int]], second: list[tuple[int, str, int]]
) -> None:
    there, back = diff(built(first), built(second, 5.0)), diff(built(second, 5.0), built(first))
    assert there.seconds == -back.seconds == 5
    assert there.totals == turned(back.totals)
    for name in ("groups", "regions"):
        assert sorted(getattr(there, name)) == sorted(map(turned, getattr(back, name)))


@given(tables, tables)
def test_that_the_parts_of_a_difference_add_up_to_the_whole(
    first: list[tuple[int, str, int]], second: list[tuple[int, str, int]]
) -> None:
    result = diff(built(first), built(second))
    for parts in (result.groups, result.blocks, result.regions):
        assert sum(part.rss or 0 for part in parts) == result.totals.rss
        assert sum(part.size or 0 for part in parts) == result.totals.size


@given(tables, tables)
def test_that_just_the_regions_that_are_not_as_they_were_are_told(
    first: list[tuple[int, str, int]], second: list[tuple[int, str, int]]
) -> None:
    def seen(shot: Snapshot) -> set[tuple[int, str, str, int]]:
        return {(region.start, region.path, region.permissions, region.rss) for region in shot.regions}

    before, after = built(first), built(second)
    unlike = {start for start, *_ in seen(before) ^ seen(after)}
    assert {change.start for change in diff(before, after).regions} == unlike


def test_that_a_region_that_moved_is_shown_as_removed_and_added() -> None:
    result = diff(snapshot("10-14 rw-p rss=4k"), snapshot("20-24 rw-p rss=4k"))
    assert [(change.state, change.start, change.rss) for change in result.regions] == [
        ("gone", 0x10000, -4096),
        ("new", 0x20000, 4096),
    ]
    assert result.blocks == ()


def test_that_a_heap_that_grew_is_one_changed_block() -> None:
    result = diff(snapshot("10-14 rw-p [heap] rss=4k"), snapshot("10-18 rw-p [heap] rss=12k"))
    (block,) = result.blocks
    assert (block.name, block.state, block.size, block.rss) == ("heap (brk)", "changed", 16384, 8192)


def test_that_a_change_of_permission_alone_is_told() -> None:
    (change,) = diff(snapshot("10-14 rw-p"), snapshot("10-14 r--p")).regions
    assert (change.state, change.size) == ("changed", 0)


def test_that_what_one_side_does_not_know_has_no_difference() -> None:
    result = diff(snapshot("10-14 rw-p rss=4k", measured=False), snapshot("10-14 rw-p rss=4k"))
    assert result.totals.rss is None
    assert result.totals.size == 0
