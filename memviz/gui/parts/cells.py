"""Cells of tables, painted from texts that are kept laid out: Qt lays the text of every cell out whenever it paints."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QPointF, QRect, Qt
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetricsF,
    QPainter,
    QPalette,
    QStaticText,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from memviz.gui.parts.roles import ALIGN, COLOUR, DECORATION, DISPLAY, FONT, LEFT, Index

MOST_TEXTS, MOST_FONTS = 4000, 16  # that are kept
RIGHT_SIDE, TOP_SIDE = int(Qt.AlignmentFlag.AlignRight), int(Qt.AlignmentFlag.AlignTop)
SPECIAL = (
    QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
).value  # as a number: operators of enums take longer than painting
TEXT = QPalette.ColorRole.Text


class _Laid(NamedTuple):
    text: QStaticText
    width: float


class _Letters:
    """A font, and the texts that are laid out in it."""

    def __init__(self, font: QFont, view: QWidget) -> None:
        assert isinstance(view, QTableView)
        self.font, self.metrics = font, QFontMetricsF(font)
        self.margin = view.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, view) + 1
        self.height = round(self.metrics.height())
        self._view = view
        self._kept: dict[object, _Laid] = {}  # by text, or by text and room where it is cut

    def lay(self, text: str, room: int) -> _Laid | None:
        """A text in so many pixels, perhaps cut; None where it takes several lines or has no room at all."""
        whole = self._keep(text, text)
        if whole.width <= room and "\n" not in text:
            return whole
        if self._view.wordWrap() or "\n" in text:
            return None
        cut = self._keep((text, room), lambda: self.metrics.elidedText(text, self._view.textElideMode(), room))
        return cut if cut.width <= room else None

    def _keep(self, key: object, shown: str | Callable[[], str]) -> _Laid:
        if key not in self._kept:
            if len(self._kept) > MOST_TEXTS:
                self._kept.clear()
            laid = QStaticText(shown if isinstance(shown, str) else shown())
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.prepare(font=self.font)
            self._kept[key] = _Laid(laid, self.metrics.horizontalAdvance(laid.text()))
        return self._kept[key]


def is_special(option: QStyleOptionViewItem) -> bool:
    """Whether more than text belongs to a cell: it is selected, pointed at, or has the focus."""
    return bool(option.state.value & SPECIAL)


class CellDelegate(QStyledItemDelegate):
    """Paints as QStyledItemDelegate does. What is selected, pointed at, folded or has an icon is left to it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._letters: dict[int, _Letters] = {}  # by id of a font that is kept in them
        self._usual: _Letters | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        data = index.model().data
        if is_special(option) or data(index, DECORATION) is not None:
            super().paint(painter, option, index)
            return
        text = data(index, DISPLAY)
        if not text:
            return
        letters, align, ink = self._in(data(index, FONT), option), data(index, ALIGN) or LEFT, data(index, COLOUR)
        rect: QRect = option.rect
        left, width = rect.x() + letters.margin, rect.width() - 2 * letters.margin
        if (laid := letters.lay(text, width)) is None:
            super().paint(painter, option, index)
            return
        x = left + width - laid.width if align & RIGHT_SIDE else left
        y = rect.y() if align & TOP_SIDE else rect.y() + (rect.height() - letters.height) // 2
        painter.setFont(letters.font)
        painter.setPen(option.palette.color(TEXT) if ink is None else ink.color() if isinstance(ink, QBrush) else ink)
        painter.drawStaticText(QPointF(x, y), laid.text)

    def _in(self, font: QFont | None, option: QStyleOptionViewItem) -> _Letters:
        if font is None:  # that of the view, which is another object each time
            if self._usual is None or self._usual.font != option.font:
                self._usual = _Letters(QFont(option.font), option.widget)  # the field dies with the option
            return self._usual
        if id(font) not in self._letters:
            if len(self._letters) > MOST_FONTS:
                self._letters.clear()
            self._letters[id(font)] = _Letters(font, option.widget)
        return self._letters[id(font)]
