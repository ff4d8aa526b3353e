"""Which rows a table shows, in which order: numpy permutations, so that 65,000 rows take milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from memviz.core.query import Query
from memviz.core.regions import Array, Mask
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frame, Frames

FLAT, TREE = "regions", "blocks"


@dataclass(frozen=True)
class Arrangement:
    """What the user asked for: `mode` FLAT or TREE; `unfolded` are keys of blocks."""

    mode: str = TREE
    column: str = "rss"
    descending: bool = True
    query: Query = field(default_factory=lambda: Query(""))
    unfolded: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Lines:
    """What is shown, from top to bottom: the level of each line, and its row in the frame of that level."""

    levels: Array
    rows: Array

    def __len__(self) -> int:
        return len(self.rows)

    def keys(self, frames: Frames) -> Array:
        """A number for each line that names it for as long as it lives."""
        result = np.empty(len(self), np.uint64)
        for level in (BLOCKS, REGIONS):
            chosen = self.levels == level
            result[chosen] = line_keys(frames.level(level).keys[self.rows[chosen]], level)
        return result


def line_keys(keys: Array, level: int) -> Array:
    """Keys of rows as keys of lines. A block starts where its first region does: regions get 2 more (the 1 tells what
    is gone)."""
    result: Array = keys + np.uint64(level * 2)
    return result


NOTHING = Lines(np.zeros(0, np.int8), np.zeros(0, np.intp))


def arrange(frames: Frames, wanted: Arrangement, before: tuple[Frames, Lines] | None = None) -> Lines:
    """The lines that are wanted. With `before`, what was shown then keeps its order, and what is new comes after it."""
    if wanted.mode == FLAT:
        rows = _ordered(frames.regions, frames.mask(wanted.query, "regions"), wanted, _places(frames, REGIONS, before))
        return Lines(np.full(len(rows), REGIONS, np.int8), rows)
    blocks = _ordered(frames.blocks, frames.mask(wanted.query, "blocks"), wanted, _places(frames, BLOCKS, before))
    open_ = np.isin(frames.blocks.keys[blocks], np.array(sorted(wanted.unfolded), np.uint64))
    if not open_.any():
        return Lines(np.full(len(blocks), BLOCKS, np.int8), blocks)
    return _unfolded(frames, wanted, blocks, open_, _places(frames, REGIONS, before))


def _ordered(frame: Frame, mask: Mask, wanted: Arrangement, places: Array | None, column: str = "") -> Array:
    order = frame.order(column or wanted.column, wanted.descending)
    rows: Array = order[mask[order]]
    if places is not None:
        rows = rows[np.argsort(places[rows], kind="stable")]
    return rows


def _unfolded(frames: Frames, wanted: Arrangement, blocks: Array, open_: Mask, places: Array | None) -> Lines:
    """The blocks, and below each open one its regions."""
    rank = np.full(len(frames.blocks), -1, np.intp)
    rank[blocks[open_]] = np.flatnonzero(open_)
    mask = frames.mask(wanted.query, "unfolded") & (rank[frames.block_of] >= 0)
    column = "category" if wanted.column == "name" else wanted.column
    regions = _ordered(frames.regions, mask, wanted, places, column)
    parents = rank[frames.block_of[regions]]
    by_parent = np.argsort(parents, kind="stable")
    regions, parents = regions[by_parent], parents[by_parent]
    counts = np.bincount(parents, minlength=len(blocks))
    at = np.arange(len(blocks)) + np.concatenate(([0], np.cumsum(counts)[:-1]))  # the line of each block
    levels = np.full(len(blocks) + len(regions), REGIONS, np.int8)
    rows = np.empty(len(levels), np.intp)
    levels[at] = BLOCKS
    rows[at] = blocks
    rows[levels == REGIONS] = regions
    return Lines(levels, rows)


def _places(frames: Frames, level: int, before: tuple[Frames, Lines] | None) -> Array | None:
    """For each row the line it was on, a number beyond all lines for what was not shown."""
    if before is None:
        return None
    then, lines = before
    chosen = lines.levels == level
    keys = then.level(level).keys[lines.rows[chosen]]
    by_key = np.argsort(keys)
    places = np.flatnonzero(chosen)[by_key]
    now = frames.level(level).keys
    found = np.searchsorted(keys[by_key], now)
    found[found == len(keys)] = 0
    if not len(keys):
        return np.full(len(now), len(lines))
    result: Array = np.where(keys[by_key][found] == now, places[found], len(lines))
    return result
