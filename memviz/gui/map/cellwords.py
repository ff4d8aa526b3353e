"""What is written into the cells of pages, where they are wide enough: the state, then the address too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from memviz.core.pages import PAGE_STATES
from memviz.core.regions import Array
from memviz.gui.map.frame import Frame
from memviz.gui.map.gutter import WORDY
from memviz.gui.map.looks import TINY, Looks
from memviz.gui.map.strip import Strip

ROOMY = 200.0  # pixels a cell from which on its address stands there too
WORDS = ("guard", "zero", "private", "file", "swap", "–")  # of PAGE_STATES, in their order
DIGITS = 5  # of the address: those of a page within its row


class Cell(NamedTuple):
    """A text in the middle of a box of the view."""

    x: float
    y: float
    height: float
    text: str


def write_cells(frame: Frame, strip: Strip, looks: Looks) -> list[Cell]:
    """The words of every page that shows."""
    terrain, lanes, size = frame.terrain, frame.lanes, frame.terrain.page_size
    wide = size / frame.scale
    if wide < WORDY or terrain.pages is None:
        return []
    shown = (strip.row >= 0) & ~strip.fold
    middle = np.floor((strip.pages[1:] + strip.pages[:-1]) / 2)[shown]
    middle = np.minimum(middle, terrain.end[strip.row[shown]] - 1)  # so far up as vsyscall half pages round up
    pages = middle[np.append(True, np.diff(middle) > 0)] if len(middle) else middle
    first = frame.axis.at(pages) - frame.offset
    states = _states(frame, pages)
    cells = []
    roomy = wide >= ROOMY * looks.scale and not lanes.upright
    for page, at, state in zip(pages.tolist(), first.tolist(), states.tolist(), strict=True):
        text = f"{int(page) * size & (1 << 4 * DIGITS) - 1:0{DIGITS}x} {WORDS[state]}" if roomy else WORDS[state]
        piece = max(lanes.pieces(at, at + wide), key=lambda each: each[2] * each[3], default=None)
        if piece is not None and looks.width(text, TINY) + 10 <= piece[2] and piece[3] >= looks.height(TINY):
            cells.append(Cell(piece[0] + (piece[2] - looks.width(text, TINY)) / 2, piece[1], piece[3], text))
    return cells


def _states(frame: Frame, pages: Array) -> Array:
    """The number of each page's state in PAGE_STATES."""
    found = frame.terrain.pages
    assert found is not None
    address = (pages * frame.terrain.page_size).astype(np.uint64)
    at = np.searchsorted(found.start, address, "right") - 1
    inside = (at >= 0) & (address < found.end[at]) if len(found.start) else np.zeros(len(pages), np.bool_)
    bits = np.where(inside, found.bits[at], np.uint64(0)) if len(found.start) else np.zeros(len(pages), np.uint64)
    return np.select([state.holds(bits) for state in PAGE_STATES], range(len(PAGE_STATES)))


def paint_cells(painter: QPainter, cells: list[Cell], looks: Looks) -> None:
    painter.setFont(looks.fixed_tiny)
    painter.setPen(looks.text)
    high = looks.height(TINY)
    for x, y, height, text in cells:
        box = QRectF(x - 3, y + (height - high) / 2, looks.width(text, TINY) + 6, high)
        painter.fillRect(box, looks.chip)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
