"""How a process uses the processor: its threads read twice, some time apart."""

from __future__ import annotations

import time
from dataclasses import dataclass

from memviz.core.cgroup_place import is_frozen
from memviz.core.facts import Identity, parse_cgroups, read_status
from memviz.core.gather import gather, records
from memviz.core.host import Host
from memviz.core.identity import Execution, checked_pid
from memviz.core.state import is_ending, state_words
from memviz.errors import ProcessGone, Unsupported
from memviz.proc.stat import Stat, parse_stat
from memviz.text import shown

IO_CLASSES = ("none", "real time", "best effort", "idle")


@dataclass(frozen=True, slots=True)
class ThreadTimes:
    """One thread: times in seconds since it started, `cpu_percent` over the interval (None: no interval yet)."""

    tid: int
    name: str
    state: str
    user_seconds: float
    system_seconds: float
    processor: int
    cpu_percent: float | None
    raw_name: bytes = b""

    def get(self, name: str) -> object:
        """The value of a column of THREAD_COLUMNS."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class CpuBehavior:
    """A process's use of the processor; `percent` is of one processor over `interval` seconds, None without two
    readings."""

    identity: Identity
    percent: float | None
    interval: float | None
    user_seconds: float
    system_seconds: float
    status: str
    nice: int
    io_priority: str | None
    affinity: str
    voluntary_switches: int | None
    involuntary_switches: int | None
    threads: tuple[ThreadTimes, ...]


@dataclass(frozen=True, slots=True)
class CpuReading:
    """One look at all threads: for each its stat and, where the kernel tells, its nanoseconds on a processor."""

    at: float
    identity: Identity
    stat: Stat
    io_priority: str | None
    affinity: str
    switches: tuple[int | None, int | None]
    threads: dict[int, tuple[Stat, int | None]]
    is_frozen: bool = False

    @property
    def execution(self) -> Execution:
        """The program that the process ran."""
        return Execution.of(self.identity, self.stat)


def io_priority(text: bytes | None) -> str | None:
    """`best effort 4` of what ioprio_get gave; None where it gave nothing."""
    if text is None or not text.strip().isdigit():
        return None
    value = int(text)
    name = IO_CLASSES[value >> 13] if value >> 13 < len(IO_CLASSES) else str(value >> 13)
    return f"{name} {value & 7}" if name in IO_CLASSES[1:3] else name


def read_cpu(host: Host, pid: int) -> CpuReading:
    """Raises ProcessGone. Costs one open a thread and file."""
    pid = checked_pid(pid)
    host.need_proc()
    names = ["stat", "status", "ionice", "cgroup"]
    answer = gather(host.link, "files", (str(pid), ",".join(names)), names)
    text = answer.text("stat")
    if text is None:
        raise ProcessGone(f"process {pid} has ended")
    stat = parse_stat(text)
    status, _, _, affinity = read_status(answer.text("status") or b"")
    threads = {}
    for tid, _, (thread, schedule) in records(host.link.ask("threads", str(pid), "stat,schedstat"), 2, (str(pid),)):
        if isinstance(thread, bytes):
            words = schedule.split() if isinstance(schedule, bytes) else []
            threads[tid] = parse_stat(thread), int(words[0]) if words and words[0].isdigit() else None
    first = threads.get(pid)
    if first is not None and first[0].start_ticks != stat.start_ticks:
        raise ProcessGone(f"process {pid} has ended, and another one has its number")
    switches = status.get("voluntary_ctxt_switches"), status.get("nonvoluntary_ctxt_switches")
    identity = Identity(host.hello.boot_id, answer.inode, pid, stat.start_ticks)
    frozen = is_frozen(host, parse_cgroups(answer.text("cgroup") or b""))
    priority = io_priority(answer.text("ionice"))
    return CpuReading(time.monotonic(), identity, stat, priority, affinity, switches, threads, frozen)


def cpu_between(earlier: CpuReading | None, later: CpuReading, clock_ticks: int) -> CpuBehavior:
    """What happened between two readings of the same process; without an earlier one the shares are unknown."""
    if earlier is not None and (earlier.identity != later.identity or later.at <= earlier.at):
        earlier = None
    interval = later.at - earlier.at if earlier else None
    # An exec ends all threads, and gives the number of the first one to the one that called it.
    has_execed = earlier is not None and earlier.execution.addresses != later.execution.addresses
    same = None if has_execed else earlier
    threads = tuple(
        _thread(tid, stat, nanoseconds, same, interval, clock_ticks)
        for tid, (stat, nanoseconds) in sorted(later.threads.items())
    )
    percent = None
    if earlier and interval:
        # The clocks of the threads are exact, but a thread that came and went in between is in neither reading; the
        # process's own times count it, in ticks.
        exact = sum(thread.cpu_percent for thread in threads if thread.cpu_percent is not None)
        coarse = 100 * (_ticks(later.stat) - _ticks(earlier.stat)) / clock_ticks / interval
        two_ticks = 200 / clock_ticks / interval
        percent = coarse if has_execed or coarse - exact > two_ticks else exact
    return CpuBehavior(
        later.identity, percent, interval, later.stat.user_ticks / clock_ticks, later.stat.system_ticks / clock_ticks,
        _status(later), later.stat.nice, later.io_priority, later.affinity,
        *later.switches, threads,
    )  # fmt: skip


def _status(reading: CpuReading) -> str:
    ending = is_ending(reading.stat, (stat for stat, _ in reading.threads.values()))
    return state_words(reading.stat.state, reading.stat.threads, is_ending=ending, is_frozen=reading.is_frozen)


def _ticks(stat: Stat) -> int:
    return stat.user_ticks + stat.system_ticks


def _thread(
    tid: int, stat: Stat, nanoseconds: int | None, earlier: CpuReading | None, interval: float | None, clock_ticks: int
) -> ThreadTimes:
    percent = None
    if earlier is not None and interval:
        before, before_ns = earlier.threads.get(tid, (None, 0))
        if before is not None and before.start_ticks != stat.start_ticks:
            before, before_ns = None, 0  # another thread, which has started since
        if nanoseconds is not None and before_ns is not None:
            percent = (nanoseconds - before_ns) / 1e7 / interval
        elif before is not None:
            percent = 100 * (_ticks(stat) - _ticks(before)) / clock_ticks / interval
    return ThreadTimes(
        tid, shown(stat.comm), stat.state, stat.user_ticks / clock_ticks, stat.system_ticks / clock_ticks,
        stat.processor, percent, stat.comm,
    )  # fmt: skip


def watch_cpu(host: Host, pid: int, interval: float) -> CpuBehavior:
    """Reads twice, `interval` seconds apart. Raises Unsupported for a captured tree, where time stands still."""
    if host.hello.captured:
        raise Unsupported("a captured tree tells nothing of the use of processors: it is one moment")
    first = read_cpu(host, pid)
    time.sleep(interval)
    return cpu_between(first, read_cpu(host, pid), host.hello.clock_ticks)
