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
    offset: float
    density: float

    def __len__(self) -> int:
        return len(self.row)

    def part(self, low: int, high: int) -> Strip:
        """The pixels from `low` to before `high`."""
        masks = [each[low:high] if each is not None else None for each in (self.averaged, self.wider, self.cells)]
        shares = {kind: share[low:high] for kind, share in self.shares.items()}
        folds = self.folds[(self.folds >= low) & (self.folds < high)] - low
        return Strip(
            self.pages[low : high + 1], self.row[low:high], self.fold[low:high], self.beyond[low:high], shares,
            masks[0], masks[1], masks[2], folds, self.offset + low / self.density, self.density,
        )  # fmt: skip


def sample(terrain: Terrain, axis: Axis, offset: float, count: int, density: float = 1.0) -> Strip:
    """`count` pixels of the line from a position on, `density` of them for each pixel of the axis."""
    edges = offset + np.arange(count + 1) / density
    pages = axis.page(edges)
    low = int(np.searchsorted(terrain.ends_of, int(pages[0]), "right"))
    high = max(int(np.searchsorted(terrain.starts, int(np.ceil(pages[-1])), "left")), low)
    first, last = _places(terrain, axis, low, high)
    first, last = (first - offset) * density, (last - offset) * density
    at = _begun(first, count, 0.0) + (low - 1)  # the last region that begins at or before each edge
    row = _begun(first, count, 0.5)[:-1] + (low - 1)  # and at the middle of each pixel
    inside = np.append(last, -1.0)[row - low] > np.arange(count) + 0.5
    beyond = (edges[1:] <= 0) | (edges[:-1] >= axis.length)
    row[~inside | (row < low) | beyond] = -1
    wider = _show_narrow(terrain, low, first, last, row)
    fold, folds = _folds(axis, offset, count, density)
    shares, averaged = _shares(terrain, axis, pages, at, row, density)
    cells = None
    if axis.page_size / axis.scale >= CELL:
        cells = np.floor(pages[1:]) != np.floor(pages[:-1])
    return Strip(pages, row, fold, beyond, shares, averaged, wider, cells, folds, offset, density)


def scrolled(old: Strip, terrain: Terrain, axis: Axis, offset: float) -> Strip | None:
    """The strip of the same axis a whole number of pixels further on: only what comes into sight is looked up. None
    where too little stays."""
    count, exact = len(old), (offset - old.offset) * old.density
    step = round(exact)
    if abs(exact - step) > 1e-3 or abs(step) > count // 2:
        return None
    if not step:
        return old
    if step > 0:
        kept, added = slice(step, None), sample(terrain, axis, old.offset + count / old.density, step, old.density)
        pages = np.concatenate([old.pages[step:-1], added.pages])
    else:
        kept, added = slice(None, step), sample(terrain, axis, offset, -step, old.density)
        pages = np.concatenate([added.pages, old.pages[1:step]])

    def both(one: Array, other: Array) -> Array:
        return np.concatenate([one[kept], other] if step > 0 else [other, one[kept]])

    def either(one: Mask | None, other: Mask | None) -> Mask | None:
        if one is None and other is None:
            return None
        nowhere, here = np.zeros(count, np.bool_), np.zeros(abs(step), np.bool_)
        return both(nowhere if one is None else one, here if other is None else other)

    shares = {kind: both(share, added.shares[kind]) for kind, share in old.shares.items()}
    stay = old.folds - step
    stay = stay[(stay >= max(-step, 0)) & (stay < count - max(step, 0))]
    folds = np.concatenate([stay, added.folds + (count - step if step > 0 else 0)])
    return Strip(
        pages, both(old.row, added.row), both(old.fold, added.fold), both(old.beyond, added.beyond), shares,
        either(old.averaged, added.averaged), either(old.wider, added.wider), either(old.cells, added.cells), folds,
        offset, old.density,
    )  # fmt: skip


def _places(terrain: Terrain, axis: Axis, low: int, high: int) -> tuple[Floats, Floats]:
    """Positions of the beginnings and ends of some regions: of many they are kept with the axis, since scrolling needs
    them again."""
    if high - low < len(terrain) // 4:
        return axis.at(terrain.start[low:high]), axis.at(terrain.end[low:high])
    if "regions" not in axis.kept:
        axis.kept["regions"] = axis.at(terrain.start), axis.at(terrain.end)
    first, last = axis.kept["regions"]
    return first[low:high], last[low:high]


def _begun(first: Floats, count: int, lead: float) -> Array:
    """How many of these places lie at or before each of count + 1 edges (moved on by `lead` pixels)."""
    places = np.ceil(first - lead)
    np.clip(places, 0, count + 1, out=places)
    found: Array = np.cumsum(np.bincount(places.astype(np.intp), minlength=count + 2)[: count + 1])
    return found


def _show_narrow(terrain: Terrain, low: int, first: Floats, last: Floats, row: Array) -> Mask | None:
    """Gives regions narrower than a pixel theirs, the one that matters most last, so that it stays."""
    narrow = last - first < 1
    if not narrow.any():
        return None
    if len(first) > len(terrain) // 4:
        mask = np.zeros(len(terrain), np.bool_)
        mask[low : low + len(first)] = narrow
        chosen = terrain.order[mask[terrain.order]]
    else:
        chosen = np.flatnonzero(narrow) + low
        chosen = chosen[np.argsort(terrain.rank[chosen])]
    places = np.floor((first[chosen - low] + last[chosen - low]) / 2).astype(np.intp)
    here = (places >= 0) & (places < len(row))  # others' pixels are beyond the ends of the strip
    chosen, places = chosen[here], places[here]
    before = row[places]
    row[places] = chosen
    other = (before < 0) | (terrain.block[before] != terrain.block[row[places]])
    if not other.any():
        return None
    wider = np.zeros(len(row), np.bool_)
    wider[places] = other
    return wider


def _folds(axis: Axis, offset: float, count: int, density: float) -> tuple[Mask, Array]:
    """Which pixels lie in folds, and the middle one of each."""
    low = max(int(np.searchsorted(axis.positions, offset, "right")) - 1, 0)
    high = int(np.searchsorted(axis.positions, offset + count / density, "left"))
    which = np.flatnonzero(axis.folded[low:high]) + low
    first = np.floor((axis.positions[which] - offset) * density + 0.5).astype(np.intp)
    last = np.floor((axis.positions[which + 1] - offset) * density + 0.5).astype(np.intp)
    begun = np.bincount(np.clip(first, 0, count), minlength=count + 1)
    ended = np.bincount(np.clip(last, 0, count), minlength=count + 1)
    middle = (first + last) // 2
    found: Array = middle[(middle >= 0) & (middle < count)]
    return np.cumsum(begun[:-1] - ended[:-1]) > 0, found


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
