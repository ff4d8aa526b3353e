"""What psutil can tell where there is no /proc: processes, samples, memory figures and CPU, and the system as a whole.

memviz on Linux never uses this: psutil would wait for a stuck process, and describes the host that it runs on.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from memviz.core.facts import Identity
from memviz.core.readings import Item, Reading, Readings, Value, write_count, write_seconds
from memviz.core.snapshot import Absence, Sample, Snapshot
from memviz.core.source import PageRuns, ProcessRow
from memviz.core.system import FILES, System
from memviz.errors import AccessDenied, MemvizError, ProcessGone, Unsupported
from memviz.text import is_exact, shown

if TYPE_CHECKING:
    import psutil

STATES = {
    "running": "R", "sleeping": "S", "disk-sleep": "D", "stopped": "T", "tracing-stop": "t", "zombie": "Z", "dead": "X",
    "idle": "I", "parked": "P", "wake-kill": "K", "waking": "W",
}  # fmt: skip
ATTRIBUTES = (
    "pid", "ppid", "name", "cmdline", "status", "username", "num_threads", "memory_info", "cpu_times", "create_time",
)  # fmt: skip
REMEDY = "run memviz as the user of that process, or as an administrator"
NOT_LINUX = Absence("unsupported", "this system does not tell it", "read a Linux machine: `--via ssh HOST`")


def _text(value: Value) -> str:
    return str(value)


_FAULTS_OF_WINDOWS = Item(
    "page_faults", "Page faults", "memory", "Page faults, those that needed no disk included.",
    ("memory:num_page_faults",), write=write_count,
)  # fmt: skip
PROCESS_ITEMS = (
    Item("rss", "RSS", "memory", "What of it is in physical memory, shared pages counted in full (Windows: working "
        "set).",
        ("memory:rss",)),
    Item("vms", "Virtual size", "memory", "Its address space; on Windows its committed memory, which is less.",
        ("memory:vms",)),
    Item("uss", "USS", "memory", "Unique set size: what would be freed if it ended.", ("memory:uss",)),
    Item("peak_rss", "Peak RSS", "memory", "The largest RSS so far.", ("memory:peak_wset",)),
    Item("peak_vms", "Peak committed", "memory", "The largest committed memory so far.", ("memory:peak_pagefile",)),
    Item("page_faults", "Page faults", "memory", "Page faults, those that needed no disk included.",
        ("memory:pfaults",), write=write_count, otherwise=_FAULTS_OF_WINDOWS),
    Item("major_faults", "Major faults", "memory", "Page faults that had to read from disk.", ("memory:pageins",),
        write=write_count),
    Item("user_seconds", "User time", "CPU", "Time in the program since it started.", ("cpu:user",),
        write=write_seconds),
    Item("system_seconds", "System time", "CPU", "Time in the kernel since it started.", ("cpu:system",),
        write=write_seconds),
    Item("threads", "Threads", "CPU", "Number of threads.", ("threads",), write=write_count),
    Item("status", "Status", "CPU", "What it does just now.", ("status",), write=_text),
    Item("nice", "Nice", "CPU", "Its priority: lower is more urgent (Windows: its priority class).", ("nice",),
        write=_text),
    Item("cpus_allowed", "Processors allowed", "CPU", "How many processors it may run on.", ("cpus_allowed",),
        write=write_count),
)  # fmt: skip


class PortableSource:
    """The Source that asks psutil; see `source.Source`. Regions and pages need Linux: they raise Unsupported.

    Where the system does not tell this user a number, it is None, and the row's `absent` says why."""

    def __init__(self) -> None:
        self.name = f"this machine ({platform.system() or 'unknown system'})"

    def processes(self) -> list[ProcessRow]:
        """All processes in order of pid; one that ends meanwhile is left out."""
        import psutil

        rows = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess):
                rows.append(_row(process.as_dict(ATTRIBUTES, ad_value=None)))
        return sorted(rows, key=lambda row: row.pid)

    def sample(self, pid: int) -> Sample:
        """The cheap counters of one process; what this system has no counter for is None."""
        with _process(pid) as process, process.oneshot():
            memory, cpu = process.memory_info(), process.cpu_times()
            faults, major = getattr(memory, "pfaults", None), getattr(memory, "pageins", None)
            return Sample(
                time=time.time(), identity=_identity(pid, process.create_time()), rss=memory.rss, vms=memory.vms,
                rss_anonymous=None, rss_file=None, rss_shmem=None, swap=None,
                minor_faults=faults - major if faults is not None and major is not None else None,
                major_faults=major, cpu_seconds=cpu.user + cpu.system, threads=process.num_threads(),
            )  # fmt: skip

    def figures(self, pid: int) -> tuple[Reading, ...]:
        """Every item of PROCESS_ITEMS: memory and CPU of one process, as far as this system tells them."""
        with _process(pid) as process, process.oneshot():
            facts, missing = _facts(process)
        readings = Readings(facts, missing)
        return tuple(readings.read(item) for item in PROCESS_ITEMS)

    def system(self) -> System:
        """The same record as on Linux, with what psutil knows."""
        import psutil

        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        facts: dict[str, Value] = {
            "meminfo:MemTotal": memory.total, "meminfo:MemAvailable": memory.available, "meminfo:MemFree": memory.free,
            "meminfo:SwapTotal": swap.total, "meminfo:SwapFree": swap.free, "page_size": mmap.PAGESIZE,
            "uptime": max(time.time() - psutil.boot_time(), 0.0),
        }  # fmt: skip
        for key, field in (("Active", "active"), ("Inactive", "inactive")):
            if hasattr(memory, field):
                facts[f"meminfo:{key}"] = getattr(memory, field)
        count = psutil.cpu_count()
        if count is not None:
            facts["cpus"] = count
        if not psutil.WINDOWS:  # there psutil makes it up, from the moment it is first asked
            facts.update(zip(("loadavg:1", "loadavg:5", "loadavg:15"), psutil.getloadavg(), strict=True))
        missing = dict.fromkeys((*FILES, "swaps", "cpus"), NOT_LINUX)
        return System(time.time(), self.name, Readings(facts, missing), None)

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        """Raises Unsupported."""
        _unsupported("which regions a process has, and what of them is in memory")

    def pages(self, pid: int, ranges: Sequence[tuple[int, int]]) -> PageRuns:
        """Raises Unsupported."""
        _unsupported("which pages of a process are in memory")

    def close(self) -> None:
        """Nothing was started."""


