"""The documented facade: plain dicts and text about one process, kept for some seconds, safe from any thread."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import memviz.core.system  # noqa: F401  # here, so that no call imports anything: a fork meanwhile would lock the child
from memviz import units
from memviz.core.connect import open_host
from memviz.core.cpu import CpuBehavior, CpuReading, cpu_between, read_cpu
from memviz.core.facts import Identity
from memviz.core.host import Host
from memviz.core.identity import Execution, checked_pid
from memviz.core.plain import cpu_dict, layout_dict, memory_dict, regions_by_group, system_dict
from memviz.core.recovery import HostKeeper
from memviz.core.reports import regions_report, summary_report
from memviz.core.snapshot import Snapshot
from memviz.errors import ProcessGone
from memviz.proc import forking
from memviz.text import hex_entry

T = TypeVar("T")
SHORTEST_INTERVAL = 0.1  # seconds between two readings of a process
TRIES = 4  # of readings that belong together, while the process ends or runs another program
MOST_READINGS = 1024  # of the CPU times of processes


class _Default:
    """The host of `snapshot`, opened when it is first used."""

    def __init__(self) -> None:
        self.keeper: HostKeeper | None = None
        self.renew()
        forking.renew_in_children(self)

    def renew(self) -> None:
        self._lock = threading.Lock()

    def opened(self) -> HostKeeper:
        with self._lock:
            if self.keeper is None:
                self.keeper = HostKeeper(open_host())
            return self.keeper


_default = _Default()


def snapshot(pid: int) -> Snapshot:
    """One process of this machine now, never from a cache. Raises ProcessGone, NotAnswering, MemvizError; UsageError
    where `pid` is no process number."""
    number = checked_pid(pid)
    return _default.opened().ask(lambda host: host.snapshot(number))


class Kept(NamedTuple, Generic[T]):
    """A value, when it was read (monotonic), and of which program of which process."""

    at: float
    value: T
    execution: Execution | None


class MemoryAnalyzer:
    """Answers about processes of one host as JSON-serialisable dicts. Every method raises ProcessGone, NotAnswering or
    another MemvizError where nothing can be told, and UsageError where `pid` is no process number; what could not be
    read is None, with its reason under `absent`.

    Any number of threads may use one. A forked child has a reader and a cache of its own, and so has who unpickles it.
    A reader that was killed is started again."""

    def __init__(
        self, cache_seconds: float = 5.0, *, via: str = "", proc_root: str = "", host: Host | None = None
    ) -> None:
        """`host` is one that is open already, instead of one of its own."""
        self.cache_seconds = cache_seconds
        self._opened_with = None if host is not None else (cache_seconds, via, proc_root)
        self._keeper = HostKeeper(host if host is not None else open_host(via, proc_root))
        self.renew()
        forking.renew_in_children(self)

    def renew(self) -> None:
        """Forget what was read; in a forked child, where a thread of the parent may have held the lock."""
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, int], Kept[Any]] = {}
        self._readings: dict[Identity, CpuReading] = {}

    def __reduce__(self) -> tuple[Callable[..., MemoryAnalyzer], tuple[float, str, str]]:
        if self._opened_with is None:
            raise TypeError("an analyzer of a host that somebody else has opened cannot be pickled")
        return _opened, self._opened_with

    @property
    def host(self) -> Host:
        """The host that is asked, with a reader that has not ended. Raises MemvizError."""
        return self._keeper.host

    def close(self) -> None:
        """Ends the reader process; the analyzer cannot be used afterwards."""
        self._keeper.close()

    def __enter__(self) -> MemoryAnalyzer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is kept -----------------------------------------------------------------------------------------------

    def _cached(self, kind: str, pid: int, now: Execution | None, read: Callable[[], Kept[T]]) -> Kept[T]:
        """What was read of the program that runs `now`, if that is not too long ago."""
        with self._lock:
            oldest = time.monotonic() - self.cache_seconds
            self._kept = {key: kept for key, kept in self._kept.items() if kept.at > oldest}
            found: Kept[T] | None = self._kept.get((kind, pid))
        if found is not None and (found.execution is None or (now and found.execution.goes_on_in(now))):
            return found
        made = read()
        with self._lock:
            self._kept[kind, pid] = made
        return made

    def _of_process(self, kind: str, pid: int, read: Callable[[Host], Kept[T]]) -> Kept[T]:
        """The same for a process, which is asked for each time who it is: its number may be that of another by now."""
        with self._lock:
            may_be_kept = (kind, pid) in self._kept
        now = self._keeper.ask(lambda host: host.execution(pid)) if may_be_kept else None
        return self._cached(kind, pid, now, lambda: self._keeper.ask(read))

    def _snapshot(self, pid: int) -> Kept[Snapshot]:
        number = checked_pid(pid)

        def read(host: Host) -> Kept[Snapshot]:
            seen = host.snapshot(number)
            execution = Execution.of(seen.identity, seen.facts.stat, seen.facts.status)
            return Kept(time.monotonic(), seen, execution)

        return self._of_process("snapshot", number, read)

    def _cpu(self, pid: int) -> Kept[CpuBehavior]:
        number = checked_pid(pid)
        return self._of_process("cpu", number, lambda host: self._read_cpu(host, number))

    def _read_cpu(self, host: Host, pid: int) -> Kept[CpuBehavior]:
        later = read_cpu(host, pid)
        with self._lock:
            earlier = self._readings.get(later.identity, later)
        for _ in range(TRIES):
            if not earlier.execution.goes_on_in(later.execution):
                earlier = later  # of another program or process: nothing can be said of the time in between
            if later.at - earlier.at < SHORTEST_INTERVAL:  # the kernel's clocks of threads do not tick more often
                time.sleep(SHORTEST_INTERVAL - (later.at - earlier.at))
                later = read_cpu(host, pid)
            if earlier.execution.goes_on_in(later.execution):
                break
        else:
            raise ProcessGone(f"process {pid} ended or ran another program each time it was read")
        with self._lock:
            self._readings.pop(later.identity, None)  # the newest come last
            self._readings[later.identity] = later
            while len(self._readings) > MOST_READINGS:
                del self._readings[next(iter(self._readings))]
        return Kept(time.monotonic(), cpu_between(earlier, later, host.hello.clock_ticks), later.execution)

    def _both(self, pid: int) -> tuple[Snapshot, CpuBehavior]:
        """Memory and CPU of the same program of the same process."""
        for _ in range(TRIES):
            memory, cpu = self._snapshot(pid), self._cpu(pid)
            if memory.execution is None or cpu.execution is None or memory.execution.goes_on_in(cpu.execution):
                return memory.value, cpu.value
            with self._lock:
                self._kept.pop(("snapshot", checked_pid(pid)), None)
        raise ProcessGone(f"process {pid} ended or ran another program each time it was read")

    # -- the documented methods -------------------------------------------------------------------------------------

    def get_detailed_memory_info(self, pid: int) -> dict[str, Any]:
        """Sizes in bytes: rss, vms, shared, text, data (statm), pss, uss, swap, peaks, percent of RAM, and every other
        measure of `core/measures.py`."""
        seen = self._snapshot(pid).value
        return self._keeper.ask(lambda host: memory_dict(host, seen))

    def analyze_memory_regions(self, pid: int) -> dict[str, Any]:
        """Regions by group: count, size, residency, and for each region its address, permissions and sizes."""
        return regions_by_group(self._snapshot(pid).value)

    def analyze_cpu_behavior(self, pid: int) -> dict[str, Any]:
        """Usage over the time since the last call (0.1 s at the first), times, threads, affinity, status, nice,
        ionice."""
        return cpu_dict(self._cpu(pid).value)

    def get_memory_layout_analysis(self, pid: int) -> dict[str, Any]:
        """Pages: virtual, resident, swapped, shared, private, readable, writable, executable, each with how it is
        known."""
        return layout_dict(self._snapshot(pid).value)

    def get_system_memory_context(self) -> dict[str, Any]:
        """System memory, swap, buffers, cache, slab, huge pages, pressure, commit limit; bytes."""

        def read(host: Host) -> Kept[dict[str, Any]]:
            return Kept(time.monotonic(), system_dict(host), None)

        return copy.deepcopy(self._cached("system", 0, None, lambda: self._keeper.ask(read)).value)

    def get_comprehensive_analysis(self, pid: int) -> dict[str, Any]:
        """All of it, from one consistent snapshot."""
        seen, cpu = self._both(pid)
        return {
            "pid": seen.pid,
            "name": seen.name,
            **hex_entry("name", seen.facts.raw_name),
            "time": seen.time,
            "memory": self._keeper.ask(lambda host: memory_dict(host, seen)),
            "regions": regions_by_group(seen),
            "layout": layout_dict(seen),
            "cpu": cpu_dict(cpu),
            "system": self.get_system_memory_context(),
        }

    def get_process_memory_summary(self, pid: int) -> str:
        """The summary as text of a fixed form."""
        return summary_report(*self._both(pid))

    def get_memory_regions_report(self, pid: int) -> str:
        """All regions as text of a fixed form."""
        return regions_report(self._snapshot(pid).value)

    def format_memory_size(self, size: float) -> str:
        """`45.2 MB` for 47_395_635: 1024-based, one decimal."""
        return units.report_size(size)


def _opened(cache_seconds: float, via: str, proc_root: str) -> MemoryAnalyzer:
    return MemoryAnalyzer(cache_seconds, via=via, proc_root=proc_root)
