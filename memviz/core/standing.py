"""Where a process stands: its share of the machine, and how far it is from its limits, its group's and the system's.

Limits: getrlimit(2), mm/mmap.c (may_expand_vm, RLIMIT_AS and RLIMIT_DATA), mm/vma.c (acct_stack_growth), sysctl/vm.rst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from memviz.core.cgroup import ControlGroup, Level, read_cgroup
from memviz.core.readings import DERIVED, ESTIMATED, MEASURED, UNLIMITED, Value, write_count, write_size
from memviz.core.regions import TOP_HALF, Region
from memviz.core.snapshot import Absence, Snapshot
from memviz.core.system import System, read_system
from memviz.core.unknown import NO_LIMIT
from memviz.errors import MemvizError

if TYPE_CHECKING:
    from memviz.core.host import Host


class Given(NamedTuple):
    """What a distance is computed from."""

    system: System
    snapshot: Snapshot
    group: ControlGroup | None


Answer = int | str | Absence  # bytes or a count, UNLIMITED, or why it is not known


NO_SHARE = Absence("none", "the limit is 0, so nothing is a part of it")


@dataclass(frozen=True, slots=True)
class Rule:
    """One distance, declared: how much is used, and of how much; `applies` tells whether there is such a thing."""

    name: str
    title: str
    section: str  # shares, own limits, group or system
    explanation: str
    used: Callable[[Given], Answer]
    limit: Callable[[Given], Answer]
    write: Callable[[Value], str] = write_size
    how: str = MEASURED
    applies: Callable[[Given], bool] = lambda given: True


@dataclass(frozen=True, slots=True)
class Distance:
    """`used` of `limit`, in bytes or counts; None is unknown (`absent` says why) or, for `limit`, not set."""

    name: str
    title: str
    section: str
    used: int | None
    limit: int | None
    unlimited: bool
    how: str
    explanation: str
    absent: Absence | None
    write: Callable[[Value], str]

    @property
    def left(self) -> int | None:
        """What is left up to the limit; below zero where it is passed already."""
        return self.limit - self.used if self.limit is not None and self.used is not None else None

    @property
    def share(self) -> float | None:
        """Used as a part of the limit, 1.0 at the limit."""
        return self.used / self.limit if self.limit and self.used is not None else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Every distance of DISTANCES that applies, in order; `shares` are parts of all memory, `limits` the rest."""

    distances: tuple[Distance, ...]

    @property
    def shares(self) -> tuple[Distance, ...]:
        return tuple(distance for distance in self.distances if distance.section == "shares")

    @property
    def limits(self) -> tuple[Distance, ...]:
        return tuple(distance for distance in self.distances if distance.section != "shares")

    @property
    def closest(self) -> Distance | None:
        """The limit of which the largest part is used; None where none is known."""
        known = [distance for distance in self.limits if distance.share is not None]
        return max(known, key=lambda distance: distance.share or 0.0, default=None)


def standing(system: System, snapshot: Snapshot, group: ControlGroup | None = None) -> Standing:
    """Computed from what is given, nothing is read. Without a group the rows about it are left out."""
    given = Given(system, snapshot, group)
    return Standing(tuple(_distance(rule, given) for rule in DISTANCES if rule.applies(given)))


def read_standing(host: Host, snapshot: Snapshot) -> Standing:
    """The same with what the host tells now of itself and of the process's control group."""
    try:
        group = read_cgroup(host, snapshot.pid)
    except MemvizError:
        group = None  # no memory controller, or none that can be seen from here: `summary --cgroup` says which
    return standing(read_system(host), snapshot, group)


def _distance(rule: Rule, given: Given) -> Distance:
    used, limit = rule.used(given), rule.limit(given)
    absent = next((value for value in (used, limit) if isinstance(value, Absence)), None)
    return Distance(
        rule.name, rule.title, rule.section, used if isinstance(used, int) else None,
        limit if isinstance(limit, int) else None, limit == UNLIMITED, rule.how, rule.explanation, absent, rule.write,
    )  # fmt: skip


def standing_as_dict(found: Standing) -> list[dict[str, Any]]:
    """A list of distances: used, limit (null where unknown or unlimited), left, share, and why something is absent."""
    result = []
    for distance in found.distances:
        plain = asdict(distance)
        del plain["write"], plain["explanation"]
        why = distance.absent or (NO_LIMIT if distance.unlimited else NO_SHARE if distance.share is None else None)
        plain["absent"] = why._asdict() if why is not None else {}
        result.append({**plain, "left": distance.left, "share": distance.share})
    return result


# -- what is used, and of what ----------------------------------------------------------------------------------------


def _why(given: Given, *names: str) -> Absence:
    """Why the process did not tell something, by the files that would have."""
    absent = given.snapshot.absent
    untold = Absence("unsupported", f"{names[0]} does not tell it")
    return next((absent[name] for name in names if name in absent), untold)


