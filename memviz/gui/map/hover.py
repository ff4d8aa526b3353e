"""The card beside the cursor: what lies under it, in four lines of plain text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from memviz import units
from memviz.core.explain import explain
from memviz.core.regions import TOP_HALF
from memviz.core.snapshot import Snapshot
from memviz.gui.map.spot import Spot
from memviz.gui.theme import DARK, Theme, fixed_font
from memviz.text import clipped

NAME, PLACE, PLAIN, DIM = "name", "place", "plain", "dim"
PAD, AWAY = 9, 18  # inside the card; from the cursor to it
WIDEST = 46  # times the width of a letter: longer lines wrap


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the card and how it is written."""

    text: str
    look: str = PLAIN


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says; `group` gives it its colour."""

    lines: tuple[Told, ...] = ()
    group: str = ""


def card_of(spot: Spot) -> Card:
    """What to say of a place of the map."""
    snapshot, address, row = spot.snapshot, spot.address, spot.row
    if spot.fold is not None:
        return _fold(snapshot, *spot.fold)
    if row is None:
        lines = (Told("nothing is mapped here", NAME), Told(units.address(address), PLACE), *_gap(snapshot, address))
        return Card(lines)
    region = snapshot.regions[row]
    category = snapshot.categories[int(snapshot.regions["category"][row])]
    name = clipped(snapshot.blocks.name(int(snapshot.regions["block"][row])), 40)
    lines = (Told(name, NAME),)
    if category.name != name or not category.sure:
        lines += (Told(category.name + ("" if category.sure else ", most likely"), DIM),)
    rss, swap = region.get("rss"), region.get("swap")
    share = f", {units.percent(rss, region.size)} in memory" if rss is not None else ""
    lines += (Told(units.address(address), PLACE),)
    lines += (Told(f"region of {units.size(region.size)}, {region.permissions}{share}"),)
    if swap:
        lines += (Told(f"{units.size(swap)} of it are in swap"),)
    if spot.wider:
        lines += (Told("It is narrower than a pixel: drawn wider than it is.", DIM),)
    elif spot.state is not None:
        lines += (Told(f"this page: {spot.state.name}"), Told(spot.state.explanation, DIM))
    return Card(lines, spot.group)


def _gap(snapshot: Snapshot, address: int) -> tuple[Told, ...]:
    words = explain(snapshot, address).sentence.partition(": it lies ")[2]
    return (Told(words[:1].upper() + words[1:], DIM),) if words else ()


def _fold(snapshot: Snapshot, start: int, end: int) -> Card:
    """A stretch that is drawn as a notch: what it is and how large."""
    size, row = units.size(end - start), snapshot.regions.find(start)
    if end > int(TOP_HALF):
        lines = [Told("the kernel's half of all addresses, folded", NAME)]
        lines.append(Told("No program can use them; only [vsyscall] shows at their end.", DIM))
        return Card((*lines, _range(start, end)))
    if row is None:
        lines = [Told(f"{size} of unused addresses, folded", NAME), Told("Nothing is mapped here.", DIM)]
        return Card((*lines, _range(start, end), Told("Click to unfold.", DIM)))
    category = snapshot.categories[int(snapshot.regions["category"][row])]
    name = clipped(snapshot.blocks.name(int(snapshot.regions["block"][row])), 30)
    lines = [Told(f"{size} of {name}, folded", NAME), Told("Not a page of it is in memory.", DIM)]
    return Card((*lines, _range(start, end), Told("Click to unfold.", DIM)), category.group)


def _range(start: int, end: int) -> Told:
    return Told(f"{units.address(start)} to {units.address(end)}", PLACE)


class HoverCard(QWidget):
    """A child of the pane that the mouse does not see; `show_at` puts it beside the cursor, inside the pane."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.card = Card()
        self._theme, self._pane = theme, parent
        self._boxes: list[QRect] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def forget(self, changed: object = None) -> None:
        """Another process."""
        self.hide()

    def show_at(self, card: Card, cursor: QPoint) -> None:
        """`cursor` in the parent's pixels."""
        if not card.lines:
            self.hide()
            return
        if card != self.card:
            self.card = card
            self._measure()
            self.update()
        self.move(place_beside(cursor, self.size(), self._pane.rect()))
        self.show()
        self.raise_()

    def _measure(self) -> None:
        top, widest = PAD, 0
        self._boxes = []
        for line in self.card.lines:
            metrics = QFontMetrics(self._font(line.look))
            room = QRect(0, 0, WIDEST * self.fontMetrics().averageCharWidth(), 2000)
            box = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, line.text)
            self._boxes.append(QRect(PAD + 5, top, room.width(), box.height()))
            top, widest = top + box.height() + 2, max(widest, box.width())
        self.resize(widest + 2 * PAD + 7, top + PAD - 2)

    def _font(self, look: str) -> QFont:
        font = (
            fixed_font(self.font().pointSizeF() / max(QGuiApplication.font().pointSizeF(), 6.0))
            if look == PLACE
            else QFont(self.font())
        )
        if look == DIM:
            font.setPointSizeF(max(font.pointSizeF(), 5.0) * 0.94)
        font.setBold(look == NAME)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.setPen(QPen(QColor(theme.dim) if theme.name == DARK else theme.line, 1))
        painter.setBrush(theme.raised)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        if self.card.group:
            painter.fillRect(1, 5, 4, self.height() - 10, theme.group(self.card.group))
        wrap = Qt.TextFlag.TextWordWrap
        for line, box in zip(self.card.lines, self._boxes, strict=True):
            painter.setFont(self._font(line.look))
            painter.setPen(theme.dim if line.look == DIM else theme.text)
            painter.drawText(box, wrap, line.text)


def place_beside(cursor: QPoint, size: QSize, inside: QRect) -> QPoint:
    """Where a card of that size goes so that it lies inside and not under the cursor: below right, else on the other
    side."""
    x, y = cursor.x() + AWAY, cursor.y() + AWAY
    if x + size.width() > inside.right():
        x = cursor.x() - AWAY - size.width()
    if y + size.height() > inside.bottom():
        y = cursor.y() - AWAY - size.height()
    left = min(max(x, inside.left()), max(inside.right() - size.width(), inside.left()))
    top = min(max(y, inside.top()), max(inside.bottom() - size.height(), inside.top()))
    placed = QRect(QPoint(left, top), size)
    if placed.contains(cursor):  # no room above or below: then beside it
        left = cursor.x() + AWAY if inside.right() - cursor.x() > cursor.x() else cursor.x() - AWAY - size.width()
    return QPoint(left, top)
