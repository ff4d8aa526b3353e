"""What is where in an address space, as far as it does not depend on the scale: computed once for each reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from memviz.core.categories import GROUPS
from memviz.core.pages import FILE, GUARD, PFNZERO, PRESENT, SWAPPED
from memviz.core.permissions import EXECUTE, READ, WRITE
from memviz.core.regions import Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.map.axis import EAGER, Floats, Stretches

PRIVATE, OF_FILE, SWAP, ZERO, GUARDED = range(5)  # kinds of run, as the map tells them apart
LEAST_FOLD = 16  # pages: what is shorter never folds


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs of pages that are in memory, in swap or guards, half-open page numbers in order, with the pages of each kind
    before each run (`sums`, one row for each of `kinds`)."""

    start: Array
    end: Array
    kind: Array
    kinds: tuple[int, ...]
    sums: Array

    def before(self, pages: Floats) -> dict[int, Floats]:
        """For each kind there is, how many such pages lie before these places (with fractions; in order)."""
        if not len(self.start):
            return {}
        whole = pages.astype(np.int64)
        low = max(int(np.searchsorted(self.start, whole[0], "right")) - 1, 0)
        high = int(np.searchsorted(self.start, whole[-1], "right")) + 1
        last = np.searchsorted(self.start[low:high], whole, "right")
        last += low - 1
        np.maximum(last, 0, out=last)
        inside = np.minimum(pages, self.end.take(last))
        inside -= self.start.take(last)
        np.maximum(inside, 0, out=inside)
        kind = self.kind.take(last)
        found = {}
        for row, each in enumerate(self.kinds):
            found[each] = self.sums[row].take(last)
            found[each] += inside if len(self.kinds) == 1 else inside * (kind == each)
        return found


@dataclass(frozen=True, eq=False)
class Terrain:
    """Regions in page numbers, half-open; `rank` orders them by how much a lost one would be missed; `share` is the
    resident share of each region where only that is known (`averaged`), None where nothing is."""

    snapshot: Snapshot
    pages: PageRuns | None
    start: Floats
    end: Floats
    block: Array
    rank: Array
    runs: Runs
    averaged: Mask
    share: Floats | None
    anonymous: Mask
    stretches: Stretches
    _first: dict[tuple[str, ...], int | None] = field(default_factory=dict)

    @property
    def page_size(self) -> int:
        return self.snapshot.page_size

    @property
    def ends(self) -> tuple[float, float]:
        """The first page, and the one after the last."""
        return float(self.start[0]), float(self.end[-1])

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def alarming(self) -> Mask:
        """Regions that are writable and executable at once."""
        return self.snapshot.regions.permits(WRITE | EXECUTE)

    @cached_property
    def is_alarming(self) -> bool:
        return bool(self.alarming.any())

    @cached_property
    def closed(self) -> Mask:
        """Regions that may not be touched at all."""
        return closed(self.snapshot)

    @cached_property
    def groups(self) -> Array:
        """The number of each region's group in GROUPS."""
        names = [group.name for group in GROUPS]
        kinds = np.array([names.index(c.group) if c.group in names else 0 for c in self.snapshot.categories], np.uint8)
        own: Array = kinds[self.snapshot.regions["category"]]
        return own

    @cached_property
    def starts(self) -> Array:
        """First pages as whole numbers: they are searched twice as fast."""
        return self.start.astype(np.int64)

    @cached_property
    def ends_of(self) -> Array:
        """The pages after the last ones, as whole numbers."""
        return self.end.astype(np.int64)

    @cached_property
    def order(self) -> Array:
        """Rows by rank, least first."""
        found: Array = np.argsort(self.rank)
        return found

    @cached_property
    def mapped(self) -> Floats:
        """Pages of regions before each region."""
        return np.concatenate([[0.0], np.cumsum(self.end - self.start)[:-1]])

    def first_of(self, categories: tuple[str, ...]) -> int | None:
        """The first row of any of these categories."""
        if categories not in self._first:
            chosen = np.array([each.name in categories for each in self.snapshot.categories])
            rows = np.flatnonzero(chosen[self.snapshot.regions["category"]])
            self._first[categories] = int(rows[0]) if len(rows) else None
        return self._first[categories]

    def row_at(self, page: float) -> int | None:
        """The row of the region that holds a page."""
        row = int(np.searchsorted(self.start, page, "right")) - 1
        return row if row >= 0 and page < self.end[row] else None


