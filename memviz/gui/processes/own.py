"""Which of the processes are memviz itself."""

from __future__ import annotations

import os
from collections.abc import Iterable

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow, Source


def own_processes(source: Source, rows: Iterable[ProcessRow]) -> frozenset[Identity]:
    """memviz, its reader and the reader's workers; nobody where another host or a capture is looked at, for numbers of
    processes mean nothing there."""
    if not source.name.startswith("this machine"):
        return frozenset()
    link = getattr(source, "link", None)
    pids = {os.getpid(), getattr(link, "pid", -1)}
    rows = list(rows)
    return frozenset(row.identity for row in rows if row.identity.pid in pids or row.ppid in pids)
