"""The numbers of one process, each declared once: the summary, JSON, the analyzer and the glossary loop over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from memviz import units
from memviz.core.readings import DERIVED, ESTIMATED, MEASURED
from memviz.core.regions import TOP_HALF
from memviz.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` gives bytes or a count, None where it is not known; `how` tells a measurement from a guess; `source`
    its file."""

    name: str
    title: str
    how: str
    source: str
    explanation: str
    value: Callable[[Snapshot], int | None]
    write: Callable[[int], str] = units.size

    def show(self, value: int | None) -> str:
        """The text of a value; a dash where it is unknown."""
        return units.DASH if value is None else self.write(value)


def _pages(index: int) -> Callable[[Snapshot], int | None]:
    return lambda s: s.facts.statm[index] * s.page_size if s.facts.statm is not None else None


def _pages_or(index: int, key: str) -> Callable[[Snapshot], int | None]:
    """statm's number; status tells the same where statm could not be read."""
    return lambda s: s.facts.statm[index] * s.page_size if s.facts.statm is not None else s.facts.status.get(key)


def _status(key: str) -> Callable[[Snapshot], int | None]:
    return lambda s: s.facts.status.get(key)


def _total(name: str) -> Callable[[Snapshot], int | None]:
    return lambda s: s.totals[name]


def _outside(name: str) -> Callable[[Snapshot], int | None]:
    return lambda s: next((item.size for item in s.outside if item.name == name), None)


def _regions(s: Snapshot) -> int | None:
    """Those that count against vm.max_map_count: [vsyscall] does not."""
    return int((s.regions["start"] < TOP_HALF).sum()) if "regions" not in s.absent else None


def _largest_gap(s: Snapshot) -> int | None:
    sizes = s.regions.gaps()[1]
    return int(sizes.max()) if len(sizes) else None


def _executable_writable(s: Snapshot) -> int | None:
    return int(s.regions.permits(6).sum()) if "regions" not in s.absent else None


MEASURES = (
    Measure("private_swap", "Private + swap", DERIVED, "smaps or status", "What the process costs by itself: memory only it maps, private pages of files among it, plus its swap. Where smaps may not be read: anonymous + swap from status.", lambda s: s.private_swap),
    Measure("rss", "RSS", MEASURED, "statm", "Resident set size: all its pages in physical memory, shared ones counted in full.", _pages_or(1, "VmRSS")),
    Measure("pss", "PSS", MEASURED, "smaps", "Proportional set size: shared pages divided by the number of processes that map them.", _total("pss")),
    Measure("uss", "USS", DERIVED, "smaps", "Unique set size: private clean + private dirty.", _total("uss")),
    Measure("swap", "Swap", MEASURED, "status", "Anonymous memory written to swap.", _status("VmSwap")),
    Measure("swap_pss", "Swap PSS", MEASURED, "smaps", "Swap, shared entries divided by the number of processes.", _total("swap_pss")),
    Measure("committed", "Committed", DERIVED, "smaps", "Memory that counts against the system's commit limit: writable private mappings (VmFlag ac), touched or not. Mappings made with MAP_NORESERVE do not count, so it can be less than RSS.", lambda s: s.committed),
    Measure("vms", "VMS", MEASURED, "statm", "Virtual memory size: all mapped addresses, whether used or not.", _pages_or(0, "VmSize")),
    Measure("shared", "Shared", MEASURED, "statm", "Resident pages that belong to files or shared memory (not: pages that several processes map).", _pages(2)),
    Measure("text", "VmExe", MEASURED, "statm", "Size of the program's own code as the kernel counts it, in memory or not. The group text is what is mapped as code.", _pages(3)),
    Measure("data", "VmData + VmStk", MEASURED, "statm", "Private writable address space and stack as the kernel counts them, used or not. The group data is only what belongs to program and libraries.", _pages(4)),
    Measure("rss_anonymous", "Anonymous RSS", MEASURED, "status", "Resident pages that belong to no file.", _status("RssAnon")),
    Measure("rss_file", "File RSS", MEASURED, "status", "Resident pages of files.", _status("RssFile")),
    Measure("rss_shmem", "Shmem RSS", MEASURED, "status", "Resident pages of shared memory and tmpfs.", _status("RssShmem")),
    Measure("peak_rss", "Peak RSS", MEASURED, "status", "The largest RSS so far.", _status("VmHWM")),
    Measure("peak_vms", "Peak VMS", MEASURED, "status", "The largest VMS so far.", _status("VmPeak")),
    Measure("locked", "Locked", MEASURED, "status", "Memory locked into RAM with mlock.", _status("VmLck")),
    Measure("pinned", "Pinned", MEASURED, "status", "Memory pinned for devices.", _status("VmPin")),
    Measure("page_tables", "Page tables", MEASURED, "status", "The tables that translate its addresses; outside the map.", _outside("page tables")),
    Measure("kernel_stacks", "Kernel stacks", ESTIMATED, "stat", "One stack in the kernel for each thread; outside the map.", _outside("kernel stacks")),
    Measure("anon_huge_pages", "Huge pages (THP)", MEASURED, "smaps", "Anonymous memory mapped with transparent huge pages.", _total("anon_huge_pages")),
    Measure("hugetlb", "Hugetlb", MEASURED, "status", "Pages of the hugetlb pool; no part of RSS.", _status("HugetlbPages")),
    Measure("minor_faults", "Minor faults", MEASURED, "stat", "Page faults that needed no disk, since it started.", lambda s: s.facts.stat.minor_faults, units.number),
    Measure("major_faults", "Major faults", MEASURED, "stat", "Page faults that had to read from disk, since it started.", lambda s: s.facts.stat.major_faults, units.number),
    Measure("threads", "Threads", MEASURED, "stat", "Number of threads.", lambda s: s.facts.stat.threads, units.number),
    Measure("region_count", "Regions", MEASURED, "maps", "Number of mappings (VMAs).", _regions, units.number),
    Measure("largest_gap", "Largest gap", DERIVED, "maps", "The largest free range of addresses between two regions.", _largest_gap),
    Measure("writable_executable", "W+X regions", DERIVED, "maps", "Regions that are writable and executable at once: convenient for attackers.", _executable_writable, units.number),
    Measure("oom_score", "OOM score", MEASURED, "oom_score", "How soon the kernel would end it when memory runs out: 0 to about 2000.", lambda s: s.facts.oom_score, units.number),
    Measure("oom_score_adj", "OOM adjustment", MEASURED, "oom_score_adj", "What was added to that score by configuration: -1000 (never) to 1000.", lambda s: s.facts.oom_score_adj, units.number),
)  # fmt: skip
