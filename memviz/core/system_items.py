"""What memviz tells of a whole host: every number declared once, and the parts that MemTotal is made of.

Sources: Documentation/filesystems/proc.rst (meminfo), fs/proc/meminfo.c, mm/vmstat.c, Documentation/accounting/psi.rst.
"""

from __future__ import annotations

from memviz.core.readings import DERIVED, ESTIMATED, Item, Value, less, write_count, write_percent, write_seconds
from memviz.core.snapshot import Absence

SECTIONS = ("memory", "kernel", "huge pages", "swap", "written back", "commitments", "pressure", "activity", "limits")
OVERCOMMIT = {
    0: "heuristic: only obviously absurd requests are refused",
    1: "always: every request is granted",
    2: "never: requests beyond the commit limit fail",
}


def _text(value: Value) -> str:
    return str(value)


def _load(value: Value) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else value


def _vmalloc(used: int, chunk: int, stacks: int) -> int | Absence:
    """Pages behind vmalloc since 5.3. Before 4.4 the line counted addresses (and VmallocChunk was not 0), from 4.4 to
    5.2 it was always 0. Kernel stacks lie in vmalloc space too (CONFIG_VMAP_STACK)."""
    if chunk or used < stacks:
        return Absence("unsupported", "VmallocUsed does not count memory before Linux 5.3")
    return used - stacks


def _overcommit(mode: int) -> str:
    return OVERCOMMIT.get(mode, str(mode))


def _meminfo(name: str, title: str, section: str, key: str, explanation: str, otherwise: Item | None = None) -> Item:
    return Item(name, title, section, explanation, (f"meminfo:{key}",), otherwise=otherwise)


def _counter(name: str, title: str, key: str, explanation: str) -> Item:
    return Item(name, title, "activity", explanation, (f"vmstat:{key}",), write=write_count)


def _pages(name: str, title: str, key: str, explanation: str) -> Item:
    return Item(name, title, "activity", explanation, (f"vmstat:{key}", "page_size"), lambda pages, page: pages * page)


_USED_BEFORE_3_14 = Item(
    "used", "Used", "memory",
    "Total minus free, buffers, page cache and reclaimable slab: this kernel estimates no available memory.",
    tuple(f"meminfo:{key}" for key in ("MemTotal", "MemFree", "Buffers", "Cached", "SReclaimable")),
    less, how=ESTIMATED,
)  # fmt: skip
_ONE_SIZE_HUGETLB = Item(
    "hugetlb", "Huge page pool", "huge pages",
    "Pages of the default huge page size in the pool; this kernel does not sum the other sizes.",
    ("meminfo:HugePages_Total", "meminfo:Hugepagesize"), lambda count, size: count * size, how=DERIVED,
)  # fmt: skip

_MEMORY = (
    _meminfo("memory_total", "Total", "memory", "MemTotal",
        "Physical memory that the kernel manages: what is installed, less firmware and the kernel's own image."),
    _meminfo("memory_free", "Free", "memory", "MemFree",
        "Memory that nothing uses. A low number is normal: idle memory is lent to the page cache."),
    _meminfo("available", "Available", "memory", "MemAvailable",
        "The kernel's estimate of what programs can still take without swapping: free memory and what of caches can be "
        "dropped."),
    Item("used", "Used", "memory",
        "Total minus available: what cannot be had back without swapping or ending something.",
        ("meminfo:MemTotal", "meminfo:MemAvailable"), less, how=DERIVED, otherwise=_USED_BEFORE_3_14),
    _meminfo("anonymous", "Anonymous", "memory", "AnonPages",
        "Memory of programs that belongs to no file: heaps, stacks, private pages that were written."),
    _meminfo("cached", "Cached", "memory", "Cached",
        "The page cache: contents of files, and shared memory (shmem), which the kernel keeps there too."),
    Item("page_cache", "Page cache of files", "memory",
        "The page cache without shared memory: contents of files, most of which can be read again when needed.",
        ("meminfo:Cached", "meminfo:Shmem"), less, how=DERIVED),
    _meminfo("buffers", "Buffers", "memory", "Buffers",
        "The page cache of block devices: metadata of file systems, mostly."),
    _meminfo("mapped", "Mapped", "memory", "Mapped",
        "The part of the page cache, shared memory included, that is mapped into processes."),
    _meminfo("shmem", "Shared memory", "memory", "Shmem",
        "tmpfs, memfd, SysV and shared anonymous memory. It can be swapped, but not dropped."),
    _meminfo("active", "Active", "memory", "Active", "Memory on the lists of recently used pages."),
    _meminfo("inactive", "Inactive", "memory", "Inactive", "Memory on the lists that reclaim looks at first."),
    _meminfo("unevictable", "Unevictable", "memory", "Unevictable",
        "Memory that cannot be reclaimed: locked with mlock, ramfs, secret memory."),
    _meminfo("locked", "Locked", "memory", "Mlocked", "Memory locked into RAM with mlock."),
)  # fmt: skip

