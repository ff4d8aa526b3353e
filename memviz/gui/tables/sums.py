"""What lines come to together. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core.regions import TOP_HALF, Array, Mask
from memviz.gui.tables.columns import CHANGE
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frames
from memviz.gui.tables.order import Lines

COUNTED = ("size", "rss", "uss", "swap")


class Sum(NamedTuple):
    """Counts, bytes by name (None where not known), and the difference of private + swap to the mark, gone lines
    included."""

    blocks: int
    regions: int
    sizes: dict[str, int | None]
    change: int | None

    def words(self) -> str:
        """`3 regions · 12.4 MiB · 8.1 MiB resident · 6.0 MiB private + swap`"""
        parts = [units.counted(self.blocks, "block")] if self.blocks else []
        parts.append(units.counted(self.regions, "region"))
        parts.append(units.size(self.sizes["size"] or 0))
        rss, uss, swap = (self.sizes[name] for name in COUNTED[1:])
        if rss is not None:
            parts.append(f"{units.size(rss)} resident")
        if uss is not None and swap is not None:
            parts.append(f"{units.size(uss + swap)} private + swap")
        if self.change:
            parts.append(f"{units.signed(self.change)} since the mark")
        return " · ".join(parts)


def sum_of(frames: Frames, lines: Lines, chosen: Array | None = None, fitting: Mask | None = None) -> Sum:
    """The sum of these lines, or of all; no region counts twice. A block counts as a whole, or with those of its
    regions that are `fitting`. [vsyscall] is a row of maps and no region of the process: it is not counted."""
    levels, rows = (lines.levels, lines.rows) if chosen is None else (lines.levels[chosen], lines.rows[chosen])
    blocks, regions = rows[levels == BLOCKS], rows[levels == REGIONS]
    whole = np.zeros(len(frames.blocks) + 1, np.bool_)
    whole[blocks] = True
    mask: Mask = whole[frames.block_of]
    mask[regions] = True
    if fitting is not None:
        mask &= fitting
    table, present = frames.snapshot.regions, frames.regions.present
    now = mask[:present] & (table["start"] < TOP_HALF)
    sizes = {name: int(table.counted(name)[now].sum()) if name in table else None for name in COUNTED}
    extra = frames.regions.extra
    change = extra.get("private_swap" + CHANGE, extra.get("rss" + CHANGE))  # as Change.grown
    delta = int(change[mask].sum()) if isinstance(change, np.ndarray) else None
    return Sum(int((blocks < frames.blocks.present).sum()), int(now.sum()), sizes, delta)
