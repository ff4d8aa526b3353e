"""The box beside the cursor: the time, what happened then, and the value of every line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from memviz.gui.live.pens import Pens

PAD, SWATCH, APART = 6, 8, 12  # pixels


class Row(NamedTuple):
    """A line of the box; without a pen it is a sentence of its own."""

    name: str
    value: str = ""
    pen: QPen | None = None


class Readout(QWidget):
    """Painted plainly over the plots; the mouse goes through it."""

    def __init__(self, pens: Pens, parent: QWidget) -> None:
        super().__init__(parent)
        self.pens = pens
        self.rows: tuple[Row, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Values at the cursor")
        self.hide()

    def show_rows(self, rows: Sequence[Row], at: QPoint, area: QRect) -> None:
        """Beside a point, inside an area."""
        changed, self.rows = tuple(rows) != self.rows, tuple(rows)
        if changed:
            self.setAccessibleDescription(self.text)
            self.resize(self._needed())
        self.move(beside(at, self.size(), area))
        self.show()
        self.raise_()
        self.update()

    @property
    def text(self) -> str:
        return "\n".join(f"{row.name}\t{row.value}" if row.value else row.name for row in self.rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.pens.font)
        painter.setPen(self.pens.frame)
        painter.setBrush(self.pens.raised)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        line, left, right = self.pens.metrics.height(), float(PAD), self.width() - float(PAD)
        for number, row in enumerate(self.rows):
            y = PAD + number * line
            if row.pen is not None:
                painter.fillRect(QRectF(left, y + (line - SWATCH) / 2, SWATCH, SWATCH), row.pen.color())
            painter.setPen(self.pens.text if row.pen is None else self.pens.dim)
            start = left + (SWATCH + 5 if row.pen is not None else 0)
            painter.drawText(QRectF(start, y, right - start, line), Qt.AlignmentFlag.AlignVCenter, row.name)
            painter.setPen(self.pens.text)
            way = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(start, y, right - start, line), way, row.value)
        painter.end()

    def _needed(self) -> QSize:
        metrics = self.pens.metrics
        wide = 0.0
        for row in self.rows:
            value = metrics.horizontalAdvance(row.value) + APART if row.value else 0
            wide = max(wide, metrics.horizontalAdvance(row.name) + value + (SWATCH + 5 if row.pen is not None else 0))
        return QSize(round(wide) + 2 * PAD + 1, round(len(self.rows) * metrics.height()) + 2 * PAD)


def beside(at: QPoint, size: QSize, area: QRect) -> QPoint:
    """Where a box of this size stands beside a point: at its right, else at its left, and not past the area's edge."""
    x = at.x() + APART
    if x + size.width() > area.right() + 1:
        x = at.x() - APART - size.width()
    y = at.y() + APART
    x = max(min(x, area.right() + 1 - size.width()), area.left())
    return QPoint(x, max(min(y, area.bottom() + 1 - size.height()), area.top()))