_KERNEL = (
    _meminfo("slab", "Slab", "kernel", "Slab",
        "Memory in the kernel's object caches: inodes, directory entries, network buffers."),
    _meminfo("slab_reclaimable", "Slab, reclaimable", "kernel", "SReclaimable",
        "The part of the slab that can be given back under pressure: caches of inodes and directory entries."),
    _meminfo("slab_unreclaimable", "Slab, unreclaimable", "kernel", "SUnreclaim",
        "The part of the slab that stays while it is in use."),
    _meminfo("page_tables", "Page tables", "kernel", "PageTables",
        "The tables that translate the addresses of all processes."),
    _meminfo("secondary_page_tables", "Secondary page tables", "kernel", "SecPageTables",
        "Tables of virtual machines (KVM) and of the I/O memory management unit."),
    _meminfo("kernel_stacks", "Kernel stacks", "kernel", "KernelStack",
        "One stack in the kernel for each thread of the system."),
    _meminfo("percpu", "Per-CPU", "kernel", "Percpu", "Data that the kernel keeps once for each processor."),
    Item("vmalloc", "vmalloc", "kernel",
        "Memory behind the kernel's vmalloc area (modules, large tables), kernel stacks left out.",
        ("meminfo:VmallocUsed", "meminfo:VmallocChunk", "meminfo:KernelStack"), _vmalloc, how=DERIVED),
)  # fmt: skip

_HUGE = (
    _meminfo("hugetlb", "Huge page pool", "huge pages", "Hugetlb",
        "Memory set aside for huge pages of all sizes, used or not: nothing else can use it.", _ONE_SIZE_HUGETLB),
    Item("huge_pages_total", "Pool pages", "huge pages", "Huge pages of the default size in the pool.",
        ("meminfo:HugePages_Total",), write=write_count),
    Item("huge_pages_free", "Pool pages free", "huge pages", "Those not yet given to anybody.",
        ("meminfo:HugePages_Free",), write=write_count),
    Item("huge_pages_reserved", "Pool pages reserved", "huge pages", "Free ones that are promised to mappings already.",
        ("meminfo:HugePages_Rsvd",), write=write_count),
    Item("huge_pages_surplus", "Pool pages surplus", "huge pages",
        "Pages beyond the size of the pool, allocated on demand.", ("meminfo:HugePages_Surp",), write=write_count),
    _meminfo("huge_page_size", "Default huge page", "huge pages", "Hugepagesize",
        "The default size of a huge page of the pool."),
    Item("thp", "Transparent huge pages", "huge pages",
        "When anonymous memory gets huge pages by itself: always, madvise (where asked for) or never.",
        ("thp_enabled",), write=_text),
    _meminfo("thp_anonymous", "Anonymous THP", "huge pages", "AnonHugePages",
        "Anonymous memory in transparent huge pages; a part of Anonymous."),
    _meminfo("thp_shmem", "Shared memory THP", "huge pages", "ShmemHugePages",
        "Shared memory in huge pages; a part of Shared memory."),
    _meminfo("thp_file", "File THP", "huge pages", "FileHugePages",
        "Page cache of files in huge pages; a part of the page cache."),
)  # fmt: skip

_SWAP = (
    _meminfo("swap_total", "Swap", "swap", "SwapTotal", "Size of all swap areas."),
    _meminfo("swap_free", "Swap free", "swap", "SwapFree", "What of them is not in use."),
    Item("swap_used", "Swap used", "swap", "Total minus free.", ("meminfo:SwapTotal", "meminfo:SwapFree"), less,
        how=DERIVED),
    _meminfo("swap_cached", "Swap cached", "swap", "SwapCached",
        "Memory that has a copy in swap as well: writing it out again would cost nothing."),
    _meminfo("zswap", "zswap pool", "swap", "Zswap", "Memory that holds compressed pages on their way to swap."),
    _meminfo("zswapped", "In zswap", "swap", "Zswapped", "What those pages were before they were compressed."),
    Item("swappiness", "Swappiness", "swap",
        "How willingly the kernel swaps rather than drops page cache: 0 to 200, usually 60 (vm.swappiness).",
        ("swappiness",), write=write_count),
)  # fmt: skip

_WRITTEN = (
    _meminfo("dirty", "Dirty", "written back", "Dirty", "Page cache that was changed and waits to be written to disk."),
    _meminfo("writeback", "Writeback", "written back", "Writeback", "Page cache that is being written just now."),
)

_COMMITMENTS = (
    Item("overcommit", "Overcommit", "commitments",
        "Whether the kernel promises more memory than there is (vm.overcommit_memory).", ("overcommit_memory",),
        _overcommit, _text),
    Item("overcommit_mode", "Overcommit mode", "commitments", "vm.overcommit_memory: 0, 1 or 2.",
        ("overcommit_memory",), write=write_count),
    Item("overcommit_ratio", "Overcommit ratio", "commitments",
        "Percentage of memory that counts into the commit limit (vm.overcommit_ratio).", ("overcommit_ratio",),
        write=write_count),
    _meminfo("commit_limit", "Commit limit", "commitments", "CommitLimit",
        "What may be promised in all: swap and a part of memory. It holds only in overcommit mode 2."),
    _meminfo("committed", "Committed", "commitments", "Committed_AS",
        "What has been promised: memory that programs asked for, touched or not."),
)  # fmt: skip

