"""What is drawn around things: the selection, a range being dragged, hits of the search, the keyboard's focus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

from memviz.core.regions import Array
from memviz.gui.map.drawn import Drawn
from memviz.gui.map.frame import Frame
from memviz.gui.map.looks import Looks
from memviz.gui.selection import PAGE, RANGE, Selection, rows_of

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
    """One outline for each span, open where it goes on in the next row."""
    lines = []
    for first, last in spans:
        pieces = frame.lanes.pieces(first, max(last, first + 2))
        for number, (x, y, width, height) in enumerate(pieces):
            top, bottom, right = y - 1, y + height, x + width
            lines += [QLineF(x, top, right, top), QLineF(x, bottom, right, bottom)]
            if number == 0 and first >= 0:
                lines.append(QLineF(x, top, x, bottom))
            if number == len(pieces) - 1 and last <= frame.lanes.capacity:
                lines.append(QLineF(right, top, right, bottom))
    return tuple(lines)


def make_outlines(drawn: Drawn, selection: Selection, ring: QRectF | None) -> Outlines:
    """For what is selected now."""
    snapshot = drawn.frame.terrain.snapshot
    spans = spans_of(drawn, selection, rows_of(selection, snapshot)) if selection else []
    veil: tuple[QRectF, ...] = ()
    if selection.kind == RANGE:
        veil = tuple(QRectF(*piece) for span in spans for piece in drawn.frame.lanes.pieces(*span))
    return Outlines(lines_around(drawn.frame, spans), veil, ring)


def paint_outlines(painter: QPainter, outlines: Outlines, looks: Looks) -> None:
    for rect in outlines.veil:
        painter.fillRect(rect, looks.hit)
    for pen in (looks.halo, looks.accent):
        painter.setPen(pen)
        painter.drawLines(list(outlines.lines))
    if outlines.ring is not None:
        painter.setPen(looks.dim)
        painter.setBrush(looks.none)
        painter.drawRect(outlines.ring)
