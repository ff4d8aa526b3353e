"""How often a process is looked at, in words: a rate is only that of samples, what is dear to measure comes seldom."""

from __future__ import annotations

from dataclasses import dataclass

from memviz import units
from memviz.gui.feed.feed import HURRY, REST, Feed


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` samples a second; a measurement of all regions every `wait` seconds, which takes `cost`: None for
    both while nothing was measured."""

    rate: int
    wait: float | None
    cost: float | None

    def words(self) -> str:
        """`samples 1/s, regions every 12 s`"""
        regions = f", regions every {_seconds(self.wait)}" if self.wait is not None else ""
        return f"samples {self.rate}/s{regions}"

    def explanation(self) -> str:
        """The same with its reason."""
        if self.wait is None or self.cost is None:
            return f"{self.words().capitalize()}; its regions were not measured yet."
        return (
            f"{self.words().capitalize()}: they cost {_cost(self.cost)} to measure. Sooner, after "
            f"{_seconds(self.wait * HURRY)}, when its size changes; every {_seconds(self.wait * REST)} while nothing "
            "happens."
        )


def pace_of(feed: Feed) -> Pace:
    """As the feed goes now, by what the last measurement cost."""
    cadence = feed.measuring
    return Pace(feed.session.options.rate, cadence.wait() if cadence.cost else None, cadence.cost or None)


def _seconds(seconds: float) -> str:
    return units.duration(round(seconds) if seconds >= 2 else round(max(seconds, 1.0), 1))


def _cost(seconds: float) -> str:
    return f"{max(round(seconds * 1000), 1)} ms" if seconds < 1 else units.duration(round(seconds, 1))
