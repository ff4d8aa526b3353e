"""The pace in words: what a rate means for what is dear to measure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.gui.feed.feed import MEASURE_FACTOR, Feed
from memviz.gui.feed.pace import Pace, pace_of
from memviz.gui.session.session import Session


def test_that_samples_and_regions_are_told_apart() -> None:
    pace = Pace(1, 12.04, 0.1204)
    assert pace.words() == "samples 1/s, regions every 12 s"
    assert pace.explanation().startswith("Samples 1/s, regions every 12 s: they cost 120 ms to measure.")


def test_that_what_was_never_measured_has_no_pace() -> None:
    assert Pace(5, None, None).words() == "samples 5/s"


@given(st.floats(0.0001, 1e5))
def test_that_there_are_words_for_every_cost(cost: float) -> None:
    words = Pace(1, max(cost * MEASURE_FACTOR, 0.9), cost).explanation()
    assert " 0 ms" not in words
    assert "every 0" not in words


@pytest.mark.parametrize(("cost", "wait"), [(0.12, 12.0), (0.001, 0.9)])
def test_that_the_words_are_those_of_the_feed(session: Session, cost: float, wait: float) -> None:
    feed = Feed(session)
    assert pace_of(feed) == Pace(session.options.rate, None, None)
    feed.measuring.begin(0.0)
    feed.measuring.end(cost, cost)
    assert pace_of(feed).wait == pytest.approx(wait)
    assert pace_of(feed).cost == cost
    assert not feed.measuring.is_due(wait * 0.9)
    assert feed.measuring.is_due(wait * 1.1)
