"""What a plot draws, worked out before it is painted: lines and areas as arrays of times and values. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from memviz.gui.live.charts import Chart
from memviz.gui.live.pyramid import Floats
from memviz.gui.live.series import SNAPSHOT, Series
from memviz.gui.live.track import Track


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line, or the area between `base` and `y`. `last` is the value at its right end (NaN: none); `pin` numbers the
    pinned process that it belongs to, -1 for the target."""

    series: Series
    track: Track
    x: Floats
    y: Floats
    last: float
    label: str
    pin: int = -1
    base: Floats | None = None
    finite: bool = True

    def value_at(self, time: float) -> float:
        """What was known then; NaN where nothing was."""
        return self.track.value_at(self.series.name, time)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Everything of one chart between two times. `missing` tells which series have no value, and why."""

    left: float = 0.0
    right: float = 1.0
    curves: tuple[Curve, ...] = ()
    lowest: float = math.nan
    highest: float = math.nan
    missing: tuple[tuple[Series, str], ...] = ()
    age: float | None = None  # seconds since the newest snapshot, where the chart shows some


def picture(
    chart: Chart, track: Track, others: list[Track], left: float, right: float, buckets: int,
) -> Picture:  # fmt: skip
    """The curves of a chart; `buckets` is about its width in pixels."""
    if chart.stacked:
        curves = _stack(chart, track, left, right, buckets)
    else:
        curves = [_curve(each, track, left, right, buckets) for each in chart.series]
        if chart.others:
            shown = [each for each in chart.series if each.name in OTHERS]
            for other in others:
                curves += [_curve(each, other, left, right, buckets, other.pin) for each in shown]
    known = [curve for curve in curves if not math.isnan(curve.last) or np.isfinite(curve.y).any()]
    lowest, highest = _extent(known, left)
    absent = [each for each in chart.series if math.isnan(track.value_at(each.name, right))]
    return Picture(
        left, right, tuple(known), lowest, highest,
        tuple((each, track.why(each.name)) for each in absent), _age(chart, track, right),
    )  # fmt: skip


OTHERS = ("private_swap", "rss", "cpu")  # what is drawn of pinned processes


def _curve(series: Series, track: Track, left: float, right: float, buckets: int, pin: int = -1) -> Curve:
    x, y, steps = track.line(series.name, left, right, buckets)
    if steps:
        x, y = stepped(x, y, min(right, track.newest or right))
    label = series.label if pin < 0 else f"{track.short_title}{' RSS' if series.name == 'rss' else ''}"
    finite = not bool(np.isnan(y).any())
    return Curve(series, track, x, y, track.value_at(series.name, right), label, pin, None, finite)


def _stack(chart: Chart, track: Track, left: float, right: float, buckets: int) -> list[Curve]:
    """Areas upon each other. All have the same times: those where their sum is smallest or largest is not known, so
    those of the one that is largest at the end."""
    leading = max(chart.names, key=lambda name: _or_zero(track.value_at(name, right)))
    curves: list[Curve] = []
    base: Floats | None = None
    for series in chart.series:
        x, y, steps = track.line(series.name, left, right, buckets, by=leading)
        if steps:
            x, y = stepped(x, y, min(right, track.newest or right))
        if not np.nan_to_num(y).any():
            continue  # nothing of it, or nothing known: the others stand all the same
        under = np.zeros_like(y) if base is None else base
        base = under + y
        last = track.value_at(series.name, right)
        curves.append(Curve(series, track, x, base, last, series.label, -1, under, not bool(np.isnan(base).any())))
    return curves


def _extent(curves: list[Curve], left: float) -> tuple[float, float]:
    """The smallest and the largest value in sight; what lies before the left edge is not."""
    lows, highs = [], []
    for curve in curves:
        inside = curve.y[curve.x >= left] if len(curve.x) and curve.x[-1] >= left else curve.y[-1:]
        known = inside[~np.isnan(inside)]
        if len(known):
            highs.append(float(known.max()))
        if known.any():  # a line along zero does not keep the others from filling the height
            lows.append(float(known.min()))
    highest = max(highs, default=math.nan)
    return min(lows, default=highest), highest


def stepped(x: Floats, y: Floats, until: float) -> tuple[Floats, Floats]:
    """Each value holds until the next, the last one until now."""
    if not len(x):
        return x, y
    edges = np.append(np.repeat(x, 2)[1:], max(until, float(x[-1])))
    return edges, np.repeat(y, 2)


def _age(chart: Chart, track: Track, right: float) -> float | None:
    if not any(each.origin == SNAPSHOT for each in chart.series):
        return None
    return track.snapshot_age(right)


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
