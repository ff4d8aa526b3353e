"""What a cell says when the pointer rests on it: exact bytes, what the column means, why a value is not there."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from memviz import units
from memviz.core.columns import Column
from memviz.gui.tables.columns import CHANGE, NAME, why_unknown
from memviz.gui.tables.frames import BLOCKS

if TYPE_CHECKING:
    from memviz.gui.tables.model import MemoryModel

NOT_BYTES = frozenset({"start", "end", "offset", "inode", "regions", "thp_eligible", "protection_key"})


def tip_of(model: MemoryModel, line: int, column: Column) -> str:
    """One paragraph a fact; foreign text is escaped."""
    value = model.value(line, column.name)
    parts = [exact(column, value)] if value is not None else []
    if value is None and not model.means_nothing(line, column) and model.frames is not None:
        parts.append(f"{column.title} is not known: {why_unknown(model.frames.snapshot, column.name)}")
    if column.name == NAME:
        parts += _about(model, line)
    else:
        parts.append(column.explanation)
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts if part)


def exact(column: Column, value: int | str) -> str:
    """A value without rounding."""
    if isinstance(value, str):
        return value
    if column.name in NOT_BYTES:
        return f"{column.title}: {column.show(value)}"
    sign = "+" if column.name.endswith(CHANGE) and value > 0 else ""
    return f"{column.title}: {sign}{value:,} bytes"


def _about(model: MemoryModel, line: int) -> list[str]:
    """What a block or region is: how its pieces lie, its path, what its category means."""
    frames = model.frames
    assert frames is not None
    if model.is_gone(line):
        return ["It was there at the mark, and is gone: the numbers are those of the mark."]
    row, snapshot = model.row(line), frames.snapshot
    level = model.level(line)
    blocks = snapshot.blocks
    first = int(blocks.first[row]) if level == BLOCKS else row
    category = snapshot.categories[int(snapshot.regions["category"][first])]
    detail = blocks.detail(row) if level == BLOCKS else ""
    if level == BLOCKS and not detail:
        detail = units.counted(int(blocks.counts[row]), "region")
    sure = "" if category.sure else "Most likely: "
    return [detail, snapshot.regions[first].path, f"{sure}{category.explanation}"]
