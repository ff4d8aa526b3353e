from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from memviz.core.diff import CHANGES, Change, diff
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


# -- blocks are known by where they lie -----------------------------------------------------------------------------

SOME = ["rw-p", "r--p /a", "rw-p [anon:one]", "rw-p [anon:two]", "r--p", "rw-s /dev/shm/x", "r--p /b/a"]
spots = st.tuples(
    st.integers(0, 3), st.integers(1, 12), st.sampled_from(SOME), *[st.integers(0, 9)] * 3
)  # gap before it, pages, kind, and three numbers
laid = st.lists(spots, min_size=1, max_size=14)
Spot = tuple[int, int, str, int, int, int]


def lines_of(spots: list[Spot], at: int = 0x1000) -> list[str]:
    """Regions of several sizes, many of them side by side."""
    result = []
    for gap, pages, kind, private, shared, swapped in spots:
        at += gap
        sizes = f"private_dirty={4 * private}k shared_clean={4 * shared}k swap={4 * swapped}k"
        rss = 4 * (private + shared)
        result.append(f"{at:x}-{at + pages:x} {kind} rss={rss}k pss={4 * private + 2 * shared}k {sizes}")
        at += pages
    return result


def deltas(parts: tuple[Change, ...], name: str) -> int:
    return sum(getattr(part, name) for part in parts)


@given(laid, laid)
def test_that_every_column_of_blocks_and_regions_adds_up_to_the_byte(first: list[Spot], second: list[Spot]) -> None:
    result = diff(snapshot(*lines_of(first)), snapshot(*lines_of(second)))
    for parts in (result.groups, result.blocks, result.regions):
        for name in CHANGES:
            assert deltas(parts, name) == getattr(result.totals, name)


@given(laid, st.data())
def test_that_unmapping_a_region_changes_the_block_it_was_in_and_no_other(
    spots: list[Spot], data: st.DataObject
) -> None:
    lines = lines_of([(0, 1, "rw-p [anon:first]", 1, 1, 1), *spots])  # with no region nothing is measured
    left_out = data.draw(st.integers(0, len(lines) - 1))
    before = snapshot(*lines)
    kept = [line for number, line in enumerate(lines) if number != left_out]
    after = snapshot(*kept)
    there = {region.start: region for region in before.regions}
    for region in after.regions:  # what it is may hang on its neighbours
        assume(region.category == there[region.start].category)
    gone = before.regions[left_out]
    (region,) = diff(before, after).regions
    assert region == Change(gone.path, "gone", gone.start, *(-getattr(gone, name) for name in CHANGES))
    blocks = diff(before, after).blocks
    assert [block[3:] for block in blocks] == [region[3:]]
    assert blocks[0].name == before.blocks.name(int(before.regions["block"][left_out]))


@given(laid, laid)
def test_that_a_block_with_the_same_regions_and_numbers_is_never_told(first: list[Spot], second: list[Spot]) -> None:
    def told(shot: Snapshot) -> set[tuple[object, ...]]:
        blocks = shot.blocks
        rows = [[shot.regions[int(row)] for row in blocks.rows(block.index)] for block in blocks]
        return {
            (
                block.start,
                block.name,
                block.group,
                tuple((r.start, r.end, *(getattr(r, n) for n in CHANGES)) for r in of),
            )
            for block, of in zip(blocks, rows, strict=True)
        }

    before, after = snapshot(*lines_of(first)), snapshot(*lines_of(second))
    same = {(start, name) for start, name, *_ in told(before) & told(after)}
    assert same.isdisjoint((change.start, change.name) for change in diff(before, after).blocks)


@given(laid, laid)
def test_that_every_block_before_is_gone_or_has_an_heir_of_its_name(first: list[Spot], second: list[Spot]) -> None:
    before, after = snapshot(*lines_of(first)), snapshot(*lines_of(second))
    result = diff(before, after)
    gone = [change.start for change in result.blocks if change.state == "gone"]
    assert gone == [block.start for block in before.blocks if result.heirs[block.index] < 0]
    for block in before.blocks:
        if result.heirs[block.index] >= 0:
            heir = after.blocks[int(result.heirs[block.index])]
            assert (heir.name, heir.group) == (block.name, block.group)


def test_that_blocks_of_one_name_are_not_compared_with_their_neighbours() -> None:
    sizes = ("1000-1500 rw-p rss=5m", "3000-4400 rw-p rss=20m", "6000-9c00 rw-p rss=60m")
    (block,) = diff(snapshot(*sizes), snapshot(*sizes[1:])).blocks
    assert (block.name, block.state, block.start, block.rss) == ("anonymous", "gone", 0x1000000, -(5 << 20))
    (block,) = diff(snapshot(*sizes[1:]), snapshot(*sizes)).blocks
    assert (block.name, block.state, block.start, block.rss) == ("anonymous", "new", 0x1000000, 5 << 20)


def test_that_a_region_cut_in_two_neither_grew_nor_shrank() -> None:
    whole = "1000-1100 rw-p rss=1m"
    pieces = ("1000-1040 rw-p rss=256k", "1040-1080 r--p rss=256k", "1080-1100 rw-p rss=512k")
    result = diff(snapshot(whole), snapshot(*pieces))
    assert result.blocks == ()
    assert result.regions == (Change("", "changed", 0x1040000, 0, 0, 0, 0, 0),)  # its permission


def test_that_a_hole_in_a_region_is_the_loss_of_its_largest_piece() -> None:
    result = diff(snapshot("1000-1100 rw-p rss=1m"), snapshot("1000-1040 rw-p rss=256k", "1050-1100 rw-p rss=704k"))
    (region,) = result.regions
    assert (region.state, region.start, region.size, region.rss) == ("changed", 0x1050000, -(64 << 10), -(64 << 10))


def test_that_a_region_that_merged_with_its_neighbour_is_not_gone() -> None:
    apart = ("1000-1010 rw-p rss=64k", "1010-1100 rw-p rss=900k")
    assert diff(snapshot(*apart), snapshot("1000-1100 rw-p rss=964k")).regions == ()
    (region,) = diff(snapshot(apart[1]), snapshot("1000-1100 rw-p rss=964k")).regions
    assert (region.state, region.start, region.rss) == ("changed", 0x1000000, 64 << 10)


def test_that_a_stack_is_the_same_whether_its_thread_was_seen_in_it_or_not() -> None:
    stack = ("7000-7001 ---p", "7001-7801 rw-p rss=40k flags=rd,wr,nh")
    likely, seen = snapshot(*stack), snapshot(*stack, stack_pointers=[0x7700000])
    assert likely.blocks[0].category != seen.blocks[0].category
    assert diff(likely, seen).blocks == ()
