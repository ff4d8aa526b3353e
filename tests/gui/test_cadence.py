"""Cadence: dear things are asked for less often, and never sooner than they may be."""

from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.feed.cadence import Cadence

SECONDS = st.floats(0, 100, allow_subnormal=False)


@given(SECONDS, SECONDS, SECONDS)
def test_that_nothing_is_due_before_its_factor_times_its_cost(began: float, cost: float, later: float) -> None:
    cadence = Cadence(50, least=0.9)
    assert cadence.is_due(began)
    cadence.begin(began)
    cadence.end(began + cost, cost)
    waited = began + later - cadence.asked
    assert cadence.is_due(began + later) == (waited >= max(0.9, 50 * cost))


def test_that_a_reason_to_hurry_shortens_the_wait_but_not_below_the_least() -> None:
    cadence = Cadence(50, least=1, asked=0, cost=0.2)
    assert not cadence.is_due(5)
    assert cadence.is_due(5, hurry=0.3)
    assert not cadence.is_due(0.5, hurry=0.001)


def test_that_an_answer_nobody_began_counts_from_when_it_must_have_begun() -> None:
    cadence = Cadence(50)
    cadence.end(10, 0.1)
    assert not cadence.is_due(12)
    assert cadence.is_due(15)
