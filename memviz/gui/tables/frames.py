"""Blocks and regions of one snapshot as columns that can be sorted, filtered and shown cell by cell. No Qt here: it
is prepared away from the GUI thread.

Beside a mark, what is gone since then has rows too: they come after those of the snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from memviz.core.query import Query
from memviz.core.regions import SUMS, Array, Mask, device_text, flag_names, permission_text
from memviz.core.snapshot import Snapshot
from memviz.text import shown

BLOCKS, REGIONS = 0, 1  # levels


class Coded(NamedTuple):
    """A column of texts: row `i` has `texts[ids[i]]`."""

    ids: Array
    texts: Sequence[str]

    def ranks(self) -> Array:
        """For each row the rank of its text, without regard to case."""
        order = sorted(range(len(self.texts)), key=lambda index: (self.texts[index].lower(), self.texts[index]))
        rank = np.empty(len(self.texts), np.uint32)
        rank[order] = np.arange(len(order), dtype=np.uint32)
        return rank[self.ids] if len(rank) else np.zeros(len(self.ids), np.uint32)


@dataclass(eq=False)
class Part:
    """Some rows of one level of one snapshot."""

    snapshot: Snapshot
    level: int
    rows: Array

    def numbers(self, name: str) -> Array | None:
        """A column of numbers; None where it is not told, or means nothing on this level."""
        of_level = _block_numbers if self.level == BLOCKS else _region_numbers
        if name == "private_swap":
            parts = [of_level(self.snapshot, part) for part in ("uss", "swap")]
            values = parts[0] + parts[1] if parts[0] is not None and parts[1] is not None else None
        else:
            values = of_level(self.snapshot, name)
        return None if values is None else values[self.rows].astype(np.uint64)

    def coded(self, name: str) -> Coded | None:
        """A column of texts."""
        makers = _BLOCK_TEXTS if self.level == BLOCKS else _REGION_TEXTS
        made = makers[name](self.snapshot) if name in makers else None
        return Coded(made.ids[self.rows], made.texts) if made is not None else None

    def starts(self) -> Array:
        starts = self.snapshot.regions["start"]
        return starts[self.snapshot.blocks.first[self.rows]] if self.level == BLOCKS else starts[self.rows]


def _region_numbers(snapshot: Snapshot, name: str) -> Array | None:
    table = snapshot.regions
    return table[name] if name in table and name not in _REGION_TEXTS else None


def _block_numbers(snapshot: Snapshot, name: str) -> Array | None:
    blocks = snapshot.blocks
    if name in SUMS:
        return blocks.sums(name) if name in snapshot.regions else None
    if name == "start":
        return snapshot.regions["start"][blocks.first]
    return {"end": blocks.end, "regions": blocks.counts}.get(name)


def _distinct(values: Array, make: Callable[[int], str]) -> Coded:
    found, ids = np.unique(values, return_inverse=True)
    return Coded(ids, [make(value) for value in found.tolist()])


def _block_names(snapshot: Snapshot) -> Coded:
    """Each name is made once: it hangs on the category and path of the block's first region."""
    blocks, table = snapshot.blocks, snapshot.regions
    category, path = (table[name][blocks.first].astype(np.int64) for name in ("category", "path_id"))
    _, first, ids = np.unique(category * max(len(table.paths), 1) + path, return_index=True, return_inverse=True)
    return Coded(ids, [blocks.name(index) for index in first.tolist()])


def _names_of_blocks(snapshot: Snapshot) -> Coded:
    names = _block_names(snapshot)
    return Coded(names.ids[snapshot.regions["block"]], names.texts)


def _kinds(snapshot: Snapshot, texts: list[str], *, of_blocks: bool) -> Coded:
    ids = snapshot.regions["category"]
    return Coded(ids[snapshot.blocks.first] if of_blocks else ids, texts)


def _paths(snapshot: Snapshot, *, of_blocks: bool) -> Coded:
    ids = snapshot.regions["path_id"]
    ids = ids[snapshot.blocks.first] if of_blocks else ids
    used = np.zeros(len(snapshot.regions.paths), np.bool_)
    used[ids] = True
    return Coded(ids, [shown(path) if use else "" for path, use in zip(snapshot.regions.paths, used, strict=True)])


def _flags(snapshot: Snapshot) -> Coded | None:
    table = snapshot.regions
    if "flags" not in table:
        return None
    return _distinct(table["flags"], lambda bits: " ".join(flag_names(bits, table.flag_names)))


