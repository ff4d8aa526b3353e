"""stat and statm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc.stat import Stat, Statm, parse_stat, parse_statm

NUMBERS = list(range(1004, 1053))  # field 4 is 1004, field 5 1005, ... field 52
COMMS = st.binary(min_size=1, max_size=15).map(lambda comm: comm.replace(b"\0", b"0"))


def stat_text(comm: bytes, state: str = "S", numbers: list[int] = NUMBERS) -> bytes:
    return b"7 (" + comm + b") " + state.encode() + b" " + " ".join(map(str, numbers)).encode() + b"\n"


@given(COMMS, st.sampled_from("RSDZTtWXxKPI"))
def test_that_each_field_is_the_one_of_its_number_whatever_the_name_holds(comm: bytes, state: str) -> None:
    assert parse_stat(stat_text(comm, state)) == Stat(
        pid=7, comm=comm, state=state, ppid=1004, flags=1009, minor_faults=1010, major_faults=1012, user_ticks=1014,
        system_ticks=1015, nice=1019, threads=1020, start_ticks=1022, vms=1023, rss_pages=1024, start_code=1026,
        end_code=1027, start_stack=1028, start_data=1045, end_data=1046, start_brk=1047, processor=1039,
    )  # fmt: skip


@pytest.mark.parametrize("comm", [b"a) Z 1\n(b", b"))((", b") R 1 2 3", b" ", b"\n7 (x) R 1\n", b"\xff\xfe"])
def test_that_a_name_that_looks_like_fields_is_a_name(comm: bytes) -> None:
    assert parse_stat(stat_text(comm)).comm == comm
    assert parse_stat(stat_text(comm)).ppid == 1004


def test_that_a_kernel_that_has_fewer_fields_leaves_the_later_ones_zero() -> None:
    old = parse_stat(stat_text(b"init", numbers=NUMBERS[:41]))
    assert (old.processor, old.start_data, old.start_brk) == (1039, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"7 (x", b"7 x) S 1", stat_text(b"x")[:60], stat_text(b"x").replace(b"1022", b"10x2"),
        stat_text(b"x").replace(b"7 (", b"x (", 1), stat_text(b"x", "SS"), stat_text(b"x", "\xe9"),
        stat_text(b"x").replace(b"1028", b"-4096"), stat_text(b"x").replace(b"1047", b"18446744073709551616"),
        stat_text(b"x").replace(b"1022", b"-1"),
    ],
)  # fmt: skip
def test_that_a_text_of_another_form_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed, match="stat"):
        parse_stat(text)


def test_that_a_kernel_thread_is_told_by_its_flag() -> None:
    numbers = list(NUMBERS)
    numbers[5] = 0x00200040
    assert parse_stat(stat_text(b"kthreadd", numbers=numbers)).is_kernel_thread
    numbers[5] = 0x00400040
    assert not parse_stat(stat_text(b"kthreadd", numbers=numbers)).is_kernel_thread


@given(st.lists(st.integers(0, 1 << 60), min_size=7, max_size=7))
def test_that_statm_comes_back_from_its_text(n: list[int]) -> None:
    assert parse_statm(" ".join(map(str, n)).encode() + b"\n") == Statm(n[0], n[1], n[2], n[3], n[5])


@pytest.mark.parametrize("text", [b"", b"1 2 3 4 5 6\n", b"1 2 3 4 5 6 7 8\n", b"1 2 3 -4 5 6 7\n", b"1 2 3 x 5 6 7\n"])
def test_that_a_statm_of_another_form_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed, match="statm"):
        parse_statm(text)


@pytest.mark.live
def test_that_the_kernel_here_tells_of_us_what_we_know_of_ourselves() -> None:
    stat = parse_stat(Path("/proc/self/stat").read_bytes())
    assert (stat.pid, stat.ppid, stat.state) == (os.getpid(), os.getppid(), "R")
    assert stat.vms == parse_statm(Path("/proc/self/statm").read_bytes()).size * os.sysconf("SC_PAGE_SIZE")
    assert stat.start_code < stat.end_code
