"""The documented facade: plain dicts and text about one process, kept for some seconds, safe from any thread."""

from __future__ import annotations

import atexit
import copy
import os
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from memviz import units
from memviz.core.connect import open_host
from memviz.core.cpu import CpuBehavior, CpuReading, cpu_between, read_cpu
from memviz.core.host import Host
from memviz.core.plain import cpu_dict, layout_dict, memory_dict, regions_by_group, system_dict
from memviz.core.reports import regions_report, summary_report
from memviz.core.snapshot import Snapshot
from memviz.text import hex_entry

T = TypeVar("T")
SHORTEST_INTERVAL = 0.1  # seconds between two readings of a process

_default: tuple[int, Host] | None = None  # the process that opened it (a fork must not share a reader), and the host
_default_lock = threading.Lock()


def snapshot(pid: int) -> Snapshot:
    """One process of this machine now, never from a cache. Raises ProcessGone, NotAnswering, MemvizError."""
    global _default
    with _default_lock:
        if _default is None or _default[0] != os.getpid() or has_failed(_default[1]):
            _default = os.getpid(), open_host()
            atexit.register(_default[1].close)
        host = _default[1]
    return host.snapshot(pid)


def has_failed(host: Host) -> bool:
    """Whether its reader is gone, so that every further question would fail."""
    return bool(getattr(host.link, "has_failed", False))


class MemoryAnalyzer:
    """Answers about processes of one host as JSON-serialisable dicts. Every method raises ProcessGone, NotAnswering or
    another MemvizError where nothing can be told; what could not be read is None, with its reason under `absent`."""

    def __init__(
        self, cache_seconds: float = 5.0, *, via: str = "", proc_root: str = "", host: Host | None = None
    ) -> None:
        """`host` is one that is open already, instead of one of its own."""
        self.cache_seconds = cache_seconds
        self.host: Host = host if host is not None else open_host(via, proc_root)
        self._lock = threading.RLock()
        self._kept: dict[tuple[str, int], tuple[float, Any]] = {}
        self._readings: dict[int, CpuReading] = {}

    def close(self) -> None:
        """Ends the reader process; the analyzer cannot be used afterwards."""
        self.host.close()

    def __enter__(self) -> MemoryAnalyzer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cached(self, kind: str, pid: int, make: Callable[[], T]) -> T:
        with self._lock:
            now = time.monotonic()
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < self.cache_seconds}
            found = self._kept.get((kind, pid))
            if found is not None:
                value: T = found[1]
                return value
        value = make()
        with self._lock:
            self._kept[kind, pid] = (time.monotonic(), value)
        return value

    def _snapshot(self, pid: int) -> Snapshot:
        return self._cached("snapshot", pid, lambda: self.host.snapshot(pid))

    def _cpu(self, pid: int) -> CpuBehavior:
        def make() -> CpuBehavior:
            with self._lock:
                earlier = self._readings.get(pid)
            later = read_cpu(self.host, pid)
            if earlier is None or earlier.identity != later.identity:
                earlier = later
            if later.at - earlier.at < SHORTEST_INTERVAL:  # the kernel's clocks of threads do not tick more often
                time.sleep(SHORTEST_INTERVAL - (later.at - earlier.at))
                later = read_cpu(self.host, pid)
            with self._lock:
                self._readings[pid] = later
                while len(self._readings) > 1024:
                    del self._readings[next(iter(self._readings))]
            return cpu_between(earlier, later, self.host.hello.clock_ticks)

        return self._cached("cpu", pid, make)

    def get_detailed_memory_info(self, pid: int) -> dict[str, Any]:
        """Sizes in bytes: rss, vms, shared, text, data (statm), pss, uss, swap, peaks, percent of RAM, and every other
        measure of `core/measures.py`."""
        return memory_dict(self.host, self._snapshot(pid))

    def analyze_memory_regions(self, pid: int) -> dict[str, Any]:
        """Regions by group: count, size, residency, and for each region its address, permissions and sizes."""
        return regions_by_group(self._snapshot(pid))

    def analyze_cpu_behavior(self, pid: int) -> dict[str, Any]:
        """Usage over the time since the last call (0.1 s at the first), times, threads, affinity, status, nice,
        ionice."""
        return cpu_dict(self._cpu(pid))

    def get_memory_layout_analysis(self, pid: int) -> dict[str, Any]:
        """Pages: virtual, resident, swapped, shared, private, readable, writable, executable, each with how it is
        known."""
        return layout_dict(self._snapshot(pid))

    def get_system_memory_context(self) -> dict[str, Any]:
        """System memory, swap, buffers, cache, slab, huge pages, pressure, commit limit; bytes."""
        return copy.deepcopy(self._cached("system", 0, lambda: system_dict(self.host)))

    def get_comprehensive_analysis(self, pid: int) -> dict[str, Any]:
        """All of it, from one consistent snapshot."""
        seen = self._snapshot(pid)
        return {
            "pid": pid,
            "name": seen.name,
            **hex_entry("name", seen.facts.raw_name),
            "time": seen.time,
            "memory": memory_dict(self.host, seen),
            "regions": regions_by_group(seen),
            "layout": layout_dict(seen),
            "cpu": self.analyze_cpu_behavior(pid),
            "system": self.get_system_memory_context(),
        }

    def get_process_memory_summary(self, pid: int) -> str:
        """The summary as text of a fixed form."""
        return summary_report(self._snapshot(pid), self._cpu(pid))

    def get_memory_regions_report(self, pid: int) -> str:
        """All regions as text of a fixed form."""
        return regions_report(self._snapshot(pid))

    def format_memory_size(self, size: float) -> str:
        """`45.2 MB` for 47_395_635: 1024-based, one decimal."""
        return units.report_size(size)