_Texts = dict[str, Callable[[Snapshot], "Coded | None"]]
_REGION_TEXTS: _Texts = {
    "name": _names_of_blocks, "block": _names_of_blocks,
    "group": lambda s: _kinds(s, [category.group for category in s.categories], of_blocks=False),
    "category": lambda s: _kinds(s, [category.name for category in s.categories], of_blocks=False),
    "permissions": lambda s: _distinct(s.regions["permissions"], permission_text),
    "path": lambda s: _paths(s, of_blocks=False),
    "device": lambda s: _distinct(s.regions["device"], device_text),
    "flags": _flags,
}  # fmt: skip
_BLOCK_TEXTS: _Texts = {
    "name": _block_names, "block": _block_names,
    "group": lambda s: _kinds(s, [category.home or category.group for category in s.categories], of_blocks=True),
    "category": lambda s: _kinds(s, [category.name for category in s.categories], of_blocks=True),
    "path": lambda s: _paths(s, of_blocks=True),
}  # fmt: skip


@dataclass(eq=False)
class Frame:
    """All rows of one level: first those of the snapshot, then those that are gone. Columns are made when they are
    first asked for. `keys` name rows for as long as they live: where they start, plus 1 for what is gone."""

    parts: tuple[Part, ...]
    keys: Array
    extra: dict[str, Array | Coded] = field(default_factory=dict)  # the columns beside a mark
    _made: dict[str, Array | Coded | None] = field(default_factory=dict)
    _largest: dict[str, int] = field(default_factory=dict)
    _orders: dict[tuple[str, bool], Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def present(self) -> int:
        """How many of the rows are there now; the others are gone."""
        return len(self.parts[0].rows)

    def column(self, name: str) -> Array | Coded | None:
        """Numbers or texts; None where they are not told or mean nothing here."""
        if name in self.extra:
            return self.extra[name]
        if name not in self._made:
            self._made[name] = self._join(name)
        return self._made[name]

    def _join(self, name: str) -> Array | Coded | None:
        texts = [part.coded(name) for part in self.parts]
        if texts[0] is not None:
            ids, all_texts = [], list[str]()
            for part, coded in zip(self.parts, texts, strict=True):
                coded = coded or Coded(np.zeros(len(part.rows), np.intp), [""])
                ids.append(coded.ids.astype(np.intp) + len(all_texts))
                all_texts.extend(coded.texts)
            return Coded(np.concatenate(ids), all_texts)
        numbers = [part.numbers(name) for part in self.parts]
        if numbers[0] is None:
            return None
        return np.concatenate(
            [
                np.zeros(len(part.rows), np.uint64) if values is None else values
                for part, values in zip(self.parts, numbers, strict=True)
            ]
        )

    def value(self, name: str, row: int) -> int | str | None:
        """One cell as a plain value."""
        column = self.column(name)
        if column is None:
            return None
        return column.texts[int(column.ids[row])] if isinstance(column, Coded) else int(column[row])

    def largest(self, name: str) -> int:
        """The largest number of a column among what is there now; 0 where there is none."""
        if name not in self._largest:
            column = self.column(name)
            numbers = None if column is None or isinstance(column, Coded) else column[: self.present]
            self._largest[name] = int(numbers.max()) if numbers is not None and len(numbers) else 0
        return self._largest[name]

    def order(self, name: str, descending: bool) -> Array:
        """The rows in order of a column, those of equal value by address."""
        key = name, descending
        if key not in self._orders:
            self._orders[key] = self._ordered(name, descending)
        return self._orders[key]

    def _ordered(self, name: str, descending: bool) -> Array:
        by_address = np.argsort(self.keys, kind="stable")
        column = self.column(name)
        if column is None:
            return by_address
        values = (column.ranks() if isinstance(column, Coded) else column)[by_address]
        order = np.argsort(~values if descending else values, kind="stable")  # ~ turns the order of integers round
        result: Array = by_address[order]
        return result


@dataclass(eq=False)
class Frames:
    """Both levels of one snapshot. `block_of` gives the row in `blocks` of each row of `regions`."""

    snapshot: Snapshot
    blocks: Frame
    regions: Frame
    block_of: Array
    mark: Snapshot | None = None
    _masks: dict[tuple[str, str], Mask] = field(default_factory=dict)

    def level(self, level: int) -> Frame:
        return self.blocks if level == BLOCKS else self.regions

    def mask(self, query: Query, kind: str) -> Mask:
        """Which rows fit: `kind` is `blocks`, `regions`, or `unfolded` for regions under blocks."""
        key = query.text, kind
        if key not in self._masks:
            if len(self._masks) > 20:
                self._masks.clear()
            frame = self.blocks if kind == "blocks" else self.regions
            masks = [getattr(query, kind)(part.snapshot)[part.rows] for part in frame.parts]
            self._masks[key] = np.concatenate(masks) if masks else np.zeros(0, np.bool_)
        return self._masks[key]


def frames_of(snapshot: Snapshot) -> Frames:
    """The frames of a snapshot alone."""
    blocks = Part(snapshot, BLOCKS, np.arange(len(snapshot.blocks)))
    regions = Part(snapshot, REGIONS, np.arange(len(snapshot.regions)))
    return Frames(
        snapshot, Frame((blocks,), blocks.starts()), Frame((regions,), regions.starts()),
        snapshot.regions["block"].astype(np.intp),
    )  # fmt: skip
