"""How names and bars are painted: everything else Qt paints by itself."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPen, QPolygon
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from memviz.gui.parts.cells import CellDelegate, is_special
from memviz.gui.tables.frames import REGIONS
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import TREE

PADDING = 8  # pixels
STEP = 18  # pixels, of the sign that unfolds and of the indentation
Index = QModelIndex | QPersistentModelIndex


class IndentedDelegate(CellDelegate):
    """Leaves room before texts: else they touch the numbers of the column before."""

    def indent(self, painter: QPainter, rect: QRect, line: int) -> int:
        """How much, in pixels; what is to stand there may be painted here."""
        return PADDING

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        widget, rect = option.widget, QRect(option.rect)
        if is_special(option):  # also below the room
            widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)
        option.rect = rect.adjusted(self.indent(painter, rect, index.row()), 0, 0, 0)
        super().paint(painter, option, index)


class NameDelegate(IndentedDelegate):
    """Indents regions under their block, before which a sign unfolds it."""

    def __init__(self, model: MemoryModel, parent: QObject) -> None:
        super().__init__(parent)
        self.model = model

    def indent(self, painter: QPainter, rect: QRect, line: int) -> int:
        if self.model.wanted.mode != TREE:
            return 0
        if self.model.level(line) == REGIONS:
            return 2 * STEP
        self._sign(painter, rect, self.model.is_unfolded(line))
        return STEP

    def _sign(self, painter: QPainter, rect: QRect, unfolded: bool) -> None:
        if self.model.looks is None:
            return
        x, y, r = rect.left() + STEP // 2 + 1, rect.center().y() + 1, 3
        if unfolded:
            points = [QPoint(x - r - 1, y - 2), QPoint(x, y + 2), QPoint(x + r + 1, y - 2)]
        else:
            points = [QPoint(x - 2, y - r - 1), QPoint(x + 2, y), QPoint(x - 2, y + r + 1)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.model.looks.line, 1.6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygon(points))
        painter.restore()


class BarDelegate(CellDelegate):
    """Underlays the numbers of one column with bars in the colours of their groups."""

    def __init__(self, model: MemoryModel, parent: QObject) -> None:
        super().__init__(parent)
        self.model = model
        self.column = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        share, model = self.model.share(index.row(), self.column), self.model
        if share > 0 and model.looks is not None:
            rect = option.rect.adjusted(1, 2, -1, -2)
            width = max(round(rect.width() * share), 1)
            brush = model.looks.bars.get(str(model.value(index.row(), "group")), model.looks.dim)
            painter.fillRect(rect.left(), rect.top(), width, rect.height(), brush)
        super().paint(painter, option, index)
