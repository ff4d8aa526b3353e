from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.assets import asset_text
from memviz.core.blocks import BlockTable, find_blocks
from memviz.core.categories import BY_FILE, CATEGORIES, GROUPS, Category, classify
from memviz.core.evidence import Evidence, Target
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
        ("7f0-7f4 rw-s /SYSV0012ab34 (deleted)", "System V shared memory"),
        ("7f0-7f4 rw-s /memfd:wayland (deleted)", "memfd"),
        ("7f0-7f4 rw-s /dev/shm/sem.a", "POSIX shared memory"),
        ("7f0-7f4 rw-s /dev/dri/card0", "device"),
        ("7f0-7f4 r--p /usr/share/font.ttf", "mapped file"),
        ("7f0-7f4 r--p /tmp/old (deleted)", "deleted file"),
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


def test_that_a_large_mapping_above_a_library_is_not_its_bss() -> None:
    assert names(snapshot(*PROGRAM, *LIBRARY, "7f000a-7f200a rw-p"))[-1] == "anonymous"


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


def test_that_a_stack_is_told_by_flag_and_guard_where_the_kernel_sets_the_flag() -> None:
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p flags=rd,wr,nh")) == ["thread stack"] * 2
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p flags=rd,wr")) == ["reserved", "anonymous"]


def test_that_a_stack_is_told_by_guard_and_size_on_older_kernels() -> None:
    old = HELLO._replace(kernel="5.15.0")
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f801 rw-p", hello=old)) == ["thread stack"] * 2
    assert names(snapshot("7f000-7f001 ---p", "7f001-7f803 rw-p", hello=old)) == ["reserved", "anonymous"]


def test_that_a_stack_is_told_by_the_pointer_of_a_blocked_thread() -> None:
    lines = ("7f000-7f001 ---p", "7f001-7f123 rw-p")
    assert names(snapshot(*lines, stack_pointers=[0x7F100 * 4096])) == ["thread stack"] * 2


def test_that_a_stack_guarded_without_a_region_is_told_by_its_flags() -> None:
    assert names(snapshot("7f001-7f801 rw-p flags=rd,wr,nh,gu")) == ["thread stack"]


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
    made_up = Category("shiny", "heap", "shiny things", True, BY_FILE, "Made up.", lambda e: e.file_named("/shiny"))
    table = regions("7f0-7f4 rw-p /shiny rss=8k", "7f8-7fa rw-p")
    categories = (made_up, *CATEGORIES)
    evidence = Evidence(table, Target())
    numbers = classify(evidence, categories)
    assert [categories[number].name for number in numbers.tolist()] == ["shiny", "anonymous"]
    table = table.with_columns(category=numbers)
    blocks = BlockTable(table, find_blocks(table, evidence, categories), categories)
    assert [block.name for block in blocks] == ["shiny", "anonymous"]
