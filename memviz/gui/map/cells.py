"""The map as cells of a terminal: the same axis and the same fill as the window's, without Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memviz.core.categories import GROUPS
from memviz.core.regions import TOP_HALF, Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.map.axis import Axis, Floats, fitting
from memviz.gui.map.terrain import GUARDED, OF_FILE, Terrain, make_terrain

CELL = 8.0  # pixels of an axis in a cell: its folds are made for pixels
NOTHING, FOLD = -1, -2  # instead of the number of a group
LEAST_LABEL = 6  # cells that a name must have
WORTH = 0.004  # of all cells that a block must take to be named


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A row of cells for each line of the picture. `group` is a number in GROUPS, NOTHING for a gap or FOLD; `fill` is
    the resident share of what is mapped there, `own` how much of that is not clean file pages; `letters` are names
    written over the cells, a blank where there is none."""

    start: tuple[int, ...]  # addresses
    group: Array
    fill: Floats
    own: Floats
    letters: tuple[str, ...]
    scale: float  # bytes a cell
    guard: Mask  # cells with guard pages


def make_cells(snapshot: Snapshot, pages: PageRuns | None, width: int, lines: int) -> Cells:
    """A picture of so many cells at most; the snapshot must have regions."""
    terrain = make_terrain(_low(snapshot), pages)
    axis = fitting(terrain.stretches, terrain.page_size, width * CELL, lines)
    count = max(-(-int(np.ceil(axis.length / CELL)) // width), 1)
    edges = axis.page(np.arange(width * count + 1) * CELL)
    group, row = _groups(terrain, axis, edges)
    fill, own = _fill(terrain, edges)
    group[np.arange(len(group)) * CELL >= axis.length] = NOTHING
    shape = (count, width)
    letters = _labels(terrain, row, group, width)
    starts = tuple(int(edge) * terrain.page_size for edge in edges[:-1:width])
    guard = np.diff(terrain.runs.before(edges).get(GUARDED, np.zeros(len(edges)))) > 0
    fills = fill.reshape(shape), own.reshape(shape)
    return Cells(starts, group.reshape(shape), *fills, letters, axis.scale * CELL, guard.reshape(shape))


def _low(snapshot: Snapshot) -> Snapshot:
    """Without what lies in the kernel's half: one page of it would take half of the picture."""
    import dataclasses

    table = snapshot.regions
    keep = table["start"] < TOP_HALF
    return snapshot if keep.all() else dataclasses.replace(snapshot, regions=table.where(keep))


def _groups(terrain: Terrain, axis: Axis, edges: Floats) -> tuple[Array, Array]:
    """What each cell is coloured by, and the region that this comes from (-1 for none)."""
    first = np.searchsorted(terrain.end, edges[:-1], "right")
    last = np.searchsorted(terrain.start, edges[1:], "left") - 1
    row = np.full(len(first), -1)
    for cell in np.flatnonzero(first <= last):
        low, high = int(first[cell]), int(last[cell]) + 1
        row[cell] = low + int(terrain.rank[low:high].argmax())
    middle = (np.arange(len(row)) + 0.5) * CELL
    folded = axis.is_fold(np.minimum(middle, axis.length - 1e-6))
    group = np.where(row >= 0, terrain.groups[row].astype(np.int64), NOTHING)
    untouched = _resident(terrain, edges) == 0
    group[folded & untouched] = FOLD
    return group, np.where(group >= 0, row, -1)


def _resident(terrain: Terrain, edges: Floats) -> Floats:
    """Pages of each cell that are in memory or swapped; of regions without page runs their average."""
    found: Floats = np.zeros(len(edges) - 1)
    for kind, before in terrain.runs.before(edges).items():
        found = found + np.diff(before) * (kind != GUARDED)
    if terrain.share is not None and terrain.averaged.any():
        found = found + np.diff(_before(terrain, terrain.share * terrain.averaged, edges))
    return found


def _before(terrain: Terrain, weight: Floats, edges: Floats) -> Floats:
    """The weighted pages of regions before each place."""
    length = terrain.end - terrain.start
    sums = np.concatenate([[0.0], np.cumsum(length * weight)])
    row = np.searchsorted(terrain.start, edges, "right") - 1
    at = np.maximum(row, 0)
    inside = np.clip(edges - terrain.start[at], 0, length[at])
    return np.asarray(np.where(row >= 0, sums[at] + inside * weight[at], 0.0))


def _fill(terrain: Terrain, edges: Floats) -> tuple[Floats, Floats]:
    mapped = np.diff(_before(terrain, np.ones(len(terrain)), edges))
    resident = _resident(terrain, edges)
    of_file = np.diff(terrain.runs.before(edges).get(OF_FILE, np.zeros(len(edges))))
    if terrain.share is not None and terrain.averaged.any():
        weight = terrain.share * terrain.averaged * ~terrain.anonymous
        of_file = of_file + np.diff(_before(terrain, weight, edges))
    fill = np.divide(resident, mapped, out=np.zeros_like(mapped), where=mapped > 0)
    own = 1 - np.divide(of_file, resident, out=np.zeros_like(mapped), where=resident > 0)
    return np.clip(fill, 0, 1), np.clip(own, 0, 1)


def _labels(terrain: Terrain, row: Array, group: Array, width: int) -> tuple[str, ...]:
    """Names of blocks, each once, over the longest stretch of cells that it has in one line."""
    letters = [" "] * len(row)
    blocks = terrain.snapshot.blocks
    block = np.where(row >= 0, terrain.block[row].astype(np.int64), -1)
    cut = (np.diff(block) != 0) | (np.arange(1, len(block)) % width == 0)
    starts = np.concatenate([[0], np.flatnonzero(cut) + 1])
    lengths = np.diff(np.append(starts, len(block)))
    cells = {int(each): int(count) for each, count in zip(*np.unique(block, return_counts=True), strict=True)}
    named: set[int] = set()
    for place in np.argsort(-lengths, kind="stable"):
        at, length, which = int(starts[place]), int(lengths[place]), int(block[starts[place]])
        if length < LEAST_LABEL:
            break
        if which < 0 or which in named or cells[which] < WORTH * len(block):
            continue
        name = blocks.name(which)
        if len(name) + 2 > length or not name.isascii():
            continue
        named.add(which)
        letters[at + 1 : at + 1 + len(name)] = name
    text = "".join(letters)
    return tuple(text[at : at + width] for at in range(0, len(text), width))


def group_names() -> tuple[str, ...]:
    """By the numbers of `Cells.group`."""
    return tuple(group.name for group in GROUPS)
