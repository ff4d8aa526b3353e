from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.assets import asset_text
from memviz.core.blocks import BlockTable, find_blocks
from memviz.core.categories import BY_FILE, CATEGORIES, GROUPS, Category, classify
from memviz.core.evidence import Evidence, Target
from memviz.core.regions import RegionTable
from memviz.core.snapshot import Snapshot
from tests.builders import HELLO, regions, snapshot

PROGRAM = ("400-410 r-xp /bin/program", "410-412 rw-p /bin/program")
LIBRARY = (
    "7f0000-7f0004 r--p /lib/liba.so.1",
    "7f0004-7f0008 r-xp /lib/liba.so.1",
    "7f0008-7f000a rw-p /lib/liba.so.1",
)


def names(seen: Snapshot) -> list[str]:
    return [seen.categories[number].name for number in seen.regions["category"].tolist()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("7f0-7f4 rw-p [heap]", "brk heap"),
        ("7f0-7f4 rw-p [stack]", "main stack"),
        ("7f0-7f2 r-xp [vdso]", "vdso"),
        ("ffffffffff600-ffffffffff601 --xp [vsyscall]", "vsyscall"),
        ("7f0-7f4 rw-s /dev/zero (deleted) device=00:01", "shared anonymous"),
        ("7f0-7f4 rw-s [anon_shmem:pool] inode=1033 device=00:01", "shared anonymous"),
        ("7f0-7f4 rw-s /SYSV0012ab34 (deleted)", "System V shared memory"),
        ("7f0-7f4 rw-s /SYSVthing", "mapped file"),
        ("7f0-7f4 rw-s /memfd:wayland (deleted)", "memfd"),
        ("7f0-7f4 r--p /memfd:notes", "mapped file"),
        ("7f0-7f4 rw-s /dev/shm/sem.a", "POSIX shared memory"),
        ("7f0-7f4 rw-s /dev/shm/unlinked (deleted)", "POSIX shared memory"),
        ("7f0-7f4 rw-s /dev/dri/card0", "device"),
        ("7f0-7f4 rw-p /dev/zero", "private /dev/zero"),
        ("7f0-7f4 rwxp /dev/zero", "private /dev/zero"),
        ("7f0-7f4 rw-s anon_inode:[io_uring] inode=9 device=00:0f", "kernel buffer"),
        ("7f0-7f4 rw-s anon_inode:[perf_event] inode=9 device=00:0f", "kernel buffer"),
        ("7f0-7f4 rw-s anon_inode:bpf-map inode=9 device=00:0f", "kernel buffer"),
        ("7f0-7f4 rw-s socket:[4711] inode=4711 device=00:08", "kernel buffer"),
        ("7f0-7f4 rw-s /[aio] (deleted) device=00:0b", "kernel buffer"),
        ("7f0-7f4 rw-s /anon_hugepage (deleted) device=00:10", "huge pages"),
        ("7f0-7f4 r--p /usr/share/font.ttf", "mapped file"),
        ("7f0-7f4 r--p /tmp/old (deleted)", "likely deleted file"),
        ("7f0-7f4 rwxp", "just-in-time code"),
        ("7f0-7f4 ---p", "reserved"),
        ("7f0-7f4 rw-p [anon:my\\ buffer]", "named anonymous"),
        ("7f0-7f4 rw-p [anon:scudo:primary]", "named heap"),
        ("7f0-7f4 rw-p", "anonymous"),
        ("7f0-7f4 rw-p flags=rd,wr,ht", "huge pages"),
        ("c000000-c000400 rw-p", "Go heap"),
    ],
)
def test_that_a_region_alone_is_told(line: str, expected: str) -> None:
    assert names(snapshot(line)) == [expected]


def test_that_a_file_called_heap_is_a_file() -> None:
    assert names(snapshot("7f0-7f4 rw-p /tmp/[heap]")) == ["mapped file"]


def test_that_the_program_is_the_file_at_start_code_even_when_ld_so_was_started_first() -> None:
    loader = ("100-110 r-xp /lib/ld.so", "110-112 rw-p /lib/ld.so")
    seen = snapshot(*loader, *PROGRAM, start_code=0x400 * 4096)
    assert names(seen) == ["library code", "library data", "program code", "program data"]


