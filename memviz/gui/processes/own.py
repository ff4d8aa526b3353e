"""Which of the processes are memviz itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow, Source
from memviz.gui.origin import origin_of


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
