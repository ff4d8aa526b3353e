"""Which of the processes are memviz itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow, Source


class Own(NamedTuple):
    """`marked` are memviz and its reader; `left_out` the reader's workers, which live for one answer each: a list that
    shows them shows mostly itself."""

    marked: frozenset[Identity] = frozenset()
    left_out: frozenset[Identity] = frozenset()


def own_processes(source: Source, rows: Sequence[ProcessRow]) -> Own:
    """Nobody where another host or a capture is looked at: numbers of processes mean nothing there."""
    if not source.name.startswith("this machine"):
        return Own()
    reader = getattr(getattr(source, "link", None), "pid", -1)
    pids = (os.getpid(), reader)
    marked = frozenset(row.identity for row in rows if row.identity.pid in pids)
    return Own(marked, frozenset(row.identity for row in rows if row.ppid == reader))
