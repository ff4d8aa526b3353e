"""What is no process number is one kind of error, everywhere, with the number as it was given."""

from __future__ import annotations

import decimal
import fractions
import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import memviz
from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.cpu import read_cpu
from memviz.core.host import Host
from memviz.core.identity import LARGEST_PID, checked_pid
from memviz.errors import ProcessGone, UsageError

pytestmark = pytest.mark.live
METHODS = [
    "get_detailed_memory_info", "analyze_memory_regions", "analyze_cpu_behavior", "get_memory_layout_analysis",
    "get_comprehensive_analysis", "get_process_memory_summary", "get_memory_regions_report",
]  # fmt: skip
ME = os.getpid()


class Hostile:
    """An object whose methods raise what is no error of ours."""

    def __index__(self) -> int:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        raise ZeroDivisionError


INVALID: list[Any] = [
    None, True, False, 0, -1, -ME, LARGEST_PID + 1, 2**32, 2**40, 2**63, 2**64, -(2**31), -(2**63), 10**30,
    "", "x", "1", str(ME), "-1", "0", " 1", "1\n", "1 2", "self", "../1", "\0", "\u0661", "\x1b[31m", "\u202e1",
    b"", b"1", b"x", b"\xff", bytearray(b"1"), memoryview(b"1"),
    0.0, 1.0, 1.5, -1.0, float(ME), math.nan, math.inf, -math.inf, 1e300, 1j, complex(1, 0),
    decimal.Decimal(1), fractions.Fraction(1), decimal.Decimal("nan"),
    (), (1,), [], [1], {}, {1: 2}, {1}, frozenset((1,)), range(1), object, object(), int, len, ..., NotImplemented,
    np.int64(0), np.int64(-1), np.int32(-5), np.uint64(2**40), np.uint64(2**64 - 1), np.float64(1.0), np.float32(1.5),
    np.bool_(True), np.bool_(False), np.nan, np.str_("1"), np.bytes_(b"1"), np.array([1, 2]), np.array([]),
    np.array(1.5), np.datetime64("2020"), np.complex128(1), np.void(b"1"),
]  # fmt: skip


@pytest.fixture(scope="module")
def analyzer() -> Iterator[MemoryAnalyzer]:
    with MemoryAnalyzer() as opened:
        yield opened


def contains(error: pytest.ExceptionInfo[UsageError], pid: object) -> bool:
    text = str(error.value)
    if isinstance(pid, str) and not pid.isprintable():
        return text.isprintable()
    return repr(pid) in text or "…" in text


@pytest.mark.parametrize(
    "pid", INVALID, ids=lambda pid: f"{type(pid).__name__} {pid!r}".encode("unicode_escape").decode()
)
def test_that_every_method_refuses_what_is_no_process_number(analyzer: MemoryAnalyzer, pid: Any) -> None:
    host = analyzer.host
    asked = [getattr(analyzer, method) for method in METHODS]
    asked += [memviz.snapshot, host.snapshot, host.sample, host.execution, lambda it: read_cpu(host, it)]
    asked += [lambda it: host.pages(it, [(0, 4096)]), lambda it: host.resident([it])]
    for ask in asked:
        with pytest.raises(UsageError) as error:
            ask(pid)
        assert contains(error, pid)


@pytest.mark.parametrize("pid", [Hostile(), 10**5000, -(10**5000)], ids=["hostile", "huge", "hugely negative"])
def test_that_what_cannot_even_be_written_is_refused_too(analyzer: MemoryAnalyzer, pid: Any) -> None:
    for method in METHODS:
        with pytest.raises(UsageError, match=f"type {type(pid).__name__}"):
            getattr(analyzer, method)(pid)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.integers(max_value=0), st.integers(min_value=LARGEST_PID + 1), st.text(), st.binary(), st.floats(),
        st.none(), st.booleans(), st.complex_numbers(), st.lists(st.integers()), st.decimals(), st.dates(),
        st.fractions(),
    )
)  # fmt: skip
def test_that_nothing_else_is_a_process_number(pid: object) -> None:
    with pytest.raises(UsageError) as error:
        checked_pid(pid)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "kind", [int, np.int16, np.int32, np.int64, np.uint16, np.uint32, np.uint64, np.array, np.intp]
)
def test_that_every_kind_of_integer_is_one(analyzer: MemoryAnalyzer, kind: Any) -> None:
    with_room = ME if ME < 2**15 or kind not in (np.int16, np.uint16) else 1
    for method in METHODS:
        found = getattr(analyzer, method)(kind(with_room))
        if isinstance(found, dict):
            assert type(found["pid"]) is int
            assert found["pid"] == with_room


@pytest.mark.parametrize("pid", [2**22 + 5, LARGEST_PID, LARGEST_PID - 1, 2**30])
def test_that_a_number_that_nobody_has_is_gone(analyzer: MemoryAnalyzer, host: Host, pid: int) -> None:
    for ask in [*(getattr(analyzer, method) for method in METHODS), memviz.snapshot, host.snapshot, host.sample]:
        with pytest.raises(ProcessGone, match=str(pid)):
            ask(pid)