_WAITED_FOR = {
    "memory": "for memory: reclaim, swap, refaults",
    "cpu": "for a processor",
    "io": "for disks",
}
_WHO = {"some": "at least one task waited", "full": "all tasks that had something to do waited at once"}
_PRESSURE = tuple(
    Item(
        f"pressure_{resource}_{kind}_avg{seconds}", f"{resource} {kind}, {seconds} s", "pressure",
        f"Share of the last {seconds} s in which {_WHO[kind]} {why}.",
        (f"pressure_{resource}:{kind}.avg{seconds}",), write=write_percent,
    ) if seconds else Item(
        f"pressure_{resource}_{kind}_total", f"{resource} {kind}, total", "pressure",
        f"Time since the system started in which {_WHO[kind]} {why}.",
        (f"pressure_{resource}:{kind}.total",), lambda microseconds: microseconds / 1e6, write_seconds,
    )
    for resource, why in _WAITED_FOR.items() for kind in _WHO for seconds in (10, 60, 300, 0)
)  # fmt: skip

_ACTIVITY = (
    _counter("page_faults", "Page faults", "pgfault",
        "Page faults since the system started, those that needed no disk included."),
    _counter("major_faults", "Major faults", "pgmajfault", "Page faults that had to read from disk."),
    _pages("swapped_in", "Swapped in", "pswpin", "Read back from swap since the system started."),
    _pages("swapped_out", "Swapped out", "pswpout", "Written to swap since the system started."),
    _pages("refaulted_anonymous", "Refaulted, anonymous", "workingset_refault_anon",
        "Anonymous memory that was needed again soon after it had been swapped out."),
    _pages("refaulted_file", "Refaulted, files", "workingset_refault_file",
        "Page cache that was needed again soon after it had been dropped."),
    _pages("reclaimed_directly", "Reclaimed while a task waited", "pgsteal_direct",
        "Memory that tasks had to free themselves before they got theirs."),
    _counter("allocation_stalls", "Allocation stalls", "allocstall_normal",
        "How often a task had to stop and reclaim (normal zone)."),
    _counter("oom_kills", "OOM kills", "oom_kill", "Processes that the kernel ended because memory had run out."),
    Item("load_1", "Load, 1 min", "activity", "Average number of tasks that run, want to run, or wait uninterruptibly.",
        ("loadavg:1",), write=_load),
    Item("load_5", "Load, 5 min", "activity", "The same over five minutes.", ("loadavg:5",), write=_load),
    Item("load_15", "Load, 15 min", "activity", "The same over fifteen minutes.", ("loadavg:15",), write=_load),
    Item("uptime", "Uptime", "activity", "Time since the system started.", ("uptime",), write=write_seconds),
)  # fmt: skip

_LIMITS = (
    Item("max_map_count", "Regions a process may have", "limits", "vm.max_map_count: mmap fails beyond it.",
        ("max_map_count",), write=write_count),
    Item("cpus", "Processors", "limits", "Processors that are online.", ("cpus",), write=write_count),
    Item("page_size", "Page size", "limits", "The unit in which memory is mapped.", ("page_size",)),
)  # fmt: skip

SYSTEM_ITEMS = (
    *_MEMORY, *_KERNEL, *_HUGE, *_SWAP, *_WRITTEN, *_COMMITMENTS, *_PRESSURE, *_ACTIVITY, *_LIMITS,
)  # fmt: skip
_BY_NAME = {item.name: item for item in SYSTEM_ITEMS}


def _part(name: str, kind: str, title: str = "", explanation: str = "") -> Item:
    item = _BY_NAME[name]
    return Item(name, title or item.title, kind, explanation or item.explanation, item.needs, item.value,
                how=item.how, otherwise=item.otherwise)  # fmt: skip


MEMORY_PARTS = (
    _part("anonymous", "processes",
        explanation="Memory of programs that belongs to no file. Pages that have a copy in swap as well (swap cached) "
        "count here while they are mapped."),
    _part("shmem", "files"),
    _part("page_cache", "files"),
    _part("buffers", "files"),
    _part("slab_reclaimable", "kernel"),
    _part("slab_unreclaimable", "kernel"),
    _part("page_tables", "kernel"),
    _part("secondary_page_tables", "kernel"),
    _part("kernel_stacks", "kernel"),
    _part("percpu", "kernel"),
    _part("vmalloc", "kernel"),
    _part("hugetlb", "other"),
    _part("zswap", "other"),
    Item("other", "Kernel and other, not itemised", "other",
        "What the other parts leave of the total: memory that drivers and the kernel took page by page, "
         "per-processor lists of free pages, swap cache that is not mapped, balloons of virtual machines."),
    _part("memory_free", "free"),
)  # fmt: skip
