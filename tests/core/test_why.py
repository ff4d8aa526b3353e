"""The arithmetic between the tools' numbers: it adds up to the byte, and what is unknown says why."""

from __future__ import annotations

import dataclasses
import errno

from hypothesis import given
from hypothesis import strategies as st

from memviz.core.snapshot import Snapshot
from memviz.core.why import MINUS, OF_WHICH, PLUS, STEPS, TOTAL, Line, as_text, scale_of, why
from memviz.proc.stat import Statm
from tests.builders import PAGE, snapshot

REGIONS = ("10-14 r-xp /bin/program rss=16k shared_clean=16k pss=4k", "20-30 rw-p rss=32k anonymous=32k swap=8k")


def with_numbers(seen: Snapshot, resident: int, **status: int) -> Snapshot:
    """The same with other counters: pages of statm, and lines of status in bytes."""
    statm = Statm(1000, resident, 0, 0, 0)
    return dataclasses.replace(seen, facts=seen.facts._replace(statm=statm, status=status))


def sizes(lines: tuple[Line, ...]) -> dict[str, int | None]:
    return {line.name: line.size for line in lines}


SEEN = with_numbers(snapshot(*REGIONS), 12, RssAnon=32 << 10, RssFile=16 << 10, RssShmem=0, VmSwap=8 << 10, VmPTE=8192)


def test_that_each_number_is_that_of_its_tool() -> None:
    found = sizes(why(SEEN))
    assert found == {
        "virt": 1000 * PAGE, "unused": 988 * PAGE, "res": 48 << 10, "anonymous": 32 << 10, "file": 16 << 10,
        "shmem": 0, "shr": 16 << 10, "shared": 16 << 10, "uss": 32 << 10, "fair": 4 << 10, "pss": 36 << 10,
        "swap": 8 << 10, "private_swap": 40 << 10, "used": 56 << 10, "tables": 8192, "stacks": 16 << 10,
    }  # fmt: skip


@given(st.integers(0, 1000), *(st.integers(0, 1000) for _ in range(3)))
def test_that_the_steps_add_up_to_the_byte_whatever_the_counters_say(res: int, anon: int, file: int, shm: int) -> None:
    seen = with_numbers(snapshot(*REGIONS), res, RssAnon=anon * PAGE, RssFile=file * PAGE, RssShmem=shm * PAGE)
    lines = [line for line in why(seen) if line.size is not None]
    found = {line.name: line.size or 0 for line in lines}
    assert found["virt"] - found["unused"] == found["res"]
    assert sum(found.get(name, 0) for name in ("anonymous", "file", "shmem", "moment")) == found["res"]
    assert found["res"] + found.get("walked", 0) - found["shared"] == found["uss"]
    assert found["uss"] + found["fair"] == found["pss"]
    assert found["uss"] + found["swap"] == found["private_swap"]


def test_that_each_step_is_drawn_where_the_sum_before_it_ended() -> None:
    lines = {line.name: line for line in why(SEEN)}
    assert (lines["unused"].start, lines["file"].start) == (lines["res"].size, lines["anonymous"].size)
    assert lines["shared"].start == lines["fair"].start == lines["swap"].start == lines["uss"].size
    assert all(line.start == 0 for line in lines.values() if line.sign == TOTAL)


def test_that_a_step_up_that_leads_down_says_so_and_is_drawn_below() -> None:
    counted_more = {line.name: line for line in why(with_numbers(snapshot(*REGIONS), 13))}
    walked = counted_more["walked"]
    assert (walked.size, walked.text) == (-PAGE, "- 4.0 KiB")
    assert walked.span == (12 * PAGE, 13 * PAGE)


def test_that_what_may_not_be_read_has_no_number_but_a_reason() -> None:
    lines = {line.name: line for line in why(snapshot(errno=errno.EACCES))}
    for name in ("uss", "pss", "private_swap", "shared", "fair"):
        assert lines[name].size is None
        why_not = lines[name].absent
        assert why_not is not None
        assert why_not.reason == "denied"
    assert lines["res"].size is not None
    assert "–" in as_text(tuple(lines.values()))


def test_that_every_step_is_a_sentence_and_has_a_sign() -> None:
    for step in STEPS:
        assert step.sentence.endswith(".")
        assert step.sign in (TOTAL, MINUS, PLUS, OF_WHICH, "apart")


def test_that_addresses_that_dwarf_the_rest_do_not_set_the_scale() -> None:
    lines = why(SEEN)
    assert scale_of(lines) < 1000 * PAGE
    small = with_numbers(snapshot(*REGIONS), 900, RssAnon=900 * PAGE, RssFile=0, RssShmem=0)
    assert scale_of(why(small)) == 1000 * PAGE
