"""The ring: whatever its size and however often it went round, a thinned line has the same envelope."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.live.ring import Ring

VALUES = st.lists(st.one_of(st.integers(-1000, 1000).map(float), st.just(math.nan)), min_size=1, max_size=300)
CAPACITIES = st.integers(1, 130)


def filled(values: list[float], capacity: int) -> Ring:
    ring = Ring(["a", "b"], capacity, first=5)
    for number, value in enumerate(values):
        ring.append(float(number), [value, -value])
    return ring


def extremes(values: np.ndarray) -> tuple[float, float] | None:
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if len(known) else None


@given(VALUES, CAPACITIES)
def test_that_a_ring_keeps_the_newest_rows_in_order(values: list[float], capacity: int) -> None:
    ring = filled(values, capacity)
    kept = values[-capacity:]
    assert len(ring) == len(kept)
    assert ring.column("a", ring.oldest, ring.end).tolist() == kept or any(map(math.isnan, kept))
    np.testing.assert_array_equal(ring.column("a", ring.oldest, ring.end), kept)
    np.testing.assert_array_equal(ring.column("b", ring.oldest, ring.end), -np.array(kept))
    assert ring.times(ring.oldest, ring.end).tolist() == [float(n) for n in range(ring.oldest, ring.end)]


@given(VALUES, CAPACITIES, st.integers(1, 40), st.data())
def test_that_each_bucket_of_a_thinned_line_has_its_own_smallest_and_largest_value(
    values: list[float], capacity: int, buckets: int, data: st.DataObject
) -> None:
    ring = filled(values, capacity)
    first = data.draw(st.integers(ring.oldest, ring.end))
    last = data.draw(st.integers(first, ring.end))
    rows = ring.thin("a", first, last, buckets)
    assert len(rows) <= max(2 * max(buckets, 2), 2)
    assert (np.diff(rows) >= 0).all()
    assert all(first <= row < last for row in rows.tolist())
    step = 1
    while last > first and (last - 1) // step - first // step + 1 > max(buckets, 2):
        step *= 2
    for bucket in range(first // step, -(-last // step)):
        inside = range(max(first, bucket * step), min(last, (bucket + 1) * step))
        chosen = rows[(rows >= inside.start) & (rows < inside.stop)]
        assert extremes(ring.values_at("a", chosen)) == extremes(ring.column("a", inside.start, inside.stop))


@given(VALUES, CAPACITIES, st.floats(-5, 400), st.floats(-5, 400))
def test_that_a_window_has_all_rows_between_two_times_and_one_neighbour_on_either_side(
    values: list[float], capacity: int, one: float, other: float
) -> None:
    ring = filled(values, capacity)
    left, right = min(one, other), max(one, other)
    first, last = ring.window(left, right)
    inside = [row for row in range(ring.oldest, ring.end) if left <= row <= right]
    assert ring.oldest <= first <= last <= ring.end
    assert set(inside) <= set(range(first, last))
    assert last - first <= len(inside) + 2


@given(VALUES, CAPACITIES, st.floats(-5, 400))
def test_that_the_row_at_a_time_is_the_last_that_is_not_later(values: list[float], capacity: int, time: float) -> None:
    ring = filled(values, capacity)
    expected = [row for row in range(ring.oldest, ring.end) if row <= time]
    assert ring.row_at(time) == (expected[-1] if expected else None)


def test_that_a_clock_that_was_set_back_stands_still() -> None:
    ring = Ring(["a"], 10)
    for time in (5.0, 3.0, 6.0):
        ring.append(time, [time])
    assert ring.times(0, 3).tolist() == [5.0, 5.0, 6.0]


def test_that_a_window_that_does_not_cross_the_rings_end_is_not_copied() -> None:
    ring = filled([1.0] * 25, 10)
    assert np.shares_memory(ring.column("a", 20, 25), ring.column("a", 21, 24))
    assert not np.shares_memory(ring.column("a", 16, 25), ring.column("a", 16, 20))


@given(st.lists(st.integers(1, 60), min_size=2, max_size=6), st.integers(2, 30), st.integers(2, 20))
def test_that_a_break_that_is_wider_than_a_bucket_is_always_seen(runs: list[int], pause: int, buckets: int) -> None:
    ring, time = Ring(["a", "b"], 1000, first=5), 0.0
    for length in runs:
        for _ in range(length):
            ring.append(time, [1.0, 2.0])
            time += 1
        ring.break_off(time - 1)
        time += pause
    ring.append(time, [1.0, 2.0])
    rows = ring.thin("a", 0, ring.end, buckets)
    assert (np.diff(rows) > 0).all()
    gaps = np.isnan(ring.values_at("a", rows)).sum()
    if len(runs) < buckets and pause > ring.times(0, ring.end)[-1] / buckets:
        assert gaps == len(runs)
    assert len(rows) <= 3 * buckets
