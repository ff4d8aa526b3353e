"""The item that paints one chart: grid, areas, lines, events and the labels at the ends of lines, all in pixels."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types
from pyqtgraph.functions import arrayToQPath, arrayToQPolygonF  # type: ignore[import-untyped]  # as above
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from memviz.gui.live.axes import APART
from memviz.gui.live.events import Event
from memviz.gui.live.pens import Pens
from memviz.gui.live.ring import Floats
from memviz.gui.live.series import written
from memviz.gui.live.shapes import Curve, Picture
from memviz.gui.live.spread import spread
from memviz.gui.live.ticks import value_ticks

GRAB = 6.0  # pixels around an event's line that belong to it
ROWS = 3  # of signs of events below each other, where they are close
TIGHT = 0.92  # of a line's height that labels are apart at least
GAP, EDGE = 6.0, 8.0  # before and behind the labels at the ends of lines


class Canvas(pg.GraphicsObject):  # type: ignore[misc]  # a class without types
    """Lies over the view box; `low` to `high` is what stands between its lower and upper edge."""

    def __init__(self, box: pg.ViewBox, unit: str, pens: Pens) -> None:
        super().__init__(box.parentItem())  # the box would cut off the labels at its right
        self.box, self.unit, self.pens = box, unit, pens
        self.picture = Picture()
        self.low, self.high = 0.0, 1.0
        self.events: list[Event] = []
        self.cursor: float | None = None
        self.message = ""
        self.labels_width, self.names_only = 0.0, False
        self._ends: list[tuple[Curve, str]] = []
        self._placed: list[tuple[Curve, str, float]] = []  # with the middle of each label that was painted
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1)
        box.geometryChanged.connect(self._moved)

    def show_picture(self, picture: Picture, limits: tuple[float, float], events: list[Event], message: str) -> None:
        """`limits` are the values at the lower and the upper edge; `message` stands where there is nothing to draw."""
        self.picture, self.message = picture, message
        self.low, self.high = limits
        self.events = [event for event in events if picture.left <= event.time <= picture.right]
        self._name_ends()
        self.update()

    def set_cursor(self, time: float | None) -> None:
        """While there is one, the labels tell the values there."""
        if time != self.cursor:
            self.cursor = time
            self._name_ends()
            self.update()

    def wanted_labels(self) -> float:
        """How wide the labels would like to be."""
        advance = self.pens.metrics.horizontalAdvance
        widths = [advance(curve.label if self.names_only else f"{curve.label}  {value}") for curve, value in self._ends]
        return max(widths, default=0.0) + GAP + EDGE

    def event_at(self, x: float) -> Event | None:
        """The event whose line is at this pixel; the newest of several."""
        near = [event for event in self.events if abs(self.x_of(event.time) - x) <= GRAB]
        return min(near, key=lambda event: (abs(self.x_of(event.time) - x), -event.time)) if near else None

    def label_at(self, place: QPointF) -> Curve | None:
        """The line whose label is there."""
        if place.x() <= self._area().width():
            return None
        height = self.pens.metrics.height()
        return next((curve for curve, _, middle in self._placed if abs(middle - place.y()) <= height / 2), None)

    @property
    def description(self) -> str:
        """The labels in words, for those who do not see them."""
        return ", ".join(f"{curve.label} {value}" for curve, value in self._ends) or self.message

    def x_of(self, time: float) -> float:
        span = self.picture.right - self.picture.left
        return (time - self.picture.left) / span * self._area().width() if span > 0 else 0.0

    def time_at(self, x: float) -> float:
        width = max(self._area().width(), 1.0)
        return self.picture.left + x / width * (self.picture.right - self.picture.left)

    # -- Qt calls these -----------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._area().adjusted(0, 0, self.labels_width, 0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        area = self._area()
        if area.width() < 2 or area.height() < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self.pens.font)
        self._paint_grid(painter, area)
        painter.save()
        painter.setClipRect(area)
        for curve in reversed(self.picture.curves):
            self._paint_curve(painter, area, curve)
        self._paint_events(painter, area)
        if self.cursor is not None:
            painter.setPen(self.pens.cursor)
            x = round(self.x_of(self.cursor))
            painter.drawLine(x, 0, x, round(area.height()))
        painter.restore()
        if self.message:
            painter.setPen(self.pens.dim)
            painter.drawText(
                area.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message
            )
        self._paint_labels(painter, area)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        rect: QRectF = self.box.rect()
        return rect

    def _moved(self) -> None:
        self.prepareGeometryChange()
        self.setPos(self.box.pos())
        self.update()

    def _xs(self, times: Floats) -> Floats:
        span = max(self.picture.right - self.picture.left, 1e-9)
        return (times - self.picture.left) * (self._area().width() / span)

    def _ys(self, values: Floats) -> Floats:
        height, span = self._area().height(), max(self.high - self.low, 1e-9)
        return height - 1 - (values - self.low) * ((height - 1) / span)

    def _paint_grid(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(self.pens.grid)
        most = max(int(area.height() / (APART * self.pens.metrics.height())), 1)
        for value in value_ticks(self.unit, self.low, self.high, most):
            y = round(float(self._ys(np.array([value]))[0]))
            painter.drawLine(0, y, round(area.width()), y)

    def _paint_curve(self, painter: QPainter, area: QRectF, curve: Curve) -> None:
        if not len(curve.x):
            return
        line = self.pen_of(curve)
        x, y = self._xs(curve.x), self._ys(curve.y)
        if curve.base is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.pens.fills[curve.series.name])
            base = self._ys(curve.base)
            for piece in _pieces(y, curve.finite):
                painter.drawPolygon(_ring_around(x[piece], y[piece], base[piece]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(line)
        if curve.finite:
            painter.drawPolyline(arrayToQPolygonF(x, y))
        else:
            painter.drawPath(arrayToQPath(x, y, connect="finite", finiteCheck=True))

    def pen_of(self, curve: Curve) -> QPen:
        if curve.pin < 0:
            return self.pens.series[curve.series.name]
        pens = self.pens.pinned_dashed if curve.series.dashed else self.pens.pinned
        return pens[curve.pin % len(pens)]

    def _paint_events(self, painter: QPainter, area: QRectF) -> None:
        """A thin line each, with its sign at the top, and a word beside it where there is room until the next."""
        metrics, limit, row = self.pens.metrics, area.width(), 0
        for event in sorted(self.events, key=lambda event: event.time, reverse=True):
            x = round(self.x_of(event.time))
            width = metrics.horizontalAdvance(event.kind.sign) + 6
            left = min(x, area.width() - width)
            row = (row + 1) % ROWS if left + width > limit else 0
            sign = QRectF(left, row * (metrics.height() + 1), width, metrics.height())
            painter.setPen(self.pens.event_lines[event.kind.name])
            painter.drawLine(x, 0, x, round(area.height()))
            painter.fillRect(sign, self.pens.event_fills[event.kind.name])
            painter.setPen(self.pens.ground)
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, event.kind.sign)
            if sign.right() + 8 + metrics.horizontalAdvance(event.short) < limit:
                painter.setPen(self.pens.text)
                painter.drawText(QPointF(sign.right() + 4, sign.top() + metrics.ascent()), event.short)
            limit = sign.left()

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        """What each line is, beside its end, and its value there."""
        height, advance = self.pens.metrics.height(), self.pens.metrics.horizontalAdvance
        self._placed = self._place_labels(area)
        for curve, value, middle in self._placed:
            rect = QRectF(area.width() + GAP, middle - height / 2, self.labels_width - GAP - EDGE, height)
            painter.setPen(self.pen_of(curve))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, curve.label)
            has_value = self.cursor is not None or not self.names_only
            if has_value and advance(f"{curve.label} {value}") <= rect.width():
                painter.setPen(self.pens.text if self.cursor is not None else self.pens.dim)
                painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)

    def _place_labels(self, area: QRectF) -> list[tuple[Curve, str, float]]:
        """Apart from each other; the smallest are left out where room is short."""
        height = self.pens.metrics.height()
        ends = [end for end in self._ends if len(end[0].y)]
        room = max(int(area.height() / (height * TIGHT)), 1)
        if len(ends) > room:
            largest = sorted(ends, key=lambda end: np.nan_to_num(end[0].last), reverse=True)[:room]
            ends = [end for end in ends if end in largest]
        wanted = [self._end_of(curve) for curve, _ in ends]
        places = spread(wanted, height * TIGHT, height / 2, max(area.height() - height / 2, height / 2))
        return [(curve, value, place) for (curve, value), place in zip(ends, places, strict=True)]

    def _end_of(self, curve: Curve) -> float:
        """The pixel of its end; of an area its middle there."""
        last = curve.y[~np.isnan(curve.y)][-1:] if math.isnan(curve.y[-1]) else curve.y[-1:]
        if not len(last):
            return 0.0
        middle = float(last[0])
        if curve.base is not None and not math.isnan(curve.base[-1]):
            middle = (middle + float(curve.base[-1])) / 2
        return min(max(float(self._ys(np.array([middle]))[0]), 0.0), float(self._area().height()))

    def _name_ends(self) -> None:
        """The words of the labels: of the cursor's time, else of the newest."""
        self._ends = []
        for curve in self.picture.curves:
            value = curve.last if self.cursor is None else curve.value_at(self.cursor)
            is_gone = math.isnan(value) or (curve.base is not None and not value)
            if self.cursor is not None or not is_gone:
                self._ends.append((curve, written(curve.series.unit, value)))


def _pieces(y: Floats, finite: bool) -> list[slice]:
    """The stretches without a gap."""
    if finite:
        return [slice(0, len(y))]
    known = np.concatenate(([False], ~np.isnan(y), [False]))
    edges = np.flatnonzero(known[1:] != known[:-1])
    return [slice(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _ring_around(x: Floats, top: Floats, base: Floats) -> QPolygonF:
    """The outline of an area."""
    polygon: QPolygonF = arrayToQPolygonF(np.concatenate((x, x[::-1])), np.concatenate((top, base[::-1])))
    return polygon
