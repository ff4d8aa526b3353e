"""Columns: every named number or text of a region, block or process, declared once; tables, CSV, JSON and glossary
loop over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from memviz import units


def _text(value: object) -> str:
    return str(value)


def _size(value: object) -> str:
    return units.size(value) if isinstance(value, int) else units.DASH


def _number(value: object) -> str:
    return units.number(value) if isinstance(value, int) else units.DASH


def _address(value: object) -> str:
    return units.address(value) if isinstance(value, int) else units.DASH


def _hexadecimal(value: object) -> str:
    return f"{value:#x}" if isinstance(value, int) else units.DASH


def _seconds(value: object) -> str:
    return f"{value:.2f} s" if isinstance(value, float) else units.DASH


def _percent(value: object) -> str:
    return f"{value:.1f} %" if isinstance(value, float) else units.DASH


class Column(NamedTuple):
    """`name` is the key in code, JSON and CSV; `title` the heading; `write` makes text of a value that is known."""

    name: str
    title: str
    explanation: str
    write: Callable[[object], str] = _size
    numeric: bool = True

    def show(self, value: object) -> str:
        """The text of a value; a dash where it is unknown."""
        return units.DASH if value is None else self.write(value)


REGION_COLUMNS = (
    Column("start", "Start", "First address of the region.", _address),
    Column("end", "End", "First address after the region.", _address),
    Column("size", "Size", "Virtual size: end minus start. Address space costs nothing by itself."),
    Column("permissions", "Perm", "Read, write, execute; p: private (copy on write), s: shared.", _text, False),
    Column("group", "Group", "The kind of memory in everyday words.", _text, False),
    Column("category", "Category", "The finer kind, decided from what the kernel tells.", _text, False),
    Column("block", "Block", "The thing in memory that the region is a part of.", _text, False),
    Column("rss", "RSS", "Resident set size: what of the region is in physical memory, shared pages counted in full."),
    Column("pss", "PSS", "Proportional set size: resident pages, each divided by the number of processes that map it."),
    Column("uss", "USS", "Unique set size: private clean + private dirty, what would be freed if the process ended."),
    Column("swap", "Swap", "What of the region has been written to swap."),
    Column("pss_dirty", "PSS dirty", "The dirty part of PSS: it cannot be dropped, only swapped or written back."),
    Column("shared_clean", "Shared clean", "Resident, mapped by several processes, unchanged since it was read."),
    Column("shared_dirty", "Shared dirty", "Resident, mapped by several processes, written since."),
    Column("private_clean", "Private clean", "Resident, mapped only here, unchanged: can be dropped and read again."),
    Column("private_dirty", "Private dirty", "Resident, mapped only here, written: costs memory or swap."),
    Column("referenced", "Referenced", "Resident and marked as used since the mark was last cleared."),
    Column("anonymous", "Anonymous", "Resident pages that belong to no file, or were copied on write from one."),
    Column("ksm", "KSM", "Anonymous pages merged with equal ones by kernel same-page merging."),
    Column("lazy_free", "Lazy free", "Pages given back with MADV_FREE, still here until memory is short."),
    Column("anon_huge_pages", "THP", "Anonymous memory mapped with transparent huge pages."),
    Column("shmem_pmd_mapped", "Shmem THP", "Shared memory mapped with huge pages."),
    Column("file_pmd_mapped", "File THP", "File pages mapped with huge pages."),
    Column("shared_hugetlb", "Shared hugetlb", "Pages of the hugetlb pool mapped by several processes; not part of RSS."),
    Column("private_hugetlb", "Private hugetlb", "Pages of the hugetlb pool mapped only here; not part of RSS."),
    Column("swap_pss", "Swap PSS", "Swap, each page divided by the number of processes that share it."),
    Column("locked", "Locked", "Memory locked into RAM with mlock."),
    Column("kernel_page_size", "Page size", "The page size the kernel uses for the region."),
    Column("mmu_page_size", "MMU page size", "The page size the memory management unit uses."),
    Column("thp_eligible", "THP eligible", "1 if the region may use transparent huge pages.", _number),
    Column("protection_key", "Pkey", "The memory protection key of the region.", _number),
    Column("offset", "Offset", "Where in the file the region begins.", _hexadecimal),
    Column("device", "Device", "Major and minor number of the file's device.", _text, False),
    Column("inode", "Inode", "The file's inode number; 0 where there is no file.", lambda v: str(v)),
    Column("flags", "Flags", "VmFlags: the kernel's own flags, two letters each.", _text, False),
    Column("path", "Path", "The file, or the kernel's name for the region; strange characters shown as escapes.", _text, False),
)  # fmt: skip

BLOCK_COLUMNS = (
    Column(
        "name",
        "Block",
        "A thing in memory: a library with all its parts, a heap, a stack with its guard.",
        _text,
        False,
    ),
    Column("group", "Group", "The kind of memory in everyday words.", _text, False),
    Column("regions", "Regions", "How many regions the block is made of.", _number),
    Column("start", "Start", "First address of the block.", _address),
    Column("size", "Size", "Sum of the sizes of its regions."),
    Column("rss", "RSS", "Sum of the resident sizes of its regions."),
    Column("pss", "PSS", "Sum of the proportional sizes of its regions."),
    Column("uss", "USS", "Sum of the unique sizes of its regions."),
    Column("swap", "Swap", "Sum of what its regions have in swap."),
)

PROCESS_COLUMNS = (
    Column("pid", "PID", "Process number.", lambda v: str(v)),
    Column("ppid", "Parent", "Process number of the parent.", lambda v: str(v)),
    Column("user", "User", "Who it runs as: the real user.", _text, False),
    Column("state", "State", "R running, S sleeping, D waiting uninterruptibly, Z ended but not yet reaped, T stopped, I idle kernel thread.", _text, False),
    Column("threads", "Threads", "Number of threads.", _number),
    Column("private_swap", "Anon + swap", "Anonymous resident memory plus swap (RssAnon + VmSwap), from status: cheap to read. Private + swap, which is measured page by page, counts private pages of files as well."),
    Column("rss", "RSS", "Resident set size, shared pages counted in full."),
    Column("vms", "VMS", "Virtual memory size: all mapped addresses."),
    Column("swap", "Swap", "What has been written to swap, from status."),
    Column("cpu_seconds", "CPU time", "User and system time since it started.", _seconds),
    Column("name", "Name", "A telling name, made of the program and what it runs.", _text, False),
    Column("command", "Command", "The command line; strange characters shown as escapes.", _text, False),
)  # fmt: skip

THREAD_COLUMNS = (
    Column("tid", "TID", "Thread number; the first thread has the number of the process.", lambda v: str(v)),
    Column("name", "Name", "The thread's own name.", _text, False),
    Column("state", "State", "As for a process.", _text, False),
    Column("cpu_percent", "CPU", "Share of one processor over the interval.", _percent),
    Column("user_seconds", "User time", "Time in the program since the thread started.", _seconds),
    Column("system_seconds", "System time", "Time in the kernel since the thread started.", _seconds),
    Column("processor", "On CPU", "The processor it last ran on.", _number),
)

LAYOUT_COLUMNS = (
    Column("name", "Pages", "Which pages are counted.", _text, False),
    Column("pages", "Number", "How many pages.", _number),
    Column("size", "Size", "Their size together."),
    Column("how", "Known", "Measured by the kernel, or derived from measurements.", _text, False),
    Column("explanation", "Meaning", "What is counted.", _text, False),
)


def column_of(name: str) -> Column:
    """The column of a region field, also of one that only the kernel at hand knows."""
    for column in REGION_COLUMNS:
        if column.name == name:
            return column
    return Column(name, name.replace("_", " "), "A field of this kernel's smaps that memviz has no words for.")
