"""What lies under each pixel of a piece of the line: its region, and how much of it is in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memviz.core.regions import Array, Mask
from memviz.gui.map.axis import Axis, Floats
from memviz.gui.map.terrain import OF_FILE, PRIVATE, Terrain

CELL = 6.0  # pixels a page from which on pages are cells


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One entry a pixel. `pages` are the page numbers at its edges (one more); `row` its region, -1 where none is;
    `shares` the part of its mapped pages that is of each kind of run; `averaged` where that is only the region's
    average; `wider` where a region is drawn wider than it is; `cells` where a page begins, if pages are cells."""

    pages: Floats
    row: Array
    fold: Mask
    beyond: Mask
    shares: dict[int, Floats]
    averaged: Mask | None
    wider: Mask | None
    cells: Mask | None
    folds: Array  # the pixels in the middle of folds

    def __len__(self) -> int:
        return len(self.row)


def sample(terrain: Terrain, axis: Axis, offset: float, count: int, density: float = 1.0) -> Strip:
    """`count` pixels of the line from a position on, `density` of them for each pixel of the axis."""
    edges = offset + np.arange(count + 1) / density
    pages = axis.page(edges)
    at = np.searchsorted(terrain.start, pages, "right") - 1
    row = at[:-1].copy()
    torn = np.flatnonzero(at[1:] != row)
    centres = edges[:-1] + 0.5 / density
    if len(torn):
        row[torn] = np.searchsorted(terrain.start, axis.page(centres[torn]), "right") - 1
    middle = (pages[:-1] + pages[1:]) / 2
    middle[torn] = axis.page(centres[torn])
    beyond = (edges[1:] <= 0) | (edges[:-1] >= axis.length)
    row[(middle >= terrain.end[row]) | (row < 0) | beyond] = -1
    wider = _show_narrow(terrain, axis, offset, density, row, pages)
    fold, folds = _folds(axis, offset, count, density)
    shares, averaged = _shares(terrain, axis, pages, at, row, density)
    cells = None
    if axis.page_size / axis.scale >= CELL:
        cells = np.floor(pages[1:]) != np.floor(pages[:-1])
    return Strip(pages, row, fold, beyond, shares, averaged, wider, cells, folds)


def _show_narrow(
    terrain: Terrain, axis: Axis, offset: float, density: float, row: Array, pages: Floats
) -> Mask | None:  # fmt: skip
    """Gives regions narrower than a pixel theirs, the one that matters most last, so that it stays."""
    low = max(int(np.searchsorted(terrain.end, pages[0], "right")), 0)
    high = int(np.searchsorted(terrain.start, pages[-1], "left"))
    if high <= low:
        return None
    first = (axis.at(terrain.start[low:high]) - offset) * density
    last = (axis.at(terrain.end[low:high]) - offset) * density
    narrow = last - first < 1
    if not narrow.any():
        return None
    if high - low > len(terrain) // 4:
        mask = np.zeros(len(terrain), np.bool_)
        mask[low:high] = narrow
        chosen = terrain.order[mask[terrain.order]]
    else:
        chosen = np.flatnonzero(narrow) + low
        chosen = chosen[np.argsort(terrain.rank[chosen])]
    places = np.clip(((first + last)[chosen - low] / 2).astype(np.intp), 0, len(row) - 1)
    before = row[places]
    row[places] = chosen
    other = (before < 0) | (terrain.block[np.maximum(before, 0)] != terrain.block[row[places]])
    wider = np.zeros(len(row), np.bool_)
    wider[places] = other
    return wider


def _folds(axis: Axis, offset: float, count: int, density: float) -> tuple[Mask, Array]:
    """Which pixels lie in folds, and the middle one of each."""
    fold = np.zeros(count + 1, np.int32)
    low = max(int(np.searchsorted(axis.positions, offset, "right")) - 1, 0)
    high = int(np.searchsorted(axis.positions, offset + count / density, "left"))
    which = np.flatnonzero(axis.folded[low:high]) + low
    first = np.rint((axis.positions[which] - offset) * density).astype(np.intp)
    last = np.rint((axis.positions[which + 1] - offset) * density).astype(np.intp)
    np.add.at(fold, np.clip(first, 0, count), 1)
    np.subtract.at(fold, np.clip(last, 0, count), 1)
    middle = (first + last) // 2
    found: Array = middle[(middle >= 0) & (middle < count)]
    return np.cumsum(fold[:-1]) > 0, found


def _shares(
    terrain: Terrain, axis: Axis, pages: Floats, at: Array, row: Array, density: float
) -> tuple[dict[int, Floats], Mask | None]:  # fmt: skip
    """Of what is mapped under each pixel, the part that is of each kind."""
    known = np.maximum(at, 0)
    mapped = terrain.mapped[known] + np.clip(pages - terrain.start[known], 0, terrain.end[known] - terrain.start[known])
    under = np.minimum(np.diff(mapped), axis.scale / axis.page_size / density)
    under = np.maximum(under, 1e-9)
    shares = {kind: np.minimum(np.diff(sums) / under, 1) for kind, sums in terrain.runs.before(pages).items()}
    if not terrain.averaged.any():
        return shares, None
    averaged = terrain.averaged[row] & (row >= 0)
    if terrain.share is not None:
        for kind, wanted in ((PRIVATE, terrain.anonymous), (OF_FILE, ~terrain.anonymous)):
            share = shares.setdefault(kind, np.zeros(len(row)))
            mine = averaged & wanted[row]
            share[mine] = terrain.share[row[mine]]
    return shares, averaged
