"""Pens, brushes and fonts of the plots, made once for a theme and a size of text."""

from __future__ import annotations

import html
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QGuiApplication, QPen

from memviz.gui.live.events import KINDS
from memviz.gui.live.series import SERIES
from memviz.gui.live.shapes import Curve
from memviz.gui.theme import Theme, mixed

PINNED = ("group:data", "group:file", "group:heap", "group:library", "group:stack")  # colours of pinned processes
FILL = 0.72  # of the hue of a stacked area; its upper edge has all of it
SMALL = 0.88  # of the font of the application


def colour(theme: Theme, name: str) -> QColor:
    """`group:heap`, or the name of one of the theme's colours."""
    kind, found, group = name.partition(":")
    if found:
        return theme.group(group)
    result: QColor = getattr(theme, kind)
    return result


class Pens:
    """What `paint` uses: it makes none of its own."""

    def __init__(self, theme: Theme, text_scale: float) -> None:
        self.theme, self.text_scale = theme, text_scale
        self.series = {each.name: pen(colour(theme, each.colour)) for each in SERIES}
        self.fills = {each.name: QBrush(mixed(colour(theme, each.colour), theme.ground, FILL)) for each in SERIES}
        self.pinned = [pen(colour(theme, name)) for name in PINNED]
        self.pinned_dashed = [pen(colour(theme, name), dashed=True) for name in PINNED]
        self.event_lines = {kind.name: pen(mixed(colour(theme, kind.colour), theme.ground, 0.6)) for kind in KINDS}
        self.event_fills = {kind.name: QBrush(colour(theme, kind.colour)) for kind in KINDS}
        self.text, self.dim, self.ground = pen(theme.text), pen(theme.dim), pen(theme.ground)
        self.grid = pen(mixed(theme.line, theme.ground, 0.55))
        self.frame = pen(theme.line)
        self.cursor = pen(theme.dim)
        self.back = QBrush(theme.ground)
        self.raised = QBrush(theme.raised)
        self.font = small_font(text_scale)
        self.metrics = QFontMetricsF(self.font)

    def of(self, curve: Curve) -> QPen:
        """The pen of a line: of its series, or of the pinned process that it belongs to."""
        if curve.pin < 0:
            return self.series[curve.series.name]
        pens = self.pinned_dashed if curve.series.dashed else self.pinned
        return pens[curve.pin % len(pens)]


def pen(of: QColor, *, dashed: bool = False) -> QPen:
    """One pixel wide whatever the scale: that is what Qt draws fastest."""
    result = QPen(of)
    result.setCosmetic(True)
    result.setWidth(1)
    if dashed:
        result.setStyle(Qt.PenStyle.CustomDashLine)
        result.setDashPattern([5, 3])
    return result


def tip(lines: Iterable[str]) -> str:
    """A tooltip that takes no text for markup, whoever wrote it; empty without lines."""
    text = "<br>".join(html.escape(line) for line in lines)
    return f"<qt>{text}</qt>" if text else ""


def small_font(scale: float) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(max(font.pointSizeF(), 6.0) * SMALL * scale)
    return font
