"""From processes to the lines of the list: sorted, filtered, below their parents or flat, kernel threads apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow

KERNEL = "kernel threads"  # the key of the line that stands for all of them
Key = Identity | str


class Line(NamedTuple):
    """One line. `children` counts those directly below it; a `context` line does not match and leads to one that
    does."""

    key: Key
    row: ProcessRow | None  # None for the line of the kernel threads
    depth: int = 0
    children: int = 0
    is_open: bool = True
    context: bool = False


def parents_of(rows: Sequence[ProcessRow]) -> list[int]:
    """For each row the place of its parent, or -1. Nobody is his own ancestor: where parents go in a circle (a capture
    may tell anything) one of them has none. Who is older than his parent has none either: the number was given away."""
    places: dict[int, int] = {}
    for place, row in enumerate(rows):
        old = places.get(row.identity.pid)
        if old is None or rows[old].identity.start_ticks <= row.identity.start_ticks:
            places[row.identity.pid] = place  # of two with one number, the later one is the living
    parents = []
    for place, row in enumerate(rows):
        parent = places.get(row.ppid, -1)
        if parent == place or (parent >= 0 and rows[parent].identity.start_ticks > row.identity.start_ticks):
            parent = -1
        parents.append(parent)
    return _without_circles(parents)


def _without_circles(parents: list[int]) -> list[int]:
    seen = [0] * len(parents)  # the walk that came by first
    for walk, start in enumerate(range(len(parents)), 1):
        at = start
        while at >= 0 and not seen[at]:
            seen[at] = walk
            at = parents[at]
        if at >= 0 and seen[at] == walk:
            parents[at] = -1
    return parents


def family_sums(rows: Sequence[ProcessRow]) -> dict[Identity, int]:
    """Anonymous + swap of each with all that descend from it; who does not tell it counts as nothing, and has no sum
    where nobody below tells it either."""
    parents = parents_of(rows)
    sums: list[int | None] = [row.private_swap for row in rows]
    for place in reversed(_from_the_top(parents)):
        own, parent = sums[place], parents[place]
        if parent >= 0 and own is not None:
            sums[parent] = (sums[parent] or 0) + own
    return {row.identity: total for row, total in zip(rows, sums, strict=True) if total is not None}


def _from_the_top(parents: Sequence[int]) -> list[int]:
    """All places, each parent before its children, siblings in order."""
    children = _children(parents)
    result, waiting = [], children.get(-1, [])[::-1]
    while waiting:
        place = waiting.pop()
        result.append(place)
        waiting.extend(reversed(children.get(place, ())))
    return result


def _children(parents: Sequence[int]) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for place, parent in enumerate(parents):
        children.setdefault(parent, []).append(place)
    return children


def in_order(rows: Sequence[ProcessRow], value: Callable[[ProcessRow], Any], large_first: bool) -> list[ProcessRow]:
    """Sorted; unknown values last, and equal ones as they were."""
    values = [value(row) for row in rows]
    have = [at for at, found in enumerate(values) if found is not None]
    have.sort(key=values.__getitem__, reverse=large_first)
    return [rows[at] for at in have] + [row for row, found in zip(rows, values, strict=True) if found is None]


def arrange(
    rows: Sequence[ProcessRow], matching: Collection[Identity] | None, *, tree: bool, closed: Collection[Key],
    kernel_open: bool,
) -> list[Line]:  # fmt: skip
    """The lines of rows that are in order. `matching` is None where everything is shown; what matches is shown also
    below a line that is closed."""
    users = [row for row in rows if not row.is_kernel_thread]
    threads = [row for row in rows if row.is_kernel_thread]
    if matching is not None:
        threads = [row for row in threads if row.identity in matching]
        if not tree:
            users = [row for row in users if row.identity in matching]
    lines = _tree_lines(users, matching, closed) if tree else [Line(row.identity, row) for row in users]
    if threads:
        is_open = kernel_open or matching is not None
        lines.append(Line(KERNEL, None, 0, len(threads), is_open))
        if is_open:
            lines.extend(Line(row.identity, row, 1) for row in threads)
    return lines


def _tree_lines(
    rows: Sequence[ProcessRow], matching: Collection[Identity] | None, closed: Collection[Key]
) -> list[Line]:
    parents = parents_of(rows)
    children = _children(parents)
    leading = _leading(rows, parents, matching) if matching is not None else None
    lines: list[Line] = []
    waiting = [(place, 0) for place in reversed(children.get(-1, ()))]
    while waiting:
        place, depth = waiting.pop()
        row = rows[place]
        if leading is not None and place not in leading:
            continue
        below: Sequence[int] = children.get(place, ())
        if leading is not None and below:
            below = [child for child in below if child in leading]
        is_open = leading is not None or row.identity not in closed
        context = matching is not None and row.identity not in matching
        lines.append(Line(row.identity, row, depth, len(below), is_open, context))
        if is_open:
            waiting.extend((child, depth + 1) for child in reversed(below))
    return lines


def _leading(rows: Sequence[ProcessRow], parents: Sequence[int], matching: Collection[Identity]) -> set[int]:
    """The places of those that match and of all their ancestors."""
    leading: set[int] = set()
    for place, row in enumerate(rows):
        if row.identity in matching:
            at = place
            while at >= 0 and at not in leading:
                leading.add(at)
                at = parents[at]
    return leading


def held(old: Sequence[Line], new: Sequence[Line], rows: Mapping[Identity, ProcessRow]) -> list[Line]:
    """The lines in the order they had: newcomers at the end, and nobody leaves who is still there (`rows`)."""
    now = {line.key: line for line in new}
    lines = []
    for line in old:
        found = now.get(line.key)
        if found is not None:
            lines.append(found._replace(depth=line.depth) if found.depth != line.depth else found)
        elif line.row is None:
            lines.append(line._replace(children=0))
        elif line.row.identity in rows:
            lines.append(line._replace(row=rows[line.row.identity]))
    before = {line.key for line in old}
    lines.extend(line._replace(depth=0) if line.depth else line for line in new if line.key not in before)
    return lines
