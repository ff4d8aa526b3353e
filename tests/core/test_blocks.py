from __future__ import annotations

import pytest

from memviz.core.blocks import families, short_name
from memviz.core.snapshot import Snapshot
from tests.builders import snapshot


def printed(seen: Snapshot) -> list[str]:
    return [f"{block.name} {block.regions}" for block in seen.blocks]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/usr/lib/libQt6Gui.so.6.11.3", "libQt6Gui"),
        ("/usr/lib/libQt6Gui.so.6.11.3 (deleted)", "libQt6Gui"),
        ("/usr/lib/libscipy-1a2b3c4d.so", "libscipy"),
        ("/lib/_ssl.cpython-311-x86_64-linux-gnu.so", "_ssl"),
        ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "ld-linux-x86"),
        ("/usr/bin/python3.11", "python3.11"),
        ("/dev/shm/x/", "x"),
        ("[anon:stack and tls]", "stack and tls"),
        ("anon_inode:[io_uring]", "io_uring"),
        ("anon_inode:bpf-map", "bpf-map"),
        ("socket:[4711]", "socket:[4711]"),
        ("/.so", ".so"),
    ],
)
def test_that_a_block_is_named_without_version_noise(path: str, name: str) -> None:
    assert short_name(path) == name


def test_that_a_file_mapped_in_two_places_is_two_blocks() -> None:
    assert printed(snapshot("100-104 r--p /a", "200-204 rw-p", "300-304 r--p /a")) == ["a 1", "anonymous 1", "a 1"]


def test_that_two_files_of_one_name_are_two_blocks() -> None:
    assert printed(snapshot("100-104 r--p /a inode=1", "104-108 r--p /a inode=2")) == ["a 1", "a 1"]


def test_that_touching_anonymous_regions_are_one_block_and_distant_ones_are_not() -> None:
    assert printed(snapshot("100-104 rw-p", "104-108 r--p", "200-204 rw-p")) == ["anonymous 2", "anonymous 1"]


def test_that_a_scattered_run_of_like_regions_is_one_block() -> None:
    lines = [f"{base:x}00-{base:x}40 rw-p rss=4k" for base in range(0x10, 0x1A)]
    seen = snapshot(*lines, "2000-2100 rw-p")
    assert printed(seen) == ["anonymous 10", "anonymous 1"]
    assert seen.blocks.detail(0) == "10 × 256 KiB over 9.2 MiB"
    assert seen.blocks[0].sums["rss"] == 10 * 4096


def test_that_fewer_like_regions_stay_apart() -> None:
    assert len(snapshot(*[f"{base:x}00-{base:x}40 rw-p" for base in range(0x10, 0x14)]).blocks) == 4


def test_that_neighbouring_stacks_with_their_guards_are_one_block_each_and_one_family() -> None:
    lines = []
    for at in range(3):
        lines += [f"7f{at}000-7f{at}001 ---p", f"7f{at}001-7f{at}801 rw-p flags=rd,wr,nh rss=8k"]
    seen = snapshot(*lines)
    assert printed(seen) == ["thread stack 2"] * 3
    (family,) = families(seen.blocks)
    assert (family.name, family.rss, len(family.blocks)) == ("3 × thread stack", 3 * 8192, 3)


def test_that_stacks_side_by_side_stay_apart() -> None:
    lines = [f"7f{at}000-7f{at}001 ---p" if half == 0 else f"7f{at}001-7f{at + 1}000 rw-p flags=rd,nh"
             for at in range(3) for half in range(2)]  # fmt: skip
    assert printed(snapshot(*lines)) == ["thread stack 2"] * 3


def test_that_stacks_that_are_sure_and_likely_are_one_family_that_is_not_sure() -> None:
    lines = []
    for at in range(3):
        lines += [f"7f{at}000-7f{at}001 ---p", f"7f{at}001-7f{at + 1}000 rw-p flags=rd,wr,nh rss=8k"]
    seen = snapshot(*lines, stack_pointers=[0x7F0800 * 4096, 0x7F2800 * 4096])
    assert [block.sure for block in seen.blocks] == [True, False, True]
    (family,) = families(seen.blocks)
    assert (family.name, family.rss, family.sure) == ("3 × thread stack", 3 * 8192, False)


def test_that_arenas_of_a_32_bit_program_stay_apart() -> None:
    starts = (0xF4000, 0xF4100, 0xF4800)
    lines = [line for at in starts for line in (f"{at:x}-{at + 33:x} rw-p", f"{at + 33:x}-{at + 256:x} ---p")]
    assert printed(snapshot(*lines)) == ["malloc arena 2"] * 3


def test_that_blocks_are_reached_by_number_from_both_ends_and_in_a_row() -> None:
    blocks = snapshot("100-104 r--p /a", "200-204 rw-p rss=4k").blocks
    assert [blocks[0], blocks[1]] == [blocks[-2], blocks[-1]] == list(blocks)
    with pytest.raises(IndexError):
        blocks[2]


def test_that_arenas_side_by_side_stay_apart() -> None:
    seen = snapshot("7f4000-7f4021 rw-p", "7f4021-7f8000 ---p", "7f8000-7f8021 rw-p", "7f8021-7fc000 ---p")
    assert printed(seen) == ["malloc arena 2", "malloc arena 2"]


def test_that_the_rows_of_all_blocks_are_all_rows_once() -> None:
    lines = [f"{base:x}00-{base:x}40 rw-p" for base in range(0x10, 0x20)]
    lines[5] = "1500-1540 r--p /a"
    seen = snapshot(*lines)
    rows = [row for index in range(len(seen.blocks)) for row in seen.blocks.rows(index).tolist()]
    assert sorted(rows) == list(range(len(seen.regions)))
    assert all(
        seen.regions["block"][row] == index for index in range(len(seen.blocks)) for row in seen.blocks.rows(index)
    )


def test_that_vsyscall_counts_nothing() -> None:
    seen = snapshot("100-104 rw-p", "ffffffffff600-ffffffffff601 --xp [vsyscall]")
    assert seen.totals["size"] == 4 * 4096
    assert seen.blocks[1].sums["size"] == 0
    assert seen.groups["kernel"].size == 0
    assert seen.groups["kernel"].count == 1


def test_that_a_process_without_regions_has_no_blocks() -> None:
    seen = snapshot()
    assert len(seen.blocks) == 0
    assert list(seen.blocks) == []
    assert seen.groups == {}