def test_that_bss_belongs_to_what_it_continues() -> None:
    seen = snapshot(*PROGRAM, "412-420 rw-p", *LIBRARY, "7f000a-7f000c rw-p", start_code=0x400 * 4096)
    assert names(seen)[2] == "program bss"
    assert names(seen)[-1] == "library bss"
    assert len(seen.blocks) == 2


def test_that_the_program_may_be_a_memfd_or_lie_in_shared_memory() -> None:
    for path in ("/memfd:runc:/proc/self/exe (deleted)", "/dev/shm/program"):
        seen = snapshot(f"400-410 r-xp {path}", f"410-412 rw-p {path}", "412-414 rw-p", start_code=0x400 * 4096)
        assert names(seen) == ["program code", "program data", "program bss"]


def test_that_code_in_shared_memory_is_not_taken_for_the_program() -> None:
    assert names(snapshot("100-110 r-xs /memfd:jit (deleted)", *PROGRAM))[:2] == ["memfd", "program code"]


def test_that_files_without_device_and_inode_are_told_apart_by_their_paths() -> None:
    lines = ("400-410 r-xp /bin/program", "7f0000-7f0004 r-xp /lib/liba.so", "7f0004-7f0008 r--p /data")
    seen = snapshot(*(f"{line} inode=0 device=00:00" for line in lines))
    assert names(seen) == ["program code", "library code", "mapped file"]
    assert [block.name for block in seen.blocks] == ["program", "liba", "data"]


@pytest.mark.parametrize(("pages", "expected"), [("10", "library bss"), ("11", "anonymous")])
def test_that_what_is_much_larger_than_the_variables_that_it_follows_is_not_their_bss(
    pages: str, expected: str
) -> None:
    large = "7e0000-7f0008 r-xp /lib/large.so"
    seen = snapshot(*PROGRAM, large, "7f0008-7f000a rw-p /lib/large.so", f"7f000a-7f00{0x0A + int(pages, 16):x} rw-p")
    assert names(seen)[-1] == expected


def test_that_the_bss_of_the_program_may_have_any_size() -> None:
    assert names(snapshot(*PROGRAM, "412-7412 rw-p", start_code=0x400 * 4096))[-1] == "program bss"


def test_that_a_shared_or_read_only_mapping_has_no_bss() -> None:
    seen = snapshot("7f0000-7f0004 r-xp /lib/liba.so", "7f0004-7f0008 r--p /lib/liba.so", "7f0008-7f000a rw-p")
    assert names(seen)[-1] == "anonymous"


def test_that_a_file_without_executable_mapping_is_no_library() -> None:
    assert set(names(snapshot("7f0-7f4 r--p /lib/liba.so", "7f4-7f6 rw-p /lib/liba.so"))) == {"mapped file"}


def test_that_an_arena_takes_its_tail_with_it() -> None:
    seen = snapshot("7f4000-7f4021 rw-p", "7f4021-7f8000 ---p")
    assert names(seen) == ["malloc arena", "malloc arena"]
    assert len(seen.blocks) == 1


def test_that_an_arena_without_its_window_is_only_anonymous() -> None:
    assert names(snapshot("7f4001-7f4021 rw-p", "7f4021-7f8001 ---p")) == ["anonymous", "reserved"]


def test_that_arenas_of_32_bit_programs_are_told_by_their_smaller_window() -> None:
    assert names(snapshot("f4000-f4021 rw-p", "f4021-f4100 ---p")) == ["malloc arena"] * 2


def test_that_a_heap_of_go_at_the_start_of_a_window_is_no_arena() -> None:
    assert names(snapshot("c000000-c000400 rw-p", "c000400-c004000 ---p")) == ["Go heap"] * 2


def test_that_a_small_java_heap_at_the_start_of_a_window_is_no_arena() -> None:
    virtual_machine = "7f00000-7f01000 r-xp /lib/libjvm.so"
    assert names(snapshot("fc000-ff400 rw-p", "ff400-100000 ---p", virtual_machine))[:2] == ["Java heap"] * 2


def test_that_stacks_and_arenas_of_a_32_bit_java_virtual_machine_are_told() -> None:
    lines = ("10000-20000 rw-p", "f4000-f4021 rw-p", "f4021-f4100 ---p", "f5000-f5001 ---p", "f5001-f5041 rw-p",
             "f7000-f7400 r-xp /lib/libjvm.so")  # fmt: skip
    told = names(snapshot(*lines, stack_pointers=[0xF5040 * 4096]))
    assert told[:5] == ["Java heap", "malloc arena", "malloc arena", "thread stack", "thread stack"]


