"""What a part of memory is made of, as one bar with its words below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from memviz import units
from memviz.gui.inspector.shares import Share
from memviz.gui.theme import Theme


class ShareBar(QWidget):
    """Strong for what only this process has, quiet for what others have too, empty for what is not in memory."""

    HEIGHT = 12

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: tuple[Share, ...] = ()
        self._group = ""
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: tuple[Share, ...], group: str, theme: Theme) -> None:
        self._shares, self._group, self._theme = shares, group, theme
        words = self.words()
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setVisible(bool(shares))
        self.update()

    def words(self) -> str:
        """`private 8.0 KiB · shared 1.3 MiB`"""
        return " · ".join(f"{share.title} {units.size(share.size)}" for share in self._shares)

    def sizeHint(self) -> QSize:
        return QSize(200, self.HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None or not self._shares:
            return
        painter, theme = QPainter(self), self._theme
        hue, quiet = theme.group(self._group), theme.quiet_group(self._group)
        brushes = {
            "private": QBrush(hue), "shared": QBrush(quiet), "pool": QBrush(quiet, Qt.BrushStyle.Dense4Pattern),
            "swap": QBrush(theme.warn, Qt.BrushStyle.BDiagPattern), "absent": QBrush(theme.empty),
        }  # fmt: skip
        whole = sum(share.size for share in self._shares)
        at, room = 0.0, float(self.width() - 1)
        for share in self._shares:
            width = room * share.size / whole
            painter.fillRect(QRectF(at, 0, width, self.HEIGHT - 1), brushes[share.look])
            at += width
        painter.setPen(QPen(theme.line))
        painter.drawRect(QRectF(0, 0, room, self.HEIGHT - 1))
        painter.end()
