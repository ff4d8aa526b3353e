"""Parts of a snapshot: sums over rows, and pages of a range by their state."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.part import Part, bytes_by_state, why_unmeasured
from memviz.core.snapshot import NOT_MEASURED
from tests.builders import PAGE, snapshot
from tests.runs import page_runs

SEEN = snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p rss=16k swap=4k", "30-34 ---p")
RUNS = page_runs("10-12 f", "20-24 a", "28-2a s")


@given(st.sets(st.integers(0, 2)))
def test_that_the_sums_of_parts_are_the_totals(rows: set[int]) -> None:
    chosen = Part(SEEN, np.array(sorted(rows), np.intp))
    rest = Part(SEEN, np.array(sorted({0, 1, 2} - rows), np.intp))
    for name in ("size", "rss", "uss", "swap"):
        assert chosen.known(name) + rest.known(name) == SEEN.totals[name]


@given(st.integers(0x0F, 0x31), st.integers(0x0F, 0x31), st.integers(0x0F, 0x31))
def test_that_ranges_side_by_side_hold_what_they_hold_together(a: int, b: int, c: int) -> None:
    low, middle, high = (edge * PAGE for edge in sorted((a, b, c)))
    first, second, whole = (bytes_by_state(RUNS, *edges) or {} for edges in
                            ((low, middle), (middle, high), (low, high)))  # fmt: skip
    assert {name: first.get(name, 0) + second.get(name, 0) for name in whole} == whole


def test_that_pages_beyond_what_was_looked_at_are_unknown() -> None:
    assert bytes_by_state(RUNS._replace(rest=0x20 * PAGE), 0x10 * PAGE, 0x21 * PAGE) is None


def test_that_a_column_nobody_told_is_unknown_and_not_nothing() -> None:
    plain = snapshot("10-14 r-xp /bin/program", measured=False)
    assert Part(plain, np.array([0])).total("rss") is None
    assert why_unmeasured(plain) == NOT_MEASURED
