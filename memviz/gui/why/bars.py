"""Paints the bar of a step: each begins where the one before has ended, so that sums can be seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionViewItem

from memviz.core.why import APART, MINUS, OF_WHICH, PLUS, TOTAL, Line
from memviz.gui.parts.cells import CellDelegate
from memviz.gui.parts.roles import Index
from memviz.gui.theme import Theme, mixed
from memviz.gui.why.model import LINE

GROUPS = {"anonymous": "anonymous", "file": "file", "shmem": "shared"}  # whose hue a kind of page has


class StepBars(CellDelegate):
    """One for a table; `set_scale` tells up to which size the column reaches."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scale = 1
        self.set_theme(theme)

    def set_scale(self, scale: int) -> None:
        self._scale = max(scale, 1)

    def set_theme(self, theme: Theme) -> None:
        self._edge, self._cut = QPen(theme.dim), QBrush(theme.field)
        self._brushes = {
            TOTAL: QBrush(theme.accent), OF_WHICH: QBrush(theme.dim), APART: QBrush(mixed(theme.dim, theme.field, 0.5)),
            MINUS: QBrush(theme.dim, Qt.BrushStyle.BDiagPattern), PLUS: QBrush(mixed(theme.accent, theme.field, 0.6)),
        }  # fmt: skip
        self._kinds = {name: QBrush(theme.group(group)) for name, group in GROUPS.items()}
        self._guide = QPen(theme.line, 1, Qt.PenStyle.DotLine)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)  # the ground, selected or not
        line: Line = index.data(LINE)
        if line.size is None:
            return
        row: QRect = option.rect
        box = QRectF(row).adjusted(6, 4, -6, -4)
        low, high = line.span
        left = box.left() + box.width() * min(low / self._scale, 1.0)
        right = box.left() + box.width() * min(high / self._scale, 1.0)
        bar = QRectF(left, box.top(), max(right - left, 1.0 if line.size else 0.0), box.height())
        painter.save()
        if line.sign != APART:
            painter.setPen(self._guide)
            edge = right if line.sign == TOTAL else left
            painter.drawLine(QPointF(edge, row.top()), QPointF(edge, row.bottom()))
        painter.fillRect(bar, self._kinds.get(line.name, self._brushes[line.sign]))
        if line.sign == MINUS:
            painter.setPen(self._edge)
            painter.drawRect(bar)
        if high > self._scale:
            self._tear(painter, box)
        painter.restore()

    def _tear(self, painter: QPainter, box: QRectF) -> None:
        """What does not fit is torn off near its end."""
        at, step, count = box.right() - 22, box.height() / 4, 5
        left = [QPointF(at + (3 if i % 2 else -3), box.top() + step * i) for i in range(count)]
        right = [QPointF(point.x() + 6, point.y()) for point in reversed(left)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._cut)
        painter.drawPolygon(QPolygonF([*left, *right]))
