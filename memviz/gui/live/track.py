"""A track: what is known of one process over time, from samples and from snapshots. No Qt."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from memviz.core.facts import Identity
from memviz.core.snapshot import Sample, Snapshot
from memviz.gui.live import events, series
from memviz.gui.live.events import Event
from memviz.gui.live.pyramid import Floats
from memviz.gui.live.ring import CAPACITY, Ring
from memviz.gui.live.series import BY_NAME, MEASURED, SAMPLED, SNAPSHOT
from memviz.text import clipped

HOLE = 7.0  # seconds without a sample from which on a line has a gap: the slowest rate is one a second
MOST_EVENTS = 500
SNAPSHOTS = 20_000  # they come at most one in a second, and mostly far fewer


class Measured(NamedTuple):
    """What a snapshot gives: worked out away from the GUI thread."""

    snapshot: Snapshot
    values: list[float]
    reasons: dict[str, str]
    events: list[Event]


def measure(before: Snapshot | None, snapshot: Snapshot) -> Measured:
    """The row of a snapshot, and what happened since the one before."""
    same = before is not None and before.identity == snapshot.identity
    found = events.between_snapshots(before, snapshot) if same and before is not None else []
    return Measured(snapshot, series.of_snapshot(snapshot), dict(series.reasons(snapshot)), found)


class Line(NamedTuple):
    """What a plot draws of one series: times and values of equal length; a step lasts until the next time."""

    x: Floats
    y: Floats
    steps: bool = False


class Track:
    """One process. `samples` and `snapshots` are its rings."""

    def __init__(self, pid: int, name: str = "", capacity: int = CAPACITY) -> None:
        self.pid, self.name = pid, name
        self.identity: Identity | None = None
        self.samples = Ring([each.name for each in SAMPLED], capacity)
        self.snapshots = Ring([each.name for each in MEASURED], min(capacity, SNAPSHOTS))
        self.events: list[Event] = []
        self.has_ended = False
        self.pin = -1  # the number of its colour while it is pinned
        self.last_sample: Sample | None = None
        self.last_snapshot: Snapshot | None = None
        self._why: dict[str, str] = {}
        self._silence = ""  # why nothing at all is known now
        self._silences: list[tuple[float, str]] = []  # when nothing began to be known, and why

    @property
    def title(self) -> str:
        return f"{self.name or 'process'} {self.pid}"

    @property
    def short_title(self) -> str:
        """`node300.js` of `node · node300.js`: for where there is little room."""
        return clipped(self.name.rpartition(" · ")[2], 16) if self.name else str(self.pid)

    @property
    def began(self) -> float | None:
        """The time of the oldest row."""
        return self._edge(oldest=True)

    @property
    def newest(self) -> float | None:
        """The time of the newest row."""
        return self._edge(oldest=False)

    def add_sample(self, sample: Sample) -> None:
        last = self.last_sample
        if last is not None and sample.time - last.time > HOLE:
            self.break_line(last.time, "nobody looked, or it did not answer")
            last = None
        if last is not None:
            self.add_events(events.between_samples(last, sample))
        self.identity = self.identity or sample.identity
        self.samples.append(sample.time, series.of_sample(last, sample))
        self.last_sample, self._silence = sample, ""

    def add_snapshot(self, measured: Measured) -> None:
        """What `measure` gave. One that only tells the regions says nothing about residency."""
        snapshot = measured.snapshot
        self.name = snapshot.name or self.name
        self.identity = self.identity or snapshot.identity
        self.last_snapshot = snapshot
        self.add_events(measured.events)
        if snapshot.regions.measured or (measured.reasons and "regions" in snapshot.absent):
            self.snapshots.append(snapshot.time, measured.values)
        self._why = measured.reasons

    def add_events(self, found: list[Event]) -> None:
        self.events = [*self.events, *found][-MOST_EVENTS:]

    def break_line(self, time: float, why: str) -> None:
        """From here on nothing is known for a while: lines have a gap."""
        self._silence = why
        self._silences = [*self._silences, (time, why)][-MOST_EVENTS:]
        self.samples.break_off(time)
        if len(self.snapshots):
            self.snapshots.break_off(time)
        self.last_sample = None

    def why(self, name: str) -> str:
        """Why the newest value of a series is not there."""
        if self._silence:
            return self._silence
        return self._why.get(name) or BY_NAME[name].missing

    def silence_at(self, time: float) -> str:
        """Why nothing was known at a time; empty where something was."""
        row = self.samples.row_at(time)
        if row is None:
            return "nobody looked yet"
        if not np.isnan(self.samples.values_at("rss", np.array([row]))[0]):
            return ""
        return next((why for since, why in reversed(self._silences) if since <= time), "nobody looked")

    def value_at(self, name: str, time: float) -> float:
        """What was known at a time; NaN where nothing was."""
        ring = self.ring(name)
        row = ring.row_at(time)
        return float(ring.values_at(name, np.array([row]))[0]) if row is not None else math.nan

    def snapshot_age(self, time: float) -> float | None:
        """Seconds since the last snapshot before a time; None where it could not tell anything."""
        row = self.snapshots.row_at(time)
        if row is None or np.isnan([self.snapshots.column(name, row, row + 1)[0] for name in ("pss", "uss")]).all():
            return None
        return time - float(self.snapshots.times(row, row + 1)[0])

    def line(self, name: str, left: float, right: float, buckets: int, *, by: str = "") -> Line:
        """At most two points a bucket between two times; `by` names the series whose extremes choose them."""
        ring = self.ring(name)
        first, last = ring.window(left, right)
        rows = ring.thin(by or name, first, last, buckets)
        return Line(*ring.points_at(name, rows), BY_NAME[name].origin == SNAPSHOT)

    def ring(self, name: str) -> Ring:
        return self.snapshots if BY_NAME[name].origin == SNAPSHOT else self.samples

    def _edge(self, *, oldest: bool) -> float | None:
        rings = [ring for ring in (self.samples, self.snapshots) if len(ring)]
        rows = [ring.oldest if oldest else ring.end - 1 for ring in rings]
        times = [float(ring.times(row, row + 1)[0]) for ring, row in zip(rings, rows, strict=True)]
        return (min(times) if oldest else max(times)) if times else None
