"""What the box beside the cursor says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from memviz.gui.live.readout import Row
from memviz.gui.live.series import BYTES, SNAPSHOT, written
from memviz.gui.live.ticks import AGO_UP_TO, ago, clock

if TYPE_CHECKING:  # it imports pyqtgraph
    from memviz.gui.live.canvas import Canvas
    from memviz.gui.live.events import Event


def rows_at(canvas: Canvas, time: float, now: float | None, event: Event | None) -> list[Row]:
    """The time, what happened, and every line of a plot; of a stack from the top down, and its sum. `now` is the newest
    time while live."""
    rows = [Row(f"{clock(time)}   {ago(now - time)}" if now is not None and now - time < AGO_UP_TO else clock(time))]
    curves = canvas.picture.curves
    if event is not None:
        rows.append(Row(event.text[:1].upper() + event.text[1:]))
    if curves and (why := curves[0].track.silence_at(time)):
        rows.append(Row(f"Not known: {why}"))
    stacked = any(curve.base is not None for curve in curves)
    values = [curve.value_at(time) for curve in curves]
    pairs = list(zip(curves, values, strict=True))
    for curve, value in reversed(pairs) if stacked else pairs:
        name = curve.series.title if curve.pin < 0 else f"{curve.track.title}: {curve.series.title}"
        if not stacked or value:
            rows.append(Row(name, written(curve.series.unit, value), canvas.pens.of(curve)))
    if stacked:
        known = [value for value in values if not math.isnan(value)]
        rows.append(Row("Together", written(BYTES, sum(known) if known else None)))
    if any(curve.series.origin == SNAPSHOT for curve in curves):
        rows += _walked(canvas, time)
    return rows


def _walked(canvas: Canvas, time: float) -> list[Row]:
    """How old what was measured by walking page tables was then."""
    track = canvas.picture.curves[0].track
    age = track.snapshot_age(time)
    return [Row(f"page tables walked {age:.0f} s before")] if age is not None and age >= 2 else []
