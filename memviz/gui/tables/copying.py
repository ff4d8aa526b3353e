"""What can be copied of a selection, declared once: the menu of anything selected iterates it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from memviz import units
from memviz.core.columns import column_of
from memviz.core.listing import Listing
from memviz.core.query import parse
from memviz.core.regions import Array
from memviz.core.snapshot import Snapshot
from memviz.gui.session.selection import BLOCK, GROUP, PAGE, Selection, block_of, rows_of
from memviz.gui.tables.written import FORMS, Rows
from memviz.text import shown

USUAL = ("start", "end", "size", "permissions", "rss", "pss", "uss", "swap", "category", "block", "path")
READABLE = parse("perm:r")
WORDS = 16  # that an `x` command shows, of eight bytes each


@dataclass(frozen=True, slots=True)
class Selected:
    """A selection looked up in a snapshot. `span` is the range of addresses that it is, None where it is scattered."""

    snapshot: Snapshot
    selection: Selection
    rows: Array
    span: tuple[int, int] | None


def selected(snapshot: Snapshot, selection: Selection) -> Selected:
    """What a selection means in this snapshot."""
    rows = rows_of(selection, snapshot)
    span: tuple[int, int] | None = (selection.start, selection.end)
    if selection.kind == GROUP or not selection:
        span = None
    elif selection.kind == BLOCK:
        span = _without_holes(snapshot, rows)
    return Selected(snapshot, selection, rows, span)


def _without_holes(snapshot: Snapshot, rows: Array) -> tuple[int, int] | None:
    if not len(rows):
        return None
    start, end = snapshot.regions["start"][rows], snapshot.regions["end"][rows]
    return (int(start[0]), int(end[-1])) if bool((start[1:] == end[:-1]).all()) else None


class Copy(NamedTuple):
    """`part` tells what stands together in a menu; `make` gives None where there is nothing of that kind."""

    name: str
    part: str
    title: str
    explanation: str
    make: Callable[[Selected], str | None]


def region_rows(snapshot: Snapshot, rows: Array) -> Rows:
    """Regions with their usual columns, to be written in any form."""
    listing = Listing(snapshot, rows)
    columns = [column_of(name) for name in USUAL]
    return Rows(columns, [listing.column(column.name) for column in columns])


def _name(found: Selected) -> str | None:
    block = block_of(found.selection, found.snapshot)
    return found.snapshot.blocks.name(block) if block is not None else found.selection.group or None


def _address(found: Selected) -> str | None:
    return units.address(found.selection.start).replace("_", "") if found.selection.kind != GROUP else None


def _range(found: Selected) -> str | None:
    return f"{found.span[0]:#x}-{found.span[1]:#x}" if found.span else None


def _path(found: Selected) -> str | None:
    """The one path of all its regions that have one."""
    table = found.snapshot.regions
    numbers = np.unique(table["path_id"][found.rows]).tolist()
    paths = [shown(table.paths[number]) for number in numbers[:3] if table.paths[number]]
    return paths[0] if len(paths) == 1 and len(numbers) <= 2 else None


def _examine(found: Selected) -> str | None:
    if found.span is None:
        return None
    words = min(WORDS, (found.span[1] - found.span[0]) // 8) if found.selection.kind != PAGE else WORDS
    return f"x/{max(words, 1)}gx {found.span[0]:#x}"


def _dump(found: Selected) -> str | None:
    """One command for each stretch of readable regions."""
    table, pid = found.snapshot.regions, found.snapshot.pid
    rows = found.rows[READABLE.regions(found.snapshot)[found.rows]]
    if not len(rows):
        return None
    start, end = table["start"][rows], table["end"][rows]
    if found.span is not None:
        start, end = np.maximum(start, np.uint64(found.span[0])), np.minimum(end, np.uint64(found.span[1]))
    new = np.flatnonzero(np.concatenate(([True], start[1:] != end[:-1])))
    last = np.append(new[1:], len(rows)) - 1
    pairs = zip(start[new].tolist(), end[last].tolist(), strict=True)
    return "\n".join(f"dump memory {pid}-{low:x}.bin {low:#x} {high:#x}" for low, high in pairs)


def _written(write: Callable[[Rows], str], found: Selected) -> str | None:
    return write(region_rows(found.snapshot, found.rows)) if len(found.rows) else None


COPIES = (
    Copy("name", "it", "Name", "What it is called here.", _name),
    Copy("address", "it", "Address", "Its first address.", _address),
    Copy("range", "it", "Range", "First address and the first one after it, as maps writes them.", _range),
    Copy("path", "it", "Path", "The file, or the kernel's name for it.", _path),
    *(
        Copy(form.name, "regions", f"Regions as {form.title}", form.explanation, partial(_written, form.write))
        for form in FORMS
    ),
    Copy("gdb-x", "gdb", "gdb: examine", "A command for gdb that shows its first words.", _examine),
    Copy("gdb-dump", "gdb", "gdb: dump memory", "Commands for gdb that write it into files.", _dump),
)
