"""What memviz tells of a control group, for both versions of the interface under the same names where they mean the
same.

Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, mm/memcontrol.c, mm/memcontrol-v1.c.
"""

from __future__ import annotations

from dataclasses import replace

from memviz.core.readings import DERIVED, Item, Value, less, write_count, write_percent, write_seconds, write_size

KERNEL_2 = ("kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "zswap")  # in `kernel`, besides slab


def _working_set(current: int, inactive: int) -> int:
    """As the kubelet has it: never below zero, because the two files are not read at one moment."""
    return max(current - inactive, 0)


def _yes(value: int) -> str:
    return "yes" if value else "no"


def _text(value: Value) -> str:
    return str(value)


def _events(*names: tuple[str, str, str]) -> tuple[Item, ...]:
    return tuple(
        Item(f"events_{key}", title, "events", explanation, (f"memory.events:{key}",), write=write_count)
        for key, title, explanation in names
    )


_PRESSURE = tuple(
    Item(
        f"pressure_{kind}_avg{seconds}", f"Memory pressure {kind}, {seconds} s", "pressure",
        f"Share of the last {seconds} s in which {who} of the group waited for memory.",
        (f"memory.pressure:{kind}.avg{seconds}",), write=write_percent,
    ) if seconds else Item(
        f"pressure_{kind}_total", f"Memory pressure {kind}, total", "pressure",
        f"Time in which {who} of the group waited for memory.",
        (f"memory.pressure:{kind}.total",), lambda microseconds: microseconds / 1e6, write_seconds,
    )
    for kind, who in (("some", "at least one task"), ("full", "all tasks with something to do"))
    for seconds in (10, 60, 300, 0)
)  # fmt: skip

_CURRENT = "What the group and the groups below it are charged for: memory of its processes, page cache, kernel memory."
_PEAK = "The largest that has been."
_MAX = "The limit: beyond it the group's own memory is reclaimed, and then one of its processes is ended."
_SOFT = "Where reclaim begins when the whole system is short of memory."
_WORKING = (
    "Current minus inactive page cache, as container tools mean it: what the group would find hard to give up. "
    "Derived from two files, and an estimate of the next minutes rather than a sum of anything."
)
_SWAP = "What of the group's memory is in swap."
_SWAP_MAX = "The limit of that."


def _stat2(name: str, title: str, key: str, section: str, explanation: str) -> Item:
    return Item(name, title, section, explanation, (f"memory.stat:{key}",))


def _count2(name: str, title: str, key: str, explanation: str) -> Item:
    return Item(name, title, "activity", explanation, (f"memory.stat:{key}",), write=write_count)


ITEMS_2 = (
    Item("current", "Charged now", "memory", _CURRENT, ("memory.current",)),
    Item("peak", "Peak", "memory", _PEAK, ("memory.peak",)),
    Item("working_set", "Working set", "memory", _WORKING, ("memory.current", "memory.stat:inactive_file"),
        _working_set,
        how=DERIVED),
    Item("max", "Limit", "limits", _MAX, ("memory.max",)),
    Item("high", "Throttled above", "limits",
        "Beyond it the group's processes are slowed down and made to give memory back, but none is ended.",
        ("memory.high",)),
    Item("low", "Protected below", "limits",
        "Up to here its memory is reclaimed only when nobody unprotected has any left.", ("memory.low",)),
    Item("min", "Guaranteed", "limits", "Up to here its memory is never reclaimed.", ("memory.min",)),
    Item("oom_group", "Ended as a whole", "limits", "Whether running out of memory ends all of its processes together.",
        ("memory.oom.group",), _yes, _text),
    Item("swap_current", "Swap", "swap", _SWAP, ("memory.swap.current",)),
    Item("swap_peak", "Swap peak", "swap", _PEAK, ("memory.swap.peak",)),
    Item("swap_max", "Swap limit", "swap", _SWAP_MAX, ("memory.swap.max",)),
    Item("swap_high", "Swap throttled above", "swap", "Beyond it its processes are slowed down.",
        ("memory.swap.high",)),
    Item("zswap_current", "zswap pool", "swap", "Memory that holds its compressed pages.", ("memory.zswap.current",)),
    Item("zswap_max", "zswap limit", "swap", _SWAP_MAX, ("memory.zswap.max",)),
    _stat2("anonymous", "Anonymous", "anon", "memory", "Memory of its processes that belongs to no file."),
    _stat2("cached", "Cached", "file", "memory",
        "Page cache that was read or written for it first, shared memory included."),
    _stat2("shmem", "Shared memory", "shmem", "memory", "tmpfs, memfd, SysV and shared anonymous memory."),
    _stat2("mapped_file", "Mapped files", "file_mapped", "memory",
        "The part of the page cache that is mapped into processes."),
    _stat2("anonymous_thp", "Anonymous THP", "anon_thp", "memory", "Anonymous memory in transparent huge pages."),
    _stat2("inactive_file", "Inactive page cache", "inactive_file", "memory",
        "Page cache that reclaim looks at first."),
    _stat2("unevictable", "Unevictable", "unevictable", "memory", "Memory that cannot be reclaimed, as with mlock."),
    _stat2("kernel", "Kernel memory", "kernel", "memory",
        "All that the kernel keeps for it: slab, stacks, page tables and more."),
    _stat2("sock", "Network buffers", "sock", "memory", "Memory of its network connections."),
    _stat2("dirty", "Dirty", "file_dirty", "memory", "Page cache that was changed and waits to be written."),
    _stat2("writeback", "Writeback", "file_writeback", "memory", "Page cache that is being written just now."),
    _stat2("swap_cached", "Swap cached", "swapcached", "swap", "Memory that has a copy in swap as well."),
    *_events(
        ("low", "Reclaimed below its protection", "How often it was reclaimed though below `low`."),
        ("high", "Throttled", "How often its processes were slowed down for being above `high`."),
        ("max", "Limit reached", "How often its usage was about to go over the limit."),
        ("oom", "Out of memory", "How often the limit was reached and reclaim did not help."),
        ("oom_kill", "OOM kills", "How many of its processes were ended because memory had run out."),
        ("oom_group_kill", "OOM kills of the group", "How often the group was ended as a whole."),
    ),
    *_PRESSURE,
    _count2("page_faults", "Page faults", "pgfault", "Page faults, those that needed no disk included."),
    _count2("major_faults", "Major faults", "pgmajfault", "Page faults that had to read from disk."),
    _count2("refaults_anonymous", "Refaults, anonymous", "workingset_refault_anon",
        "Pages that were needed again soon after they had been swapped out."),
    _count2("refaults_file", "Refaults, files", "workingset_refault_file",
        "Pages of the page cache that were needed again soon after they had been dropped."),
)  # fmt: skip


def _stat1(name: str, title: str, key: str, section: str, explanation: str, *, count: bool = False) -> Item:
    """`total_KEY` counts the groups below as well, as the usage does; before 2.6.30 there is only KEY."""
    write = write_count if count else write_size
    plain = Item(name, title, section, explanation, (f"memory.stat:{key}",), write=write)
    return replace(plain, needs=(f"memory.stat:total_{key}",), otherwise=plain)


ITEMS_1 = (
    Item("current", "Charged now", "memory", _CURRENT, ("memory.usage_in_bytes",)),
    Item("peak", "Peak", "memory", _PEAK, ("memory.max_usage_in_bytes",)),
    Item("working_set", "Working set", "memory", _WORKING, ("memory.usage_in_bytes", "memory.stat:total_inactive_file"),
        _working_set, how=DERIVED),
    Item("max", "Limit", "limits", _MAX, ("memory.limit_in_bytes",)),
    Item("soft_limit", "Soft limit", "limits", _SOFT, ("memory.soft_limit_in_bytes",)),
    Item("hierarchical_max", "Limit with the groups above", "limits",
        "The smallest limit of the group and those above it.", ("memory.stat:hierarchical_memory_limit",)),
    Item("memory_swap_max", "Limit of memory and swap", "limits", "Memory and swap together.",
        ("memory.memsw.limit_in_bytes",)),
    Item("kernel_max", "Limit of kernel memory", "limits", "Given up in Linux 5.4; it does nothing since 6.1.",
        ("memory.kmem.limit_in_bytes",)),
    Item("oom_kill_disable", "Not ended when out of memory", "limits",
        "Whether its processes wait rather than end when memory has run out.", ("memory.oom_control:oom_kill_disable",),
        _yes, _text),
    Item("swappiness", "Swappiness", "limits",
        "How willingly its memory is swapped rather than its page cache dropped.",
        ("memory.swappiness",), write=write_count),
    _stat1("swap_current", "Swap", "swap", "swap", _SWAP),
    Item("memory_swap_current", "Memory and swap", "swap", "Both together.", ("memory.memsw.usage_in_bytes",)),
    Item("memory_swap_peak", "Memory and swap, peak", "swap", _PEAK, ("memory.memsw.max_usage_in_bytes",)),
    _stat1("anonymous", "Anonymous", "rss", "memory",
        "Memory of its processes that belongs to no file; the file calls it rss, which it is not."),
    _stat1("cached", "Cached", "cache", "memory",
        "Page cache that was read or written for it first, shared memory included."),
    _stat1("shmem", "Shared memory", "shmem", "memory", "tmpfs, memfd, SysV and shared anonymous memory."),
    _stat1("mapped_file", "Mapped files", "mapped_file", "memory",
        "The part of the page cache that is mapped into processes."),
    _stat1("anonymous_thp", "Anonymous THP", "rss_huge", "memory", "Anonymous memory in transparent huge pages."),
    _stat1("inactive_file", "Inactive page cache", "inactive_file", "memory",
        "Page cache that reclaim looks at first."),
    _stat1("unevictable", "Unevictable", "unevictable", "memory", "Memory that cannot be reclaimed, as with mlock."),
    Item("kernel", "Kernel memory", "memory", "All that the kernel keeps for it: slab, stacks, page tables and more.",
        ("memory.kmem.usage_in_bytes",)),
    Item("tcp", "TCP buffers", "memory",
        "Memory of its TCP connections, which version 1 counts apart from everything else.",
        ("memory.kmem.tcp.usage_in_bytes",)),
    _stat1("dirty", "Dirty", "dirty", "memory", "Page cache that was changed and waits to be written."),
    _stat1("writeback", "Writeback", "writeback", "memory", "Page cache that is being written just now."),
    _stat1("swap_cached", "Swap cached", "swapcached", "swap", "Memory that has a copy in swap as well."),
    Item("events_max", "Limit reached", "events", "How often its usage was about to go over the limit.",
        ("memory.failcnt",), write=write_count),
    Item("under_oom", "Out of memory now", "events", "Whether its processes wait for memory just now.",
        ("memory.oom_control:under_oom",), _yes, _text),
    Item("events_oom_kill", "OOM kills", "events",
        "How many of its processes were ended because memory had run out.",
        ("memory.oom_control:oom_kill",), write=write_count),
    _stat1("page_faults", "Page faults", "pgfault", "activity", "Page faults, those that needed no disk included.",
        count=True),
    _stat1("major_faults", "Major faults", "pgmajfault", "activity", "Page faults that had to read from disk.",
        count=True),
)  # fmt: skip


def _part(name: str, title: str, kind: str, key: str, explanation: str) -> Item:
    return Item(name, title, kind, explanation, (f"memory.stat:{key}",))


_CACHE = "Contents of files. Most of it can be read again when memory is needed; the first to use a page pays for it."
_REST = Item(
    "other", "Not itemised", "other",
    "What the other parts leave of the charge: memory that each processor holds in reserve for the group, swap cache "
    "that "
    "is not mapped, and what the statistics have not caught up with.",
)  # fmt: skip
_SHMEM = "tmpfs, memfd, SysV and shared anonymous memory. It can be swapped, but not dropped."

PARTS_2 = (
    _part("anonymous", "Anonymous", "processes", "anon", "Memory of its processes that belongs to no file."),
    _part("shmem", "Shared memory", "files", "shmem", _SHMEM),
    Item("page_cache", "Page cache of files", "files", _CACHE, ("memory.stat:file",), less, how=DERIVED,
        optional=("memory.stat:shmem", "memory.stat:swapcached")),
    Item("slab_reclaimable", "Slab, reclaimable", "kernel",
        "Objects of the kernel that can be given back under pressure: inodes and directory entries.",
        ("memory.stat:slab_reclaimable",)),
    Item("slab_unreclaimable", "Slab, unreclaimable", "kernel",
        "Objects of the kernel that stay while they are in use.",
        ("memory.stat:slab_unreclaimable",)),
    _part("kernel_stacks", "Kernel stacks", "kernel", "kernel_stack",
        "One stack in the kernel for each of its threads."),
    _part("page_tables", "Page tables", "kernel", "pagetables",
        "The tables that translate addresses of its processes."),
    _part("secondary_page_tables", "Secondary page tables", "kernel", "sec_pagetables",
        "Tables of its virtual machines."),
    _part("percpu", "Per-CPU", "kernel", "percpu", "Data that the kernel keeps for it once for each processor."),
    _part("vmalloc", "vmalloc", "kernel", "vmalloc", "Large tables that the kernel keeps for it."),
    _part("zswap", "zswap pool", "kernel", "zswap", "Memory that holds its compressed pages."),
    Item("kernel_other", "Other kernel memory", "kernel",
        "Kernel memory that is none of the kinds above: pipes, message queues, pages of drivers.",
        ("memory.stat:kernel", "memory.stat:slab"), less, how=DERIVED,
        optional=tuple(f"memory.stat:{key}" for key in KERNEL_2)),
    _part("sock", "Network buffers", "kernel", "sock", "Memory of its network connections."),
    _part("hugetlb", "Huge page pool", "other", "hugetlb",
        "Pages of the huge page pool, where they are charged to groups."),
    _REST,
)  # fmt: skip


def _total(name: str, title: str, kind: str, key: str, explanation: str) -> Item:
    return _stat1(name, title, key, kind, explanation)


PARTS_1_ROOT = (
    _total("anonymous", "Anonymous", "processes", "rss", "Memory of its processes that belongs to no file."),
    _total("shmem", "Shared memory", "files", "shmem", _SHMEM),
    Item("page_cache", "Page cache of files", "files", _CACHE, ("memory.stat:total_cache",), less, how=DERIVED,
        optional=("memory.stat:total_shmem", "memory.stat:total_swapcached"),
        otherwise=Item("page_cache", "Page cache of files", "files", _CACHE, ("memory.stat:cache",), less, how=DERIVED,
            optional=("memory.stat:shmem", "memory.stat:swapcached"))),
    _REST,
)  # fmt: skip
PARTS_1 = (
    *PARTS_1_ROOT[:-1],
    Item("kernel", "Kernel memory", "kernel",
        "Slab, stacks, page tables and more; version 1 does not tell them apart.", ("memory.kmem.usage_in_bytes",)),
    _REST,
)  # fmt: skip

ITEMS = {"1": ITEMS_1, "2": ITEMS_2}
# Every name that either version has, so that JSON has the same keys whatever the version.
TITLES = {item.name: item.title for items in (ITEMS_2, ITEMS_1) for item in items}