def test_that_a_stack_is_likely_by_flag_and_guard_where_the_kernel_sets_the_flag() -> None:
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p flags=rd,wr,nh")) == ["likely thread stack"] * 2
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p flags=rd,wr")) == ["reserved", "anonymous"]


def test_that_a_stack_is_likely_by_guard_and_size_on_older_kernels() -> None:
    old = HELLO._replace(kernel="5.15.0")
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p", hello=old)) == ["likely thread stack"] * 2
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f803 rw-p", hello=old)) == ["reserved", "anonymous"]


def test_that_a_stack_is_told_by_the_pointer_of_a_blocked_thread() -> None:
    lines = ("7f000-7f001 ---p", "7f001-7f123 rw-p")
    assert names(snapshot(*lines, stack_pointers=[0x7F100 * 4096])) == ["thread stack"] * 2


def test_that_a_stack_guarded_without_a_region_is_likely_by_its_flags() -> None:
    assert names(snapshot("7f001-7f801 rw-p flags=rd,wr,nh,gu")) == ["likely thread stack"]


def test_that_a_stack_in_use_may_have_any_size_and_one_by_its_looks_may_not() -> None:
    lines = ("7f00000-7f00001 ---p", "7f00001-7f20001 rw-p flags=rd,wr,nh")
    assert names(snapshot(*lines, stack_pointers=[0x7F20000 * 4096])) == ["thread stack"] * 2
    assert names(snapshot(*lines)) == ["reserved", "anonymous"]


def test_that_a_stack_is_sure_only_by_a_stack_pointer_or_its_name() -> None:
    lines = ("7f000-7f001 ---p", "7f001-7f801 rw-p flags=rd,wr,nh")
    assert [block.sure for block in snapshot(*lines).blocks] == [False]
    assert [block.sure for block in snapshot(*lines, stack_pointers=[0x7F800 * 4096]).blocks] == [True]
    assert [block.sure for block in snapshot("7f001-7f801 rw-p [stack:8]").blocks] == [True]


def test_that_explanations_hold_also_for_what_was_unlinked_or_used_before() -> None:
    told = {category.name: category.explanation for category in CATEGORIES}
    assert "until it is unlinked" in told["POSIX shared memory"]
    assert "unless it was used before" in told["reserved"]


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("/a", "/a", "/ab"),
        ("/a*", "/a", "/b"),
        ("/a*", "/a\xff", "/b"),
        ("/* (deleted)", "/x (deleted)", "/x"),
        ("/a*a", "/aa", "/a"),
        ("/a*b*c", "/abc", "/acb"),
        ("/a*bc*bc", "/abcbc", "/abc"),
        ("[anon:*]", "[anon:]", "/[anon:]"),
    ],
)
def test_that_a_pattern_finds_the_paths_that_fit(pattern: str, fitting: str, other: str) -> None:
    columns = regions("1-2 r--p", "2-3 r--p", "3-4 rw-p").columns | {"path_id": np.arange(3, dtype=np.uint32)}
    table = RegionTable(columns, (fitting.encode("latin-1"), other.encode(), b""))
    assert Evidence(table, Target()).named(pattern).tolist() == [True, False, False]


