"""The item that paints one chart: grid, areas, lines, events and the labels at the ends of lines, all in pixels."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types
from pyqtgraph.functions import arrayToQPath, arrayToQPolygonF  # type: ignore[import-untyped]  # as above
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from memviz.gui.live.axes import APART
from memviz.gui.live.events import Event
from memviz.gui.live.labels import Labels
from memviz.gui.live.pens import Pens
from memviz.gui.live.pyramid import Floats
from memviz.gui.live.shapes import Curve, Picture
from memviz.gui.live.ticks import value_ticks

GRAB = 6.0  # pixels around an event's line that belong to it
ROWS = 3  # of signs of events below each other, where they are close


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
        self.labels = Labels()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1)
        box.geometryChanged.connect(self._moved)

    def show_picture(self, picture: Picture, limits: tuple[float, float], events: list[Event], message: str) -> None:
        """`limits` are the values at the lower and the upper edge; `message` stands where there is nothing to draw."""
        self.picture, self.message = picture, message
        self.low, self.high = limits
        self.events = [event for event in events if picture.left <= event.time <= picture.right]
        self.labels.name(self.picture, self.cursor)
        self.update()

    def set_cursor(self, time: float | None) -> None:
        """While there is one, the labels tell the values there."""
        if time != self.cursor:
            self.cursor = time
            self.labels.name(self.picture, self.cursor)
            self.update()

    def event_at(self, x: float) -> Event | None:
        """The event whose line is at this pixel; the newest of several."""
        near = [event for event in self.events if abs(self.x_of(event.time) - x) <= GRAB]
        return min(near, key=lambda event: (abs(self.x_of(event.time) - x), -event.time)) if near else None

    def label_at(self, place: QPointF) -> Curve | None:
        """The line whose label is there."""
        return self.labels.at(place.y(), self.pens) if place.x() > self._area().width() else None

    def set_labels(self, width: float) -> None:
        """The room for labels at the right."""
        self.prepareGeometryChange()
        self.labels.width = width

    def x_of(self, time: float) -> float:
        span = self.picture.right - self.picture.left
        return (time - self.picture.left) / span * self._area().width() if span > 0 else 0.0

    def time_at(self, x: float) -> float:
        width = max(self._area().width(), 1.0)
        return self.picture.left + x / width * (self.picture.right - self.picture.left)

    # -- Qt calls these -----------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._area().adjusted(0, 0, self.labels.width, 0)

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
        self.labels.paint(painter, area, self.pens, self._y)

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

    def _y(self, value: float) -> float:
        return float(self._ys(np.array([value]))[0])

    def _paint_grid(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(self.pens.grid)
        most = max(int(area.height() / (APART * self.pens.metrics.height())), 1)
        for value in value_ticks(self.unit, self.low, self.high, most):
            y = round(self._y(value))
            painter.drawLine(0, y, round(area.width()), y)

    def _paint_curve(self, painter: QPainter, area: QRectF, curve: Curve) -> None:
        if not len(curve.x):
            return
        line = self.pens.of(curve)
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
