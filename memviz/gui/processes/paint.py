"""How a line looks: name, bar, number, sparkline. Colours and fonts are made when the theme or the font changes."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow
from memviz.core.state import ENDING
from memviz.gui.parts.roles import RIGHT, Index
from memviz.gui.parts.text_layouts import TextLayout, TextLayouts
from memviz.gui.processes.census import FRESH
from memviz.gui.processes.columns import LIST_COLUMNS, NAME, NUMBER, SORTED_BY, TREND, ListColumn
from memviz.gui.processes.history import SECONDS
from memviz.gui.processes.people import OLD, People, lives_on
from memviz.gui.processes.tree import Line
from memviz.gui.theme import Theme, mixed

PAD, STEP, SIGN, EDGE = 6, 12, 12, 3  # pixels: beside a text, a level of the tree, its triangle, the bar of the target
NUMBER_PAD = 4  # as the header has it
FARTHEST = 320  # pixels from the left edge of the name that its number may be away
LONGEST = 300  # letters of a text that can be seen
DEEPEST = 0.4  # of the width of the name, that indentation may take
ELIDE = Qt.TextElideMode.ElideRight
STEADY, LEAST_SPAN = 0.002, 0.1  # of the size: less change is a straight line; what a full height means at least
WORDS = {"Z": "zombie", "T": "stopped", "t": "traced", "X": "dead"}  # states that one should know of


class RowHeight(QStyledItemDelegate):
    """Tells a view how high its rows are."""

    def __init__(self, painter: RowPainter, parent: QObject) -> None:
        super().__init__(parent)
        self._painter = painter

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, self._painter.height)


class RowPainter:
    """Draws one cell after another. `scale` is what a full bar means, `bar` the column that has them."""

    def __init__(self, people: People, theme: Theme, font: QFont) -> None:
        self.people = people
        self.scale, self.bar = 0, SORTED_BY
        self.motion, self.with_pid = True, True
        self.set_font(font)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._bar = mixed(theme.accent, theme.field, 0.38)
        self._swap = mixed(theme.warn, theme.field, 0.5)
        self._chosen = mixed(theme.selected, theme.field, 0.75)
        self._hover = mixed(theme.selected, theme.field, 0.3)
        self._focus, self._lock = QPen(theme.accent, 1), QPen(theme.dim, 1.4)
        self._flat, self._moving = QPen(mixed(theme.dim, theme.field, 0.7), 1), QPen(theme.accent, 1.2)

    def set_font(self, font: QFont) -> None:
        struck = QFont(font)
        struck.setStrikeOut(True)
        self._usual, self._struck = TextLayouts(QFont(font)), TextLayouts(struck)
        self._texts = self._usual
        self.height = QFontMetrics(font).height() + 7

    def begin(self, painter: QPainter, whole: QRect, line: Line, *, current: bool, hovered: bool) -> None:
        """What lies below the cells of a line."""
        self._gone, self._pen = line.key in self.people.census.gone, self.theme.text
        if self._gone or line.context or line.row is None or line.key in self.people.own:
            self._pen = self.theme.dim
        is_target = line.key == self.people.target
        if is_target:
            painter.fillRect(whole, self._chosen)
        elif hovered:
            painter.fillRect(whole, self._hover)
        since = self.people.census.fresh.get(line.row.identity) if line.row is not None else None
        if since is not None:
            self._flash(painter, whole, time.monotonic() - since)
        if is_target:
            painter.fillRect(whole.x(), whole.y(), EDGE, whole.height(), self.theme.accent)
        if current:
            painter.setPen(self._focus)
            painter.drawRect(whole.adjusted(0, 0, -1, -1))
        self._texts = self._struck if self._gone else self._usual
        painter.setFont(self._texts.font)

    def cell(self, painter: QPainter, rect: QRect, line: Line, section: int) -> None:
        column = LIST_COLUMNS[section]
        row = line.row
        if row is None:
            return
        if column.kind == NAME:
            self._name(painter, rect, line, row)
        elif column.kind == TREND:
            self._trend(painter, rect, row.identity)
        else:
            self._value(painter, rect, line, column)

    def kernel(self, painter: QPainter, whole: QRect, line: Line) -> None:
        """The line of the kernel threads, as wide as the list."""
        begins = self.text_begins(line, whole.width())
        self._triangle(painter, whole.x() + begins - SIGN, whole.center().y(), line.is_open)
        painter.setPen(self._pen)
        self._left(painter, whole.x() + begins, whole, f"{line.key} ({line.children})", whole.width() - begins - PAD)

    def text_begins(self, line: Line, width: int) -> int:
        """How far from the left edge of the name's cell its text is; the triangle stands before it."""
        room = SIGN if self.people.tree or line.row is None or line.depth else 0
        return EDGE + PAD + min(line.depth * STEP, int(width * DEEPEST)) + room

    def _flash(self, painter: QPainter, whole: QRect, age: float) -> None:
        """Green that fades; where nothing may move, only a mark at the edge."""
        if age >= FRESH:
            return
        if self.motion:
            colour = QColor(self.theme.new)
            colour.setAlphaF(0.35 * min(1 - age / FRESH, 1))
            painter.fillRect(whole, colour)
        painter.fillRect(whole.x(), whole.y(), EDGE, whole.height(), self.theme.new)

    def _name(self, painter: QPainter, rect: QRect, line: Line, row: ProcessRow) -> None:
        begins = self.text_begins(line, rect.width())
        if line.children:
            self._triangle(painter, rect.x() + begins - SIGN, rect.center().y(), line.is_open)
        room = rect.width() - begins - PAD
        beside = [WORDS[row.state]] if row.state in WORDS and not lives_on(row) else []
        beside = [ENDING] if row.is_ending else beside
        if self.with_pid:  # it tells processes of one name apart: rather the name is cut
            beside.append(str(row.pid))
            room -= round(self._texts.whole(beside[-1]).width) + PAD + 1
        painter.setPen(self._pen)
        used = self._left(painter, rect.x() + begins, rect, self._name_for(row.name, room), room)
        painter.setPen(self.theme.dim)
        right = min(rect.right() - PAD, max(rect.x() + FARTHEST, rect.x() + begins + used + 60))
        for word in reversed(beside):
            width = round(self._texts.whole(word).width)
            if rect.x() + begins + used + PAD <= right - width:
                self._right(painter, right, rect, word)
                right -= width + PAD

    def _name_for(self, name: str, room: int) -> str:
        """Where `python · script` has no room, what is run tells more than what runs it."""
        _, dot, what = name.partition(" · ")
        return f"…{what}" if dot and self._texts.whole(name[:LONGEST]).width > room else name

    def _left(self, painter: QPainter, x: int, rect: QRect, text: str, room: int) -> int:
        """Draws a text that may be cut, and tells how much room it took."""
        if room <= 0:
            return 0
        layout = self._texts.elided(text[:LONGEST], room, ELIDE)
        self._put(painter, x, rect, layout)
        return round(layout.width)

    def _right(self, painter: QPainter, right: int, rect: QRect, text: str) -> None:
        """Draws a text that ends at `right`; what has no room is cut at the left."""
        layout = self._texts.whole(text)
        if layout.width > right - rect.x():
            painter.drawText(rect.x(), rect.y(), right - rect.x(), rect.height(), RIGHT, text)
        else:
            self._put(painter, right - layout.width, rect, layout)

    def _put(self, painter: QPainter, x: float, rect: QRect, layout: TextLayout) -> None:
        height = self._texts.metrics.height()
        painter.drawStaticText(QPointF(x, rect.y() + (rect.height() - height) / 2), layout.text)

    def _triangle(self, painter: QPainter, x: int, middle: int, is_open: bool) -> None:
        points = ((0, -2), (8, -2), (4, 3)) if is_open else ((2, -4), (7, 0), (2, 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.dim)
        painter.drawPolygon(QPolygonF([QPointF(x + dx, middle + dy) for dx, dy in points]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _value(self, painter: QPainter, rect: QRect, line: Line, column: ListColumn) -> None:
        value = self.people.value(line, column.name)
        if column.name == self.bar and isinstance(value, int):
            self._draw_bar(painter, rect, value, line)
        if value is None and self.people.is_denied(line, column.name):
            self._draw_lock(painter, rect)
            return
        text, dim = column.show(value), value is None
        if column.name == "pss" and value is not None and line.row is not None:
            dim = time.monotonic() - self.people.shares[line.row.identity].at > OLD
        painter.setPen(self.theme.dim if dim else self._pen)
        if column.kind == NUMBER:
            self._right(painter, rect.right() + 1 - NUMBER_PAD, rect, text)
        else:
            self._left(painter, rect.x() + PAD, rect, text, rect.width() - 2 * PAD)

    def _draw_bar(self, painter: QPainter, rect: QRect, value: int, line: Line) -> None:
        """What is in memory, and after it what is in swap, both of the same scale."""
        if not value or not self.scale:
            return
        whole = max(1, round((rect.width() - 4) * min(value / self.scale, 1)))
        swapped = line.row.swap if line.row is not None and self.bar == SORTED_BY else 0
        swap = round(whole * min((swapped or 0) / value, 1))
        top, height = rect.y() + 3, rect.height() - 6
        painter.fillRect(rect.x() + 2, top, whole - swap, height, self._bar)
        if swap:
            painter.fillRect(rect.x() + 2 + whole - swap, top, swap, height, self._swap)

    def _draw_lock(self, painter: QPainter, rect: QRect) -> None:
        x, y = rect.right() - PAD - 8, rect.center().y() - 1
        painter.setPen(self._lock)
        painter.drawArc(QRectF(x + 1.5, y - 4.5, 5, 8), 0, 180 * 16)
        painter.fillRect(QRectF(x, y, 8, 6), self.theme.dim)

    def _trend(self, painter: QPainter, rect: QRect, who: Identity) -> None:
        found = self.people.minute.of(who)
        if found is None:
            return
        low, high = found
        known = np.flatnonzero(~np.isnan(high))
        if len(known) < 2:
            return
        low, high = low[known], high[known]
        bottom, top = float(low.min()), float(high.max())
        x = rect.x() + 4 + known * ((rect.width() - 8) / (SECONDS - 1))
        if top - bottom <= STEADY * top:
            painter.setPen(self._flat)
            painter.drawLine(int(x[0]), rect.center().y(), int(x[-1]), rect.center().y())
            return
        factor = (rect.height() - 8) / max(top - bottom, LEAST_SPAN * top)
        middle = rect.center().y() + (top + bottom) / 2 * factor
        if (low != high).any():  # up and down in one second: both ends of it
            x, high = np.repeat(x, 2), np.stack((high, low), axis=1).ravel()
        painter.setPen(self._moving)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolyline(list(map(QPointF, x.tolist(), (middle - high * factor).tolist())))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