def _unsupported(what: str) -> NoReturn:
    raise Unsupported(
        f"{platform.system() or 'this system'} does not tell {what}: memviz reads that from Linux's /proc, and here it "
        "has only the totals that psutil knows; read a Linux machine with `--via 'ssh HOST'`, or a capture with "
        "`--proc-root DIR`"
    )


@contextlib.contextmanager
def _process(pid: int) -> Iterator[psutil.Process]:
    """Turns psutil's errors into memviz's."""
    import psutil

    try:
        yield psutil.Process(pid)
    except psutil.ZombieProcess:
        raise ProcessGone(f"process {pid} has ended; its parent has not yet asked how") from None
    except psutil.NoSuchProcess:
        raise ProcessGone(f"process {pid} does not exist, or has ended") from None
    except psutil.AccessDenied:
        raise AccessDenied(f"process {pid} may not be read: {REMEDY}") from None
    except (psutil.Error, OSError, ValueError, OverflowError) as error:
        raise MemvizError(f"process {pid}: {error}") from None


def _identity(pid: int, created: float | None) -> Identity:
    """The host's name for the boot, and the start in milliseconds since 1970 for the ticks."""
    return Identity(platform.node(), 0, pid, round((created or 0.0) * 1000))


def _row(told: Mapping[str, Any]) -> ProcessRow:
    absent = {
        name: Absence("denied", f"this user is not told the {name} of that process", REMEDY)
        for name, attribute in {
            "command": "cmdline", "state": "status", "user": "username", "threads": "num_threads", "rss": "memory_info",
            "vms": "memory_info", "cpu_seconds": "cpu_times",
        }.items() if told[attribute] is None
    } | dict.fromkeys(("swap", "private_swap"), NOT_LINUX)  # fmt: skip
    memory, cpu = told["memory_info"], told["cpu_times"]
    texts = {"name": told["name"], "command": told["cmdline"] and " ".join(told["cmdline"]), "user": told["username"]}
    raws = {name: os.fsencode(text) for name, text in texts.items() if text}
    return ProcessRow(
        identity=_identity(told["pid"], told["create_time"]), ppid=told["ppid"] or 0, name=shown(told["name"] or ""),
        command=" ".join(map(shown, told["cmdline"])) if told["cmdline"] is not None else None,
        state=STATES.get(told["status"] or "", ""), user=shown(told["username"]) if told["username"] else None,
        rss=memory.rss if memory is not None else None, vms=memory.vms if memory is not None else None,
        swap=None, private_swap=None, is_kernel_thread=False, absent=absent, threads=told["num_threads"],
        cpu_seconds=cpu.user + cpu.system if cpu is not None else None,
        raw={name: raw for name, raw in raws.items() if not is_exact(raw)} or None,
    )  # fmt: skip


def _facts(process: psutil.Process) -> tuple[dict[str, Value], dict[str, Absence]]:
    """Each call by itself: what one of them may not tell costs nothing else."""
    import psutil

    facts: dict[str, Value] = {}
    missing = {"memory": NOT_LINUX, "cpu": NOT_LINUX}
    calls = {
        "memory": process.memory_info, "full": process.memory_full_info, "cpu": process.cpu_times,
        "threads": process.num_threads, "status": process.status, "nice": process.nice,
        "cpus_allowed": getattr(process, "cpu_affinity", None),
    }  # fmt: skip
    for name, call in calls.items():
        prefix = "memory" if name == "full" else name
        try:
            told: Any = call() if call is not None else None
        except psutil.AccessDenied:
            missing[prefix] = Absence("denied", f"this user is not told its {name}", REMEDY)
            continue
        except NotImplementedError:
            told = None
        if told is None:
            missing.setdefault(name, NOT_LINUX)
        elif hasattr(told, "_asdict"):
            facts.update((f"{prefix}:{key}", value) for key, value in told._asdict().items())
        else:
            facts[name] = len(told) if name == "cpus_allowed" else told if name == "status" else int(told)
    return facts, missing
