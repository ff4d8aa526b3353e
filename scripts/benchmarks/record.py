"""What a benchmark is, what it measures, and what a goal is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


class Disagreement(Exception):
    """Ours and the peer read different numbers: the times mean nothing."""


class NotHere(Exception):
    """This machine lacks something that the benchmark needs; the text says what."""


class Setting(NamedTuple):
    """How large the things are that are measured; a test makes them small."""

    regions: int = 65_000
    processes: int = 2_000
    followed: int = 200
    points: int = 100_000
    victim_regions: int = 10_000
    victim_seconds: float = 6.0
    window_seconds: float = 12.0  # that a window is watched
    patience: float = 3.0  # seconds to wait before a round until nobody else uses the machine


@dataclass(frozen=True, slots=True)
class Measurement:
    """Our values and the peer's, a pair a round (no peer: ours alone), in seconds or bytes."""

    ours: tuple[float, ...]
    peer: tuple[float, ...] = ()
    unit: str = "s"
    notes: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """Ours by the peer's: the median over pairs, which a machine that is busy now and then disturbs least."""
        return median(ours / peer for ours, peer in zip(self.ours, self.peer, strict=True))

    @property
    def fastest(self) -> Measurement:
        """The fastest round of each: what is left where others use the machine as well."""
        return Measurement((min(self.ours),), (min(self.peer),) if self.peer else (), self.unit)

    @property
    def excess(self) -> float:
        """Ours minus the peer's: the median over pairs."""
        return median(ours - peer for ours, peer in zip(self.ours, self.peer, strict=True))


@dataclass(frozen=True, slots=True)
class Goal:
    """`value` is the number the goal is about, written with `form`; `met` judges it, `better` is the further wish."""

    text: str
    value: Callable[[Measurement], float]
    form: str
    met: Callable[[Measurement], bool]
    better: Callable[[Measurement], bool] | None = None

    def verdict(self, measurement: Measurement) -> str:
        """One of VERDICTS."""
        if not self.met(measurement):
            return "missed"
        return "exceeded" if self.better is not None and self.better(measurement) else "met"


VERDICTS = ("missed", "met", "exceeded")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`ours` and `peer` say what was timed; `rounds` is how often each runs unless somebody says otherwise."""

    name: str
    ours: str
    peer: str
    goal: Goal
    rounds: int
    measure: Callable[[Setting, int], Measurement]


def at_most(most: float) -> Goal:
    """Ours takes at most so many times what the peer takes."""
    return Goal(f"at most {most:g} x", lambda m: m.ratio, "{:.2f} x", lambda m: m.ratio <= most)


def faster(least: float, better: float | None = None) -> Goal:
    """Ours is at least so many times faster than the peer."""
    wish = (lambda m: 1 / m.ratio >= better) if better is not None else None
    text = f"at least {least:g} x faster" + (f", better {better:g} x" if better is not None else "")
    return Goal(text, lambda m: 1 / m.ratio, "{:.2f} x faster", lambda m: 1 / m.ratio >= least, wish)


def seconds(most: float) -> Goal:
    """Ours takes at most so long, whatever the peer takes."""
    return Goal(f"at most {most:g} s", lambda m: median(m.ours), "{:.3f} s", lambda m: median(m.ours) <= most)


def milliseconds(most: float) -> Goal:
    """Ours takes at most so many milliseconds."""
    return Goal(f"at most {most:g} ms", lambda m: max(m.ours) * 1000, "{:.1f} ms", lambda m: max(m.ours) * 1000 <= most)


def frames(usual: float, rare: float) -> Goal:
    """Half of the frames take at most so many milliseconds, and all but one in a hundred at most so many."""

    def at(m: Measurement, share: float) -> float:
        return sorted(m.ours)[min(int(len(m.ours) * share), len(m.ours) - 1)] * 1000

    return Goal(
        f"median {usual:g} ms, p99 {rare:g} ms", lambda m: at(m, 0.5), "{:.1f} ms",
        lambda m: at(m, 0.5) <= usual and at(m, 0.99) <= rare,
    )  # fmt: skip


def even(times: float, most: float) -> Goal:
    """The slowest takes at most so many times the median, and never more than so many milliseconds."""
    return Goal(
        f"slowest at most {times:g} x median and {most:g} ms", lambda m: max(m.ours) / median(m.ours), "{:.2f} x",
        lambda m: max(m.ours) <= times * median(m.ours) and max(m.ours) * 1000 <= most,
    )  # fmt: skip


def of_a_core(most: float) -> Goal:
    """Ours uses at most such a part of a processor."""
    return Goal(f"at most {most:.1%} of a core", lambda m: median(m.ours), "{:.2%}", lambda m: median(m.ours) <= most)


def beyond(most: float, better: float) -> Goal:
    """Ours is at most so many seconds above what the peer, the undisturbed machine, shows."""
    return Goal(
        f"at most {most * 1000:g} ms more, better {better * 1000:g} ms",
        lambda m: m.excess * 1000, "{:.1f} ms more", lambda m: m.excess <= most, lambda m: m.excess <= better,
    )  # fmt: skip


def hardly_above(times: float, plus: float) -> Goal:
    """Ours is at most so many times the peer's, or so many seconds above it."""
    return Goal(
        f"at most {times:g} x or {plus * 1e6:g} us more",
        lambda m: m.ratio, "{:.2f} x", lambda m: m.ratio <= times or m.excess <= plus,
    )  # fmt: skip
