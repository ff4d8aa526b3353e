"""One entry of the legend: colour, name, how much, and a bar of its share."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from memviz.gui.theme import Theme, mixed

PAD = 5  # around the text, in pixels
BAR = 4  # height of the bar
FADED = 0.4  # what a chip keeps of its ink while others are chosen
OF = "  of "


@dataclass(frozen=True, slots=True)
class Entry:
    """`share` of the whole and `strong` of it (what only this process keeps) are from 0 to 1; `change` is a text with
    its sign, `grows` tells which."""

    name: str
    colour: QColor
    quiet: QColor
    value: str = ""
    of: str = ""
    share: float = 0.0
    strong: float = 0.0
    change: str = ""
    grows: bool = True
    tip: str = ""
    hollow: bool = False  # nothing of it is in memory, as a rule: an outline
    filter: str = ""  # what a click shows only; nothing happens without one


class Chip(QAbstractButton):
    """Space, Enter and the mouse click it; `chosen` and `faded` follow the filter. A bare one has only its name."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry: Entry | None = None
        self._hints: dict[bool, QSize] = {}  # by whether it is bare; asked for several times in each resize
        self._fonts = self._make_fonts()
        self.chosen = self.faded = self.is_short = self.is_bare = self.alone = False
        self.theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_entry(self, entry: Entry, *, is_short: bool) -> None:
        if entry != self.entry or is_short != self.is_short:
            self.entry, self.is_short = entry, is_short
            self._hints.clear()
            words = " ".join(
                filter(None, (entry.name, entry.value, f"of {entry.of}" if entry.of else "", entry.change))
            )
            self.setAccessibleName(words)
            self.setAccessibleDescription(entry.tip)
            self.setToolTip(entry.tip)
            cursor = Qt.CursorShape.PointingHandCursor if entry.filter else Qt.CursorShape.ArrowCursor
            self.setCursor(cursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if entry.filter else Qt.FocusPolicy.NoFocus)
            self.update()

    def set_bare(self, is_bare: bool) -> None:
        if is_bare != self.is_bare:
            self.is_bare = is_bare
            self.update()

    def hint(self, *, bare: bool) -> QSize:
        """What its name alone needs, or name and numbers."""
        if bare not in self._hints:
            self._hints[bare] = self._bare_hint() if bare else self._whole_hint()
        return self._hints[bare]

    def sizeHint(self) -> QSize:
        """What it needs so that nothing of it is cut, as it is now."""
        return self.hint(bare=self.is_bare)

    def _bare_hint(self) -> QSize:
        usual = QFontMetricsF(self._fonts[0])
        name = usual.height() * 0.62 + 5 + usual.horizontalAdvance(self.entry.name if self.entry is not None else "")
        return QSize(round(name) + 2 * PAD, round(usual.height()) + 4)

    def set_state(self, *, chosen: bool, faded: bool) -> None:
        if (chosen, faded) != (self.chosen, self.faded):
            self.chosen, self.faded = chosen, faded
            self.update()

    def _whole_hint(self) -> QSize:
        if self.entry is None:
            return QSize(0, 0)
        usual, small = (QFontMetricsF(font) for font in self._fonts)
        entry, square = self.entry, usual.height() * 0.62 + 5
        name, change = square + usual.horizontalAdvance(entry.name), small.horizontalAdvance(entry.change)
        value = small.horizontalAdvance(entry.value)
        if self.is_short:
            width = name + (8 + value) * bool(entry.value) + (8 + change) * bool(change)
            return QSize(round(width) + 2 * PAD, round(usual.height()) + (BAR + 2) * bool(entry.value) + 4)
        value += small.horizontalAdvance(OF + entry.of) if entry.of else 0
        if not entry.value:
            return QSize(round(name) + 2 * PAD, round(usual.height()) + 5)
        width = max(name + (10 + change) * bool(change), value)
        return QSize(round(width) + 2 * PAD, round(usual.height() + small.height()) + BAR + 8)

    # -- what Qt tells ------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fonts = self._make_fonts()
            self._hints.clear()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.alone = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.alone = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.entry is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self._draw_ground(painter, box)
        painter.setOpacity(FADED if self.faded and not self.underMouse() else 1.0)
        usual, small = self._fonts
        inner = box.adjusted(PAD, 2, -PAD, -3)
        self._draw_name(painter, inner, usual)
        if self.is_bare:
            return
        self._draw_value(painter, inner, QFontMetricsF(usual), small)
        if self.entry.value:
            self._draw_bar(painter, QRectF(inner.x(), inner.bottom() - BAR, inner.width(), BAR))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _draw_ground(self, painter: QPainter, box: QRectF) -> None:
        theme = self.theme
        acts = self.entry is not None and bool(self.entry.filter)
        if self.chosen or (acts and (self.underMouse() or self.hasFocus())):
            painter.setPen(QPen(theme.accent if self.chosen or self.hasFocus() else theme.line))
            painter.setBrush(mixed(theme.selected, theme.ground, 0.55) if self.chosen else theme.raised)
            painter.drawRoundedRect(box, 4, 4)

    def _draw_name(self, painter: QPainter, inner: QRectF, font: QFont) -> None:
        assert self.entry is not None
        metrics = QFontMetricsF(font)
        side = metrics.height() * 0.62
        square = QRectF(inner.x(), inner.y() + (metrics.height() - side) / 2, side, side)
        painter.setPen(QPen(self.entry.colour, 1.2) if self.entry.hollow else Qt.PenStyle.NoPen)
        painter.setBrush(self.entry.quiet if self.entry.hollow else self.entry.colour)
        painter.drawRoundedRect(square, 2, 2)
        painter.setFont(font)
        painter.setPen(self.theme.text)
        line = QRectF(inner.x() + side + 5, inner.y(), inner.width() - side - 5, metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self.entry.name)

    def _draw_value(self, painter: QPainter, inner: QRectF, usual: QFontMetricsF, font: QFont) -> None:
        assert self.entry is not None
        painter.setFont(font)
        small, entry, right = QFontMetricsF(font), self.entry, Qt.AlignmentFlag.AlignRight
        first = QRectF(inner.x(), inner.y() + usual.ascent() - small.ascent(), inner.width(), small.height())
        if self.is_short:
            painter.setPen(self.theme.text)
            painter.drawText(first, right, entry.value)
            first.adjust(0, 0, -small.horizontalAdvance(entry.value) - 8, 0)
        if entry.change:
            painter.setPen(self.theme.new if entry.grows else self.theme.gone)
            painter.drawText(first, right, entry.change)
        if not self.is_short:
            second = QRectF(inner.x(), inner.y() + usual.height() + 1, inner.width(), small.height())
            painter.setPen(self.theme.text)
            painter.drawText(second, Qt.AlignmentFlag.AlignLeft, entry.value)
            if entry.of:
                second.adjust(small.horizontalAdvance(entry.value), 0, 0, 0)
                painter.setPen(self.theme.dim)
                painter.drawText(second, Qt.AlignmentFlag.AlignLeft, OF + entry.of)

    def _draw_bar(self, painter: QPainter, rect: QRectF) -> None:
        assert self.entry is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(self.theme.line, self.theme.ground, 0.75))
        painter.drawRect(rect)
        if self.entry.share > 0:
            width = max(rect.width() * self.entry.share, 1.5)
            painter.setBrush(self.entry.quiet)
            painter.drawRect(QRectF(rect.x(), rect.y(), width, rect.height()))
            painter.setBrush(self.entry.colour)
            painter.drawRect(QRectF(rect.x(), rect.y(), width * self.entry.strong, rect.height()))

    def _make_fonts(self) -> tuple[QFont, QFont]:
        usual, small = QFont(self.font()), QFont(self.font())
        size = max(usual.pointSizeF(), 5.0)
        usual.setPointSizeF(size * 0.96)
        small.setPointSizeF(size * 0.88)
        return usual, small
