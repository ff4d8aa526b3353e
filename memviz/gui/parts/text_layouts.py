"""Text layouts of one font, kept between paints: Qt lays a text out anew each time that it is drawn."""

from __future__ import annotations

from typing import NamedTuple

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
        self._kept: dict[tuple[str, int], TextLayout] = {}  # by text and room; -1 where nothing is cut

    def whole(self, text: str) -> TextLayout:
        """The layout of the whole text."""
        return self._kept.get((text, -1)) or self._keep((text, -1), text)

    def elided(self, text: str, room: int, mode: Qt.TextElideMode) -> TextLayout:
        """The layout of the text in `room` pixels; an ellipsis stands for what has no room."""
        layout = self.whole(text)
        if layout.width <= room:
            return layout
        return self._kept.get((text, room)) or self._keep((text, room), self.metrics.elidedText(text, mode, room))

    def _keep(self, key: tuple[str, int], shown: str) -> TextLayout:
        if len(self._kept) > MOST:
            self._kept.clear()
        static = QStaticText(shown)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.prepare(font=self.font)
        self._kept[key] = layout = TextLayout(static, self.metrics.horizontalAdvance(shown))
        return layout
