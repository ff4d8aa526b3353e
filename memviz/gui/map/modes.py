"""What the colours of the map may mean. A mode is one record; menu, legend and map follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QColor

from memviz.core.categories import GROUPS
from memviz.core.diff import Difference
from memviz.core.permissions import EXECUTE, READ, SHARED, WRITE
from memviz.core.regions import Array
from memviz.gui.map.terrain import Terrain
from memviz.gui.theme import Theme


class Entry(NamedTuple):
    """One colour of a legend: what it is called, its colour in a theme, what it means, and a filter that shows only
    this (or empty)."""

    name: str
    colour: Callable[[Theme], QColor]
    meaning: str
    filter: str = ""


class Mode(NamedTuple):
    """`number` gives, for each region, which of `entries` it is."""

    name: str
    title: str
    explanation: str
    entries: tuple[Entry, ...]
    number: Callable[[Terrain, Difference | None], Array]


def _hue(group: str) -> Callable[[Theme], QColor]:
    return lambda theme: theme.group(group)


def _groups(terrain: Terrain, difference: Difference | None) -> Array:
    return terrain.groups


def _permissions(terrain: Terrain, difference: Difference | None) -> Array:
    bits = terrain.snapshot.regions["permissions"]
    read, write, execute = ((bits & np.uint8(bit)) != 0 for bit in (READ, WRITE, EXECUTE))
    return np.select([write & execute, execute, write, read], [0, 1, 2, 3], 4).astype(np.uint8)


def _sharing(terrain: Terrain, difference: Difference | None) -> Array:
    table = terrain.snapshot.regions
    shared = (table["permissions"] & np.uint8(SHARED)) != 0
    file = table["inode"] != 0
    nothing = np.zeros(len(table), np.bool_)
    others = (table["shared_clean"] + table["shared_dirty"]) > 0 if "shared_clean" in table else nothing
    return np.select([shared, file & others, file], [0, 1, 2], 3).astype(np.uint8)


NEW, GROWN, SHRUNK, UNCHANGED, GONE = range(5)  # places of the entries of CHANGE


def _judged(difference: Difference) -> tuple[Array, Array, Array]:
    """The regions that differ: where each starts, which entry it is, and by how many bytes it grew."""
    regions = difference.regions
    grown = np.array([change.grown for change in regions], np.int64)
    states = [{"new": NEW, "gone": GONE}.get(change.state, UNCHANGED) for change in regions]
    entries = np.array(states, np.intp)
    entries[(entries == UNCHANGED) & (grown > 0)] = GROWN
    entries[(entries == UNCHANGED) & (grown < 0)] = SHRUNK
    return np.array([change.start for change in regions], np.uint64), entries, grown


def _changes(terrain: Terrain, difference: Difference | None) -> Array:
    result = np.full(len(terrain), UNCHANGED, np.uint8)
    if difference is not None and len(terrain):
        starts, entries, _ = _judged(difference)
        here = terrain.snapshot.regions["start"]
        at = np.minimum(np.searchsorted(here, starts), len(here) - 1)
        there = (here[at] == starts) & (entries != GONE)
        result[at[there]] = entries[there]
    return result


def grown_by_entry(difference: Difference | None) -> Array:
    """By how many bytes the regions of each entry of CHANGE grew since the mark, those that are gone included."""
    count = GONE + 1
    if difference is None:
        return np.zeros(count)
    _, entries, grown = _judged(difference)
    return np.bincount(entries, grown, count)


def grown_by_block(terrain: Terrain, difference: Difference) -> Array:
    """By how many bytes each block grew since the mark, what is gone of it included."""
    blocks = terrain.snapshot.blocks
    result: Array = np.zeros(len(blocks), np.int64)
    there = [change for change in difference.blocks if change.state != "gone"]
    if there and len(blocks):
        starts = np.array([change.start for change in there], np.uint64)
        here = terrain.snapshot.regions["start"][blocks.first]
        at = np.minimum(np.searchsorted(here, starts), len(here) - 1)
        found = here[at] == starts
        result[at[found]] = np.array([change.grown for change in there], np.int64)[found]
    return result


CHANGE = "change"
MODES = (
    Mode(
        "group", "Group", "What kind of memory it is.",
        tuple(
            Entry(group.name, _hue(group.name), f"{group.segments} of the reports.", f"group:{group.name}")
            for group in GROUPS
        ),
        _groups,
    ),
    Mode(
        "permission", "Permission", "What may be done there: read, write, execute.",
        (
            Entry("write and execute", lambda theme: theme.alarm, "Where compilers make code at run time.", "perm:wx"),
            Entry("executable", _hue("heap"), "Code.", "perm:x"),
            Entry("writable", _hue("anonymous"), "Data that changes.", "perm:w"),
            Entry("read only", _hue("file"), "Data that does not change.", "perm:r -perm:w -perm:x"),
            Entry("no access", _hue("reserved"), "Guards and reserves: any touch ends the program.", "perm:---"),
        ),
        _permissions,
    ),
    Mode(
        "sharing", "Sharing", "Who else sees this memory.",
        (
            Entry("shared", _hue("shared"), "Mapped shared: what one writes, all see.", "perm:s"),
            Entry("file, used by others too", _hue("file"), "Others map its pages too.", "perm:p shared_clean:>0"),
            Entry("file, used here only", _hue("heap"), "Nobody else maps its pages."),
            Entry("private", _hue("anonymous"), "Memory of this process alone."),
        ),
        _sharing,
    ),
    Mode(
        CHANGE, "Change since the mark", "What is new, grew or shrank since you set the mark (M).",
        (
            Entry("new", lambda theme: theme.new, "A region that was not there at the mark."),
            Entry("grown", lambda theme: theme.warn, "It costs more than at the mark, in private memory and swap."),
            Entry("shrunk", lambda theme: theme.accent, "It costs less than at the mark, in private memory and swap."),
            Entry("unchanged", _hue("reserved"), "Costs what it did at the mark, or no mark is set."),
            Entry("gone", lambda theme: theme.gone, "Regions that were there at the mark: the map has them no longer."),
        ),
        _changes,
    ),
)  # fmt: skip


def mode_of(name: str) -> Mode:
    """The mode of that name; the first where nobody declared one."""
    return next((mode for mode in MODES if mode.name == name), MODES[0])
