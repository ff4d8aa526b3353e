"""The regions of a snapshot as lists of plain values, a list a column: what JSON, CSV, tables and reports are made of.

A view of each row would look into arrays cell by cell: with 65,000 regions that took half a minute, and lists take
parts of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from memviz.core.regions import Array, device_text, flag_names, permission_text
from memviz.core.snapshot import Snapshot
from memviz.text import is_exact, shown

Values = list[Any]  # those of one column, in order; None where a value is not known


class Listing:
    """Regions by the numbers of their rows (all of them when none are given), in that order."""

    def __init__(self, snapshot: Snapshot, rows: Sequence[int] | Array | None = None) -> None:
        self.snapshot = snapshot
        self.rows: Array | None = None if rows is None else np.asarray(rows, np.intp)

    def __len__(self) -> int:
        return len(self.snapshot.regions) if self.rows is None else len(self.rows)

    def column(self, name: str) -> Values:
        """Numbers as int; texts as people see them, flags as a list of names; None where this kernel tells none."""
        table, texts = self.snapshot.regions, self._texts()
        source, text = texts.get(name, (name, None))
        if source not in table:
            return [None] * len(self)
        array = table[source] if self.rows is None else table[source][self.rows]
        numbers: list[int] = array.tolist()
        return numbers if text is None else each(numbers, text)

    def inexact(self) -> dict[str, list[bytes | None]]:
        """The bytes of paths and names of blocks that are shown with escapes, a list a column; None elsewhere."""
        table, blocks = self.snapshot.regions, self.snapshot.blocks
        raws: dict[str, tuple[str, Callable[[int], bytes]]] = {
            "path": ("path_id", lambda number: table.paths[number]), "block": ("block", blocks.raw_name),
        }  # fmt: skip
        result = {}
        for name, (source, raw) in raws.items():
            numbers: list[int] = (table[source] if self.rows is None else table[source][self.rows]).tolist()
            inexact = {number: text for number in set(numbers) if not is_exact(text := raw(number))}
            if inexact:
                result[name] = [inexact.get(number) for number in numbers]
        return result

    def _texts(self) -> dict[str, tuple[str, Callable[[int], Any]]]:
        """The columns that are not numbers: of which array they are made, and how."""
        snapshot, table = self.snapshot, self.snapshot.regions
        return {
            "category": ("category", lambda number: snapshot.categories[number].name),
            "group": ("category", lambda number: snapshot.categories[number].group),
            "block": ("block", lambda number: snapshot.blocks.name(number)),
            "path": ("path_id", lambda number: shown(table.paths[number])),
            "permissions": ("permissions", permission_text),
            "device": ("device", device_text),
            "flags": ("flags", lambda bits: flag_names(bits, table.flag_names)),
        }


def each(values: Sequence[Any], make: Callable[[Any], Any]) -> Values:
    """What `make` makes of every value, called once for equal ones."""
    made = {value: make(value) for value in set(values)}
    return [made[value] for value in values]