def closed(snapshot: Snapshot) -> Mask:
    mask: Mask = (snapshot.regions["permissions"] & np.uint8(READ | WRITE | EXECUTE)) == 0
    return mask


def make_terrain(snapshot: Snapshot, pages: PageRuns | None) -> Terrain:
    """From a snapshot that has regions; `pages` is None where they are not known."""
    table, size = snapshot.regions, np.uint64(snapshot.page_size)
    start, end = (table["start"] // size).astype(np.float64), (table["end"] // size).astype(np.float64)
    rss = table["rss"].astype(np.float64) if "rss" in table else None
    runs = _runs(pages, size)
    if pages is None:
        averaged = np.ones(len(start), np.bool_)
    else:
        averaged = np.zeros(len(start), np.bool_) if pages.rest is None else table["end"] > np.uint64(pages.rest)
    share = np.clip(rss / ((end - start) * float(size)), 0, 1) if rss is not None else None
    weight = (rss if rss is not None else 0) + (end - start) / 1024
    rank = np.empty(len(start), np.int64)
    rank[np.argsort(weight + table.permits(WRITE | EXECUTE) * 1e18, kind="stable")] = np.arange(len(start))
    used = averaged & (rss > 0) if rss is not None else averaged & ~closed(snapshot)
    stretches = _stretches(start, end, runs, used, closed(snapshot))
    anonymous = table["inode"] == 0
    return Terrain(
        snapshot, pages, start, end, table["block"], rank, runs, averaged, share, anonymous, stretches
    )  # fmt: skip


def _runs(pages: PageRuns | None, size: np.uint64) -> Runs:
    """The runs with neighbours of one kind joined."""
    if pages is None or not len(pages.start):
        none = np.empty(0, np.int64)
        return Runs(none, none, none, (), np.empty((0, 0)))
    bits = pages.bits
    kind = np.full(len(bits), PRIVATE, np.uint8)
    kind[(bits & np.uint64(FILE)) != 0] = OF_FILE
    kind[(bits & np.uint64(PFNZERO)) != 0] = ZERO
    kind[(bits & np.uint64(SWAPPED | PRESENT)) == SWAPPED] = SWAP
    kind[(bits & np.uint64(GUARD)) != 0] = GUARDED
    start, end = (pages.start // size).astype(np.int64), (pages.end // size).astype(np.int64)
    new = np.ones(len(start), np.bool_)
    new[1:] = (start[1:] != end[:-1]) | (kind[1:] != kind[:-1])
    last = np.append(new[1:], True)
    start, end, kind = start[new], end[last], kind[new]
    kinds = tuple(int(each) for each in np.unique(kind))
    sums = np.zeros((len(kinds), len(start)))
    for row, each in enumerate(kinds):
        np.cumsum(np.where(kind == each, end - start, 0)[:-1], out=sums[row, 1:])
    return Runs(start, end, kind, kinds, sums)


def _stretches(start: Floats, end: Floats, runs: Runs, used: Mask, shut: Mask) -> Stretches:
    """What nobody touched, cut at the borders of regions: gaps, and what lies between runs. Of regions without page
    runs (`used`: something of them is in memory) nothing folds."""
    borders = np.concatenate([start, end, runs.start, runs.end]).astype(np.float64)
    borders.sort(kind="stable")  # four sorted pieces: merging them is fast
    length = np.diff(borders)
    long = np.flatnonzero(length >= LEAST_FOLD)
    low, length = borders[long], length[long]
    row = np.searchsorted(start, low, "right") - 1
    inside = low < end[row]
    keep = ~(inside & used[row])
    if len(runs.start):
        run = np.searchsorted(runs.start, low, "right") - 1
        keep &= (run < 0) | (low >= runs.end[np.maximum(run, 0)])
    low, length, eager = low[keep], length[keep], (inside & shut[row])[keep]
    eagerness = np.where(eager, length * EAGER, length)
    return Stretches(low, low + length, eagerness, (float(start[0]), float(end[-1])))
