"""What a mark adds to the frames of a snapshot: differences in bytes, and rows for what is gone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from memviz.core.diff import Change, Difference
from memviz.core.regions import Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.core.terms import is_told, parts_of
from memviz.gui.tables.columns import CHANGE, CHANGED, STATE
from memviz.gui.tables.frames import BLOCKS, REGIONS, Coded, Frame, Frames, Part, frames_of

STATES = ("", "shared differently", "changed", "new", "gone")
SHARED, CHANGED_ITSELF = 1, 2  # places of STATES
GONE_KEY = np.uint64(1)  # starts are multiples of a page: this tells a gone row from one that took its place


def frames_beside(mark: Snapshot, snapshot: Snapshot, difference: Difference) -> Frames:
    """The frames of a snapshot with the difference to a mark."""
    now, then = frames_of(snapshot), frames_of(mark)
    blocks = _beside(now.blocks, then.blocks, difference.blocks, BLOCKS)
    regions = _beside(now.regions, then.regions, difference.regions, REGIONS)
    block_of = np.concatenate([now.block_of, _homes(blocks, regions, then, difference.heirs)])
    return Frames(snapshot, blocks, regions, block_of, mark)


def _beside(now: Frame, then: Frame, changes: Iterable[Change], level: int) -> Frame:
    there = [change for change in changes if change.state != "gone"]
    gone = [change for change in changes if change.state == "gone"]
    rows = _places(now.keys, [change.start for change in there])
    old = _places(then.keys, [change.start for change in gone])
    part = Part(then.parts[0].snapshot, level, old)
    keys = np.concatenate([now.keys, part.starts() + GONE_KEY])
    count, at = len(now), np.concatenate([rows, np.arange(len(now), len(keys))])
    states = np.zeros(len(keys), np.intp)
    states[at] = [_state(change) for change in (*there, *gone)]
    if level == REGIONS:
        states[:count][_is_protected_otherwise(now, then, states[:count] == SHARED)] = CHANGED_ITSELF
    extra: dict[str, Array | Coded] = {STATE: Coded(states, STATES)}
    for name in CHANGED:
        if all(is_told(frame.parts[0].snapshot, name) for frame in (now, then)):
            values = np.zeros(len(keys), np.int64)
            values[at] = [sum(getattr(change, part) or 0 for part in parts_of(name)) for change in (*there, *gone)]
            extra[name + CHANGE] = values
    assert count + len(old) == len(keys)
    return Frame((*now.parts, part), keys, extra)


def _state(change: Change) -> int:
    """PSS alone moves when others come to share its pages, or leave: that is no change of its own."""
    if change.state == "changed" and change.pss and not (change.size or change.rss or change.uss or change.swap):
        return SHARED
    return STATES.index(change.state) if change.state in STATES else 0


def _is_protected_otherwise(now: Frame, then: Frame, chosen: Mask) -> Array:
    """Those of the chosen regions whose permissions are others than those of what was there at the mark."""
    rows = np.flatnonzero(chosen)
    old = np.maximum(np.searchsorted(then.keys, now.keys[rows], side="right") - 1, 0)
    tables = now.parts[0].snapshot.regions, then.parts[0].snapshot.regions
    changed: Array = rows[tables[0]["permissions"][rows] != tables[1]["permissions"][old]]
    return changed


def _places(keys: Array, starts: list[int]) -> Array:
    """The row of each start; both levels of a snapshot are in order of address."""
    rows: Array = np.searchsorted(keys, np.array(starts, np.uint64))
    return rows


def _homes(blocks: Frame, regions: Frame, then: Frames, heirs: Array) -> Array:
    """For each region that is gone the row of its block: one that is gone too, else the one that has its loss."""
    homes = heirs.copy()
    homes[blocks.parts[1].rows] = np.arange(blocks.present, len(blocks))
    result: Array = homes[then.block_of[regions.parts[1].rows]]
    return result
