"""The whole address space at true scale, as columns of pixels. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core.categories import GROUPS
from memviz.core.explain import explain
from memviz.core.regions import TOP_HALF, Array
from memviz.core.snapshot import Snapshot

WIDTHS = (32, 39, 47, 48, 52, 56)  # bits of the address spaces of the kernels there are, for one process


def bits_of(snapshot: Snapshot | None) -> int:
    """The bits of the space that the process lives in: the smallest that holds it."""
    if snapshot is None or not len(snapshot.regions):
        return 47
    ends = snapshot.regions["end"][snapshot.regions["start"] < TOP_HALF]
    last = int(ends.max()) if len(ends) else 0
    return next((bits for bits in WIDTHS if last <= 1 << bits), 63)


class Scale(NamedTuple):
    """A line of `width` pixels for a space of so many bits: linear, and nothing else."""

    bits: int
    width: float

    def address(self, x: float) -> int:
        """The address that lies under a pixel."""
        share = min(max(x / max(self.width, 1), 0.0), 1.0)
        return min(int(share * (1 << self.bits)), (1 << self.bits) - 1)

    def x(self, address: int) -> float:
        """The pixel that an address lies under."""
        return address / float(1 << self.bits) * self.width


class Ticks(NamedTuple):
    """`group`: for each pixel the index in GROUPS of what has most bytes in it, -1 where nothing is mapped; `filled`
    where something is in memory."""

    group: Array
    filled: Array


def ticks(snapshot: Snapshot, width: int, bits: int) -> Ticks:
    """What each of `width` pixels of the space holds: mapped and resident bytes go to the pixels they lie in."""
    group = np.full(max(width, 1), -1, np.int16)
    filled = np.zeros(max(width, 1), np.bool_)
    table = snapshot.regions
    below = table["start"] < TOP_HALF
    if not len(table) or not below.any():
        return Ticks(group, filled)
    scale = width / float(1 << bits)
    first = np.minimum((table["start"][below] * scale).astype(np.int64), width - 1)
    last = np.minimum(((table["end"][below] - np.uint64(1)) * scale).astype(np.int64), width - 1)
    places = {each.name: index for index, each in enumerate(GROUPS)}
    of_category = np.array([places.get(category.group, -1) for category in snapshot.categories], np.int16)
    groups = of_category[table["category"][below]]
    resident = table["rss"][below] if "rss" in table else np.zeros(int(below.sum()), np.uint64)
    weights = np.zeros((len(GROUPS), width))
    size = table["size"][below] / float(1 << 64)  # decides only where nothing is in memory
    wide = last > first
    np.add.at(weights, (groups[~wide], first[~wide]), resident[~wide] + size[~wide])
    for row in np.flatnonzero(wide).tolist():  # hundreds at most, since they fill the line
        span = slice(int(first[row]), int(last[row]) + 1)
        weights[groups[row], span] += (float(resident[row]) + size[row]) / (span.stop - span.start)
    most = weights.max(axis=0)
    group[most > 0] = weights.argmax(axis=0)[most > 0]
    filled[:] = most > 1e-3
    return Ticks(group, filled)


def has_far_page(snapshot: Snapshot | None) -> bool:
    """Whether the kernel's [vsyscall] shows, which lies apart from everything."""
    return snapshot is not None and len(snapshot.regions) > 0 and bool(snapshot.regions["start"][-1] >= TOP_HALF)


def words_at(snapshot: Snapshot, scale: Scale, x: float) -> str:
    """What lies under a pixel, which is many gigabytes wide."""
    if x > scale.width:
        return "[vsyscall]: a page of the kernel, far above everything else" if has_far_page(snapshot) else ""
    pixel = units.size((1 << scale.bits) // max(round(scale.width), 1))
    first, last = scale.address(x), scale.address(x + 1)
    low, high = np.searchsorted(snapshot.regions["start"], np.array([first, last], np.uint64)).tolist()
    if high > low:
        one = high - low == 1
        what = f"{units.number(high - low)} region{'' if one else 's'} begin{'s' if one else ''} here"
    else:
        row = snapshot.regions.find(first)
        what = explain(snapshot, first).sentence if row is not None else "nothing is mapped here"
    return f"{units.address(first)} and {pixel} on: {what}"
