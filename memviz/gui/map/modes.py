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


def _changes(terrain: Terrain, difference: Difference | None) -> Array:
    result = np.full(len(terrain), 3, np.uint8)
    if difference is None or not difference.regions:
        return result
    starts = np.array([change.start for change in difference.regions], np.uint64)
    deltas = np.array([(change.rss or 0) + (change.swap or 0) for change in difference.regions])
    states = np.array(
        [0 if change.state == "new" else 9 if change.state == "gone" else 3 for change in difference.regions]
    )
    kinds = np.where((states == 3) & (deltas > 0), 1, np.where((states == 3) & (deltas < 0), 2, states))
    here = terrain.snapshot.regions["start"]
    at = np.minimum(np.searchsorted(here, starts), len(here) - 1)
    there = (here[at] == starts) & (kinds < 9)
    result[at[there]] = kinds[there]
    return result


def deltas(terrain: Terrain, difference: Difference | None) -> Array:
    """By how many bytes each region grew since the mark, in memory and swap together."""
    result: Array = np.zeros(len(terrain), np.int64)
    if difference is not None and difference.regions:
        starts = np.array([change.start for change in difference.regions], np.uint64)
        here = terrain.snapshot.regions["start"]
        at = np.minimum(np.searchsorted(here, starts), len(here) - 1)
        there = (here[at] == starts) & np.array([change.state != "gone" for change in difference.regions])
        found = np.array([(change.rss or 0) + (change.swap or 0) for change in difference.regions], np.int64)
        result[at[there]] = found[there]
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
            Entry("grown", lambda theme: theme.warn, "More of it is in memory or swap than at the mark."),
            Entry("shrunk", lambda theme: theme.accent, "Less of it is in memory or swap than at the mark."),
            Entry("unchanged", _hue("reserved"), "As at the mark, or no mark is set."),
        ),
        _changes,
    ),
)  # fmt: skip


def mode_of(name: str) -> Mode:
    """The mode of that name; the first where nobody declared one."""
    return next((mode for mode in MODES if mode.name == name), MODES[0])
