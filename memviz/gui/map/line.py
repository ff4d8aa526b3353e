"""One line of text that is never cut: it shrinks a little, then elides, and its tooltip tells all of it."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

STEPS = (1.0, 0.92, 0.85, 0.78, 0.7)  # of its size, tried before anything is left out


def spread_font(widget: QWidget, font: QFont) -> None:
    """Gives a widget and all that is in it this font: a style sheet somewhere above keeps Qt from doing so."""
    widget.setFont(font)
    within = widget.findChildren(QWidget)
    for each in within:
        if not isinstance(each, Line):
            each.setFont(font)
    for each in within:
        if isinstance(each, Line):
            each.refit()
            each.updateGeometry()


class Line(QLabel):
    """`say` sets what it tells; `scale` is times the size of its parent's font. The text can be selected and copied."""

    def __init__(self, parent: QWidget, scale: float = 1.0, *, bold: bool = False, shrinks: bool = False) -> None:
        super().__init__(parent)
        self._scale, self._bold, self._steps = scale, bold, STEPS if shrinks else STEPS[:1]
        self._texts: tuple[str, ...] = ("",)
        self._wanted = QSize(0, 0)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer_copy)
        self.refit()

    @property
    def text_in_full(self) -> str:
        return self._texts[0]

    def say(self, *texts: str, tip: str = "") -> None:
        """The text, and shorter forms of it for where there is less room."""
        self._texts = texts or ("",)
        self.setAccessibleName(self._texts[0])
        words = "\n".join(filter(None, (self._texts[0], tip)))
        self.setToolTip("<p>" + html.escape(words).replace("\n", "<br>") + "</p>" if words else "")
        self.refit()

    def colour(self, colour: QColor) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self.setPalette(palette)

    def resize_text(self, scale: float) -> None:
        self._scale = scale
        self.refit()

    def take_of(self, room: float) -> None:
        """Takes no more of some room than the longest of its texts that fits there needs."""
        metrics = QFontMetricsF(self._font(1.0))
        wanted = (metrics.horizontalAdvance(text) + 2 for text in self._texts)
        self.setFixedWidth(round(max(next((each for each in wanted if each <= room), room), 0)))

    def refit(self) -> None:
        """Fits the text into its width as it is now."""
        for text in self._texts:
            for step in self._steps:
                metrics = QFontMetricsF(self._font(step))
                if metrics.horizontalAdvance(text) <= self.width():
                    self._show(text, step)
                    return
        metrics = QFontMetricsF(self._font(self._steps[-1]))
        self._show(metrics.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, self.width()), self._steps[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refit()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._font(1.0))
        return QSize(round(metrics.horizontalAdvance(self._texts[0])) + 2, round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def _show(self, text: str, step: float) -> None:
        font = self._font(step)
        if font != self.font():
            self.setFont(font)
        if text != self.text():
            self.setText(text)

    def _font(self, step: float) -> QFont:
        parent = self.parentWidget()
        font = QFont(parent.font() if parent is not None else self.font())
        font.setPointSizeF(max(font.pointSizeF(), 5.0) * self._scale * step)
        font.setBold(self._bold)
        return font

    def _offer_copy(self, where: QPoint) -> None:
        menu = QMenu(self)
        if self.hasSelectedText():
            chosen = self.selectedText()
            menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(chosen))
        menu.addAction("Copy the sentence", lambda: QGuiApplication.clipboard().setText(self._texts[0]))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(where))
