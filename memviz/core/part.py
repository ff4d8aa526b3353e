"""A part of a snapshot: some of its regions, or a range of addresses, with their sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from memviz.core.categories import Category
from memviz.core.pages import PAGE_STATES, PageState
from memviz.core.regions import SUMS, Array
from memviz.core.snapshot import NOT_MEASURED, Absence, Snapshot
from memviz.core.source import PageRuns


class Picked(Protocol):
    """What somebody points at: `kind` is nothing, group, block, region, page or range; [start, end) in addresses."""

    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def group(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the regions of a snapshot, in order."""

    snapshot: Snapshot
    rows: Array

    def total(self, name: str) -> int | None:
        """The exact sum of a column of SUMS in bytes; None where this kernel or reading does not tell it."""
        table = self.snapshot.regions
        if name not in SUMS or name not in table:
            return None
        return int(table.counted(name)[self.rows].sum(dtype=np.uint64))

    def known(self, name: str) -> int:
        """The same where nothing is made of not knowing it."""
        return self.total(name) or 0

    @property
    def size(self) -> int:
        return self.known("size")

    @property
    def pool(self) -> int:
        """Bytes of the hugetlb pool, which RSS leaves out."""
        return self.known("shared_hugetlb") + self.known("private_hugetlb")

    @property
    def is_touched(self) -> bool:
        """Whether anything of it is in memory, in swap or from the hugetlb pool."""
        return bool(self.known("rss") + self.known("swap") + self.pool)

    def categories(self) -> tuple[Category, ...]:
        """The categories of its regions, in the order of the snapshot's."""
        found = np.unique(self.snapshot.regions["category"][self.rows]).tolist()
        return tuple(self.snapshot.categories[number] for number in found)

    def block_count(self) -> int:
        return len(np.unique(self.snapshot.regions["block"][self.rows]))


def why_unmeasured(snapshot: Snapshot) -> Absence:
    """Why nothing is known of what is in memory."""
    return snapshot.absent.get("regions") or snapshot.absent.get("residency") or NOT_MEASURED


def bytes_by_state(runs: PageRuns, start: int, end: int) -> dict[PageState, int] | None:
    """Bytes of the range [start, end) by their page's state, `not in memory` left out; None where the runs
    did not get that far."""
    if runs.rest is not None and end > runs.rest:
        return None
    low = np.maximum(runs.start, np.uint64(start))
    high = np.minimum(runs.end, np.uint64(end))
    sizes = np.where(high > low, high - low, np.uint64(0))
    result: dict[PageState, int] = {}
    free = sizes > 0
    for state in PAGE_STATES[:-1]:
        mask = free & state.holds(runs.bits)
        free &= ~mask
        if mask.any():
            result[state] = int(sizes[mask].sum(dtype=np.uint64))
    return result
