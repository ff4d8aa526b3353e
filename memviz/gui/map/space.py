"""The whole address space at true scale, as columns of pixels. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.core.categories import GROUPS
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
