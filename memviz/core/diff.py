"""What changed between two snapshots of one process: by group, by block, by region. Only what differs is told.

`diff(a, a)` is empty, and `diff(a, b)` mirrors `diff(b, a)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from memviz.core.regions import Array, RegionTable, permission_text
from memviz.core.snapshot import Snapshot
from memviz.text import shown

CHANGES = ("size", "rss", "pss", "uss", "swap")


class Change(NamedTuple):
    """One thing that is new, gone or different: the difference of each of CHANGES in bytes, None where it is not
    known in
    both snapshots. `state` is `new`, `gone` or `changed`; `start` is 0 for groups."""

    name: str
    state: str
    start: int
    size: int | None
    rss: int | None
    pss: int | None
    uss: int | None
    swap: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """`same_process` is False where the two are different processes (or one that ran another program)."""

    seconds: float
    same_process: bool
    totals: Change
    groups: tuple[Change, ...]
    blocks: tuple[Change, ...]
    regions: tuple[Change, ...]


class _Part(NamedTuple):
    name: str
    start: int
    values: tuple[int | None, ...]
    detail: str = ""


def diff(before: Snapshot, after: Snapshot) -> Difference:
    """The difference after minus before."""
    totals = _change(
        _Part("total", 0, tuple(before.totals[name] for name in CHANGES)),
        _Part("total", 0, tuple(after.totals[name] for name in CHANGES)),
    )
    return Difference(
        after.time - before.time, before.identity == after.identity, totals,
        _changes(_groups(before), _groups(after)), _changes(_blocks(before), _blocks(after)),
        _changes(
            _regions(before, _unlike(before.regions, after.regions)),
            _regions(after, _unlike(after.regions, before.regions)),
        ),
    )  # fmt: skip


def _groups(snapshot: Snapshot) -> dict[object, _Part]:
    return {
        name: _Part(name, 0, (group.size, group.rss, group.pss, group.uss, group.swap))
        for name, group in snapshot.groups.items()
    }


def _blocks(snapshot: Snapshot) -> dict[object, _Part]:
    """Blocks by what they are and where they begin; the second and later of one name in order of address.

    The beginning of a heap or stack may move; so a block is known by its name and its number among blocks of that name.
    """
    result: dict[object, _Part] = {}
    seen: dict[tuple[str, str], int] = {}
    for block in snapshot.blocks:
        kind = (block.name, block.category)
        number = seen[kind] = seen.get(kind, -1) + 1
        result[kind, number] = _Part(block.name, block.start, tuple(block.sums.get(name) for name in CHANGES))
    return result


def _regions(snapshot: Snapshot, rows: Array) -> dict[object, _Part]:
    """Those regions by start and path: one that moved, or gave way to another, is gone here and new there."""
    table = snapshot.regions
    columns = [table[name][rows].tolist() if name in table else [None] * len(rows) for name in CHANGES]
    starts, permissions = table["start"][rows].tolist(), table["permissions"][rows].tolist()
    paths = table["path_id"][rows].tolist()
    names = {path: shown(table.paths[path]) for path in set(paths)}
    return {
        (start, names[path]): _Part(names[path], start, values, permission_text(bits))
        for start, bits, path, values in zip(starts, permissions, paths, zip(*columns, strict=True), strict=True)
    }


def _unlike(here: RegionTable, there: RegionTable) -> Array:
    """The rows that the other table does not have with the same values: few, mostly, and only they become objects."""
    if not len(here) or not len(there):
        return np.arange(len(here))
    at = np.minimum(np.searchsorted(there["start"], here["start"]), len(there) - 1)
    numbers = {path: number for number, path in enumerate(there.paths)}
    same_path = np.array([numbers.get(path, -1) for path in here.paths])
    alike = same_path[here["path_id"]] == there["path_id"][at]
    for name in ("start", "permissions", *CHANGES):
        if name in here and name in there:
            alike &= here[name] == there[name][at]
    return np.flatnonzero(~alike)


def _changes(before: dict[object, _Part], after: dict[object, _Part]) -> tuple[Change, ...]:
    changes = []
    for key in _both(before, after):
        old, new = before.get(key), after.get(key)
        if old is None or new is None or old.detail != new.detail or _differ(old.values, new.values):
            changes.append(_change(old, new))
    return tuple(changes)


def _differ(old: tuple[int | None, ...], new: tuple[int | None, ...]) -> bool:
    """Whether something that both know is not the same."""
    return any(a != b for a, b in zip(old, new, strict=True) if a is not None and b is not None)


def _both(before: dict[object, _Part], after: dict[object, _Part]) -> Iterable[object]:
    yield from before
    yield from (key for key in after if key not in before)


def _change(old: _Part | None, new: _Part | None) -> Change:
    part = new or old
    assert part is not None
    known = old.values if old else new.values if new else ()
    values: list[int | None] = []
    for index in range(len(CHANGES)):
        a = old.values[index] if old else (None if known[index] is None else 0)
        b = new.values[index] if new else (None if known[index] is None else 0)
        values.append(b - a if a is not None and b is not None else None)
    state = "changed" if old and new else "new" if new else "gone"
    if old and new and not any(values) and old == new:
        state = "same"
    return Change(part.name, state, part.start, *values)
