"""The machine's memory as one picture: all of it at true scale, below it what is in use drawn out, then swap; the part
of the process is marked in each."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from memviz import units
from memviz.core.readings import Part
from memviz.core.snapshot import Snapshot
from memviz.gui.system.machine import (
    FREE,
    Machine,
    Share,
    as_text,
    hue_of,
    parts_of,
    shares_of,
    swap_words,
    unknown_parts,
)
from memviz.gui.theme import Theme, mixed, readable

LEAST = 2.0  # pixels that a part has at least, so that it can be seen and pointed at
MARKED = 0.42  # of the height of a bar: the part of the process


class Spot(NamedTuple):
    """A place that tells something when it is pointed at."""

    box: QRectF
    tip: str


class Stretch(NamedTuple):
    """A part with its place in a bar."""

    part: Part
    left: float
    width: float
    share: Share | None


def spread(parts: tuple[Part, ...], shares: dict[str, Share], left: float, width: float) -> list[Stretch]:
    """The parts one after another over a width: in proportion, but none below LEAST."""
    sizes = [part.size or 0 for part in parts]
    whole = sum(sizes)
    small = [size * width < LEAST * whole for size in sizes]
    room = width - LEAST * sum(small)
    rest = sum(size for size, is_small in zip(sizes, small, strict=True) if not is_small) or 1
    result, at = [], left
    for part, size, is_small in zip(parts, sizes, small, strict=True):
        wide = LEAST if is_small else max(room, 0.0) * size / rest
        result.append(Stretch(part, at, wide, shares.get(part.name)))
        at += wide
    return result


class Entry(NamedTuple):
    """A word of the legend; the one without a part is that of the process."""

    part: Part | None
    text: str
    left: float
    width: float
    row: int


class MemoryPicture(QWidget):
    """Point at anything to hear what it is; `text` is all of it in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._machine: Machine | None = None
        self._snapshot: Snapshot | None = None
        self._spots: list[Spot] = []
        self.text = ""
        self.setAccessibleName("Memory of the machine")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._mark = QBrush(theme.text)
        self.update()

    def show_machine(self, machine: Machine, snapshot: Snapshot | None) -> None:
        self._machine, self._snapshot = machine, snapshot
        self.text = as_text(machine, snapshot)
        self.setAccessibleDescription(self.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, self.fontMetrics().height() * 11)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """The height in pixels that readable bars and all entries of the legend need."""
        line = self.fontMetrics().height()
        lines = self._entries(width)[-1].row + 1 if self._machine is not None else 0
        return 5 * line + 24 + lines * (line + 2)

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self._spots = []
        if self._machine is None:
            return
        painter = QPainter(self)
        letters = self.fontMetrics()
        system = self._machine.system
        shares, parts = shares_of(self._snapshot), parts_of(system)
        line, left = letters.height(), self._gutter()
        width = self.width() - left - 2
        # what is left of the height by words is divided: all, the funnel, in use
        rows = self._entries(self.width())[-1].row + 1
        room = max(self.height() - rows * (line + 2) - line - 20, 3.0 * line)
        all_bar = QRectF(left, 1, width, min(room * 0.32, 34))
        used_bar = QRectF(left, all_bar.bottom() + min(room * 0.14, 20), width, min(room * 0.54, 64))
        used = tuple(part for part in parts if part.name != FREE)
        on_top = spread(parts, shares, left, width)
        self._bar(painter, all_bar, "All memory", on_top, labels=False)
        edge = next((stretch.left for stretch in on_top if stretch.part.name == FREE), left + width)
        self._funnel(painter, all_bar, edge, used_bar)
        self._bar(painter, used_bar, "In use", spread(used, shares, left, width), labels=True)
        bottom = self._legend(painter, used_bar.bottom() + 6, shares)
        self._swap(painter, QRectF(left, bottom + 6, width, line))
        painter.end()

    def _colour(self, part: Part, number: int) -> QColor:
        theme = self._theme
        if part.name == FREE:
            return theme.empty
        hue = theme.group(hue_of(part))
        return hue if number % 2 == 0 else mixed(hue, theme.ground, 0.66)  # neighbours of one hue differ

    def _colours(self) -> dict[str, QColor]:
        """By the name of a part; parts of one hue are told apart by their strength."""
        counts: dict[str, int] = {}
        result = {}
        assert self._machine is not None
        for part in self._machine.system.waterfall:
            hue = hue_of(part)
            result[part.name] = self._colour(part, counts.get(hue, 0))
            counts[hue] = counts.get(hue, 0) + 1
        return result

    def _bar(self, painter: QPainter, box: QRectF, title: str, stretches: list[Stretch], *, labels: bool) -> None:
        theme, colours, letters = self._theme, self._colours(), self.fontMetrics()
        total = units.size(sum(stretch.part.size or 0 for stretch in stretches))
        title = f"{title}\n{total}" if box.height() >= 2 * letters.height() else title
        self._title(painter, box, title)
        for stretch in stretches:
            place = QRectF(stretch.left, box.top(), stretch.width, box.height())
            painter.fillRect(place, colours[stretch.part.name])
            self._mark_share(painter, place, stretch, labels)
            self._spots.append(Spot(place, self._tip(stretch.part, stretch.share)))
            if stretch.width > 3:
                painter.setPen(theme.ground)
                painter.drawLine(place.topRight(), place.bottomRight())
            options = self._labels(stretch.part, labels)
            text = next((text for text in options if letters.horizontalAdvance(text) + 10 < stretch.width), "")
            if text:
                painter.setPen(theme.text if stretch.part.name == FREE else readable(colours[stretch.part.name]))
                top = QRectF(place.left() + 5, place.top(), place.width() - 8, place.height() * (1 - MARKED))
                whole = place.adjusted(5, 0, -3, 0)
                within = top if stretch.share is not None and labels else whole
                painter.drawText(within, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        painter.setPen(QPen(theme.line))
        painter.drawRect(box)

    def _labels(self, part: Part, labels: bool) -> tuple[str, ...]:
        """What may be written into a stretch, the longest first."""
        if labels or part.name == FREE:
            return f"{part.title} {units.size(part.size or 0)}", part.title, units.size(part.size or 0)
        return ()

    def _title(self, painter: QPainter, box: QRectF, title: str) -> None:
        painter.setPen(self._theme.dim)
        place = QRectF(0, box.top(), box.left() - 8, box.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), title)

    def _mark_share(self, painter: QPainter, place: QRectF, stretch: Stretch, labels: bool) -> None:
        """The part of the process: a strong band at the foot of its stretch."""
        size = stretch.part.size or 0
        if stretch.share is None or not size:
            return
        width = max(place.width() * min(stretch.share.size / size, 1.0), 1.0)
        band = QRectF(place.left(), place.bottom() - place.height() * MARKED, width, place.height() * MARKED)
        painter.fillRect(band, self._mark)
        text = units.size(stretch.share.size)
        if labels and self.fontMetrics().horizontalAdvance(text) + 10 < width and band.height() >= 14:
            painter.setPen(self._theme.ground)
            painter.drawText(band.adjusted(5, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)

    def _funnel(self, painter: QPainter, above: QRectF, edge: float, below: QRectF) -> None:
        """Shows that the lower bar is the used end of the upper one, drawn out."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(self._theme.line, self._theme.ground, 0.5))
        corners = [above.bottomLeft(), QPointF(edge, above.bottom()), below.topRight(), below.topLeft()]
        painter.drawPolygon(QPolygonF(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _gutter(self) -> float:
        return float(self.fontMetrics().horizontalAdvance("All memory") + 12)

    def _entries(self, width: int) -> list[Entry]:
        """What the legend says, and where each word of it stands."""
        assert self._machine is not None
        letters, system = self.fontMetrics(), self._machine.system
        texts: list[tuple[Part | None, str]] = []
        texts += [(part, f"{part.title} {units.size(part.size or 0)}") for part in parts_of(system)]
        texts += [(part, f"{part.title} {units.DASH}") for part in unknown_parts(system)]
        if self._snapshot is not None:
            name = letters.elidedText(self._snapshot.name, Qt.TextElideMode.ElideMiddle, 240)
            texts.append((None, f"of {name}"))
        left, right = self._gutter(), float(width - 2)
        at, row, result = left, 0, []
        for part, text in texts:
            wide = float(letters.horizontalAdvance(text) + 26)
            if at + wide > right and at > left:
                at, row = left, row + 1
            result.append(Entry(part, text, at, wide, row))
            at += wide
        return result

    def _legend(self, painter: QPainter, top: float, shares: dict[str, Share]) -> float:
        """Every part with its colour and size, in as many lines as it takes; gives where it ends."""
        letters, theme, colours = self.fontMetrics(), self._theme, self._colours()
        line, y = float(letters.height()), top
        for part, text, at, wide, row in self._entries(self.width()):
            y = top + row * (line + 2)
            mark = QRectF(at, y + line / 2 - 5, 10, 10) if part is not None else QRectF(at, y + line / 2 + 1, 10, 4)
            painter.fillRect(mark, colours[part.name] if part is not None else self._mark)
            painter.setPen(theme.dim if part is not None and part.size is None else theme.text)
            painter.drawText(QPointF(at + 14, y + letters.ascent()), text)
            if part is not None:
                self._spots.append(Spot(QRectF(at, y, wide, line), self._tip(part, shares.get(part.name))))
        return y + line

    def _swap(self, painter: QPainter, box: QRectF) -> None:
        assert self._machine is not None
        theme, system, letters = self._theme, self._machine.system, self.fontMetrics()
        words = swap_words(system)
        self._title(painter, box, "Swap")
        total, used = system.number("swap_total"), system.number("swap_used")
        wide = letters.horizontalAdvance(words) + 10
        bar = QRectF(box.left(), box.top(), max(box.width() - wide - 8, 20), box.height())
        if total:
            painter.fillRect(bar, theme.empty)
            taken = QRectF(bar.left(), bar.top(), bar.width() * (used or 0) / total, bar.height())
            painter.fillRect(taken, QBrush(theme.warn, Qt.BrushStyle.BDiagPattern))
            own = self._snapshot.facts.status.get("VmSwap", 0) if self._snapshot is not None else 0
            height = bar.height() * MARKED
            painter.fillRect(QRectF(bar.left(), bar.bottom() - height, bar.width() * own / total, height), self._mark)
            painter.setPen(theme.line)
            painter.drawRect(bar)
            box = QRectF(bar.right() + 8, box.top(), wide, box.height())
        painter.setPen(theme.text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        self._spots.append(Spot(QRectF(bar.left(), box.top(), self.width(), box.height()),
                                "Swap: where anonymous memory is written when memory is short."))  # fmt: skip

    # -- tooltips -----------------------------------------------------------------------------------------------------

    def _tip(self, part: Part, share: Share | None) -> str:
        if part.size is None:
            return f"{part.title}\n{part.explanation}\nNot known: {part.absent}."
        text = (
            f"{part.title}: {units.size(part.size)}\n{part.explanation}\n{part.how.capitalize()}: {part.size:,} bytes."
        )
        if share is not None and self._snapshot is not None:
            text += f"\n{self._snapshot.name}: {units.size(share.size)}, {share.what}."
        return text

    def spot_at(self, place: QPointF) -> str:
        """What is told about a place; empty where there is nothing."""
        return next((spot.tip for spot in self._spots if spot.box.contains(place)), "")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self.spot_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), found, self) if found else QToolTip.hideText()
            return True
        return super().event(event)
