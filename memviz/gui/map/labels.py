"""Which names stand where: each block once, at the longest piece of it that shows, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core.regions import Array, Mask
from memviz.gui.map.lanes import Lanes
from memviz.gui.map.strip import Strip
from memviz.gui.map.terrain import Terrain
from memviz.gui.map.words import signed

LEAST, MOST = 30, 160  # pixels that a labelled piece has; labels at a time
PADDING = 6.0
FEW = 8  # one pixel in so many is looked at
SCATTERED = 0.5  # of a lane that the pieces of a block take together: then it is named
WORTH_A_SHARE = 0.05  # of RSS: from here on a block's share is told
SMALL, MEDIUM, LARGE = range(3)  # sizes of type
ROWS_FOR_LARGE = 4  # full rows that a block needs for it

Measure = Callable[[str, int], float]  # width of a text in a size of type


class Label(NamedTuple):
    """A text within a box of the view; `dim` where the filter wants nothing of the block."""

    x: float
    y: float
    width: float
    height: float
    text: str
    size: int
    block: int
    dim: bool = False


@dataclass(slots=True)
class Words:
    """What can be said about the blocks of a terrain, the longest first; made when it is first asked for."""

    terrain: Terrain
    grown: Array | None = None  # bytes that each block grew by since the mark, where that is the question
    said: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def of(self, block: int) -> tuple[str, ...]:
        if block not in self.said:
            self.said[block] = self._say(block)
        return self.said[block]

    def _say(self, block: int) -> tuple[str, ...]:
        blocks = self.terrain.snapshot.blocks
        name, size = blocks.name(block), int(blocks.sums("size")[block])
        if "rss" not in self.terrain.snapshot.regions:
            return (f"{name}  {units.size(size)}", name)
        rss, total = int(blocks.sums("rss")[block]), self.terrain.snapshot.totals["rss"] or 0
        sizes = f"{name}  {in_memory(rss, size)}"
        if self.grown is not None and self.grown[block]:
            change = signed(int(self.grown[block]))
            return (f"{sizes}, {change} since the mark", f"{name}  {change}", name)
        detail = blocks.detail(block)
        if detail and rss <= WORTH_A_SHARE * total:
            there = units.size(rss) if rss else "nothing"
            return (f"{name}  {detail}, {there} in memory", f"{name}  {detail}", sizes, name)
        share = (f"{sizes}, {units.percent(rss, total)} of RSS",) if rss > WORTH_A_SHARE * total else ()
        return (*share, sizes, name)


def in_memory(rss: int, size: int) -> str:
    """`8.1 of 11.0 MiB`, `4.2 MiB` where all of it is in memory."""
    whole = units.size(size)
    if rss * 50 >= size * 49:
        return whole
    part = units.size(rss)
    if part.rpartition(" ")[2] == whole.rpartition(" ")[2]:
        part = part.rpartition(" ")[0]
    return f"{part} of {whole}"


def place_labels(
    terrain: Terrain, strip: Strip, lanes: Lanes, density: float, words: Words, measure: Measure
) -> list[Label]:
    """Labels that lie within their blocks, so that none covers another."""
    found = []
    for block, first, last in _pieces(terrain, strip, density):
        box = _box(lanes, first, last)
        if box is None:
            continue
        x, y, width, height, size = box
        while True:
            fits = [text for text in words.of(block) if measure(text, size) + 2 * PADDING <= width]
            if fits or size == SMALL:
                break
            size -= 1
        if fits:
            found.append(_label(lanes, (x, y, width, height), fits[0], size, block, measure))
    return found + _scattered_labels(terrain, strip, lanes, density, words, measure, found)


def dim_blocks(terrain: Terrain, wanted: Mask | None) -> Mask:
    """Which blocks have no region that the filter wants."""
    count = len(terrain.snapshot.blocks)
    if wanted is None:
        return np.zeros(count, np.bool_)
    found: Mask = np.bincount(terrain.block[wanted], minlength=count) == 0
    return found


def _scattered_labels(
    terrain: Terrain, strip: Strip, lanes: Lanes, density: float, words: Words, measure: Measure, taken: list[Label]
) -> list[Label]:  # fmt: skip
    """Blocks of very many small pieces, none of which has room for a name: it stands where most of them are."""
    if lanes.upright:
        return []
    seen = strip.row[::FEW]
    pixels = np.bincount(terrain.block[seen[seen >= 0]], minlength=1) * FEW / density
    known = {label.block for label in taken}
    found: list[Label] = []
    for block in np.flatnonzero(pixels >= SCATTERED * lanes.width).tolist():
        if block in known:
            continue
        mine = (terrain.block[strip.row] == block) & (strip.row >= 0)
        width = len(strip) // lanes.count
        each = mine.reshape(lanes.count, width).sum(1)
        full = np.flatnonzero(each >= width // 4)
        if not len(full):
            continue
        row = int(full[len(full) // 2])
        text = next((text for text in words.of(block) if measure(text, MEDIUM) + 2 * PADDING <= lanes.width), "")
        wide = measure(text, MEDIUM) + 2 * PADDING
        label = Label(
            lanes.left + (lanes.width - wide) / 2, lanes.top + row * lanes.pitch, wide, float(lanes.thickness), text,
            MEDIUM, block,
        )  # fmt: skip
        if text and not any(_touch(label, other) for other in (*taken, *found)):
            found.append(label)
    return found


def _touch(one: Label, other: Label) -> bool:
    return (
        one.x < other.x + other.width and other.x < one.x + one.width
        and one.y < other.y + other.height and other.y < one.y + one.height
    )  # fmt: skip


def _pieces(terrain: Terrain, strip: Strip, density: float) -> Iterator[tuple[int, float, float]]:
    """The longest piece of each block, gaps within it included: block, first and last place along the line."""
    there = np.flatnonzero(strip.row >= 0)
    if not len(there):
        return
    block: Array = terrain.block[strip.row[there]]
    new = np.flatnonzero(np.append(True, block[1:] != block[:-1]))
    first, last = there[new], there[np.append(new[1:], len(there)) - 1] + 1
    length, owner = last - first, block[new]
    long = np.flatnonzero(length >= LEAST * density)
    long = long[np.argsort(-length[long], kind="stable")]
    _, leaders = np.unique(owner[long], return_index=True)
    for at in long[np.sort(leaders)][:MOST].tolist():
        yield int(owner[at]), first[at] / density, last[at] / density


def _box(lanes: Lanes, first: float, last: float) -> tuple[float, float, float, float, int] | None:
    """Where in a piece of the line its label may stand, and how large."""
    pieces = lanes.pieces(first, last)
    if not pieces:
        return None
    if lanes.upright:
        x, y, width, height = pieces[0]
        return (
            (x, y, width, height, LARGE if height > 90 else MEDIUM if height > 40 else SMALL) if height >= 15 else None
        )
    full = [piece for piece in pieces if piece[2] >= lanes.width - 0.5]
    if len(full) >= ROWS_FOR_LARGE:
        x, y, width, _ = full[len(full) // 2 - 1]
        return x, y, width, lanes.pitch + lanes.thickness, LARGE
    if full:
        return *full[len(full) // 2], MEDIUM
    return *max(pieces, key=lambda piece: piece[2]), SMALL


def _label(
    lanes: Lanes, box: tuple[float, float, float, float], text: str, size: int, block: int, measure: Measure
) -> Label:
    """Large ones in the middle, small ones at the beginning."""
    x, y, width, height = box
    wide = measure(text, size) + 2 * PADDING
    if size != SMALL or lanes.upright:
        x += (width - wide) / 2
    elif wide + 4 <= width:
        x += 2
    return Label(x, y, wide, height, text, size, block)
