"""Where a session's data comes from, and which of the processes there are memviz itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow, Source
from memviz.text import clipped

HERE, CAPTURED = "this machine", "captured tree"


@dataclass(frozen=True, slots=True)
class Origin:
    """`is_here`: process numbers mean processes of this machine, ours among them."""

    name: str
    is_here: bool
    is_captured: bool

    @property
    def words(self) -> str:
        """`read from this machine`."""
        text = "captured, not alive" if self.is_captured else f"from {clipped(self.name, 50)}"
        return f"{text} · memviz runs as root" if os.geteuid() == 0 and self.is_here else text


def origin_of(source: Source) -> Origin:
    return Origin(source.name, source.name.startswith((HERE, "psutil")), source.name == CAPTURED)


class Own(NamedTuple):
    """`marked` are memviz and its reader (with the sudo before it); `left_out` the reader's workers, which live for one
    answer each: a list that shows them flashes with each of its own readings."""

    marked: frozenset[Identity] = frozenset()
    left_out: frozenset[Identity] = frozenset()


def own_processes(source: Source, rows: Sequence[ProcessRow]) -> Own:
    """Nobody where another host or a capture is looked at: numbers of processes mean nothing there. A worker is a fork
    of the reader, and has its command line."""
    if not origin_of(source).is_here:
        return Own()
    reader = getattr(getattr(source, "link", None), "pid", None)
    below = {row.identity.pid: row for row in rows if row.identity.pid == reader}
    found = True
    while found:
        more = {row.identity.pid: row for row in rows if row.ppid in below and row.identity.pid not in below}
        found = bool(more)
        below |= more
    left_out = frozenset(
        row.identity for row in below.values() if row.ppid in below and row.command == below[row.ppid].command
    )
    pids = {os.getpid(), *below}
    return Own(frozenset(row.identity for row in rows if row.identity.pid in pids) - left_out, left_out)
