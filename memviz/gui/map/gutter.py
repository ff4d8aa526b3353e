"""What stands beside the rows: addresses on the left, landmarks on the right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.gui.map.frame import Frame
from memviz.gui.map.strip import Strip

# Landmarks in the words of textbooks, by the categories whose first region they mark.
LANDMARKS = (
    ("program", ("program code", "program data")),
    ("heap", ("brk heap", "Go heap", "Java heap")),
    ("mappings", ("library code", "library data")),
    ("threads", ("thread stack", "likely thread stack")),
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
    steps = range(0, lanes.width, 64) if lanes.upright else range(0, lanes.width * lanes.count, lanes.width)
    for along in steps:
        at = int(along * density)
        if strip.beyond[min(at + int(density), len(strip) - 1)]:
            continue
        page = int(np.ceil(strip.pages[at] - 1e-6))
        text = f"{page * size:014_x}"
        known = next(
            (i for i, (a, b) in enumerate(zip(text, before, strict=False)) if a != b), 0 if not before else len(text)
        )
        _, y = lanes.place(along)
        marks.append(Mark(y, text, known))
        before = text
    return marks


def landmarks(frame: Frame) -> list[Mark]:
    """The first visible place of each landmark; where two fall on one lane, they share a line."""
    terrain, lanes = frame.terrain, frame.lanes
    found: dict[float, list[str]] = {}
    for word, wanted in LANDMARKS:
        row = terrain.first_of(wanted)
        if row is not None and 0 <= (along := frame.along(float(terrain.start[row]))) < lanes.capacity:
            found.setdefault(lanes.place(along)[1], []).append(word)
    return [Mark(y, ", ".join(words)) for y, words in found.items()]
