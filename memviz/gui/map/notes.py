"""The small words of a picture: what folds hide, and the names that stand beside a column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core.regions import TOP_HALF
from memviz.gui.map.frame import Frame
from memviz.gui.map.labels import Label, Measure, Words
from memviz.gui.map.lanes import Lanes
from memviz.gui.map.looks import TINY
from memviz.gui.map.strip import Strip

CALM = 2  # folds a lane up to which words stand at them
ROOM = 3.0  # times its width that follow where an address stands
FAR_DIGITS = 14  # and separators: longer addresses are the kernel's
KERNEL = "kernel"
LEAST_NOTCH = 40.0  # pixels of a fold that has room for words
BESIDE = 20.0  # pixels from a column to the names beside it
LEAST_PIECE = 1.0  # pixels of a block that is named beside a column


class Note(NamedTuple):
    """A text in a box of the view."""

    x: float
    y: float
    width: float
    height: float
    text: str
    is_address: bool = False


class Side(NamedTuple):
    """A name beside a column: `y` is its middle, `at` the height that it belongs to."""

    x: float
    y: float
    at: float
    text: str
    block: int
    dim: bool = False


def fold_notes(frame: Frame, labels: list[Label], measure: Measure) -> list[Note]:
    """How much each fold hides, where there is room and no label."""
    axis, lanes = frame.axis, frame.lanes
    if axis.notch < LEAST_NOTCH or lanes.upright:
        return []
    found, near = [], _Rows(lanes, labels)
    shown = _folds_in_sight(frame)
    if len(shown) > CALM * lanes.count:
        return []
    for at in shown:
        pieces = lanes.pieces(float(axis.positions[at]) - frame.offset, float(axis.positions[at + 1]) - frame.offset)
        high = axis.pages[at + 1] * axis.page_size > TOP_HALF
        text = KERNEL if high else units.size(int(axis.pages[at + 1] - axis.pages[at]) * axis.page_size)
        wide = measure(text, 0) + 4
        for x, y, width, height in pieces:
            note = Note(x + (width - wide) / 2, y + 1, wide, height - 2, text)
            if wide <= width and not near.covers(note):
                found.append(note)
                break
    return found


def address_notes(frame: Frame, labels: list[Label], measure: Measure, line: float) -> list[Note]:
    """A small address after each fold where a long piece follows on the same lane, and no label is in the way."""
    axis, lanes, found = frame.axis, frame.lanes, list[Note]()
    near = _Rows(lanes, labels)
    shown = [] if lanes.upright or line > lanes.thickness else _folds_in_sight(frame)
    for at in shown if len(shown) <= CALM * lanes.count else []:
        first = float(axis.positions[at + 1]) - frame.offset
        if not 0 <= first < lanes.capacity - 1 or at + 2 >= len(axis.positions):
            continue
        text = f"{int(axis.pages[at + 1]) * axis.page_size:_x}"
        wide = measure(text, TINY) + 6
        x, y, room, height = lanes.pieces(first, float(axis.positions[at + 2]) - frame.offset)[0]
        note = Note(x + 2, y + (height - line) / 2, wide, line, text, True)
        there = x > lanes.left + wide and room >= ROOM * wide and len(text) <= FAR_DIGITS
        if there and not near.covers(note):
            found.append(note)
    return found


def _folds_in_sight(frame: Frame) -> list[int]:
    """The numbers of the stretches that are folds and show."""
    axis = frame.axis
    low = max(int(np.searchsorted(axis.positions, frame.offset, "right")) - 1, 0)
    high = int(np.searchsorted(axis.positions, frame.offset + frame.lanes.capacity, "left"))
    found: list[int] = (np.flatnonzero(axis.folded[low:high]) + low).tolist()
    return found


class _Rows:
    """Labels by the rows of the map that they touch: each note is compared with few of them."""

    def __init__(self, lanes: Lanes, labels: list[Label]) -> None:
        self._lanes = lanes
        self._labels: dict[int, list[Label]] = {}
        for label in labels:
            for row in self._rows(label):
                self._labels.setdefault(row, []).append(label)

    def covers(self, note: Note) -> bool:
        """Whether a label is where the note would stand."""
        return any(_covers(label, note) for row in self._rows(note) for label in self._labels.get(row, ()))

    def _rows(self, box: Label | Note) -> range:
        top, pitch = self._lanes.top, self._lanes.pitch
        return range(int((box.y - top) // pitch), int((box.y + box.height - top) // pitch) + 1)


def _covers(label: Label, note: Note) -> bool:
    beside = label.x >= note.x + note.width or label.x + label.width <= note.x
    return not beside and label.y < note.y + note.height and note.y < label.y + label.height


def side_notes(
    frame: Frame, strip: Strip, density: float, labels: list[Label], words: Words, line: float
) -> list[Side]:
    """Names beside a column of the blocks that have no room for one in it, the largest first, none over another."""
    lanes, terrain = frame.lanes, frame.terrain
    if not lanes.upright:
        return []
    there = np.flatnonzero(strip.row >= 0)
    if not len(there):
        return []
    block = terrain.block[strip.row[there]]
    inside = {label.block for label in labels}
    count = np.bincount(block)
    first = np.full(len(count), len(strip))
    np.minimum.at(first, block, there)
    last = np.zeros(len(count), np.intp)
    np.maximum.at(last, block, there)
    found: list[Side] = []
    taken: list[float] = []
    x = lanes.left + lanes.thickness + BESIDE
    for each in np.argsort(-count, kind="stable").tolist():
        if count[each] < LEAST_PIECE * density or each in inside:
            continue
        y = lanes.top + lanes.width - (first[each] + last[each] + 1) / 2 / density
        if all(abs(y - other) >= line for other in taken):
            taken.append(y)
            said = words.of(each)
            found.append(Side(x, y, y, said[-2] if len(said) > 1 else said[0], each))
    return found
