"""Which memory of one snapshot is which of another: by the addresses that they share, for numbers have no names.

A region may have been cut in pieces, or have merged with its neighbours; blocks are no steadier. So what was there
before is shared out among what lies at its addresses now, to the byte, and nobody is compared with a neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from memviz.core.regions import Array, Mask, RegionTable


@dataclass(slots=True, eq=False)
class Pairs:
    """Rows of two tables that have addresses in common, and how many; in order of address in both."""

    before: Array
    after: Array
    shared: Array
    _cut: Array = field(init=False)  # the pairs of regions that lie in several now
    _first: Array = field(init=False)  # of these the first pair of each region
    _group: Array = field(init=False)
    _largest: Array = field(init=False)

    def __post_init__(self) -> None:
        self._cut = np.flatnonzero(np.bincount(self.before)[self.before] > 1)
        is_first = np.diff(self.before[self._cut], prepend=-1) != 0
        self._first, self._group = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        # the pairs of one region stand together, so its largest comes to where its first is now; of two the lower one
        self._largest = np.lexsort((-self.shared[self._cut], self._group))[self._first]

    def where(self, chosen: Mask) -> Pairs:
        return Pairs(self.before[chosen], self.after[chosen], self.shared[chosen])

    def parts(self, old: Array, new: Array) -> Array:
        """What of the old value of each pair's region belongs to the pair: all of it where it has only one.

        Of several each gets what it has now, as far as the old value goes; what is left over is the largest one's loss.
        So cutting a region in two invents neither growth nor shrinking.
        """
        parts: Array = old[self.before]
        if self._cut.size:
            whole = parts[self._cut]
            most = np.minimum(new[self.after[self._cut]], self.shared[self._cut])
            taken = np.cumsum(most) - most
            taken -= taken[self._first][self._group]
            share = np.clip(whole - taken, 0, most)
            share[self._largest] += whole[self._first] - np.add.reduceat(share, self._first)
            parts[self._cut] = share
        return parts


def overlaps(before: RegionTable, after: RegionTable) -> Pairs:
    """All pairs of regions that have an address in common."""
    low = np.searchsorted(after["end"], before["start"], side="right")
    counts = np.searchsorted(after["start"], before["end"], side="left") - low
    old = np.repeat(np.arange(len(before)), counts)
    new = np.arange(len(old)) + np.repeat(low - (np.cumsum(counts) - counts), counts)
    ends = np.minimum(before["end"][old], after["end"][new])
    return Pairs(old, new, (ends - np.maximum(before["start"][old], after["start"][new])).astype(np.int64))


def heirs(owners: Array, targets: Array, shared: Array, count: int) -> Array:
    """For each of `count` owners the target with which it shares most, the lowest of equals; -1 where it has none."""
    result = np.full(count, -1, np.intp)
    if not len(owners):
        return result
    run = np.flatnonzero((np.diff(owners, prepend=-1) != 0) | (np.diff(targets, prepend=-1) != 0))
    width = int(targets.max()) + 1
    keys, place = np.unique(owners[run] * width + targets[run], return_inverse=True)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, place, np.add.reduceat(shared, run))
    owner, target = keys // width, keys % width
    order = np.lexsort((-target, sums, owner))  # what is written last stays
    result[owner[order]] = target[order]
    return result
