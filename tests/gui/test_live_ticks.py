"""Ticks, their labels, axes that are calm, and labels that do not overlap."""

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memviz.gui.live.series import BYTES, COUNT, PERCENT, RATE
from memviz.gui.live.spread import spread
from memviz.gui.live.ticks import Scale, ago, size_label, time_ticks, value_label, value_ticks
from memviz.units import parse_size

SIZES = st.floats(1, 1e13)


@given(st.sampled_from((BYTES, COUNT, PERCENT, RATE)), st.floats(0, 1e13), SIZES, st.integers(1, 20))
def test_that_ticks_are_few_and_equally_far_apart_within_the_axis(
    unit: str, low: float, span: float, most: int
) -> None:
    assume(span > low * 1e-9)
    found = value_ticks(unit, low, low + span, most)
    assert len(found) <= most + 1
    assert all(low - span * 1e-6 <= value <= low + span * (1 + 1e-6) for value in found)
    steps = {round(after - before, 6) for before, after in itertools.pairwise(found)}
    assert len(steps) <= 1 or max(steps) - min(steps) < 1e-6 * max(steps)


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 40), st.integers(1, 12))
def test_that_ticks_of_bytes_are_powers_of_two_apart_and_their_labels_are_exact(low: int, span: int, most: int) -> None:
    found = value_ticks(BYTES, low, low + span, most)
    for before, after in itertools.pairwise(found):
        assert math.log2(after - before).is_integer()
    for value in found:
        assert parse_size(size_label(value).replace(",", "").replace(" ", "")) == value


@pytest.mark.parametrize(
    ("unit", "value", "label"),
    [
        (BYTES, 0, "0"), (BYTES, 512 << 20, "512 MiB"), (BYTES, 3 << 29, "1.5 GiB"), (BYTES, 9 << 27, "1,152 MiB"),
        (BYTES, 100, "100 B"), (COUNT, 12_000, "12,000"), (PERCENT, 50, "50 %"), (RATE, 2000.0, "2,000"),
    ],
)  # fmt: skip
def test_that_a_label_is_as_short_as_it_can_be(unit: str, value: float, label: str) -> None:
    assert value_label(unit, value) == label


@given(st.floats(0, 2e9), st.floats(2, 1e7), st.integers(1, 12))
def test_that_ticks_of_time_are_whole_steps_from_where_counting_begins(left: float, span: float, most: int) -> None:
    right = left + span
    found = time_ticks(left, right, most, right)
    assert len(found) <= most + 1
    assert right in found
    assert all(left - 1e-3 <= time <= right + 1e-3 for time in found)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "now"), (30, "-30 s"), (60, "-1 min"), (90, "-1:30 min"), (300, "-5 min")]
)
def test_that_times_ago_are_short(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@given(st.lists(st.tuples(st.floats(0, 1e12), st.floats(0, 1e12)), min_size=1, max_size=20), st.booleans())
def test_that_an_axis_always_holds_its_values(pairs: list[tuple[float, float]], from_zero: bool) -> None:
    scale = Scale(1e6)
    for pair in pairs:
        low, high = scale.fit(min(pair), max(pair), from_zero=from_zero)
        assert 0 <= low <= min(pair)
        assert max(pair) <= high
        assert not from_zero or low == 0


def test_that_an_axis_stands_still_while_values_move_a_little() -> None:
    scale = Scale(1.0)
    first = scale.fit(50, 100, from_zero=True)
    assert scale.fit(60, 110, from_zero=True) == first
    assert scale.fit(60, 120, from_zero=True) != first
    assert scale.fit(1, 2, from_zero=True)[1] < 3
    assert scale.fit(math.nan, math.nan, from_zero=True)[1] < 3


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(1, 30))
def test_that_labels_stay_in_order_and_apart_and_inside(wanted: list[float], distance: float) -> None:
    places = spread(wanted, distance, 0, 100)
    assert len(places) == len(wanted)
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)
    apart = min(distance, 100 / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for upper, lower in itertools.pairwise(order):
        assert places[lower] - places[upper] >= apart - 1e-6


def test_that_labels_that_have_room_stay_where_they_want_to_be() -> None:
    assert spread([10, 50, 90], 12, 0, 100) == [10, 50, 90]
    assert spread([50, 52], 12, 0, 100) == [45, 57]
