"""What a page can be, by the bits of a page run: declared once, for the map, the inspector and the glossary."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.core.regions import TOP_HALF, Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.proc.pagemap import FILE, GUARD, PFNZERO, PRESENT, SWAPPED

__all__ = [
    "FILE", "GUARD", "GUARD_PAGE", "IN_SWAP", "NOT_IN_MEMORY", "OF_FILE", "PAGE_STATES", "PFNZERO", "PRESENT",
    "PRIVATE", "SWAPPED", "ZERO_PAGE", "PageState", "spans", "state_at", "state_of",
]  # fmt: skip

GAP = 16 << 30  # bytes without a region that are not looked through: it would take the reader a call


class PageState(NamedTuple):
    """One state: it holds where `bits_of_the_run & mask == bits`; the first of PAGE_STATES that holds is the page's."""

    name: str
    mask: int
    bits: int
    costs: bool  # whether the page costs memory that only this process uses (or swap)
    resident: bool  # whether RSS counts it
    explanation: str

    def holds(self, bits: Array) -> Mask:
        found: Mask = (bits & np.uint64(self.mask)) == self.bits
        return found


PAGE_STATES = (
    PageState("guard", GUARD, GUARD, False, False,
        "A guard (MADV_GUARD_INSTALL): it has no memory, and touching it ends in SIGSEGV whatever its region permits."),
    PageState("zero page", PRESENT | PFNZERO, PRESENT | PFNZERO, False, False,
        "It was read but never written: it shows the one page of zeros that all processes share, and costs nothing."),
    PageState("private, in memory", PRESENT | FILE, PRESENT, True, True,
        "Anonymous memory in a frame of its own: written by this process (or shared with a child until one writes)."),
    PageState("of a file, in memory", PRESENT | FILE, PRESENT | FILE, False, True,
        "A page of a file or of shared memory: it lies in the page cache once, for every process that maps it."),
    PageState("in swap", SWAPPED, SWAPPED, True, False,
        "It was written to swap (or is being moved): the next use is a major fault that reads it back."),
    PageState("not in memory", 0, 0, False, False,
        "No frame holds it. Where its region permits a touch, that is a page fault: the kernel fills it with zeros or "
        "from its file, and sends SIGBUS beyond the end of the file. Where it does not, the touch ends in SIGSEGV."),
)  # fmt: skip
GUARD_PAGE, ZERO_PAGE, PRIVATE, OF_FILE, IN_SWAP, NOT_IN_MEMORY = PAGE_STATES


def state_of(bits: int) -> PageState:
    """The state that these bits of a run mean."""
    return next(state for state in PAGE_STATES if bits & state.mask == state.bits)


def state_at(runs: PageRuns, address: int) -> PageState | None:
    """The state of the page that holds an address of a region; None where the runs did not get that far."""
    if runs.rest is not None and address >= runs.rest:
        return None
    at = int(np.searchsorted(runs.start, np.uint64(address), "right")) - 1
    if at < 0 or address >= int(runs.end[at]):
        return NOT_IN_MEMORY
    return state_of(int(runs.bits[at]))


def spans(snapshot: Snapshot, low: int = 0, high: int = int(TOP_HALF)) -> list[tuple[int, int]]:
    """Where to look for the pages of all regions between two addresses: few half-open ranges, in order, without the
    wide gaps between program, mappings and stack."""
    table = snapshot.regions
    inside = (table["end"] > low) & (table["start"] < high)
    start, end = np.maximum(table["start"][inside], np.uint64(low)), np.minimum(table["end"][inside], np.uint64(high))
    if not len(start):
        return []
    wide = np.flatnonzero(start[1:] - end[:-1] > GAP)
    first, last = start[np.append(0, wide + 1)], end[np.append(wide, len(end) - 1)]
    return list(zip(first.tolist(), last.tolist(), strict=True))
