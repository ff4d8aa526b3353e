"""Control groups: what a group is charged, what its limits are, and what the charge is made of; versions 1 and 2.

Names of groups are chosen by users: they are kept as bytes, and shown with escapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from memviz.core.cached import cached_property
from memviz.core.cgroup_items import ITEMS, PARTS_1, PARTS_1_ROOT, PARTS_2, TITLES
from memviz.core.cgroup_place import V1, V2, Place, ask, parent_of, place_of
from memviz.core.gather import Answer, absence
from memviz.core.host import Host
from memviz.core.readings import UNLIMITED, Part, Reading, Readings, Value, waterfall
from memviz.core.snapshot import Absence
from memviz.core.system import part_as_dict
from memviz.core.unknown import NO_LIMIT, account
from memviz.errors import Malformed, MemvizError, Unsupported
from memviz.proc.keyed import parse_counts, parse_pressure
from memviz.text import hex_entries, hex_entry, shown

HIERARCHICAL = "memory.stat:hierarchical_memory_limit"
KEYED = ("memory.stat", "memory.events", "memory.oom_control")
FILES = {
    V2: (
        "memory.stat", "memory.current", "memory.peak", "memory.max", "memory.high", "memory.low", "memory.min",
        "memory.oom.group", "memory.swap.current", "memory.swap.peak", "memory.swap.max", "memory.swap.high",
        "memory.zswap.current", "memory.zswap.max", "memory.events", "memory.pressure",
    ),
    V1: (
        "memory.stat", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.limit_in_bytes",
        "memory.soft_limit_in_bytes", "memory.memsw.usage_in_bytes", "memory.memsw.max_usage_in_bytes",
        "memory.memsw.limit_in_bytes", "memory.kmem.usage_in_bytes", "memory.kmem.limit_in_bytes",
        "memory.kmem.tcp.usage_in_bytes", "memory.failcnt", "memory.oom_control", "memory.swappiness",
        "memory.use_hierarchy", "cgroup.sane_behavior",
    ),
}  # fmt: skip
LEVEL_FILES = {
    V2: ("memory.current", "memory.max", "memory.high", "memory.swap.max"),
    V1: ("memory.usage_in_bytes", "memory.limit_in_bytes", "memory.use_hierarchy"),
}
NOT_SET = 1 << 62  # version 1 writes a limit that is not set as the largest number of pages, in bytes
NOT_SET_32_BITS = 0x7FFFFFFF  # pages
UNREAD = Absence("unsupported", "its file could not be read, or is not there")
MOST_GROUPS = 2000  # that are asked for their members


class Level(NamedTuple):
    """A group and its limits: one step of the way from a group to the root. Bytes; None is unknown, or not set where
    the name is in `unlimited`."""

    path: str
    current: int | None
    max: int | None
    high: int | None
    swap_max: int | None
    unlimited: frozenset[str]
    raw: bytes = b""

    @property
    def room(self) -> int | None:
        """What is left up to `max`; None where that is not set or not known."""
        return self.max - self.current if self.max is not None and self.current is not None else None


class Limit(NamedTuple):
    """The smallest limit of a group and the groups above it, in bytes. `size` is None where none is set (`unlimited`)
    or none is known; `path` is the group that has it, empty where it lies above what can be seen; `certain` is False
    where groups above what can be seen may have a smaller one."""

    size: int | None
    unlimited: bool
    path: str
    certain: bool


@dataclass(frozen=True)
class ControlGroup:
    """One control group at one moment. `raw` is its path as the kernel has it; `levels` leads from it up to the root,
    which has no level of its own in version 2."""

    version: str  # "1" or "2"
    raw: bytes
    readings: Readings
    levels: tuple[Level, ...]
    children: tuple[bytes, ...] | None  # paths; None where they could not be listed
    pids: tuple[int, ...] | None  # its own processes, as the reader sees them; None where they could not be listed
    is_root: bool | None  # None where it cannot be told
    whole: bool  # whether `levels` reaches the root, or ends where the reader's view does
    note: str = ""  # a sentence for the user when another group was read than the one asked for

    @property
    def path(self) -> str:
        """The path with everything that would not show as escapes."""
        return shown(self.raw)

    @cached_property
    def rows(self) -> tuple[Reading, ...]:
        """Every item of its version in order, with its text."""
        return tuple(self.readings.read(item) for item in ITEMS[self.version])

    @cached_property
    def values(self) -> dict[str, Value | None]:
        """Value by item name, the same names for both versions; None is unknown, or a limit that is not set."""
        found = {row.item.name: row.value for row in self.rows}
        return {name: found.get(name) for name in TITLES}

    @cached_property
    def unlimited(self) -> frozenset[str]:
        """The limits that are not set."""
        return frozenset(row.item.name for row in self.rows if row.unlimited)

    @cached_property
    def absent(self) -> dict[str, Absence]:
        """Why an item has no value, by item name."""
        found = {row.item.name: row for row in self.rows}
        reasons = {}
        for name, title in TITLES.items():
            if name not in found:
                reasons[name] = Absence("unsupported", f"version {self.version} of control groups has no `{title}`")
            elif (why := found[name].absent) is not None:
                reasons[name] = why
        return reasons

    def number(self, name: str) -> int | None:
        """The value of an item that is bytes or a count."""
        found = self.values[name]
        return found if isinstance(found, int) else None

    @property
    def current(self) -> int | None:
        """What it is charged now, in bytes."""
        return self.number("current")

    @cached_property
    def waterfall(self) -> tuple[Part, ...]:
        """What the charge is made of: the sizes that are known sum exactly to `current`."""
        parts = PARTS_2 if self.version == V2 else PARTS_1_ROOT if self.is_root else PARTS_1
        return waterfall(self.readings, self.current, parts)

    @property
    def limit(self) -> Limit:
        """The smallest `max` of itself and the groups above it."""
        return self.tightest("max")

    def tightest(self, name: str) -> Limit:
        """The smallest `max`, `high` or `swap_max` of itself and the groups above it."""
        sizes = {level.path: size for level in self.levels if isinstance(size := getattr(level, name), int)}
        smallest = min(sizes.values(), default=None)
        told = self.readings.facts.get(HIERARCHICAL) if name == "max" else None  # version 1 knows it by itself
        if told is not None:
            smallest = told if isinstance(told, int) else None
        path = next((path for path, size in sizes.items() if size == smallest), "")
        unknown = any(getattr(level, name) is None and name not in level.unlimited for level in self.levels)
        unlimited = smallest is None and (told == UNLIMITED or not unknown)
        return Limit(smallest, unlimited, path, told is not None or (self.whole and not unknown))

    @property
    def least_room(self) -> Level | None:
        """The group on the way to the root that has the least left up to its limit; None where no limit is known."""
        return min((level for level in self.levels if level.room is not None), key=lambda v: v.room or 0, default=None)


# -- reading ----------------------------------------------------------------------------------------------------------


def read_cgroup(host: Host, of: int | str | bytes) -> ControlGroup:
    """The group of a process (its number), or the one of a path, as in /proc/PID/cgroup or below /sys/fs/cgroup.

    Raises UsageError for a path that does not exist, ProcessGone, AccessDenied, NotAnswering, and Unsupported where the
    group cannot be seen from where the reader is.
    """
    place = place_of(host, of)
    names = (*FILES[place.version], "cgroup.procs", "ls")
    answer = ask(host, place.version, place.raw, names)
    note = place.note
    while place.version == V2 and answer is not None and _uncontrolled(answer) and place.raw != b"/":
        above = parent_of(place.raw)
        note = f"{shown(place.raw)} has no memory controller of its own; its processes count in {shown(above)}"
        place = Place(place.version, above, note)
        answer = ask(host, place.version, place.raw, names)
    if answer is None:
        raise Unsupported(f"the control group {shown(place.raw)} has been removed")
    if _uncontrolled(answer) and answer.files["memory.stat"].errno:
        raise Unsupported("no memory controller is at work in this hierarchy of control groups")
    readings = _readings(host, answer, FILES[place.version])
    root = _is_root(place, readings, host.hello.captured)
    listed = answer.text("ls")
    children = None if listed is None else tuple(place.raw.rstrip(b"/") + b"/" + n for n in listed.split(b"\n") if n)
    members, _ = _pids(answer)
    levels, whole = _levels(host, place, readings)
    return ControlGroup(
        place.version, place.raw, _with_root_words(readings, place, root), levels, children, members, root, whole, note
    )


def _uncontrolled(answer: Answer) -> bool:
    """Neither usage nor statistics: the controller is not enabled for this group."""
    names = ("memory.stat", "memory.current", "memory.usage_in_bytes")
    return all(answer.text(name) is None for name in names if name in answer.files)


def _is_root(place: Place, readings: Readings, captured: bool) -> bool | None:
    """Version 1 has cgroup.sane_behavior in the root only, version 2 has memory.current everywhere else."""
    if place.raw != b"/":
        return False
    if place.version == V1:
        return "cgroup.sane_behavior" in readings.facts or (None if captured else False)
    return "memory.current" not in readings.facts


def _with_root_words(readings: Readings, place: Place, root: bool | None) -> Readings:
    if place.version != V2 or not root:
        return readings
    why = Absence("unsupported", "the root group has no usage and no limits of its own", "ask for the system instead")
    return replace(readings, missing=dict.fromkeys((*readings.missing, "memory.current"), why))


def _readings(host: Host, answer: Answer, names: Sequence[str]) -> Readings:
    facts: dict[str, Value] = {}
    missing: dict[str, Absence] = {}
    for name in names:
        text, file = answer.text(name), answer.files[name]
        if text is None:
            missing[name] = absence(file.errno, name, captured=host.hello.captured)
            continue
        try:
            found = _parse(name, text, host.hello.page_size)
        except (Malformed, ValueError):
            missing[name] = Absence("malformed", f"{name} does not have the form that the kernel gives it")
            continue
        facts.update((f"{name}:{key}" if key else name, value) for key, value in found.items())
    return Readings(facts, missing)


def _parse(name: str, text: bytes, page_size: int) -> Mapping[str, Value]:
    if name == "memory.pressure":
        return {f"{kind}.{key}": value for kind, found in parse_pressure(text).items() for key, value in found.items()}
    if name in KEYED:
        counts = parse_counts(text)
        limits = {key: _limit(value, page_size) for key, value in counts.items() if key.startswith("hierarchical_")}
        return {**counts, **limits}
    word = text.strip()
    if word == b"max":
        return {"": UNLIMITED}
    value = int(word)
    return {"": _limit(value, page_size) if name.endswith("limit_in_bytes") else value}


def _limit(value: int, page_size: int) -> Value:
    return UNLIMITED if value >= NOT_SET or value == NOT_SET_32_BITS * page_size else value


def _levels(host: Host, place: Place, readings: Readings) -> tuple[tuple[Level, ...], bool]:
    """Itself and the groups above it that limit it as well, and whether that is the whole way to the root. With
    use_hierarchy off (version 1 before 5.11) a group stands alone."""
    levels: list[Level] = []
    raw, names = place.raw, LEVEL_FILES[place.version]
    while True:
        if place.version == V2 and raw == b"/" and "memory.current" not in readings.facts:
            return tuple(levels), True
        levels.append(_level(place.version, raw, readings))
        if raw == b"/" or not readings.facts.get("memory.use_hierarchy", 1):
            return tuple(levels), raw != b"/"
        raw = parent_of(raw)
        try:
            answer = ask(host, place.version, raw, names)
        except MemvizError:
            return tuple(levels), False
        if answer is None:
            return tuple(levels), False
        readings = _readings(host, answer, names)
        if not readings.facts.get("memory.use_hierarchy", 1):
            return tuple(levels), True


def _level(version: str, raw: bytes, readings: Readings) -> Level:
    files = {"current": "memory.current", "max": "memory.max", "high": "memory.high", "swap_max": "memory.swap.max"}
    if version == V1:
        files = {"current": "memory.usage_in_bytes", "max": "memory.limit_in_bytes"}
    sizes = {name: readings.number(files[name]) if name in files else None for name in Level._fields[1:5]}
    unlimited = frozenset(name for name, file in files.items() if readings.facts.get(file) == UNLIMITED)
    return Level(shown(raw), sizes["current"], sizes["max"], sizes["high"], sizes["swap_max"], unlimited, raw)


# -- members ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Members:
    """The processes of a group and of all groups below it, by number. `hidden` of them are outside the reader's pid
    namespace; `groups` were asked; `absent` says which could not be, and `rest` how many were left out for their
    number."""

    pids: tuple[int, ...]
    hidden: int
    groups: int
    rest: int
    absent: Mapping[str, Absence]


def read_members(host: Host, group: ControlGroup, most: int = MOST_GROUPS) -> Members:
    """Asks each group in turn for its members, a few milliseconds a group; a group that goes meanwhile is skipped."""
    pids: set[int] = set()
    absent: dict[str, Absence] = {}
    waiting, hidden, asked = [group.raw], 0, 0
    while waiting and asked < most:
        raw = waiting.pop(0)
        asked += 1
        answer = ask(host, group.version, raw, ("cgroup.procs", "ls"))
        if answer is None:
            continue
        own, unseen = _pids(answer)
        if own is None:
            code = answer.files["cgroup.procs"].errno
            absent[shown(raw)] = absence(code, "cgroup.procs", captured=host.hello.captured)
        pids.update(own or ())
        hidden += unseen
        names = (answer.text("ls") or b"").split(b"\n")
        waiting.extend(raw.rstrip(b"/") + b"/" + name for name in names if name)
    return Members(tuple(sorted(pids)), hidden, asked, len(waiting), absent)


def _pids(answer: Answer) -> tuple[tuple[int, ...] | None, int]:
    """Numbers in order, each once, and how many the reader's namespace has no number for (they are 0)."""
    text = answer.text("cgroup.procs")
    if text is None:
        return None, 0
    numbers = [int(line) for line in text.split(b"\n") if line.isdigit()]
    return tuple(sorted({number for number in numbers if number})), numbers.count(0)


