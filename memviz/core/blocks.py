"""Blocks: what a person means by "a thing in memory". Every region belongs to one; sums over blocks are sums over
regions.

A block is a run of regions or, for what a runtime scatters, all its like regions. Blocks of one kind that stand for
themselves (stacks, arenas) belong to one family, so that fifty thread stacks can be one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core import categories as kinds
from memviz.core.deleted import NO, SUFFIX
from memviz.core.evidence import Evidence
from memviz.core.regions import SUMS, Array, Mask, RegionTable
from memviz.text import shown

FEW = 8  # from so many like regions on, a scattered run of them is one block
_NOISE = re.compile(r"((-\d[\w.]*)?\.so(\.[\w.]+)?|\.(cpython|abi3|pypy)[\w-]*\.so)\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """A row of a BlockTable, for people; `family` names the kind it stands in line with, or is empty; sums in bytes."""

    index: int
    name: str
    group: str
    category: str
    family: str
    sure: bool
    regions: int
    start: int
    end: int
    sums: dict[str, int]
    raw_name: bytes = b""

    def get(self, name: str) -> object:
        """The value of a column of BLOCK_COLUMNS; None where it is not known."""
        return self.sums.get(name) if name in SUMS else getattr(self, name)


@dataclass(slots=True, eq=False)
class BlockTable:
    """Blocks in order of their first region. `of_region` gives the block of each row of `regions`."""

    regions: RegionTable
    of_region: Array
    categories: tuple[kinds.Category, ...]
    first: Array = field(init=False)  # the first row of each block
    counts: Array = field(init=False)  # its number of regions
    end: Array = field(init=False)  # the end of its last region
    _order: Array | None = field(init=False)
    _edges: Array = field(init=False)
    _sums: dict[str, Array] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        ids = self.of_region
        in_order = bool((ids[1:] >= ids[:-1]).all())
        self._order = None if in_order else np.argsort(ids, kind="stable")
        ordered = ids if self._order is None else ids[self._order]
        self._edges = np.flatnonzero(np.diff(ordered, prepend=-1)) if len(ids) else np.empty(0, np.intp)
        last = np.append(self._edges[1:], len(ids)) - 1 if len(ids) else self._edges
        rows = np.arange(len(ids)) if self._order is None else self._order
        self.first, self.counts = rows[self._edges], last - self._edges + 1
        self.end = self.regions["end"][rows[last]]

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, name: str) -> Array:
        """The exact sum of a column of SUMS over each block, uint64."""
        if name not in self._sums:
            values = self.regions.counted(name)
            values = values if self._order is None else values[self._order]
            self._sums[name] = np.add.reduceat(values, self._edges) if len(self) else np.empty(0, np.uint64)
        return self._sums[name]

    def __iter__(self) -> Iterator[Block]:
        return self._within(0, len(self))

    def __getitem__(self, index: int) -> Block:
        at = range(len(self))[index]
        return next(self._within(at, at + 1))

    def _within(self, low: int, high: int) -> Iterator[Block]:
        """The blocks from `low` to before `high`, by way of lists: an array gives its numbers slowly one by one."""
        names = [name for name in SUMS if name in self.regions]
        of_first = [self.regions[name][self.first[low:high]] for name in ("category", "path_id", "start")]
        of_first.append(self._lives[self.first[low:high]])
        of_block = [column[low:high] for column in (self.end, self.counts, *map(self.sums, names))]
        columns = [column.tolist() for column in (*of_first, *of_block)]
        for index, kind, path, start, lives, end, count, *sums in zip(range(low, high), *columns, strict=True):
            category = self.categories[kind]
            raw = _raw_name(category, self.regions.paths[path], lives=lives)
            yield Block(
                index, shown(raw), category.home or category.group, category.name,
                category.label if category.in_line else "", category.sure, count, start, end,
                dict(zip(names, sums, strict=True)), raw,
            )  # fmt: skip

    def rows(self, index: int) -> Array:
        """The rows of the block's regions."""
        start = int(self._edges[index])
        rows = slice(start, start + int(self.counts[index]))
        return np.arange(rows.start, rows.stop) if self._order is None else self._order[rows]

    def category(self, index: int) -> kinds.Category:
        """The category of the block's first region."""
        return self.categories[int(self.regions["category"][self.first[index]])]

    def group(self, index: int) -> str:
        """The group that a person would look for it in: a library's code lies in a block of the library."""
        category = self.category(index)
        return category.home or category.group

    def name(self, index: int) -> str:
        """The file's name without version noise, the program's own name for it, or what its category calls it."""
        return shown(self.raw_name(index))

    def raw_name(self, index: int) -> bytes:
        """The bytes of that name."""
        row = self.first[index]
        path = self.regions.paths[int(self.regions["path_id"][row])]
        return _raw_name(self.category(index), path, lives=bool(self._lives[row]))

    @property
    def _lives(self) -> Array:
        """Regions of which it is known that their file was not deleted, whatever it is called."""
        if "deleted" in self.regions.columns:
            lives: Array = self.regions["deleted"] == NO
            return lives
        return np.zeros(len(self.regions), np.bool_)

    def detail(self, index: int) -> str:
        """For a block of several pieces how they lie: `893 × 256 KiB over 60 TiB`; else empty."""
        if self.counts[index] < FEW or self.category(index).blocks not in (kinds.SCATTERED, kinds.ALIKE):
            return ""
        rows = self.rows(index)
        sizes, counts = np.unique(self.regions["size"][rows], return_counts=True)
        common = int(counts.argmax())
        spread = units.size(int(self.end[index]) - int(self.regions["start"][rows[0]]))
        if counts[common] * 2 > len(rows):
            return f"{counts[common]:,} × {units.size(int(sizes[common]))} over {spread}"
        return f"{len(rows):,} regions over {spread}"


