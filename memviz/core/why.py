"""Why one tool says something else than another: the arithmetic from VIRT to what a process costs, for one process.

Each step says what the tools call it. Every sum is exact to the byte; where the kernel's counters were read at another
moment than the parts, the difference has a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from memviz import units
from memviz.core.part import why_unmeasured
from memviz.core.readings import DERIVED, ESTIMATED, MEASURED
from memviz.core.snapshot import Absence, Snapshot

TOTAL, MINUS, PLUS, OF_WHICH, APART = "=", "-", "+", "of which", "apart"
Number = int | None


class Line(NamedTuple):
    """One step as it is for this process: `size` in bytes, None where unknown (`absent` says why). It is drawn from
    `start` on; only totals begin at 0."""

    name: str
    sign: str
    title: str
    size: int | None
    start: int
    how: str
    called: tuple[str, ...]
    sentence: str
    absent: Absence | None

    @property
    def text(self) -> str:
        """The size with its sign: `- 894 MiB`, also for a `+` that is less than nothing."""
        if self.sign not in (MINUS, PLUS) or self.size is None:
            return units.DASH if self.size is None else units.size(self.size)
        sign = self.sign if self.size >= 0 else MINUS if self.sign == PLUS else PLUS
        return f"{sign} {units.size(abs(self.size))}"

    @property
    def span(self) -> tuple[int, int]:
        """Between which sizes it is drawn."""
        end = self.start + (self.size or 0)
        return min(self.start, end), max(self.start, end)


@dataclass(frozen=True, slots=True)
class Given:
    """The numbers of a snapshot that the steps are made of, in bytes; None is unknown."""

    snapshot: Snapshot

    @property
    def vms(self) -> Number:
        statm, status = self.snapshot.facts.statm, self.snapshot.facts.status
        return statm.size * self.snapshot.page_size if statm is not None else status.get("VmSize")

    @property
    def counted(self) -> Number:
        """RSS by the kernel's counters."""
        statm, status = self.snapshot.facts.statm, self.snapshot.facts.status
        return statm.resident * self.snapshot.page_size if statm is not None else status.get("VmRSS")

    def status(self, key: str) -> Number:
        return self.snapshot.facts.status.get(key)

    def total(self, name: str) -> Number:
        """A sum over the page tables (smaps)."""
        return self.snapshot.totals[name]

    @property
    def by_kind(self) -> Number:
        return added(self.status("RssAnon"), self.status("RssFile"), self.status("RssShmem"))


