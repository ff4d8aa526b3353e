"""Every page has one state, whatever the kernel's bits say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.pages import FILE, PAGE_STATES, PFNZERO, PRESENT, SWAPPED, spans, state_at, state_of
from memviz.core.source import PageRuns
from tests import builders

RUNS = PageRuns(
    np.array([0x1000, 0x5000], np.uint64), np.array([0x3000, 0x6000], np.uint64),
    np.array([PRESENT, SWAPPED], np.uint64), rest=0x9000,
)  # fmt: skip


@pytest.mark.parametrize(
    ("bits", "name"),
    [
        (PRESENT, "private, in memory"), (PRESENT | FILE, "of a file, in memory"), (SWAPPED, "in swap"),
        (PRESENT | PFNZERO, "zero page"), (0, "not in memory"), (SWAPPED | FILE, "in swap"),
    ],
)  # fmt: skip
def test_that_bits_mean_a_state(bits: int, name: str) -> None:
    assert state_of(bits).name == name


@given(st.integers(0, (1 << 9) - 1))
def test_that_every_combination_of_bits_is_some_state_and_arrays_agree(bits: int) -> None:
    first = next(state for state in PAGE_STATES if state.holds(np.array([bits], np.uint64))[0])
    assert first == state_of(bits)


def test_that_pages_are_looked_for_where_regions_are_and_not_in_the_wide_gaps_between() -> None:
    snapshot = builders.snapshot(
        "1000-1010 rw-p", "1020-1030 rw-p", "7f0000000-7f0000010 rw-p", "ffffffffff600-ffffffffff601 --xp [vsyscall]"
    )
    first, second = (0x1000000, 0x1030000), (0x7F0000000000, 0x7F0000010000)
    assert spans(snapshot) == [first, second], "[vsyscall] is the kernel's"
    assert spans(snapshot, 0x1008000, 0x1028000) == [(0x1008000, 0x1028000)]
    assert spans(snapshot, 0x1028000, 0x7F0000001000) == [(0x1028000, 0x1030000), (0x7F0000000000, 0x7F0000001000)]
    assert spans(snapshot, 0x2000000, 0x3000000) == []
    assert spans(builders.snapshot()) == []


@pytest.mark.parametrize(
    ("address", "name"),
    [(0x1000, "private, in memory"), (0x2FFF, "private, in memory"), (0x3000, "not in memory"), (0, "not in memory"),
     (0x5000, "in swap"), (0x6000, "not in memory")],
)  # fmt: skip
def test_that_an_address_has_the_state_of_its_run(address: int, name: str) -> None:
    found = state_at(RUNS, address)
    assert found is not None
    assert found.name == name


def test_that_beyond_what_was_looked_at_nothing_is_known() -> None:
    assert state_at(RUNS, 0x9000) is None