class Family(NamedTuple):
    """A block, or all blocks of one kind that stand in line (stacks, arenas) as one; bytes."""

    name: str
    group: str
    blocks: tuple[int, ...]
    sure: bool
    size: int
    rss: int
    detail: str


def families(table: BlockTable) -> list[Family]:
    """The blocks of a measured table, those of one family together, by resident size."""
    members: dict[str | int, list[Block]] = {}
    for block in table:
        members.setdefault(block.family or block.index, []).append(block)
    result = []
    for first, *others in members.values():
        blocks = (first, *others)
        size, rss = (sum(block.sums[name] for block in blocks) for name in ("size", "rss"))
        name = f"{len(blocks)} × {first.family}" if others else first.name
        detail = table.detail(first.index) if not others else ""
        sure = all(block.sure for block in blocks)
        result.append(Family(name, first.group, tuple(block.index for block in blocks), sure, size, rss, detail))
    return sorted(result, key=lambda family: (family.rss, family.size), reverse=True)


def _raw_name(category: kinds.Category, path: bytes, *, lives: bool) -> bytes:
    if not path or category.blocks != kinds.BY_FILE:
        return category.label.encode()
    return short_name(path.decode("utf-8", "surrogateescape"), lives=lives).encode("utf-8", "surrogateescape")


def short_name(path: str, *, lives: bool = False) -> str:
    """`libQt6Gui` of `/usr/lib/libQt6Gui.so.6.11.3 (deleted)`; names in brackets without them. `lives` where the file
    was not deleted: then a " (deleted)" at its end is its own."""
    path = path.removeprefix("anon_inode:")
    if path.startswith("["):
        return path[1:-1].removeprefix("anon:").strip(" ") or path
    name = (path if lives else path.removesuffix(SUFFIX.decode())).rstrip("/").rsplit("/", 1)[-1]
    return _NOISE.sub("", name) or name or path


def find_blocks(
    table: RegionTable, evidence: Evidence, categories: tuple[kinds.Category, ...] = kinds.CATEGORIES
) -> Array:
    """For each region (with its column `category`) the number of its block, uint32; blocks number by first region."""
    if not len(table):
        return np.empty(0, np.uint32)

    def forming(policy: str) -> Mask:
        mask: Mask = np.array([category.blocks == policy for category in categories])[table["category"]]
        return mask

    alike, guarded, windowed = forming(kinds.ALIKE), forming(kinds.GUARDED), forming(kinds.WINDOW)
    key = _keys(table, evidence, forming(kinds.BY_FILE))
    new = np.ones(len(table), np.bool_)
    new[1:] = key[1:] != key[:-1]
    new |= ~evidence.touches_previous & (alike | forming(kinds.TOUCHING) | guarded | windowed)
    after_guard = np.concatenate(([False], evidence.untouchable[:-1]))
    new |= guarded & (evidence.untouchable | ~after_guard)
    window = evidence.start // evidence.arena_window
    new[1:] |= windowed[1:] & (window[1:] != window[:-1])
    run = np.cumsum(new) - 1
    return _gather(table, run, new, forming(kinds.SCATTERED), alike)


def _keys(table: RegionTable, evidence: Evidence, by_file: Array) -> Array:
    """Equal numbers for rows that belong together where they lie side by side."""
    key = table["category"].astype(np.int64)
    ids = evidence.file_ids
    base = 256
    key[by_file] = base + len(table) + table["path_id"][by_file]
    files = by_file & (ids >= 0)
    key[files] = base + ids[files]
    bss = np.flatnonzero(by_file & evidence.bss)
    key[bss] = key[bss - 1]
    return key


def _gather(table: RegionTable, run: Array, new: Array, scattered: Array, alike: Array) -> Array:
    """Joins the runs of scattered categories, and the single regions of which there are many of one size and
    permission."""
    first = np.flatnonzero(new)
    single = np.diff(np.append(first, len(table))) == 1
    block = np.arange(len(first))
    for chosen, least, parts in (
        (scattered[first], 1, ("category",)),
        (alike[first] & single, FEW, ("category", "size", "permissions")),
    ):
        runs = np.flatnonzero(chosen)
        if not runs.size:
            continue
        values = [table[name][first[runs]] for name in parts]
        order = np.lexsort(values[::-1])
        differs = np.zeros(len(runs), np.bool_)
        differs[0] = True
        for value in values:
            differs[1:] |= value[order][1:] != value[order][:-1]
        kind = np.cumsum(differs) - 1
        leader = runs[order[np.flatnonzero(differs)]]  # lexsort is stable: the lowest run of each kind
        many = np.bincount(kind)[kind] >= least
        block[runs[order[many]]] = leader[kind[many]]
    number = np.cumsum(block == np.arange(len(block))) - 1  # a block is numbered by its first run
    return number[block][run].astype(np.uint32)
