"""What stands around a plot: the box that takes the mouse, the axis of values, the axis of time."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication

from memviz.gui.live import ticks
from memviz.gui.live.pens import Pens

APART = 1.9  # rows from one label of the values to the next, at least
AXIS_GAP = 10.0  # around the labels of an axis
WHEEL = 1.0015  # by how much one unit of the wheel (120 a notch) zooms


class TimeBox(pg.ViewBox):  # type: ignore[misc]  # a class without types
    """Says what the mouse wants; whoever owns the window of time moves it."""

    panned = Signal(object)  # seconds
    zoomed = Signal(object)  # (factor, place between 0 and 1)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False, defaultPadding=0)

    def wheelEvent(self, event: Any, axis: Any = None) -> None:
        place = min(max(event.pos().x() / max(self.width(), 1.0), 0.0), 1.0)
        self.zoomed.emit((WHEEL ** -event.delta(), place))
        event.accept()

    def mouseDragEvent(self, event: Any, axis: Any = None) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        left, right = self.viewRange()[0]
        moved = event.pos().x() - event.lastPos().x()
        self.panned.emit(-moved / max(self.width(), 1.0) * (right - left))


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # as above
    """Writes KiB, MiB, GiB."""

    def __init__(self, unit: str) -> None:
        self.unit, self.row = unit, 15.0
        self.metrics = QFontMetricsF(QGuiApplication.font())
        super().__init__("left")

    def dress(self, pens: Pens) -> None:
        dress(self, pens)
        self.row, self.metrics = pens.metrics.height(), pens.metrics

    def wanted_width(self, low: float, high: float, size: float) -> float:
        """What the longest of its labels takes."""
        labels = self.tickStrings(self.tickValues(low, high, size)[0][1], 1.0, 1.0)
        return max((self.metrics.horizontalAdvance(label) for label in labels), default=0.0) + AXIS_GAP

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        most = max(int(size / (APART * self.row)), 1)
        values = ticks.value_ticks(self.unit, low, high, most)
        edge = high - (high - low) * (0.5 * self.row - 3) / max(size, 1.0)
        return [(1.0, [value for value in values if value <= edge])]  # no label is cut off at the top

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [ticks.value_label(self.unit, value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # as above
    """Writes how long ago while it is live and short, else the time of the clock."""

    def __init__(self) -> None:
        self.now: float | None = None  # while live
        self.wide = self.narrow = 60.0  # pixels from one label to the next: of the clock, of times ago
        super().__init__("bottom")

    def dress(self, pens: Pens) -> None:
        dress(self, pens)
        self.wide = pens.metrics.horizontalAdvance("00:00:00") * 1.6
        self.narrow = pens.metrics.horizontalAdvance("-00 s") * 2
        self.setHeight(round(pens.metrics.height() + 5))

    def show_now(self, now: float | None) -> None:
        if now != self.now:
            self.now, self.picture = now, None  # what it says depends on it

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        zero = self.now if self._is_ago(high - low) and self.now is not None else ticks.midnight(low)
        apart = self.narrow if self._is_ago(high - low) else self.wide
        return [(1.0, ticks.time_ticks(low, high, max(int(size / apart), 1), zero))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        low, high = self.range
        if self._is_ago(high - low) and self.now is not None:
            return [ticks.ago(self.now - value) for value in values]
        return [ticks.clock(value, seconds=high - low < ticks.WITH_SECONDS) for value in values]

    def _is_ago(self, span: float) -> bool:
        return self.now is not None and span <= ticks.AGO_UP_TO


def dress(axis: pg.AxisItem, pens: Pens) -> None:
    """Colours and font, and no ticks but words."""
    axis.enableAutoSIPrefix(False)
    axis.setPen(pens.frame)
    axis.setTextPen(pens.dim)
    axis.setTickFont(pens.font)
    axis.setStyle(
        tickLength=0, tickTextOffset=4, autoExpandTextSpace=False, autoReduceTextSpace=False,
        hideOverlappingLabels=round(pens.metrics.horizontalAdvance("00:00:00") / 2) + 4,  # how far past the edge
    )  # fmt: skip
