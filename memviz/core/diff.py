"""What changed between two snapshots of one process: by group, by block, by region. Only what differs is told.

`diff(a, a)` is empty. Groups, blocks and regions each add up to the difference of the totals, to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from memviz.core.matching import Pairs, heirs, overlaps
from memviz.core.regions import Array, Mask, RegionTable
from memviz.core.snapshot import Snapshot
from memviz.text import shown

CHANGES = ("size", "rss", "pss", "uss", "swap")


class Change(NamedTuple):
    """One thing that is new, gone or different: the difference of each of CHANGES in bytes, None where it is not known
    in both snapshots. `state` is `new`, `gone` or `changed`; `start` is where it begins, or began; 0 for groups."""

    name: str
    state: str
    start: int
    size: int | None
    rss: int | None
    pss: int | None
    uss: int | None
    swap: int | None

    @property
    def grown(self) -> int:
        """By what a change is judged, wherever one number stands for it: private + swap where that is known."""
        if self.uss is not None and self.swap is not None:
            return self.uss + self.swap
        return self.rss if self.rss is not None else self.size or 0


@dataclass(frozen=True, slots=True)
class Difference:
    """`same_process` is False where the two are different processes (or one that ran another program). `heirs` has,
    for each block before, the block to which what is gone of it is counted, or -1 where the block is gone itself.
    `gained` and `lost` are what blocks grew by and shrank by: together by what the whole did."""

    seconds: float
    same_process: bool
    totals: Change
    groups: tuple[Change, ...]
    blocks: tuple[Change, ...]
    regions: tuple[Change, ...]
    gained: int
    lost: int
    heirs: Array = field(repr=False, compare=False)


def diff(before: Snapshot, after: Snapshot) -> Difference:
    """The difference after minus before."""
    pairs = overlaps(before.regions, after.regions)
    blocks, heirs_of = _blocks(before, after, pairs)
    grown = [block.grown for block in blocks]
    return Difference(
        after.time - before.time, before.identity == after.identity, _totals(before, after), _groups(before, after),
        blocks, _regions(before.regions, after.regions, pairs),
        sum(each for each in grown if each > 0), sum(each for each in grown if each < 0), heirs_of,
    )  # fmt: skip


# -- sums --------------------------------------------------------------------------------------------------------------

_Values = tuple[int | None, ...]


def _totals(before: Snapshot, after: Snapshot) -> Change:
    old, new = (tuple(snapshot.totals[name] for name in CHANGES) for snapshot in (before, after))
    values = _minus(new, old)
    return Change("total", "changed" if any(values) or old != new else "same", 0, *values)


def _groups(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    old, new = (
        {name: (group.size, group.rss, group.pss, group.uss, group.swap) for name, group in snapshot.groups.items()}
        for snapshot in (before, after)
    )
    result = []
    for name in (*old, *(name for name in new if name not in old)):
        state = "new" if name not in old else "gone" if name not in new else "changed"
        a, b = old.get(name), new.get(name)
        values = _minus(b or _nothing(a), a or _nothing(b))
        if state != "changed" or any(values):
            result.append(Change(name, state, 0, *values))
    return tuple(result)


def _nothing(values: _Values | None) -> _Values:
    return tuple(None if value is None else 0 for value in values or ())


def _minus(new: _Values, old: _Values) -> _Values:
    return tuple(b - a if a is not None and b is not None else None for a, b in zip(old, new, strict=True))


# -- blocks and regions ------------------------------------------------------------------------------------------------


def _told(before: RegionTable, after: RegionTable) -> list[str]:
    return [name for name in CHANGES if name in before and name in after]


def _counted(table: RegionTable, name: str) -> Array:
    return table.counted(name).astype(np.int64)


def _regions(before: RegionTable, after: RegionTable, pairs: Pairs) -> tuple[Change, ...]:
    """A region is one that has addresses and the path of one before: one that moved is gone here and new there."""
    numbers = {path: number for number, path in enumerate(after.paths)}
    same_path = np.array([numbers.get(path, -1) for path in before.paths], np.intp)
    pairs = pairs.where(same_path[before["path_id"][pairs.before]] == after["path_id"][pairs.after])
    is_new, is_gone = np.ones(len(after), np.bool_), np.ones(len(before), np.bool_)
    is_new[pairs.after], is_gone[pairs.before] = False, False
    other = before["permissions"][pairs.before] != after["permissions"][pairs.after]
    differs = is_new.copy()
    differs[pairs.after[other]] = True
    now, then = dict[str, Array](), dict[str, Array]()
    for name in _told(before, after):
        old, new = _counted(before, name), _counted(after, name)
        now[name], then[name] = new, -old
        np.subtract.at(now[name], pairs.after, pairs.parts(old, new))
        differs |= now[name] != 0
    gone, there = np.flatnonzero(is_gone), np.flatnonzero(differs)
    return (
        *_changes(_paths(before, gone), ["gone"] * len(gone), before["start"], then, gone),
        *_changes(_paths(after, there), _states(is_new[there]), after["start"], now, there),
    )


def _paths(table: RegionTable, rows: Array) -> list[str]:
    ids = table["path_id"][rows].tolist()
    names = {path: shown(table.paths[path]) for path in set(ids)}
    return [names[path] for path in ids]


def _blocks(before: Snapshot, after: Snapshot, pairs: Pairs) -> tuple[tuple[Change, ...], Array]:
    """A block is one whose regions lie where one of its name and group had some. What lies nowhere is known by its name
    where only one block has that: a heap that moved is the same heap, an anonymous block is not.

    Regions that are gone are the loss of the block that has most of theirs, and of no other.
    """
    ids: dict[object, int] = {}
    kinds, kinds_then = _kinds(after, ids), _kinds(before, ids)
    block, block_then = (snapshot.regions["block"].astype(np.intp) for snapshot in (after, before))
    pairs = pairs.where(kinds_then[block_then[pairs.before]] == kinds[block[pairs.after]])
    home = block[pairs.after]
    heir = heirs(block_then[pairs.before], home, pairs.shared, len(kinds_then))
    _know_by_name(heir, kinds_then, kinds, len(ids))
    lost = np.ones(len(before.regions), np.bool_)
    lost[pairs.before] = False
    rows = np.flatnonzero(lost)
    rows = rows[heir[block_then[rows]] >= 0]
    is_new = np.ones(len(kinds), np.bool_)
    is_new[home], is_new[heir[heir >= 0]] = False, False
    differs = is_new.copy()
    now, then = dict[str, Array](), dict[str, Array]()
    for name in _told(before.regions, after.regions):
        old, new = _counted(before.regions, name), _counted(after.regions, name)
        now[name], then[name] = (s.blocks.sums(name).astype(np.int64) for s in (after, before))
        np.negative(then[name], then[name])
        np.subtract.at(now[name], home, pairs.parts(old, new))
        np.subtract.at(now[name], heir[block_then[rows]], old[rows])
        differs |= now[name] != 0
    gone, there = np.flatnonzero(heir < 0), np.flatnonzero(differs)
    starts, starts_then = (snapshot.regions["start"][snapshot.blocks.first] for snapshot in (after, before))
    return (
        *_changes(list(map(before.blocks.name, gone.tolist())), ["gone"] * len(gone), starts_then, then, gone),
        *_changes(list(map(after.blocks.name, there.tolist())), _states(is_new[there]), starts, now, there),
    ), heir


def _kinds(snapshot: Snapshot, ids: dict[object, int]) -> Array:
    """For each block a number of its name and group, alike in all snapshots that share `ids`. Both hang on the category
    and path of its first region: each pair is looked at once."""
    blocks, table = snapshot.blocks, snapshot.regions
    category, path = (table[name][blocks.first].astype(np.int64) for name in ("category", "path_id"))
    _, first, places = np.unique(category * max(len(table.paths), 1) + path, return_index=True, return_inverse=True)
    kinds = [ids.setdefault((blocks.name(at), blocks.group(at)), len(ids)) for at in first.tolist()]
    return np.array(kinds, np.intp)[places]


def _know_by_name(heir: Array, then: Array, now: Array, count: int) -> None:
    """Gives the only block of a name before the only one of it now, where it has no heir."""
    alone = (np.bincount(then, minlength=count) == 1) & (np.bincount(now, minlength=count) == 1)
    of_kind = np.zeros(count, np.intp)
    of_kind[now] = np.arange(len(now))
    moved = (heir < 0) & alone[then]
    heir[moved] = of_kind[then[moved]]


def _states(is_new: Mask) -> list[str]:
    return ["new" if new else "changed" for new in is_new.tolist()]


def _changes(
    names: Iterable[str], states: list[str], starts: Array, values: dict[str, Array], rows: Array
) -> Iterable[Change]:
    columns = [values[name][rows].tolist() if name in values else [None] * len(rows) for name in CHANGES]
    return map(Change, names, states, starts[rows].tolist(), *columns)
