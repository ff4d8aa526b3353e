"""What the box beside the cursor says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memviz.gui.live.readout import Row
from memviz.gui.live.series import BYTES, SNAPSHOT, written
from memviz.gui.live.ticks import ago, clock

if TYPE_CHECKING:  # it imports pyqtgraph
    from memviz.gui.live.canvas import Canvas
    from memviz.gui.live.events import Event


def rows_at(canvas: Canvas, time: float, newest: float, event: Event | None) -> list[Row]:
    """The time, what happened, and every line of a plot; of a stack from the top down, and its sum."""
    since = newest - time
    rows = [Row(f"{clock(time)}   {ago(since)}" if since < 3600 else clock(time))]
    if event is not None:
        rows.append(Row(event.text[:1].upper() + event.text[1:]))
    curves = canvas.picture.curves
    stacked = any(curve.base is not None for curve in curves)
    total = 0.0
    for curve in reversed(curves) if stacked else curves:
        value = curve.value_at(time)
        total += value if value == value else 0.0  # NaN is not itself
        name = curve.series.title if curve.pin < 0 else f"{curve.track.title}: {curve.series.title}"
        if not stacked or value:
            rows.append(Row(name, written(curve.series.unit, value), canvas.pen_of(curve)))
    if stacked:
        rows.append(Row("Together", written(BYTES, total)))
    if any(curve.series.origin == SNAPSHOT for curve in curves):
        rows += _walked(canvas, time)
    return rows


def _walked(canvas: Canvas, time: float) -> list[Row]:
    """How old what was measured by walking page tables was then."""
    track = canvas.picture.curves[0].track
    age = track.snapshot_age(time)
    return [Row(f"page tables walked {age:.0f} s before")] if age is not None and age >= 2 else []
