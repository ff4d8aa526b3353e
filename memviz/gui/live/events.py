"""What happened at one moment and is worth a mark in every plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memviz import units
from memviz.core.regions import TOP_HALF, Array, RegionTable
from memviz.core.snapshot import Sample, Snapshot
from memviz.text import clipped, shown

LARGE = 100_000_000  # bytes of address space that come or go at once
MOST = 4  # regions of one moment that have a mark each; more have one together


@dataclass(frozen=True, slots=True)
class Kind:
    """`sign` stands in the plot, in a `colour` of the theme."""

    name: str
    sign: str
    colour: str
    explanation: str


APPEARED = Kind("appeared", "+", "new", "At least 100 MB of address space were mapped since the snapshot before.")
WENT = Kind("went", "–", "gone", "At least 100 MB of address space were unmapped since the snapshot before.")
SWAPPED = Kind("swap", "s", "warn", "Some of its memory is in swap for the first time.")
MARKED = Kind("mark", "m", "accent", "The mark that everything is compared with.")
EXECED = Kind("exec", "x", "text", "It runs another program now (exec).")
ENDED = Kind("ended", "e", "alarm", "The process has ended.")
SILENT = Kind("silent", "?", "warn", "The process did not answer: nothing is known of this time.")
KINDS = (APPEARED, WENT, SWAPPED, MARKED, EXECED, ENDED, SILENT)


@dataclass(frozen=True, slots=True)
class Event:
    """`start` and `end` are the addresses of a region, where it is about one."""

    time: float
    kind: Kind
    text: str
    start: int = 0
    end: int = 0
    short: str = ""  # beside its line, where there is room


def between_snapshots(before: Snapshot, after: Snapshot) -> list[Event]:
    """Large regions that came or went, and whether another program runs now."""
    events = []
    old, new = before.facts.stat.start_code, after.facts.stat.start_code
    if old != new and min(old, new) > 1:  # 0 or 1 where it may not be read
        events.append(Event(after.time, EXECED, f"became {after.name}", short=after.name))
    if "regions" in before.absent or "regions" in after.absent:
        return events
    came = _uncovered(after.regions, before.regions)
    left = _uncovered(before.regions, after.regions)
    events += _told(after.time, APPEARED, after.regions, came)
    events += _told(after.time, WENT, before.regions, left)
    return events


def between_samples(before: Sample, after: Sample) -> list[Event]:
    """Swap that began."""
    if not before.swap and after.swap and before.swap is not None:
        return [Event(after.time, SWAPPED, f"swap began: {units.size(after.swap)}", short="swap")]
    return []


def _uncovered(table: RegionTable, other: RegionTable) -> list[tuple[int, int]]:
    """Rows of a table of which at least LARGE bytes lie where the other has nothing, and how many bytes that is."""
    rows = np.flatnonzero((table["size"] >= np.uint64(LARGE)) & (table["start"] < TOP_HALF))
    if not len(rows):
        return []
    below = _mapped_below(other)
    start, end = table["start"][rows].astype(np.int64), table["end"][rows].astype(np.int64)
    free = (end - start) - (below(end) - below(start))
    return [(int(row), int(size)) for row, size in zip(rows, free, strict=True) if size >= LARGE]


def _mapped_below(table: RegionTable) -> Callable[[Array], Array]:
    """A function that tells how many bytes of a table's regions lie below each of some addresses."""
    user = table["start"] < TOP_HALF
    start, size = table["start"][user].astype(np.int64), table["size"][user].astype(np.int64)
    if not len(start):
        return np.zeros_like
    before = np.concatenate(([0], np.cumsum(size)))

    def below(address: Array) -> Array:
        row = np.searchsorted(start, address, "right") - 1
        inside = np.minimum(address - start[row], size[row])
        result: Array = np.where(row < 0, 0, before[row] + inside)
        return result

    return below


def _told(time: float, kind: Kind, table: RegionTable, found: list[tuple[int, int]]) -> list[Event]:
    word = "appeared" if kind is APPEARED else "went"
    if len(found) > MOST:
        largest = max(found, key=lambda item: item[1])[0]
        text = f"{len(found)} regions of 100 MB or more {word}: {units.size(sum(size for _, size in found))}"
        where = int(table["start"][largest]), int(table["end"][largest])
        return [Event(time, kind, text, *where, f"{len(found)} regions")]
    events = []
    for row, size in found:
        path = shown(table.paths[int(table["path_id"][row])])
        text = f"{units.size(size)} of {clipped(path, 40)} {word}" if path else f"{units.size(size)} {word}"
        events.append(Event(time, kind, text, int(table["start"][row]), int(table["end"][row]), units.size(size)))
    return events
