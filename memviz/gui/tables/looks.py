"""What cells look like, made once for a theme and a font: `data()` and `paint()` only look it up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QIcon, QPainter, QPixmap

from memviz.core.categories import GROUPS
from memviz.gui.theme import Theme, fixed_font, mixed

CHIP = 10  # pixels, of the coloured square before a name


class Looks:
    """Colours, chips and fonts of tables."""

    def __init__(self, theme: Theme, font: QFont) -> None:
        names = [group.name for group in GROUPS]
        self.theme = theme
        self.chips = {name: _chip(theme.group(name)) for name in names}
        self.bars = {name: QBrush(mixed(theme.group(name), theme.field, 0.42)) for name in names}
        self.dim, self.alarm, self.new = QBrush(theme.dim), QBrush(theme.alarm), QBrush(theme.new)
        self.line = theme.dim
        self.fixed = fixed_font()
        self.fixed.setPointSizeF(font.pointSizeF() * 0.95)
        self.gone = QFont(font)
        self.gone.setStrikeOut(True)
        self.fixed_gone = QFont(self.fixed)
        self.fixed_gone.setStrikeOut(True)
        self.strong = QFont(font)
        self.strong.setBold(True)


def _chip(colour: QColor) -> QIcon:
    """A rounded square, sharp also where a pixel of the desktop is several of the screen."""
    pixmap = QPixmap(CHIP * 3, CHIP * 3)
    pixmap.setDevicePixelRatio(3)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(0, 0, CHIP, CHIP, 2, 2)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt makes one in the colour of the selection
    return icon
