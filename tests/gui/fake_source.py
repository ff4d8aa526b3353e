"""A source that answers with what a test gives it, at once and without a process."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from memviz.core.facts import Identity
from memviz.core.snapshot import Sample, Snapshot
from memviz.core.source import PageRuns, ProcessRow
from memviz.errors import ProcessGone
from memviz.gui.session.session import Reading, Session
from tests.runs import page_runs

MIB = 1 << 20


def process(pid: int, name: str = "program", **values: object) -> ProcessRow:
    """A row of the list: what is not given is usual."""
    usual: dict[str, object] = {
        "identity": Identity("b", 0, pid, 500), "ppid": 1, "name": name, "command": f"/usr/bin/{name}", "state": "S",
        "user": "me", "threads": 1, "rss": 10 * MIB, "vms": 100 * MIB, "swap": 0, "private_swap": 6 * MIB,
        "cpu_seconds": 1.0, "is_kernel_thread": False,
    }  # fmt: skip
    return ProcessRow(**{**usual, **values})  # type: ignore[arg-type]  # names of its fields


def sample(pid: int = 7, time: float = 0.0, rss: int = 10 * MIB, **values: object) -> Sample:
    usual: dict[str, object] = {
        "time": time, "identity": Identity("b", 0, pid, 500), "rss": rss, "vms": 4 * rss, "rss_anonymous": rss // 2,
        "rss_file": rss // 2, "rss_shmem": 0, "swap": 0, "minor_faults": 0, "major_faults": 0, "cpu_seconds": 0.0,
        "threads": 1,
    }  # fmt: skip
    return Sample(**{**usual, **values})  # type: ignore[arg-type]  # names of its fields


class FakeSource:
    """`snapshots` by pid; `rows` of processes; `runs` of pages; an exception in their place is raised."""

    name = "made up"

    def __init__(self) -> None:
        self.snapshots: dict[int, Snapshot | Exception] = {}
        self.rows: list[ProcessRow] = []
        self.runs: PageRuns | Exception = page_runs()
        self.closed = False
        self.clock = itertools.count()

    def processes(self) -> list[ProcessRow]:
        return list(self.rows)

    def sample(self, pid: int) -> Sample:
        self._snapshot(pid)
        return sample(pid, float(next(self.clock)))

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        return self._snapshot(pid)

    def pages(self, pid: int, ranges: Sequence[tuple[int, int]]) -> PageRuns:
        if isinstance(self.runs, Exception):
            raise self.runs
        return self.runs

    def close(self) -> None:
        self.closed = True

    def _snapshot(self, pid: int) -> Snapshot:
        found = self.snapshots.get(pid, ProcessGone(f"process {pid} does not exist, or has ended"))
        if isinstance(found, Exception):
            raise found
        return found


def show(session: Session, snapshot: Snapshot, runs: PageRuns | None = None) -> None:
    """Opens the snapshot's process in a session and shows it, as the feed would."""
    if session.target is None or session.target.pid != snapshot.pid:
        session.open(snapshot.pid, snapshot.name)
    session.show_reading(Reading(snapshot, runs))
    session.tasks.finish()
