"""Where an axis has its ticks, and what they say. No Qt."""

from __future__ import annotations

import math
from datetime import datetime

from memviz.gui.live.series import BYTES, PERCENT
from memviz.units import GIB, KIB, MIB, TIB

UNITS = (("TiB", TIB), ("GiB", GIB), ("MiB", MIB), ("KiB", KIB))
TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
WITH_SECONDS = 1200.0  # seconds: in longer windows the clock shows minutes
MINUTE, DAY = 60, 86400
CALM = 1.7  # times the height that is needed, from which on an axis shrinks
AGO_UP_TO = 600.0  # seconds: longer windows are read by the clock


def value_ticks(unit: str, low: float, high: float, most: int) -> list[float]:
    """At most about `most` round values: powers of two apart for bytes, else 1, 2 or 5 times a power of ten."""
    span = high - low
    if span <= 0 or most < 1 or not math.isfinite(span):
        return []
    step = _binary_step(span / most) if unit == BYTES else _decimal_step(span / most, unit)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def value_label(unit: str, value: float) -> str:
    """`512 MiB`, `1.5 GiB`, `2,000`, `50 %`."""
    if unit == BYTES:
        return size_label(value)
    return f"{value:,.10g}" + (" %" if unit == PERCENT else "")


def size_label(value: float) -> str:
    """The largest unit in which two decimals tell it exactly."""
    for name, unit in UNITS:
        if abs(value) >= unit and value * 100 % unit == 0:
            return f"{value / unit:,.15g} {name}"
    return f"{value:,.15g} B" if value else "0"


def time_ticks(left: float, right: float, most: int, zero: float) -> list[float]:
    """Round distances from `zero` (now, or midnight)."""
    step = next((step for step in TIME_STEPS if step * max(most, 1) >= right - left), None)
    step = step or DAY * math.ceil((right - left) / DAY / max(most, 1))
    first, last = math.ceil((left - zero) / step - 1e-9), math.floor((right - zero) / step + 1e-9)
    return [zero + number * step for number in range(first, last + 1)]


def midnight(time: float) -> float:
    """When the day of a time began here."""
    return datetime.fromtimestamp(time).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def ago(seconds: float) -> str:
    """`now`, `-30 s`, `-2 min`, `-1:30 min`."""
    whole = round(seconds)
    if whole <= 0:
        return "now"
    if whole < MINUTE:
        return f"-{whole} s"
    return f"-{whole // MINUTE} min" if whole % MINUTE == 0 else f"-{whole // MINUTE}:{whole % MINUTE:02} min"


def clock(time: float, *, seconds: bool = True) -> str:
    """`14:02:31`, in the time of this place."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S" if seconds else "%H:%M")


class Scale:
    """The lower and upper end of an axis that is calm: it moves only when the values leave it, or use little of it."""

    def __init__(self, least: float) -> None:
        self.least = least  # the smallest upper end
        self.low, self.high = 0.0, least
        self._from_zero = True

    def fit(self, lowest: float, highest: float, *, from_zero: bool) -> tuple[float, float]:
        """What the axis is to show, for values from `lowest` to `highest` (NaN where there are none)."""
        if math.isnan(highest):
            return self.low, self.high
        low, high = self._wanted(lowest, highest, from_zero)
        inside = self.low <= (0.0 if from_zero else lowest) and highest <= self.high
        if from_zero != self._from_zero or not inside or self.high - self.low > CALM * (high - low):
            self.low, self.high, self._from_zero = low, high, from_zero
        return self.low, self.high

    def _wanted(self, lowest: float, highest: float, from_zero: bool) -> tuple[float, float]:
        if from_zero:
            return 0.0, max(1.15 * highest, self.least)
        span = max(highest - lowest, self.least / 16)
        room = (span - (highest - lowest)) / 2
        return max(lowest - room - 0.1 * span, 0.0), highest + room + 0.15 * span


def _binary_step(least: float) -> int:
    return 1 << max(math.ceil(math.log2(least)), 0) if least > 1 else 1


def _decimal_step(least: float, unit: str) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    return step if unit == PERCENT else max(step, 1.0)
