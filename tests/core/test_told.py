"""Texts with gaps that a process fills."""

from __future__ import annotations

import errno

import pytest

from memviz.core.told import TOLD, fill, largest_block
from tests.builders import snapshot

SEEN = snapshot(
    "10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k anonymous=16k",
    "200-600 rw-p rss=4m anonymous=4m anonhugepages=4m", start_code=0x10000, start_brk=0x20000,
)  # fmt: skip


def test_that_gaps_are_filled_and_the_rest_stays() -> None:
    assert fill("{process} has {region_count} regions {of} 4 KiB".replace("{of}", "of"), SEEN) == (
        "program has 3 regions of 4 KiB"
    )


def test_that_a_gap_nobody_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{nonsense}", SEEN)


@pytest.mark.parametrize("name", TOLD)
def test_that_every_gap_has_words_for_a_process_that_may_not_be_read(name: str) -> None:
    for seen in (snapshot(errno=errno.EACCES), snapshot("10-14 r-xp /bin/program", measured=False), SEEN):
        words = fill(f"{{{name}}}", seen)
        assert "None" not in words
        assert "{" not in words


def test_that_what_is_not_known_is_a_dash_with_its_reason() -> None:
    assert fill("{pss}", snapshot(errno=errno.EACCES)) == "– (not known: denied)"


def test_that_the_largest_part_of_a_group_is_told() -> None:
    assert largest_block(SEEN, "anonymous") == 2
    assert largest_block(SEEN, "shared") is None
    assert fill("{anonymous_largest}", SEEN).startswith("Its largest part: Anonymous memory (4.0 MiB): all in memory")


def test_that_huge_pages_are_counted_in_translations() -> None:
    assert fill("{huge_note}", SEEN) == (
        "4.0 MiB of that is in huge pages of 2.0 MiB, which need 2 instead of 1,024 translations."
    )
