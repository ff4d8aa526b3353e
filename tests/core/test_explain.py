from __future__ import annotations

import pytest

from memviz.core.explain import explain
from tests.builders import snapshot

SEEN = snapshot(
    "400-410 r-xp /bin/program",
    "7f0-7f4 r-xp /lib/libc.so.6 offset=2000 rss=8k shared_clean=8k",
    "7f4-7f8 rw-p rss=16k",
    start_code=0x400000,
)


def test_that_an_address_is_explained_with_region_block_file_and_residency() -> None:
    found = explain(SEEN, 0x7F0010)
    assert found.sentence == (
        "0x7f_0010 is 16 B into libc: library code, byte 0x2010 of /lib/libc.so.6, a region of 16.0 KiB with"
        " permissions r-xp, 50 % of it is in memory, nothing private."
    )
    assert found.offset_in_file == 0x2010
    assert (found.below, found.row, found.above) == (0, 1, 2)


def test_that_anonymous_memory_has_no_place_in_a_file() -> None:
    found = explain(SEEN, 0x7F4000)
    assert found.offset_in_file is None
    assert found.sentence.endswith("100 % of it is in memory, all private.")


@pytest.mark.parametrize("address", [0, 0x7F8000, 0x500000, (1 << 64) - 1])
def test_that_an_unmapped_address_is_explained_by_its_neighbours(address: int) -> None:
    found = explain(SEEN, address)
    assert found.row is None
    assert "is not mapped" in found.sentence


@pytest.mark.parametrize("address", [-1, 1 << 64])
def test_that_a_number_that_is_no_address_is_called_so(address: int) -> None:
    assert "is no address" in explain(SEEN, address).sentence


def test_that_a_likelihood_is_not_told_as_a_fact() -> None:
    assert explain(snapshot("c000000-c000400 rw-p"), 0xC000000000).sentence.endswith(" (most likely).")


def test_that_every_region_of_a_table_can_be_explained() -> None:
    for row in range(len(SEEN.regions)):
        for address in (SEEN.regions[row].start, SEEN.regions[row].end - 1):
            assert explain(SEEN, address).row == row


def test_that_an_address_in_a_later_region_counts_from_the_beginning_of_its_block() -> None:
    lines = ("7f0-7f4 r--p /lib/libc.so.6", "7f4-7f8 r-xp /lib/libc.so.6")
    assert explain(snapshot(*lines), 0x7F4000).sentence.startswith("0x7f_4000 is 16.0 KiB into libc: ")


def test_that_the_main_stack_grows_to_hold_what_is_used_below_it() -> None:
    seen = snapshot("400-410 r-xp /bin/program", "7fff0-7fff8 rw-p [stack] flags=rd,wr,gd")
    assert "grows to hold it" in explain(seen, 0x7FFEF000).sentence
    assert "segmentation fault" in explain(seen, 0x7FFF0000 - (16 << 20)).sentence


def test_that_pages_of_the_hugetlb_pool_are_in_memory() -> None:
    seen = snapshot("800-c00 rw-p private_hugetlb=4m flags=rd,wr,ht")
    assert "4.0 MiB of it are in memory, from the hugetlb pool" in explain(seen, 0x800000).sentence
