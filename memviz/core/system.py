"""The host as a whole: `read_system(host)`, what its memory is used for, and the same as a plain dict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from memviz.core.cached import cached_property
from memviz.core.readings import Part, Reading, Readings, Value, waterfall
from memviz.core.snapshot import Absence
from memviz.core.system_items import MEMORY_PARTS, SYSTEM_ITEMS
from memviz.core.unknown import NO_LIMIT, account
from memviz.errors import Malformed
from memviz.proc.keyed import parse_counts, parse_pressure
from memviz.text import hex_entry, shown

if TYPE_CHECKING:
    from memviz.core.host import Host


@dataclass(frozen=True, slots=True)
class SwapArea:
    """One line of /proc/swaps: sizes in bytes; the name is the administrator's, shown with escapes."""

    name: str
    kind: str  # partition or file
    size: int
    used: int
    priority: int
    raw_name: bytes = b""


@dataclass(frozen=True)
class System:
    """The memory of one host at one moment. Every item of SYSTEM_ITEMS is in `values`, None where it is unknown, with
    its reason in `absent`; every line of meminfo and vmstat is in `readings.facts` (bytes, pages or counts)."""

    time: float  # seconds since 1970, on that host
    name: str
    readings: Readings
    swap_areas: tuple[SwapArea, ...] | None  # None where they could not be read

    @cached_property
    def rows(self) -> tuple[Reading, ...]:
        """Every item in order, with its text."""
        return tuple(self.readings.read(item) for item in SYSTEM_ITEMS)

    @cached_property
    def values(self) -> dict[str, Value | None]:
        """Value by item name."""
        return {row.item.name: row.value for row in self.rows}

    @cached_property
    def absent(self) -> dict[str, Absence]:
        """Why an item has no value, by item name."""
        absent = {row.item.name: row.absent for row in self.rows if row.absent is not None}
        if self.swap_areas is None:
            absent["swap_areas"] = self.readings.why("swaps")
        return absent

    @cached_property
    def waterfall(self) -> tuple[Part, ...]:
        """What memory is used for: the sizes that are known sum exactly to MemTotal."""
        return waterfall(self.readings, self.memory_total, MEMORY_PARTS)

    def number(self, name: str) -> int | None:
        """The value of an item that is bytes or a count."""
        found = self.values[name]
        return found if isinstance(found, int) else None

    @property
    def memory_total(self) -> int | None:
        """MemTotal in bytes."""
        return self.readings.number("meminfo:MemTotal")

    @property
    def available(self) -> int | None:
        """MemAvailable in bytes."""
        return self.readings.number("meminfo:MemAvailable")


# -- reading ----------------------------------------------------------------------------------------------------------


def _load(text: bytes) -> dict[str, Value]:
    averages = [float(word) for word in text.split()[:3]]
    return dict(zip(("1", "5", "15"), averages, strict=True))


def _first(kind: Callable[[bytes], Value]) -> Callable[[bytes], dict[str, Value]]:
    return lambda text: {"": kind(text.split()[0])}


def _chosen(text: bytes) -> dict[str, Value]:
    """`always [madvise] never`"""
    return {"": next(word.strip(b"[]").decode("ascii") for word in text.split() if word.startswith(b"["))}


def _pressure(text: bytes) -> dict[str, Value]:
    return {f"{kind}.{key}": value for kind, found in parse_pressure(text).items() for key, value in found.items()}


def _counts(text: bytes) -> dict[str, Value]:
    return dict(parse_counts(text))


FILES: Mapping[str, Callable[[bytes], dict[str, Value]]] = {
    "meminfo": _counts, "vmstat": _counts, "loadavg": _load, "uptime": _first(float),
    "pressure_memory": _pressure, "pressure_cpu": _pressure, "pressure_io": _pressure,
    "max_map_count": _first(int), "overcommit_memory": _first(int), "overcommit_ratio": _first(int),
    "swappiness": _first(int), "thp_enabled": _chosen,
}  # fmt: skip


def read_system(host: Host) -> System:
    """One request of about a millisecond. A file that cannot be read or understood takes only its own items along;
    raises only what the link raises."""
    facts: dict[str, Value] = {"page_size": host.hello.page_size}
    missing: dict[str, Absence] = {}
    if host.hello.cpus is not None:
        facts["cpus"] = host.hello.cpus
    else:
        missing["cpus"] = Absence("not captured", "the reader does not tell the number of processors")
    areas: tuple[SwapArea, ...] | None = None
    for name, content in host.host_files([*FILES, "swaps"]).items():
        if isinstance(content, Absence):
            missing[name] = content
            continue
        try:
            if name == "swaps":
                areas = _swap_areas(content)
            else:
                found = FILES[name](content)
                facts.update((f"{name}:{key}" if key else name, value) for key, value in found.items())
        except (Malformed, ValueError, IndexError, StopIteration):
            missing[name] = Absence("malformed", f"{name} does not have the form that the kernel gives it")
    now = host.hello.time if host.hello.captured else time.time()
    return System(now, host.name, Readings(facts, missing), areas)


def _swap_areas(text: bytes) -> tuple[SwapArea, ...]:
    """/proc/swaps: a heading, then name, type, size and used in kB, priority; spaces in names are `\\040`."""
    areas = []
    for line in text.split(b"\n")[1:]:
        if line:
            name, kind, size, used, priority = line.split()
            areas.append(SwapArea(shown(name), shown(kind), int(size) << 10, int(used) << 10, int(priority), name))
    return tuple(areas)


# -- plain ------------------------------------------------------------------------------------------------------------


def system_as_dict(system: System) -> dict[str, Any]:
    """The documented JSON: every item by name (bytes, counts, percent, seconds; null where unknown), how it is known,
    the waterfall, the swap areas, every line of meminfo in bytes, and what is absent."""
    areas = system.swap_areas
    answer = {
        "host": system.name, "time": system.time, **system.values,
        "how": {row.item.name: row.how for row in system.rows},
        "waterfall": [part_as_dict(part) for part in system.waterfall],
        "swap_areas": None if areas is None else [_area_as_dict(area) for area in areas],
        "meminfo": {key[8:]: value for key, value in system.readings.facts.items() if key.startswith("meminfo:")},
    }  # fmt: skip
    unlimited = {row.item.name: NO_LIMIT for row in system.rows if row.unlimited}
    return account(answer, system.readings.why, {**unlimited, **system.absent})


def _area_as_dict(area: SwapArea) -> dict[str, Any]:
    result = asdict(area)
    return result | hex_entry("name", result.pop("raw_name"))


def part_as_dict(part: Part) -> dict[str, Any]:
    """One part of a waterfall."""
    plain = {"name": part.name, "title": part.title, "kind": part.kind, "size": part.size, "how": part.how}
    return {**plain, "absent": part.absent._asdict() if part.absent is not None else {}}
