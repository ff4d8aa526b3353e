"""What stands beside the rows: addresses on the left, landmarks on the right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.gui.map.frame import Frame
from memviz.gui.map.labels import Measure
from memviz.gui.map.strip import Strip
from memviz.text import clipped

FAR = 1 << 48  # addresses from here on are the kernel's: too long for the gutter
CLOSEST = 14.0  # pixels between two landmarks
WORDY = 56.0  # pixels a page from which on cells hold words and blocks no labels

# Landmarks in the words of textbooks, by the categories whose first region they mark.
LANDMARKS = (
    ("program", ("program code", "program data")),
    ("heap", ("brk heap", "Go heap", "Java heap")),
    ("mappings", ("library code", "library data")),
    ("threads", ("thread stack", "joined thread stacks", "stack set by the program", "likely thread stack")),
    ("main stack", ("main stack",)),
    ("kernel", ("vdso",)),
)


class Mark(NamedTuple):
    """A text at a height; `known` of its characters stand in the mark before, too."""

    y: float
    text: str
    known: int = 0


def addresses(frame: Frame, strip: Strip, density: float) -> list[Mark]:
    """The address at which each lane begins (in a column: every so often); empty lanes have none."""
    lanes, size, marks = frame.lanes, frame.terrain.page_size, []
    before = ""
    step = 64 if lanes.upright else lanes.width
    alongs = np.arange(0, lanes.width * lanes.count, step)
    places = np.minimum((alongs * density).astype(np.intp), len(strip) - 1)
    pages = np.ceil(strip.pages[places] - 1e-6)
    stretch = frame.axis.stretch(frame.offset + alongs)
    folded = frame.axis.folded[stretch]
    pages[folded] = frame.axis.pages[stretch + 1][folded]  # the first that shows
    hidden = strip.beyond[np.minimum(places + int(density), len(strip) - 1)] | (pages * size >= FAR)
    for along, page in zip(alongs[~hidden].tolist(), pages[~hidden].tolist(), strict=True):
        text = f"{int(page) * size:014_x}"
        known = _shared(text, before)
        marks.append(Mark(lanes.place(along)[1], text, known))
        before = text
    return marks


def _shared(text: str, before: str) -> int:
    """How many characters two addresses begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(text, before, strict=False)) if a != b), len(before))


def landmarks(frame: Frame, strip: Strip, density: float, room: float, measure: Measure) -> list[Mark]:
    """The first visible place of each landmark; where two fall on one lane, they share a line. Close by, where cells
    leave no room for labels, the block in which each lane begins."""
    terrain, lanes = frame.terrain, frame.lanes
    if terrain.page_size / frame.scale >= WORDY and not lanes.upright:
        return _blocks(frame, strip, density, room, measure)
    found: dict[float, list[str]] = {}
    for word, wanted in LANDMARKS:
        row = terrain.first_of(wanted)
        if row is not None and 0 <= (along := frame.along(float(terrain.start[row]))) < lanes.capacity:
            found.setdefault(lanes.place(along)[1], []).append(word)
    marks: list[Mark] = []
    for y, words in sorted(found.items()):
        if marks and y - marks[-1].y < CLOSEST:
            continue  # in a column they may lie side by side: the upper one says it
        texts = (", ".join(words[:count]) for count in range(len(words), 0, -1))
        marks.append(Mark(y, next((text for text in texts if measure("‹ " + text, 0) <= room), words[0])))
    return marks


def _blocks(frame: Frame, strip: Strip, density: float, room: float, measure: Measure) -> list[Mark]:
    """The name of the first block of each lane, where it is another one than above."""
    lanes, terrain, marks, before = frame.lanes, frame.terrain, [], -1
    for lane in range(lanes.count):
        low, high = (int(edge * lanes.width * density) for edge in (lane, lane + 1))
        rows = strip.row[low:high]
        rows = rows[rows >= 0]
        if len(rows) and (block := int(terrain.block[rows[0]])) != before:
            before = block
            name = terrain.snapshot.blocks.name(block)
            length = next((n for n in range(24, 4, -1) if measure("‹ " + clipped(name, n), 0) <= room), 4)
            marks.append(Mark(lanes.top + lane * lanes.pitch, clipped(name, length)))
    return marks
