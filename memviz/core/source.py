"""The Source: where processes, samples and snapshots come from. Everything above it sees no difference between
sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from memviz.core.facts import Identity
from memviz.core.regions import Array
from memviz.core.snapshot import Absence, Sample, Snapshot


class ProcessRow(NamedTuple):
    """One process of a list: cheap numbers only. Bytes and seconds; None is unknown, `absent` says why."""

    identity: Identity
    ppid: int
    name: str
    command: str | None
    state: str
    user: str | None
    threads: int | None
    rss: int | None
    vms: int | None
    swap: int | None
    private_swap: int | None
    cpu_seconds: float | None
    is_kernel_thread: bool
    absent: Mapping[str, Absence] | None = None
    is_ending: bool = False  # all its threads are on their way out
    raw: Mapping[str, bytes] | None = None  # the bytes of texts that are shown with escapes, by column

    @property
    def pid(self) -> int:
        return self.identity.pid

    @property
    def weight(self) -> int:
        """By which the heaviest come first: what it costs by itself, else what of it is in memory; 0 where neither is
        known."""
        return (self.rss or 0) if self.private_swap is None else self.private_swap

    def get(self, name: str) -> object:
        """The value of a column of PROCESS_COLUMNS."""
        return getattr(self, name)


class PageRuns(NamedTuple):
    """Runs of pages of one process that are present or swapped, cut at no region border: start, end (u64) and category
    bits as PAGEMAP_SCAN gives them. `rest` is the address from which on nothing was looked at, or None."""

    start: Array
    end: Array
    bits: Array
    rest: int | None = None


class Source(Protocol):
    """A host, a captured tree, a recording. Every method may raise a MemvizError that says what the caller can do."""

    name: str

    def processes(self) -> list[ProcessRow]:
        """All processes, in order of pid."""
        ...

    def sample(self, pid: int) -> Sample:
        """The cheap counters of one process."""
        ...

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        """One process as a whole; `measured=False` leaves out residency, which is what costs time."""
        ...

    def pages(self, pid: int, ranges: Sequence[tuple[int, int]]) -> PageRuns:
        """The present and swapped pages in half-open ranges of addresses."""
        ...

    def close(self) -> None:
        """Ends what the source has started; never takes more than two seconds."""
        ...
