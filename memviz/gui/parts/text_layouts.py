"""Text layouts of one font, kept between paints: Qt lays a text out anew each time that it is drawn."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText

MOST = 4000  # layouts that are kept


class TextLayout(NamedTuple):
    """A text ready to be drawn, and its width in pixels."""

    text: QStaticText
    width: float


class TextLayouts:
    """Layouts of single lines of plain text. A painter draws them fastest with the same `font`."""

    def __init__(self, font: QFont) -> None:
        self.font, self.metrics = font, QFontMetricsF(font)
        self._whole: dict[str, TextLayout] = {}
        self._elided: dict[tuple[str, int], TextLayout] = {}  # by text and room

    def whole(self, text: str) -> TextLayout:
        """The layout of the whole text."""
        if text not in self._whole:
            self._keep(self._whole, text, text)
        return self._whole[text]

    def elided(self, text: str, room: int, mode: Qt.TextElideMode) -> TextLayout:
        """The layout of the text in `room` pixels; an ellipsis stands for what has no room."""
        layout = self.whole(text)
        if layout.width <= room:
            return layout
        if (text, room) not in self._elided:
            self._keep(self._elided, (text, room), self.metrics.elidedText(text, mode, room))
        return self._elided[text, room]

    def _keep(self, kept: dict[Any, TextLayout], key: object, shown: str) -> None:
        if len(kept) > MOST:
            kept.clear()
        static = QStaticText(shown)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.prepare(font=self.font)
        kept[key] = TextLayout(static, self.metrics.horizontalAdvance(shown))