def added(*parts: Number) -> Number:
    """The sum, unknown where a part is."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def less(whole: Number, part: Number) -> Number:
    return whole - part if whole is not None and part is not None else None


@dataclass(frozen=True, slots=True)
class Step:
    """`size` and `start` in bytes; a step that is `optional` is left out where its size is 0."""

    name: str
    sign: str
    title: str
    called: tuple[str, ...]
    sentence: str
    size: Callable[[Given], Number]
    start: Callable[[Given], Number] = lambda given: 0
    how: str = MEASURED
    optional: bool = False


STEPS = (
    Step("virt", TOTAL, "Mapped", ("top VIRT", "htop VIRT", "ps VSZ", "pmap total"),
         "All addresses that it asked for, used or not. They cost nothing.", lambda g: g.vms),
    Step("unused", MINUS, "Not in memory", (),
         "Never used, given back, in swap, or not read from its file yet.",
         lambda g: less(g.vms, g.counted), lambda g: g.counted, DERIVED),
    Step("res", TOTAL, "Resident", ("top RES", "htop RES", "ps RSS"),
         "Pages in memory, shared ones in full. Of all memory this is top's %MEM.",
         lambda g: g.counted),
    Step("anonymous", OF_WHICH, "Anonymous", ("top RSan",),
         "Heap, stacks, private copies: no file holds it, it leaves only for swap.",
         lambda g: g.status("RssAnon")),
    Step("file", OF_WHICH, "Of files", ("top RSfd",),
         "Programs, libraries, mapped files: in the page cache, mostly droppable.",
         lambda g: g.status("RssFile"), lambda g: g.status("RssAnon")),
    Step("shmem", OF_WHICH, "Of shared memory", ("top RSsh",),
         "Shared memory and tmpfs: in the page cache too, but not droppable.",
         lambda g: g.status("RssShmem"), lambda g: added(g.status("RssAnon"), g.status("RssFile"))),
    Step("moment", OF_WHICH, "Another moment", (),
         "The parts were counted a moment before or after the whole.", lambda g: less(g.counted, g.by_kind),
         lambda g: g.by_kind, DERIVED, True),
    Step("shr", APART, "Files and shared memory", ("top SHR", "htop SHR"),
         "The two lines above together; whether anybody shares them or not.",
         lambda g: added(g.status("RssFile"), g.status("RssShmem")), lambda g: g.status("RssAnon"), DERIVED),
    Step("walked", PLUS, "Counted page by page", (),
         "What smaps finds in the page tables, beyond what the counters said a moment before or after.",
         lambda g: less(g.total("rss"), g.counted), lambda g: g.counted, DERIVED, True),
    Step("shared", MINUS, "Mapped by others too", (),
         "Another process maps them too: ending this one would not free them.",
         lambda g: less(g.total("rss"), g.total("uss")), lambda g: g.total("uss"), DERIVED),
    Step("uss", TOTAL, "Private (USS)", ("smem USS", "top USS", "ps uss"),
         "Pages that only this process maps: ending it would free them.", lambda g: g.total("uss"), how=DERIVED),
    Step("fair", PLUS, "Its part of what is shared", (),
         "Each shared page divided by the number of processes that map it.",
         lambda g: less(g.total("pss"), g.total("uss")), lambda g: g.total("uss"), DERIVED),
    Step("pss", TOTAL, "Proportional (PSS)", ("smem PSS", "htop PSS", "top PSS", "ps pss"),
         "The fair share: added up over all processes, each page counts once.", lambda g: g.total("pss")),
    Step("swap", PLUS, "Swap, on top of private", ("top SWAP", "htop SWAP", "smem Swap"),
         "Anonymous memory that was written to swap: its own, but not in RES.",
         lambda g: g.total("swap") if g.total("swap") is not None else g.status("VmSwap"), lambda g: g.total("uss")),
    Step("private_swap", TOTAL, "Private + swap", (),
         "What it costs this machine by itself: USS and what it has in swap.",
         lambda g: added(g.total("uss"), g.total("swap")), how=DERIVED),
    Step("used", APART, "Resident + swap", ("top USED",),
         "RES and swap, shared pages counted in full.", lambda g: added(g.counted, g.status("VmSwap")), how=DERIVED),
    Step("tables", APART, "Page tables", (),
         "In the kernel, for this process: only its control group counts them.",
         lambda g: g.status("VmPTE")),
    Step("stacks", APART, "Kernel stacks", (), "One in the kernel for each thread: only its control group counts them.",
         lambda g: next((item.size for item in g.snapshot.outside if item.name == "kernel stacks"), None),
         how=ESTIMATED),
    Step("hugetlb", APART, "Pages of the hugetlb pool", (),
         "Set aside by the administrator; not part of RES.", lambda g: g.status("HugetlbPages"), optional=True),
)  # fmt: skip


def scale_of(lines: tuple[Line, ...]) -> int:
    """Up to which size a picture of the lines should reach: what is mapped only where it does not dwarf the rest."""
    ends = {line.name: line.span[1] for line in lines}
    virtual = max(ends.pop("virt", 0), ends.pop("unused", 0))
    rest = max(ends.values(), default=0)
    return max(virtual if virtual <= 2 * rest else round(1.25 * rest), 1)


class Note(NamedTuple):
    """A tool that does not count one process."""

    tool: str
    sentence: str


NOTES = (
    Note("free", "counts the whole machine. Its `used` is total minus available, kernel and shared memory included; "
         "`buff/cache` is files in the page cache and shared memory, most of which can be dropped."),
    Note("docker stats", "counts a container: everything charged to its control group, without files that were not "
         "used lately. Page cache and kernel memory are in it; a library counts in the container that read it first."),
    Note("All RES added up", "is more than the memory in use, because shared pages count once for each process."),
)  # fmt: skip


def why(snapshot: Snapshot) -> tuple[Line, ...]:
    """Every step that applies to the process, in order."""
    given = Given(snapshot)
    lines = []
    for step in STEPS:
        size = step.size(given)
        if step.optional and not size:
            continue
        absent = _absence(step, snapshot) if size is None else None
        lines.append(Line(step.name, step.sign, step.title, size, step.start(given) or 0, step.how, step.called,
                          step.sentence, absent))  # fmt: skip
    return tuple(lines)


def _absence(step: Step, snapshot: Snapshot) -> Absence:
    """Why a step has no number."""
    if step.name in ("virt", "unused", "res", "used") and "statm" in snapshot.absent:
        return snapshot.absent["statm"]
    if step.name in ("anonymous", "file", "shmem", "shr", "tables", "hugetlb", "used"):
        return snapshot.absent.get("status", Absence("unsupported", "status does not tell it"))
    if step.name == "stacks":
        return Absence("unsupported", "the size of a kernel stack is not known for this machine")
    return why_unmeasured(snapshot)


def as_text(lines: tuple[Line, ...]) -> str:
    """The arithmetic as lines of text, to copy."""
    width = max(len(line.title) for line in lines)
    rows = []
    for line in lines:
        exact = f"{line.size:,} bytes" if line.size is not None else str(line.absent)
        shown = units.DASH if line.size is None else units.size(line.size)
        row = f"{line.sign:<9}{line.title:<{width}}  {shown:>10}  {exact:>26}  {', '.join(line.called)}"
        rows.append(row.rstrip())
    return "\n".join(rows)
