"""Files of one `key value` a line."""

from __future__ import annotations

import contextlib
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc.keyed import capabilities, parse_counts, parse_keyed, parse_limits, parse_pressure

KEYS = st.text(string.ascii_letters + string.digits + "_()", min_size=1, max_size=20)
LIMITS = (
    b"Limit                     Soft Limit           Hard Limit           Units     \n"
    b"Max cpu time              unlimited            unlimited            seconds   \n"
    b"Max stack size            8388608              unlimited            bytes     \n"
    b"Max nice priority         0                    0                    \n"
)


@given(st.dictionaries(KEYS, st.integers(0, (1 << 64) - 1)), st.sampled_from([":\t{:8} kB", ": {}", " {}", ":\t{}"]))
def test_that_numbers_come_back_from_their_text_and_kb_as_bytes(numbers: dict[str, int], form: str) -> None:
    text = "".join(key + form.format(number) + "\n" for key, number in numbers.items()).encode()
    factor = 1024 if "kB" in form else 1
    assert parse_counts(text) == {key: number * factor for key, number in numbers.items()}


@given(st.binary(max_size=200))
def test_that_any_bytes_are_keys_and_values_or_malformed(text: bytes) -> None:
    for parse in (parse_keyed, parse_counts, parse_limits, parse_pressure, capabilities):
        with contextlib.suppress(Malformed):
            parse(text)


def test_that_a_name_with_separators_in_it_stays_one_value() -> None:
    assert parse_keyed(b"Name:\tPid: 1 x\\ny\nPid:\t7\n") == {"Name": b"Pid: 1 x\\ny", "Pid": b"7"}


def test_that_a_key_of_several_words_is_one_key() -> None:
    assert parse_counts(b"Node 0 MemTotal:  12 kB\n") == {"Node 0 MemTotal": 12288}


def test_that_the_first_of_two_equal_keys_counts_so_that_a_later_forgery_does_not() -> None:
    assert parse_counts(b"VmRSS:\t4 kB\nVmRSS:\t9999 kB\n") == {"VmRSS": 4096}


def test_that_what_is_not_a_number_is_no_count() -> None:
    assert parse_counts(b"A: 12 kBx\nB: 1 2\nC: -1\nD: 0x10\nE:\nF: 3\n") == {"F": 3}


def test_that_limits_are_numbers_or_none_for_unlimited() -> None:
    assert parse_limits(LIMITS) == {"Max cpu time": None, "Max stack size": 8 << 20, "Max nice priority": 0}


@pytest.mark.parametrize("line", [b"Max stack size            8388608x             unlimited", b"Max stack 1 2", b"x"])
def test_that_a_limit_of_another_form_is_malformed(line: bytes) -> None:
    with pytest.raises(Malformed, match="limits"):
        parse_limits(LIMITS + line + b"\n")


def test_that_pressure_is_told_by_kind() -> None:
    text = b"some avg10=0.22 avg60=1.00 avg300=0.00 total=58464525\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"
    assert parse_pressure(text)["some"] == {"avg10": 0.22, "avg60": 1.0, "avg300": 0.0, "total": 58464525.0}
    assert parse_pressure(text)["full"]["total"] == 9


@pytest.mark.parametrize("text", [b"   \n", b"some\n", b"some avg10=nan\n", b"some avg10=1e400\n", b"some avg10\n"])
def test_that_pressure_of_another_form_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed, match="pressure"):
        parse_pressure(text)


def test_that_the_capabilities_that_matter_are_told_by_name() -> None:
    assert capabilities(b"CapEff:\t0000004000080000\n") == {"CAP_SYS_PTRACE", "CAP_PERFMON"}
    assert capabilities(b"Name:\tx\n") == frozenset()
    with pytest.raises(Malformed, match="CapEff"):
        capabilities(b"CapEff:\tall\n")


@pytest.mark.live
def test_that_the_kernel_here_writes_status_meminfo_and_limits_as_we_read_them() -> None:
    status = parse_counts(Path("/proc/self/status").read_bytes())
    assert status["VmRSS"] == status["RssAnon"] + status["RssFile"] + status["RssShmem"]
    meminfo = parse_counts(Path("/proc/meminfo").read_bytes())
    assert 0 < meminfo["MemFree"] < meminfo["MemTotal"]
    assert "Max open files" in parse_limits(Path("/proc/self/limits").read_bytes())
