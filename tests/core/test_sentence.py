"""What is selected, in one true sentence: word for word, and the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from memviz.core.sentence import of_block, of_group, of_page, of_range, of_region, sentence
from memviz.core.snapshot import Snapshot
from tests.builders import PAGE, snapshot
from tests.runs import page_runs

ELF = (
    "400-410 r-xp /bin/program rss=32k shared_clean=32k",
    "410-414 rw-p /bin/program rss=16k private_dirty=16k anonymous=16k",
    "7f0-804 r-xp /lib/libc.so.6 rss=48k shared_clean=48k",
    "804-808 rw-p /lib/libc.so.6 rss=8k private_dirty=8k anonymous=8k",
    "808-80c rw-p rss=4k private_dirty=4k anonymous=4k",
)
SEEN = snapshot(*ELF, start_code=0x400000)
V8 = snapshot(
    "400-410 r-xp /bin/node rss=32k shared_clean=32k",
    *(f"{start:x}-{start + 0x40:x} rw-p rss=256k anonymous=256k" for start in range(0x10000, 0x14000, 0x400)),
    start_code=0x400000,
)
STACKS = snapshot(
    "400-410 r-xp /bin/program rss=32k",
    "700-701 ---p",
    "701-f01 rw-p rss=12k anonymous=12k flags=rd,wr,nh",
    "7fff0-7fff8 rw-p [stack] rss=8k anonymous=8k flags=rd,wr,gd",
    start_code=0x400000,
)


def region(line: str, **landmarks: int) -> str:
    """The sentence about a single region."""
    return of_region(snapshot(line, **landmarks), 0)


WORD_FOR_WORD = (
    (of_region(SEEN, 2), "libc's code (80.0 KiB): 60 % in memory, nothing private."),
    (of_region(SEEN, 0), "program's code (64.0 KiB): 50 % in memory, nothing private."),
    (of_region(SEEN, 3), "libc's variables (16.0 KiB): 50 % in memory, all private."),
    (of_region(SEEN, 4), "Most likely libc's variables that began as zero (16.0 KiB): 25 % in memory, all private."),
    (of_block(SEEN, 1), "The library libc (112 KiB in 3 regions): 54 % in memory, 12.0 KiB private."),
    (of_block(V8, 1), "Most likely the V8 heap of program (4.0 MiB in 16 pieces): all in memory, all private."),
    (
        region("40000-80000 rw-p"),
        "An anonymous gigabyte, nothing of it in memory: never written, or given back.",
    ),
    (
        region("40000-40010 rw-p"),
        "Anonymous memory (64.0 KiB), nothing of it in memory: never written, or given back.",
    ),
    (
        region("40000-48000 ---p"),
        "Reserved addresses (128 MiB): no access, nothing in memory; they cost nothing.",
    ),
    (
        region("40000-40010 rwxp rss=8k anonymous=8k"),
        (
            "Code that was made while running (64.0 KiB): 12 % in memory, all private;"
            " it may be written and executed at once, which attackers look for."
        ),
    ),
    (
        region("40000-40100 rw-p rss=512k anonymous=512k swap=256k"),
        "Anonymous memory (1.0 MiB): 50 % in memory, all private, 256 KiB in swap.",
    ),
    (
        region("40000-40400 rw-p rss=4m anonymous=4m anonhugepages=4m locked=4m"),
        "Anonymous memory (4.0 MiB): all in memory, all private, 4.0 MiB of it in huge pages, locked into memory.",
    ),
    (
        region("40000-40400 rw-p private_hugetlb=4m flags=rd,wr,ht"),
        "Memory of the hugetlb pool (4.0 MiB): 4.0 MiB of it are in memory, from the hugetlb pool.",
    ),
    (
        region("7ff-800 r-xp [vdso] rss=4k shared_clean=4k"),
        "Pages that the kernel lends to every process (4.0 KiB): all in memory, nothing private.",
    ),
    (
        region("600-604 rw-s /dev/shm/frames rss=8k shared_dirty=8k"),
        "The shared memory frames (16.0 KiB): 50 % in memory, nothing private.",
    ),
    (
        region("600-604 r--s /var/log/words rss=8k private_clean=8k"),
        "The file words (16.0 KiB): 50 % in memory, mapped by no other process.",
    ),
    (
        region("600-604 rw-p /var/log/words rss=12k private_clean=8k private_dirty=4k anonymous=4k"),
        "The file words (16.0 KiB): 75 % in memory, mapped by no other process, 4.0 KiB of that private copies.",
    ),
    (
        of_block(STACKS, 1),
        "Most likely a thread's stack (8.0 MiB): 0.1 % in memory, all private, above a guard of 4.0 KiB.",
    ),
    (
        of_region(STACKS, 1),
        "The guard below a thread's stack (4.0 KiB, most likely): an overflow that touches it ends the program.",
    ),
    (
        of_region(STACKS, 3),
        "The main stack (32.0 KiB): 25 % in memory, all private; it grows by itself, up to 8.0 MiB.",
    ),
    (
        of_group(SEEN, "library"),
        (
            "library: 12.0 KiB in memory of 32.0 KiB mapped, in 2 regions of 1 block, all private;"
            " 11 % of all that program keeps in memory."
        ),
    ),
    (of_group(SEEN, "heap"), "program has no memory of the kind heap."),
    (
        of_range(SEEN, 0x400000, 0x804000, page_runs("400-404 f", "410-414 a", "7f0-800 s")),
        "4.0 MiB of addresses: 3 regions of 2 blocks, 32.0 KiB of it in memory, 64.0 KiB in swap, 3.9 MiB not mapped.",
    ),
    (of_range(SEEN, 0x500000, 0x501000), "4.0 KiB of addresses: nothing is mapped there."),
)


@pytest.mark.parametrize(("told", "expected"), WORD_FOR_WORD, ids=[words[1][:40] for words in WORD_FOR_WORD])
def test_that_a_sentence_says_what_is_selected(told: str, expected: str) -> None:
    assert told == expected


HEAP = snapshot("20-30 rw-p [heap] rss=16k anonymous=16k", "30-34 r--p /usr/share/words", start_brk=0x20000)
PAGES = page_runs("20-22 a", "24-25 s", "31-32 f")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (0x21, "This page of the heap (brk) is in memory, private, and was written."),
        (0x24, "This page of the heap (brk) is in swap: touching it reads it back."),
        (
            0x22,
            "This page of the heap (brk) is not in memory for this process: touching it gives it a page of zeros.",
        ),
        (
            0x31,
            "This page of the file words is in memory, in the page cache, where every process that maps it shares it.",
        ),
        (
            0x33,
            (
                "This page of the file words is not in memory for this process:"
                " reading it reads it from its file, or finds it in the page cache; beyond the end of the file,"
                " which is not known, it ends in SIGBUS; writing it ends in SIGSEGV: r--p does not permit it."
            ),
        ),
    ],
)
def test_that_a_page_is_told_by_its_state(page: int, expected: str) -> None:
    row = HEAP.regions.find(page * PAGE)
    assert row is not None
    assert of_page(HEAP, row, page * PAGE, PAGES) == expected


def test_that_a_page_nobody_looked_at_is_unknown() -> None:
    assert of_page(HEAP, 0, 0x21 * PAGE) == "This page of the heap (brk): whether it is in memory is not known."


def test_that_a_written_page_in_a_huge_page_is_not_told_to_be_written_itself() -> None:
    huge = snapshot("200-600 rw-p rss=4m anonymous=4m anonhugepages=4m")
    assert "it, or the huge page around it, was written" in of_page(huge, 0, 0x200000, page_runs("200-600 a"))


@dataclass(frozen=True)
class At:
    """Something selected."""

    kind: str
    start: int = 0
    end: int = 0
    group: str = ""


def test_that_nothing_selected_is_the_process() -> None:
    assert sentence(SEEN, At("nothing")).startswith("program keeps 108 KiB in memory")


def test_that_what_is_gone_is_told_to_be_gone() -> None:
    assert sentence(SEEN, At("region", 0x500000, 0x600000)) == "Nothing is mapped at 0x50_0000 (any more)."


UNMEASURED = snapshot(*ELF[:1], "20000-20010 ---p", "40000-80000 rw-p", measured=False, start_code=0x400000)


@pytest.mark.parametrize("row", range(3))
def test_that_what_is_not_measured_is_not_told_as_nothing(row: int) -> None:
    told = of_region(UNMEASURED, row)
    assert "has not been measured yet" in told
    assert "nothing in memory" not in told


def every_sentence(seen: Snapshot) -> list[str]:
    """About all that can be selected in a snapshot."""
    told = [of_region(seen, row) for row in range(len(seen.regions))]
    told += [of_block(seen, index) for index in range(len(seen.blocks))]
    told += [of_group(seen, name) for name in seen.groups]
    told += [of_page(seen, row, region.start, page_runs()) for row, region in enumerate(seen.regions)]
    return [*told, of_range(seen, 0, 1 << 47), of_range(seen, 0, 1 << 47, page_runs())]


@pytest.mark.parametrize("seen", [SEEN, V8, STACKS, HEAP, UNMEASURED])
def test_that_every_sentence_is_one_sentence_in_words(seen: Snapshot) -> None:
    for told in every_sentence(seen):
        assert told.endswith(".")
        assert not told.endswith("..")
        assert "None" not in told
        assert "{" not in told
