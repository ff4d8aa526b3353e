"""What the tab System shows: the machine's memory, the process's part of it, pressure and limits. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from memviz import units
from memviz.core.cgroup import read_cgroup
from memviz.core.host import Host
from memviz.core.portable import PortableSource
from memviz.core.readings import Part
from memviz.core.snapshot import Snapshot
from memviz.core.source import Source
from memviz.core.standing import Distance, Standing, standing
from memviz.core.system import System, read_system
from memviz.errors import MemvizError, Unsupported

FREE = "memory_free"
MOST_LIMITS = 3  # that are told of
HUES = {
    "anonymous": "anonymous", "shmem": "shared", "page_cache": "file", "buffers": "file", "hugetlb": "anonymous",
    "zswap": "anonymous",
}  # fmt: skip
KERNEL, REST = "kernel", "reserved"  # the hues of everything else of the kernel, and of what is not itemised


class Machine(NamedTuple):
    """The machine at one moment, and where the process stands in it; no standing without a process."""

    system: System
    standing: Standing | None


def read_machine(source: Source, snapshot: Snapshot | None) -> Machine:
    """A few milliseconds. Raises MemvizError: Unsupported where the source knows no machine."""
    if isinstance(source, PortableSource):
        return Machine(source.system(), None)
    if not isinstance(source, Host):
        raise Unsupported("this source tells of processes only, not of the machine that they run on")
    system = read_system(source)
    if snapshot is None:
        return Machine(system, None)
    group = None
    try:
        found = read_cgroup(source, snapshot.pid)
        if source.hello.captured or source.sample(snapshot.pid).identity.may_be(snapshot.identity):
            group = found  # else it is that of another process, which has its number now
    except MemvizError:
        pass  # no memory controller, or none that can be seen from here
    return Machine(system, standing(system, snapshot, group))


class Share(NamedTuple):
    """What the process has of one part of the machine's memory; `what` says what is counted."""

    size: int
    what: str


_OF_PART: tuple[tuple[str, str, Callable[[Snapshot], int | None]], ...] = (
    ("anonymous", "its anonymous pages in memory", lambda s: s.facts.status.get("RssAnon")),
    ("page_cache", "pages of files that it maps, others perhaps too", lambda s: s.facts.status.get("RssFile")),
    ("shmem", "shared memory that it maps, others perhaps too", lambda s: s.facts.status.get("RssShmem")),
    ("page_tables", "its page tables", lambda s: s.facts.status.get("VmPTE")),
    ("hugetlb", "its pages of the pool", lambda s: s.facts.status.get("HugetlbPages")),
)


def shares_of(snapshot: Snapshot | None) -> dict[str, Share]:
    """By the name of a part of the waterfall; parts of which the process has nothing are left out."""
    if snapshot is None:
        return {}
    found = {name: (value(snapshot), what) for name, what, value in _OF_PART}
    return {name: Share(size, what) for name, (size, what) in found.items() if size}


def parts_of(system: System) -> tuple[Part, ...]:
    """The parts that have a size above zero, in order."""
    return tuple(part for part in system.waterfall if part.size is not None and part.size > 0)


def unknown_parts(system: System) -> tuple[Part, ...]:
    return tuple(part for part in system.waterfall if part.size is None)


def hue_of(part: Part) -> str:
    """The group of memory whose colour the part has."""
    return HUES.get(part.name, KERNEL if part.kind == "kernel" else REST)


def headline(machine: Machine, snapshot: Snapshot | None) -> str:
    """`This machine has 23.5 GiB; 22.2 GiB of it are available. node has 401 MiB of it, 1.7 %.`"""
    system = machine.system
    total, available = system.memory_total, system.available
    if total is None:
        return "How much memory this machine has is not known."
    words = f"{system.name[:1].upper()}{system.name[1:]} has {units.size(total)}"
    if available is not None:
        words += f"; {units.size(available)} of it ({units.percent(available, total)}) are available to programs"
    words += "."
    if snapshot is None:
        return words
    pss, rss = snapshot.totals["pss"], snapshot.resident
    if pss is not None:
        return f"{words} {snapshot.name} has {units.size(pss)} (PSS), {units.percent(pss, total)} of all."
    told = f"{units.size(rss)} (RSS), {units.percent(rss, total)} of all" if rss is not None else "an unknown part"
    return f"{words} {snapshot.name} has {told}."


def swap_words(system: System) -> str:
    """`no swap`, `12 MiB of 2.0 GiB`, or why it is not known."""
    total, used = system.number("swap_total"), system.number("swap_used")
    if total is None or used is None:
        why = system.absent.get("swap_total") or system.absent.get("swap_used")
        return f"{units.DASH} ({why.reason})" if why is not None else units.DASH
    if not total:
        return "none: anonymous memory cannot leave"
    return f"{units.size(used)} of {units.size(total)} in use"


LITTLE, MUCH = 1.0, 10.0  # percent of the last 10 s


def pressure_words(system: System) -> str:
    """How long tasks wait for memory, in plain words."""
    some, full = (system.values.get(f"pressure_memory_{kind}_avg10") for kind in ("some", "full"))
    if not isinstance(some, int | float):
        why = system.absent.get("pressure_memory_some_avg10")
        detail = f" ({why})" if why is not None else ""
        return f"How long tasks wait for memory is not known{detail}."
    if not some:
        return "No task had to wait for memory in the last 10 s."
    waited = f"in {some:.1f} % of the last 10 s at least one task waited for memory"
    if isinstance(full, int | float) and full >= LITTLE:
        waited += f", in {full:.1f} % all of them"
    lead = "Hardly any waiting: " if some < LITTLE else "Memory is short: " if some >= MUCH else "Some waiting: "
    return f"{lead}{waited}."


def closest_limits(machine: Machine) -> tuple[Distance, ...]:
    """The limits of which the process uses the largest part; its control group's first, where it has one."""
    if machine.standing is None:
        return ()
    known = [limit for limit in machine.standing.limits if limit.share and limit.section != "system"]
    return tuple(sorted(known, key=lambda limit: (limit.section != "group", -(limit.share or 0.0)))[:MOST_LIMITS])


def limit_words(limit: Distance) -> str:
    """`Regions: 65,052 of 65,530, 99 %`"""
    used, whole = limit.used or 0, limit.limit or 0
    return f"{limit.title}: {limit.write(used)} of {limit.write(whole)}, {units.percent(used, whole)}"


def as_text(machine: Machine, snapshot: Snapshot | None) -> str:
    """The picture in words: to copy, and for who cannot see it."""
    system, shares = machine.system, shares_of(snapshot)
    lines = [headline(machine, snapshot)]
    for part in system.waterfall:
        shown = units.size(part.size) if part.size is not None else f"{units.DASH} ({part.absent})"
        own = shares.get(part.name)
        mark = f"; of this process {units.size(own.size)}" if own is not None else ""
        lines.append(f"{part.title}: {shown}{mark}")
    lines += [f"Swap: {swap_words(system)}", pressure_words(system), *map(limit_words, closest_limits(machine))]
    return "\n".join(lines)