def calls_of(do: Callable[[], object]) -> int:
    """How many functions are called meanwhile: a measure of work that does not depend on the machine."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("path", ["/var/lib/index/segment-%d/_%d.cfs", "[anon:pool-%d-%d]"])
def test_that_a_path_is_not_compared_with_each_pattern(path: str) -> None:
    count = 2000
    base = regions(*(f"{at:x}-{at + 1:x} r--p" for at in range(1, 3)))
    columns = {name: np.repeat(column[:1], count) for name, column in base.columns.items()}
    columns |= {"start": np.arange(count, dtype=np.uint64) * 8192, "path_id": np.arange(count, dtype=np.uint32)}
    columns["end"] = columns["start"] + np.uint64(4096)
    table = RegionTable(columns, tuple((path % (at, at)).encode() for at in range(count)))
    calls = calls_of(lambda: classify(Evidence(table, Target())))
    assert calls < 15 * count  # 9 a path at most; with each path by each pattern it was 145 and 239


def test_that_the_heap_of_a_renamed_brk_is_found_by_start_brk() -> None:
    assert names(snapshot("7f0-7f4 rw-p", start_brk=0x7F0 * 4096)) == ["brk heap"]


@given(
    st.lists(
        st.sampled_from(["rw-p", "---p", "r-xp", "rw-s", "r--p /a", "r-xp /a", "rw-p [heap]"]), min_size=1, max_size=30
    )
)
def test_that_every_region_has_one_category_and_groups_and_blocks_sum_to_the_totals(kinds: list[str]) -> None:
    lines = [f"{0x1000 + 3 * at:x}-{0x1002 + 3 * at - at % 2:x} {kind} rss=4k" for at, kind in enumerate(kinds)]
    seen = snapshot(*lines)
    for name in ("size", "rss", "pss", "uss", "swap"):
        assert sum(getattr(group, name) for group in seen.groups.values()) == seen.totals[name]
        assert int(seen.blocks.sums(name).sum()) == seen.totals[name]
    assert sum(group.count for group in seen.groups.values()) == len(seen.regions) == int(seen.blocks.counts.sum())


def test_that_every_group_is_used_and_has_an_explanation() -> None:
    text = asset_text("groups.md")
    for group in GROUPS:
        assert any(category.group == group.name for category in CATEGORIES)
        assert f"## {group.name}\n" in text


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_that_every_category_belongs_to_a_group_and_is_explained(category: Category) -> None:
    groups = {group.name for group in GROUPS}
    assert category.group in groups
    assert category.home in groups | {""}
    assert category.explanation.endswith(".")


def test_that_a_made_up_category_is_found_by_its_rule() -> None:
    made_up = Category("shiny", "heap", "shiny things", True, BY_FILE, "Made up.", lambda e: e.named("/shiny"))
    table = regions("7f0-7f4 rw-p /shiny rss=8k", "7f8-7fa rw-p")
    categories = (made_up, *CATEGORIES)
    evidence = Evidence(table, Target())
    numbers = classify(evidence, categories)
    assert [categories[number].name for number in numbers.tolist()] == ["shiny", "anonymous"]
    table = table.with_columns(category=numbers)
    blocks = BlockTable(table, find_blocks(table, evidence, categories), categories)
    assert [block.name for block in blocks] == ["shiny", "anonymous"]


PYTHON = ("400-410 r-xp /usr/bin/python3.12 rss=4k", "410-412 rw-p /usr/bin/python3.12")


def test_that_filled_arenas_of_python_are_told_and_a_fresh_buffer_is_not() -> None:
    assert names(snapshot(*PYTHON, "7f1010-7f1210 rw-p rss=1800k"))[-1] == "Python objects"
    assert names(snapshot(*PYTHON, "7f1010-7f1210 rw-p rss=100k"))[-1] == "anonymous"


def test_that_what_lies_between_two_guards_is_no_arena_of_python() -> None:
    seen = snapshot(*PYTHON, "7f100f-7f1010 ---p", "7f1010-7f1210 rw-p rss=2m", "7f1210-7f1211 ---p")
    assert names(seen)[-2] == "anonymous"


NODE = ("400-410 r-xp /usr/bin/node rss=4k", "410-412 rw-p /usr/bin/node")


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.booleans())
def test_that_pages_of_v8_stay_its_heap_while_it_keeps_them_without_access(kept: list[bool], measured: bool) -> None:
    def blocks(kept: list[bool]) -> list[tuple[str, str, int]]:
        pages = [
            f"{0x7F1000 + 0x40 * (n + n // 3):x}-{0x7F1040 + 0x40 * (n + n // 3):x} {'---p' if without else 'rw-p'}"
            for n, without in enumerate(kept)
        ]
        return [(each.name, each.group, each.regions) for each in snapshot(*NODE, *pages, measured=measured).blocks]

    assert blocks(kept) == blocks([False] * len(kept)) == [("node", "text", 2), ("V8 heap", "heap", len(kept))]


def test_that_what_v8_only_sets_aside_is_reserved() -> None:
    assert (
        names(snapshot(*NODE, "7f1000-7f3000 ---p", "7f5000-7f5001 ---p", "7f6001-7f6041 ---p"))[-3:]
        == ["reserved"] * 3
    )
