"""A delegate that paints cells of tables from kept text layouts."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from memviz.gui.parts.roles import ALIGN, COLOUR, DECORATION, DISPLAY, FONT, LEFT, Index
from memviz.gui.parts.text_layouts import TextLayout, TextLayouts

MOST_FONTS = 16  # of a model, whose layouts are kept
RIGHT_SIDE, TOP_SIDE = int(Qt.AlignmentFlag.AlignRight), int(Qt.AlignmentFlag.AlignTop)
SPECIAL = (
    QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
).value  # an int: an operator of an enum takes as long as the painting of a cell


class _CellTexts:
    """Layouts of the texts of a view in one font, and the measures of a cell with them."""

    def __init__(self, font: QFont, view: QWidget) -> None:
        assert isinstance(view, QTableView)
        self.layouts = TextLayouts(font)
        self.margin = view.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, view) + 1
        self.height = round(self.layouts.metrics.height())
        self._view = view

    def layout(self, text: str, room: int) -> TextLayout | None:
        """The layout of a text in `room` pixels; None if it takes several lines or not even an ellipsis has room."""
        layout = self.layouts.whole(text)
        if "\n" in text or (layout.width > room and self._view.wordWrap()):
            return None
        if layout.width > room:
            layout = self.layouts.elided(text, room, self._view.textElideMode())
        return layout if layout.width <= room else None


def is_special(option: QStyleOptionViewItem) -> bool:
    """Whether more than text belongs to a cell: it is selected, pointed at, or has the focus."""
    return bool(option.state.value & SPECIAL)


class CellDelegate(QStyledItemDelegate):
    """Paint cells as QStyledItemDelegate does. It paints itself those that are selected, pointed at, folded or have an
    icon."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts: dict[int, _CellTexts] = {}  # by the id of their font, which they keep alive
        self._usual: _CellTexts | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        data = index.model().data
        if is_special(option) or data(index, DECORATION) is not None:
            super().paint(painter, option, index)
            return
        text = data(index, DISPLAY)
        if not text:
            return
        texts, align, colour = self._in(data(index, FONT), option), data(index, ALIGN) or LEFT, data(index, COLOUR)
        rect: QRect = option.rect
        left, width = rect.x() + texts.margin, rect.width() - 2 * texts.margin
        if (layout := texts.layout(text, width)) is None:
            super().paint(painter, option, index)
            return
        x = left + width - layout.width if align & RIGHT_SIDE else left
        y = rect.y() if align & TOP_SIDE else rect.y() + (rect.height() - texts.height) // 2
        painter.setFont(texts.layouts.font)
        if colour is None:
            painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        else:
            painter.setPen(colour.color() if isinstance(colour, QBrush) else colour)
        painter.drawStaticText(QPointF(x, y), layout.text)

    def _in(self, font: QFont | None, option: QStyleOptionViewItem) -> _CellTexts:
        """The layouts in a font of the model, or in that of the view."""
        if font is None:
            if self._usual is None or self._usual.layouts.font != option.font:  # another object each time
                self._usual = _CellTexts(QFont(option.font), option.widget)  # the field dies with the option
            return self._usual
        if id(font) not in self._texts:
            if len(self._texts) > MOST_FONTS:
                self._texts.clear()
            self._texts[id(font)] = _CellTexts(font, option.widget)
        return self._texts[id(font)]
