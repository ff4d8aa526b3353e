"""What is drawn around things: the selection, a range being dragged, hits of the search, the keyboard's focus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from memviz.core.regions import Array
from memviz.gui.map.drawn import Drawn
from memviz.gui.map.frame import Frame
from memviz.gui.map.looks import Looks
from memviz.gui.session.selection import GROUP, NOTHING, PAGE, RANGE, Selection, rows_of

Piece = tuple[float, float, float, float]
MOST = 400  # pieces: what is scattered over more of them is told by being bright, not by outlines


@dataclass(slots=True, eq=False)
class Outlines:
    """Lines around the selection, a veil over a dragged range, and the ring of the keyboard's focus."""

    lines: tuple[QLineF, ...] = ()
    veil: tuple[QRectF, ...] = ()
    ring: QRectF | None = None


def spans_of(drawn: Drawn, selection: Selection, rows: Array) -> list[tuple[float, float]]:
    """Where along the visible line the selection lies."""
    frame = drawn.frame
    size = frame.terrain.page_size
    if selection.kind in (PAGE, RANGE):
        return [(frame.along(selection.start / size), frame.along(selection.end / size))]
    if not len(rows):
        return []
    mask = np.zeros(len(frame.terrain), np.bool_)
    mask[rows] = True
    there = np.flatnonzero(drawn.strip.row >= 0)
    chosen = np.zeros(len(drawn.strip), np.int8)
    chosen[there] = mask[drawn.strip.row[there]]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen, [0]])))
    density = len(drawn.strip) / frame.lanes.capacity
    first, last = edges[::2] / density, edges[1::2] / density
    return list(zip(first.tolist(), last.tolist(), strict=True)) if len(first) <= MOST else []


def lines_around(frame: Frame, spans: list[tuple[float, float]]) -> tuple[QLineF, ...]:
    """One outline for each span, around all its rows together."""
    lines: list[QLineF] = []
    for first, last in spans:
        pieces = frame.lanes.pieces(first, max(last, first + 2))
        for number, (x, y, width, height) in enumerate(pieces):
            top, bottom, right = y - 1, y + height, x + width
            above = pieces[number - 1] if number else None
            below = pieces[number + 1] if number + 1 < len(pieces) else None
            lines += [QLineF(low, top, high, top) for low, high in _beside(x, right, above)]
            lines += [QLineF(low, bottom, high, bottom) for low, high in _beside(x, right, below)]
            if first >= 0 or number:
                lines.append(QLineF(x, top, x, bottom if below is None or below[0] > x else below[1]))
            if last <= frame.lanes.capacity or number < len(pieces) - 1:
                short = below is None or below[0] + below[2] < right
                lines.append(QLineF(right, top, right, bottom if short or below is None else below[1] - 1))
    return tuple(lines)


def _beside(low: float, high: float, other: Piece | None) -> list[tuple[float, float]]:
    """What of [low, high) another row's piece does not lie against."""
    if other is None:
        return [(low, high)]
    parts = [(low, min(high, other[0])), (max(low, other[0] + other[2]), high)]
    return [(a, b) for a, b in parts if b > a]


def make_outlines(drawn: Drawn, selection: Selection, ring: QRectF | None) -> Outlines:
    """For what is selected now."""
    snapshot = drawn.frame.terrain.snapshot
    bright = selection.kind in (NOTHING, GROUP)  # a group stands out by its colours
    spans = [] if bright else spans_of(drawn, selection, rows_of(selection, snapshot))
    veil: tuple[QRectF, ...] = ()
    if selection.kind == RANGE:
        veil = tuple(QRectF(*piece) for span in spans for piece in drawn.frame.lanes.pieces(*span))
    return Outlines(lines_around(drawn.frame, spans), veil, ring)


def paint_outlines(painter: QPainter, outlines: Outlines, looks: Looks, whole: QRectF, chips: list[QRectF]) -> None:
    """Lines stop at the words that stand on `chips`, instead of running through them."""
    for rect in outlines.veil:
        painter.fillRect(rect, looks.hit)
    if outlines.lines:
        painter.save()
        painter.setClipRegion(_beside_all(whole.toAlignedRect(), chips), Qt.ClipOperation.IntersectClip)
        for pen in (looks.halo, looks.accent):
            painter.setPen(pen)
            painter.drawLines(list(outlines.lines))
        painter.restore()
    if outlines.ring is not None:
        painter.setPen(looks.dim)
        painter.setBrush(looks.none)
        painter.drawRect(outlines.ring)


def _beside_all(whole: QRect, chips: list[QRectF]) -> QRegion:
    """Everything but the chips."""
    region = QRegion(whole)
    for chip in chips:
        region -= chip.toAlignedRect()
    return region