# -- plain ------------------------------------------------------------------------------------------------------------


def cgroup_as_dict(group: ControlGroup) -> dict[str, Any]:
    """The documented JSON: every item by name (null where unknown or not set), waterfall, levels and limit."""
    raws = {level.path: level.raw for level in group.levels}
    limit = {**group.limit._asdict(), **hex_entry("path", raws.get(group.limit.path))}
    answer = {
        "path": group.path, **hex_entry("path", group.raw),
        "version": group.version, "note": group.note, **group.values,
        "unlimited": sorted(group.unlimited),
        "how": {row.item.name: row.how for row in group.rows},
        "waterfall": [part_as_dict(part) for part in group.waterfall],
        "limit": account(limit, lambda name: NO_LIMIT if group.limit.unlimited else UNREAD),
        "levels": [_level_as_dict(level) for level in group.levels],
        "children": None if group.children is None else [shown(child) for child in group.children],
        **hex_entries("children", group.children or ()),
        "pids": None if group.pids is None else list(group.pids),
    }  # fmt: skip
    unlimited = dict.fromkeys(group.unlimited, NO_LIMIT)
    return account(answer, lambda name: UNREAD, {**unlimited, **group.absent})


def _level_as_dict(level: Level) -> dict[str, Any]:
    plain = {**level._asdict(), "unlimited": sorted(level.unlimited)}
    plain |= hex_entry("path", plain.pop("raw"))
    return account(plain, lambda name: NO_LIMIT if name in level.unlimited else UNREAD)
