"""What is passed around: snapshots and samples, frozen, and the reasons for what is not in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from memviz.core.blocks import BlockTable
from memviz.core.cached import cached_property
from memviz.core.categories import GROUPS, Category
from memviz.core.facts import Facts, Identity
from memviz.core.regions import SUMS, Array, RegionTable
from memviz.proc.stat import Stat

# "none": there is no such thing here, and nobody kept it from us (a limit that is not set, an address of no region)
REASONS = (
    "denied", "hidden", "unsupported", "not captured", "ending", "gone", "not answering", "torn", "malformed", "none",
)  # fmt: skip


class Absence(NamedTuple):
    """Why a value is not there (one of REASONS), in words, and the exact thing that would help (or an empty text)."""

    reason: str
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" + (f"; {self.remedy}" if self.remedy else "")


def no_memory(stat: Stat, *, is_ending: bool) -> Absence | None:
    """Why a process has no address space; None where it has one. `is_ending`: the kernel shows it no more."""
    if stat.is_kernel_thread:
        return Absence("unsupported", "a kernel thread has no address space of its own")
    if stat.has_ended:
        return Absence(
            "gone", "it has ended and its memory is freed already; its parent has not yet asked how it ended"
        )
    if is_ending:
        return Absence("ending", "the process is ending, and the kernel does not show the memory that it is freeing")
    return None


NOT_MEASURED = Absence("unsupported", "only the regions were asked for, not what of them is in memory", "ask for smaps")


@dataclass(frozen=True, slots=True)
class GroupSum:
    """One group of a snapshot; sizes in bytes, rss and pss None where smaps could not be read."""

    count: int
    size: int
    rss: int | None
    pss: int | None
    uss: int | None
    swap: int | None


class OutsideItem(NamedTuple):
    """Memory of a process that no region shows: `size` in bytes or None, and how it is known."""

    name: str
    size: int | None
    how: str  # measured, derived, estimated
    explanation: str


UNTOLD = {
    "memfds not mapped": "Memory files that are open but not mapped do not show in /proc/PID/maps.",
    "GPU buffers": "Memory of a graphics driver shows only through that driver.",
}  # memory outside the map that /proc/PID does not tell of


@dataclass(frozen=True)
class Snapshot:
    """One process at one moment. `regions` is empty, and `absent` says why, where the kernel did not show them."""

    time: float  # seconds since 1970, on the target's host
    facts: Facts
    regions: RegionTable  # with the columns `category` and `block`
    categories: tuple[Category, ...]
    absent: Mapping[str, Absence]
    kernel_stack_size: int | None = None  # bytes a thread, where the architecture is known

    def __repr__(self) -> str:
        return f"<Snapshot of {self.name!r}, pid {self.pid}: {len(self.regions)} regions>"

    @property
    def identity(self) -> Identity:
        return self.facts.identity

    @property
    def pid(self) -> int:
        return self.facts.identity.pid

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def page_size(self) -> int:
        return self.facts.page_size

    @property
    def no_memory(self) -> Absence | None:
        """Why the process has no address space at all; None where it has one."""
        hidden = self.facts.is_ending and self.facts.statm is None and not len(self.regions)
        return no_memory(self.facts.stat, is_ending=hidden)

    @cached_property
    def blocks(self) -> BlockTable:
        """Computed once; its rows unfold into regions."""
        return BlockTable(self.regions, self.regions["block"], self.categories)

    @cached_property
    def totals(self) -> Mapping[str, int | None]:
        """Exact sums of the table, by column; None where the column is not known."""
        known = "regions" not in self.absent
        sums = {name: self.regions.total(name) if known and name in self.regions else None for name in SUMS}
        return MappingProxyType(sums)

    @cached_property
    def groups(self) -> dict[str, GroupSum]:
        """Every group that has a region, in the order of GROUPS; their sums are the totals to the byte."""
        of_category = {group.name: index for index, group in enumerate(GROUPS)}
        names = [of_category[category.group] for category in self.categories]
        ids: Array = _indexed(names)[self.regions["category"]] if len(self.regions) else self.regions["category"]
        result = {}
        for index, group in enumerate(GROUPS):
            mask = ids == index
            count = int(mask.sum())
            if count:
                sums = {n: int(self.regions.counted(n)[mask].sum()) if n in self.regions else None for n in SUMS[:5]}
                result[group.name] = GroupSum(
                    count, sums["size"] or 0, sums["rss"], sums["pss"], sums["uss"], sums["swap"]
                )
        return result

    def rows_of_group(self, name: str) -> Array:
        """The rows of the regions of a group, in order."""
        wanted = [number for number, category in enumerate(self.categories) if category.group == name]
        rows: Array = np.flatnonzero(np.isin(self.regions["category"], wanted))
        return rows

    @property
    def resident(self) -> int | None:
        """RSS: the sum over its regions, else what the kernel counts for statm or status."""
        rss, statm = self.totals["rss"], self.facts.statm
        if rss is not None:
            return rss
        return statm.resident * self.page_size if statm is not None else self.facts.status.get("VmRSS")

    @property
    def private_swap(self) -> int | None:
        """What the process costs by itself: USS + swap; from status where smaps could not be read (anonymous +
        swap)."""
        uss, swap = self.totals["uss"], self.totals["swap"]
        if uss is not None and swap is not None:
            return uss + swap
        anonymous, swapped = self.facts.status.get("RssAnon"), self.facts.status.get("VmSwap")
        return anonymous + swapped if anonymous is not None and swapped is not None else None

    @property
    def committed(self) -> int | None:
        """Sum of the regions that count as committed (VmFlag `ac`)."""
        if "flags" not in self.regions.columns:
            return None
        return int(self.regions.counted("size")[self.regions.flagged("ac")].sum())

    @cached_property
    def outside(self) -> tuple[OutsideItem, ...]:
        """Memory outside the map, each item possibly unknown."""
        return _outside(self)


def _indexed(values: list[int]) -> Array:
    return np.array(values, np.uint8)


def _outside(snapshot: Snapshot) -> tuple[OutsideItem, ...]:
    status, stack = snapshot.facts.status, snapshot.kernel_stack_size
    threads, ended = snapshot.facts.stat.threads, snapshot.facts.stat.has_ended
    return (
        OutsideItem("page tables", status.get("VmPTE"), "measured", "The tables that translate its addresses (VmPTE)."),
        OutsideItem(
            "kernel stacks", threads * stack if stack is not None and threads and not ended else None, "estimated",
            "Each thread has a stack in the kernel; its size is the architecture's usual one.",
        ),
        OutsideItem("hugetlb pages", status.get("HugetlbPages"), "measured", "Pages of the hugetlb pool, which RSS leaves out."),
        *(OutsideItem(name, None, "measured", explanation) for name, explanation in UNTOLD.items()),
    )  # fmt: skip


class Sample(NamedTuple):
    """The cheap counters of one process at one moment, for live plots; bytes, seconds, counts since its start."""

    time: float
    identity: Identity
    rss: int
    vms: int
    rss_anonymous: int | None
    rss_file: int | None
    rss_shmem: int | None
    swap: int | None
    minor_faults: int | None
    major_faults: int | None
    cpu_seconds: float
    threads: int

    @property
    def private_swap(self) -> int | None:
        """What the process costs by itself, by the counters: anonymous memory and swap."""
        return self.rss_anonymous + self.swap if self.rss_anonymous is not None and self.swap is not None else None
