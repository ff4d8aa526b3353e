"""The labels beside the ends of lines: what each is, and its value there or at the cursor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from memviz.gui.live.pens import Pens
from memviz.gui.live.series import written
from memviz.gui.live.shapes import Curve, Picture
from memviz.gui.live.spread import spread

TIGHT = 0.92  # of a line's height that labels are apart at least
GAP, EDGE = 6.0, 8.0  # pixels before and behind them


class Labels:
    """At the right of a plot, `width` pixels wide with their margins; `names_only` where values have no room."""

    def __init__(self) -> None:
        self.width, self.names_only = 0.0, False
        self._at_cursor = False
        self._ends: list[tuple[Curve, str]] = []
        self._placed: list[tuple[Curve, str, float]] = []  # with the middle of each label that was painted

    def name(self, picture: Picture, cursor: float | None) -> None:
        """Their words: of the cursor's time, else of the newest."""
        self._at_cursor, self._ends = cursor is not None, []
        for curve in picture.curves:
            value = curve.last if cursor is None else curve.value_at(cursor)
            is_gone = math.isnan(value) or (curve.base is not None and not value)
            if cursor is not None or not is_gone:
                self._ends.append((curve, written(curve.series.unit, value)))

    @property
    def text(self) -> str:
        """All of them, for those who do not see them."""
        return ", ".join(f"{curve.label} {value}" for curve, value in self._ends)

    def wanted(self, pens: Pens) -> float:
        """How wide they would like to be."""
        advance = pens.metrics.horizontalAdvance
        widths = [advance(curve.label if self.names_only else f"{curve.label}  {value}") for curve, value in self._ends]
        return max(widths, default=0.0) + GAP + EDGE

    def at(self, y: float, pens: Pens) -> Curve | None:
        """The line whose label is at this height."""
        height = pens.metrics.height()
        return next((curve for curve, _, middle in self._placed if abs(middle - y) <= height / 2), None)

    def paint(self, painter: QPainter, area: QRectF, pens: Pens, pixel_of: Callable[[float], float]) -> None:
        """Right of an area; `pixel_of` tells how low a value lies in it."""
        height, advance = pens.metrics.height(), pens.metrics.horizontalAdvance
        self._placed = self._place(area, height, pixel_of)
        for curve, value, middle in self._placed:
            rect = QRectF(area.width() + GAP, middle - height / 2, self.width - GAP - EDGE, height)
            painter.setPen(pens.of(curve))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, curve.label)
            has_value = self._at_cursor or not self.names_only
            if has_value and advance(f"{curve.label} {value}") <= rect.width():
                painter.setPen(pens.text if self._at_cursor else pens.dim)
                painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)

    def _place(self, area: QRectF, height: float, pixel_of: Callable[[float], float]) -> list[tuple[Curve, str, float]]:
        """Apart from each other; where room is short, those that matter least are left out."""
        ends = [end for end in self._ends if len(end[0].y)]
        room = max(int(area.height() / (height * TIGHT)), 1)
        if len(ends) > room:
            kept = sorted(ends, key=lambda end: _weight(end[0]), reverse=True)[:room]
            ends = [end for end in ends if end in kept]
        wanted = [min(max(pixel_of(_end_of(curve)), 0.0), area.height()) for curve, _ in ends]
        places = spread(wanted, height * TIGHT, height / 2, max(area.height() - height / 2, height / 2))
        return [(curve, value, place) for (curve, value), place in zip(ends, places, strict=True)]


def _weight(curve: Curve) -> tuple[int, float]:
    """What the target costs comes first, then what pinned ones cost, then what is large."""
    is_cost = curve.series.name == "private_swap"
    return (2 if is_cost and curve.pin < 0 else 1 if is_cost else 0), float(np.nan_to_num(curve.last))


def _end_of(curve: Curve) -> float:
    """The last value that is known; of an area its middle there."""
    last = curve.y[~np.isnan(curve.y)][-1:]
    if not len(last):
        return 0.0
    if curve.base is not None and not math.isnan(curve.base[-1]):
        return (float(last[0]) + float(curve.base[-1])) / 2
    return float(last[0])
