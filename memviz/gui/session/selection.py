"""What the user points at, as addresses: they outlive the snapshots that they are looked up in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from memviz.core.regions import Array
from memviz.core.snapshot import Snapshot

NOTHING, GROUP, BLOCK, REGION, PAGE, RANGE = "nothing", "group", "block", "region", "page", "range"


@dataclass(frozen=True, slots=True)
class Selection:
    """`kind` is one of the above; [start, end) in bytes of address. A block is known by the start of its first region,
    since its other regions may lie anywhere."""

    kind: str = NOTHING
    start: int = 0
    end: int = 0
    group: str = ""

    def __bool__(self) -> bool:
        return self.kind != NOTHING


def select_group(name: str) -> Selection:
    return Selection(GROUP, group=name)


def select_block(snapshot: Snapshot, index: int) -> Selection:
    """The block of that number in this snapshot."""
    blocks = snapshot.blocks
    return Selection(BLOCK, int(snapshot.regions["start"][blocks.first[index]]), int(blocks.end[index]))


def select_region(snapshot: Snapshot, row: int) -> Selection:
    """The region of that row in this snapshot."""
    table = snapshot.regions
    return Selection(REGION, int(table["start"][row]), int(table["end"][row]))


def select_page(snapshot: Snapshot, address: int) -> Selection:
    """The page that holds an address."""
    start = address - address % snapshot.page_size
    return Selection(PAGE, start, start + snapshot.page_size)


def select_range(start: int, end: int) -> Selection:
    return Selection(RANGE, min(start, end), max(start, end))


def rows_of(selection: Selection, snapshot: Snapshot) -> Array:
    """The rows of the regions that a selection means in this snapshot, in order; none where it is gone."""
    table = snapshot.regions
    if selection.kind == NOTHING or not len(table):
        return np.empty(0, np.intp)
    if selection.kind == GROUP:
        return snapshot.rows_of_group(selection.group)
    if selection.kind == BLOCK:
        block = block_of(selection, snapshot)
        return np.sort(snapshot.blocks.rows(block)) if block is not None else np.empty(0, np.intp)
    touched = (table["start"] < np.uint64(selection.end)) & (table["end"] > np.uint64(selection.start))
    return np.flatnonzero(touched)


def block_of(selection: Selection, snapshot: Snapshot) -> int | None:
    """The block that holds the selection's first address; None for groups, and where nothing is there any more."""
    if selection.kind in (NOTHING, GROUP):
        return None
    row = snapshot.regions.find(selection.start)
    return int(snapshot.regions["block"][row]) if row is not None else None


@dataclass(slots=True)
class History:
    """Where the user has been: back and forward, as in a browser."""

    past: list[Selection] = field(default_factory=list)
    future: list[Selection] = field(default_factory=list)
    longest: int = 200

    def left(self, selection: Selection) -> None:
        """The user went from here to somewhere new."""
        if selection:
            self.past = [*self.past[-self.longest :], selection]
        self.future.clear()

    def step(self, here: Selection, *, forward: bool) -> Selection | None:
        """What was selected before this, or after it; None at either end."""
        source, behind = (self.future, self.past) if forward else (self.past, self.future)
        if not source:
            return None
        behind.append(here)
        return source.pop()