def _total(name: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        found = given.snapshot.totals[name]
        return found if found is not None else _why(given, "regions", "residency")

    return value


def _status(key: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        return given.snapshot.facts.status.get(key, _why(given, "status", "regions"))

    return value


def _pages(field: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        statm = given.snapshot.facts.statm
        return getattr(statm, field) * given.snapshot.page_size if statm is not None else _why(given, "statm")

    return value


def _private_swap(given: Given) -> Answer:
    found = given.snapshot.private_swap
    return found if found is not None else _why(given, "regions", "residency", "status")


def _main_stack(given: Given) -> Answer:
    region = main_stack(given.snapshot)
    return region.size if region is not None else _why(given, "regions")


def main_stack(snapshot: Snapshot) -> Region | None:
    """The region that holds the start of the first thread's stack."""
    table, start = snapshot.regions, snapshot.facts.stat.start_stack
    row = table.find(start) if start > 1 else None
    return table[row] if row is not None else next((region for region in table if region.raw_path == b"[stack]"), None)


def _regions(given: Given) -> Answer:
    """VMAs of its own: [vsyscall] is shown among them, and is the kernel's."""
    if "regions" in given.snapshot.absent:
        return _why(given, "regions")
    return int((given.snapshot.regions["start"] < TOP_HALF).sum())


def _own_limit(name: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        limits = given.snapshot.facts.limits
        if name not in limits:
            return _why(given, "limits")
        limit = limits[name]
        return UNLIMITED if limit is None else limit

    return value


def _of_system(name: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        found = given.system.number(name)
        return found if found is not None else given.system.absent[name]

    return value


def _sum(*parts: Callable[[Given], Answer]) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        total = 0
        for part in parts:
            found = part(given)
            if not isinstance(found, int):
                return found
            total += found
        return total

    return value


def _commit_limit(given: Given) -> Answer:
    mode = _of_system("overcommit_mode")(given)
    if isinstance(mode, Absence):
        return mode
    return _of_system("commit_limit")(given) if mode == 2 else UNLIMITED


def _group_level(given: Given, name: str) -> Level | None:
    """The group with the least left up to its `max` or `high`: its own or one above."""
    assert given.group is not None
    rooms = {level: getattr(level, name) - level.current for level in given.group.levels
             if getattr(level, name) is not None and level.current is not None}  # fmt: skip
    return min(rooms, key=lambda level: rooms[level], default=None)


def _group_used(name: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        assert given.group is not None
        level = _group_level(given, name)
        current = level.current if level is not None else given.group.current
        return current if current is not None else given.group.absent["current"]

    return value


def _group_limit(name: str) -> Callable[[Given], Answer]:
    def value(given: Given) -> Answer:
        assert given.group is not None
        level = _group_level(given, name)
        if level is not None:
            return int(getattr(level, name))
        limit = given.group.tightest(name)
        if limit.size is not None:
            return limit.size
        return UNLIMITED if limit.unlimited else Absence("unsupported", f"`{name}` of the control group is not told")

    return value


def _version(given: Given) -> str:
    return given.group.version if given.group is not None else ""


_IN_MEMORY = _of_system("memory_total")
_RESIDENT = _pages("resident")

DISTANCES = (
    Rule("rss", "RSS", "shares",
        "Its resident pages as a part of all memory, shared pages counted in full.", _RESIDENT, _IN_MEMORY),
    Rule("pss", "PSS", "shares",
        "The same with shared pages divided among the processes that map them: these shares can be added up.",
        _total("pss"), _IN_MEMORY),
    Rule("private_swap", "Private + swap", "shares",
        "What it costs by itself, against all memory; swap is not in memory, so this can be more than all of it.",
        _private_swap, _IN_MEMORY, how=DERIVED),
    Rule("address_space", "Address space", "own limits",
        "RLIMIT_AS (ulimit -v): mmap and brk fail beyond it.", _pages("size"), _own_limit("Max address space")),
    Rule("data", "Data", "own limits",
        "RLIMIT_DATA (ulimit -d): private writable memory; brk and mmap fail beyond it.",
        _status("VmData"), _own_limit("Max data size")),
    Rule("stack", "Main stack", "own limits",
        "RLIMIT_STACK (ulimit -s): a process ends where the stack of its first thread would grow beyond it.",
        _main_stack, _own_limit("Max stack size")),
    Rule("locked", "Locked memory", "own limits",
        "RLIMIT_MEMLOCK (ulimit -l): mlock fails beyond it, but not for a process with CAP_IPC_LOCK.",
        _status("VmLck"), _own_limit("Max locked memory")),
    Rule("regions", "Regions", "own limits",
        "vm.max_map_count: mmap, mprotect and the creation of threads fail beyond it.",
        _regions, _of_system("max_map_count"), write_count),
    Rule("group_max", "Control group", "group",
        "What its group is charged, or the one above with less room left: at the limit a process of it is ended.",
        _group_used("max"), _group_limit("max"), applies=lambda given: given.group is not None),
    Rule("group_high", "Control group, throttled above", "group",
        "What its group is charged, or the one above with less room left: beyond it, its processes are slowed down.",
        _group_used("high"), _group_limit("high"), applies=lambda given: _version(given) == "2"),
    Rule("available", "Available memory", "system",
        "Its resident pages, and how far they could grow into available memory before the system runs short.",
        _RESIDENT, _sum(_RESIDENT, _of_system("available")), how=ESTIMATED),
    Rule("swap", "Swap", "system", "What it has in swap, and how much more there is.",
        _status("VmSwap"), _sum(_status("VmSwap"), _of_system("swap_free")), how=DERIVED),
    Rule("commit", "Commit limit", "system",
        "What all processes were promised. The limit holds only in overcommit mode 2; otherwise there is none.",
        _of_system("committed"), _commit_limit),
)  # fmt: skip
