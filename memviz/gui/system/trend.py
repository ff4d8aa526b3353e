"""A small curve of the session: how long tasks waited for memory."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from memviz.gui.theme import Theme

LONGEST = 600  # readings that are kept


class Trend(QWidget):
    """Percentages over time (seconds since 1970), the highest written beside it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: deque[tuple[float, float]] = deque(maxlen=LONGEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._line, self._curve, self._text = QPen(theme.line), QPen(theme.warn, 1.5), theme.dim
        self.update()

    def add(self, time: float, value: float) -> None:
        if not self._points or time > self._points[-1][0]:
            self._points.append((time, value))
            words = self.words()
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.update()

    def words(self) -> str:
        """What the curve shows."""
        if len(self._points) < 2:
            return "Waiting for memory: the curve begins."
        minutes = (self._points[-1][0] - self._points[0][0]) / 60
        return f"Waiting for memory over {minutes:.0f} min: {self.highest:.1f} % at most."

    @property
    def highest(self) -> float:
        return max((value for _, value in self._points), default=0.0)

    def sizeHint(self) -> QSize:
        return QSize(160, self.fontMetrics().height() * 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        label = f"{self.highest:.1f} %"
        room = self.fontMetrics().horizontalAdvance(label) + 6
        box = QRectF(0, 2, self.width() - room, self.height() - 4)
        painter.setPen(self._text)
        painter.drawText(QRectF(box.right() + 4, 0, room, self.height()), int(Qt.AlignmentFlag.AlignVCenter), label)
        painter.setPen(self._line)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if len(self._points) > 1:
            first, last, top = self._points[0][0], self._points[-1][0], max(self.highest, 1.0)
            span = max(last - first, 1.0)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._curve)
            painter.drawPolyline(QPolygonF([
                QPointF(box.left() + box.width() * (time - first) / span, box.bottom() - box.height() * value / top)
                for time, value in self._points
            ]))  # fmt: skip
        painter.end()
