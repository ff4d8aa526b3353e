"""Groups and categories: what kind of memory a region is. The first category whose rule holds has the region.

To add one, add an entry to CATEGORIES: legends, reports, JSON, glossary and tests follow by looping.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from memviz.core.deleted import NO, UNKNOWN, YES
from memviz.core.evidence import Evidence
from memviz.core.regions import Array, Mask

GO_HEAP, GO_HEAP_END = np.uint64(0xC0_0000_0000), np.uint64(0x1C0_0000_0000)  # runtime/malloc.go: where arenas begin
COMPRESSED_OOPS_END = np.uint64(0x8_0000_0000)  # HotSpot keeps heaps up to 32 GiB below this address
CLASS_SPACE_END = np.uint64(0x10_0000_0000)
V8_PAGE, V8_POOL = np.uint64(256 << 10), np.uint64(16 << 20)  # it keeps up to 64 pages
PYTHON_ARENA, HUGE_PAGE = np.uint64(1 << 20), np.uint64(2 << 20)  # Objects/obmalloc.c since 3.10
KERNEL_BUFFERS = ("anon_inode:*", "socket:*", "/[aio] (deleted)")
KERNEL_NAMES = ("[vdso]", "[vvar]", "[vvar_vclock]", "[sigpage]", "[vectors]", "[uprobes]", "[kuserhelpers]")
ALLOCATORS = ("malloc", "scudo", "mimalloc", "jemalloc", "partition_alloc", "heap", "dalvik-", "v8", "Go: ")
ALLOCATOR_NAMES = tuple(f"[anon:*{name}*]" for name in ALLOCATORS)
V8_PROGRAMS = ("node", "nodejs", "chrome", "chromium", "electron", "deno", "libnode.so*", "libv8.so*")


class Group(NamedTuple):
    """A word of the user's vocabulary: `segments` is its line in the fixed report, `colour` its hue on a
    dark ground, as `resources/colours.json` has it for windows and terminals."""

    name: str
    segments: str
    colour: str


GROUPS = (
    Group("text", "Text Segments", "#8894b3"),
    Group("data", "Data Segments", "#eda4bc"),
    Group("heap", "Heap Segments", "#4eb17b"),
    Group("stack", "Stack Segments", "#f7b034"),
    Group("library", "Library Segments", "#9cb3fc"),
    Group("anonymous", "Anonymous Memory", "#307ec6"),
    Group("file", "File Mappings", "#b89725"),
    Group("shared", "Shared Memory", "#af80fb"),
    Group("kernel", "Kernel Mappings", "#787d7e"),
    Group("reserved", "Reserved Address Space", "#5b6079"),
)

# How the regions of a category become blocks (see blocks.py)
BY_FILE, TOUCHING, GUARDED, WINDOW, ALIKE, SCATTERED = "file", "touching", "guarded", "window", "alike", "scattered"


class Category(NamedTuple):
    """`sure` tells a fact from a likelihood; `label` names its blocks (files name their own) and their family, which
    several categories may share; `blocks` says how they form; `home` is the group of such a block where it is another
    one: a library's code lies in a block of the library."""

    name: str
    group: str
    label: str
    sure: bool
    blocks: str
    explanation: str
    rule: Callable[[Evidence], Mask]
    home: str = ""

    @property
    def in_line(self) -> bool:
        """Whether its blocks belong to a family: fifty thread stacks can be one line."""
        return self.blocks in (GUARDED, WINDOW)


def _go(e: Evidence) -> Mask:
    inside = e.anonymous & (e.start >= GO_HEAP) & (e.end <= GO_HEAP_END)
    return inside if bool((e.start == GO_HEAP).any()) else e.none()


def _java_heap(e: Evidence) -> Mask:
    low = e.nameless & (e.end <= COMPRESSED_OOPS_END) & ~e.executable & ~e.bss & ~e.brk
    if not e.wide:
        low &= e.unexplained  # there everything lies low
    return low if e.runs("libjvm.so") else e.none()


def _java_classes(e: Evidence) -> Mask:
    near = e.nameless & (e.start >= COMPRESSED_OOPS_END) & (e.end <= CLASS_SPACE_END)
    return near if e.runs("libjvm.so") else e.none()


def _java_other(e: Evidence) -> Mask:
    return e.unexplained & e.data_like if e.runs("libjvm.so") else e.none()


def _v8(e: Evidence) -> Mask:
    if not e.runs(*V8_PROGRAMS):
        return e.none()
    aligned = e.start % V8_PAGE == 0
    # between collections V8 takes access from pages that it keeps for the next: they are its heap all the same
    kept = e.nameless & e.untouchable & (e.size % V8_PAGE == 0) & (e.size <= V8_POOL)
    mask: Mask = (e.unexplained & ~e.executable & ~e.untouchable | kept) & aligned
    return mask


def _python(e: Evidence) -> Mask:
    if not e.runs("python*", "libpython*.so*"):
        return e.none()
    # Linux places large single mappings at multiples of 2 MiB (since 6.7), arenas of 1 MiB it does not
    one_mapping = (e.start % HUGE_PAGE == 0) & (e.size >= HUGE_PAGE)
    arenas: Mask = (e.size % PYTHON_ARENA == 0) & ~one_mapping
    # nobody guards arenas on both sides, and they are taken one by one as objects fill them
    fenced = e.after(e.untouchable) & e.before(e.untouchable)
    filled: Mask = e.table["rss"] * np.uint64(2) > e.size if "rss" in e.table else ~e.none()
    return e.unexplained & e.data_like & arenas & ~fenced & filled


CATEGORIES = (
    Category(
        "vsyscall", "kernel", "vsyscall", True, TOUCHING,
        "A page of the kernel at a fixed address for very old programs. It is no part of the process's own size.",
        lambda e: e.named("[vsyscall]"),
    ),
    Category(
        "vdso", "kernel", "vdso and vvar", True, TOUCHING,
        "Code and data that the kernel shares with every process, so that asking for the time needs no system call.",
        lambda e: e.named(*KERNEL_NAMES),
    ),
    Category(
        "main stack", "stack", "main stack", True, TOUCHING,
        "The stack of the first thread: local variables and return addresses. It grows downwards by itself and never shrinks.",
        lambda e: e.main_stack,
    ),
    Category(
        "brk heap", "heap", "heap (brk)", True, TOUCHING,
        "The classic heap, grown with brk. malloc takes small blocks from here; free memory in its middle cannot be given back.",
        lambda e: e.brk,
    ),
    Category(
        "huge pages", "anonymous", "huge pages", True, TOUCHING,
        "Memory from the hugetlb pool, set aside by the administrator. It is not part of RSS.",
        lambda e: e.table.flagged("ht") | e.named("/anon_hugepage (deleted)") & ~e.deleted(NO),
    ),
    Category(
        "shared anonymous", "shared", "shared anonymous", True, TOUCHING,
        "Memory without a file that this process and its children share (MAP_SHARED | MAP_ANONYMOUS).",
        lambda e: e.shared & (e.named("/dev/zero (deleted)") & ~e.deleted(NO) | e.named("[anon_shmem:*]")),
    ),
    Category(
        "System V shared memory", "shared", "System V segment", True, BY_FILE,
        "A shared memory segment of the old System V kind (shmget). It lives until it is removed, even without processes.",
        lambda e: e.shared & e.named("/SYSV* (deleted)") & ~e.deleted(NO),
    ),
    Category(
        "private /dev/zero", "anonymous", "/dev/zero", True, TOUCHING,
        "Private memory that begins as zeros, from a mapping of /dev/zero: the old way to ask for anonymous memory.",
        lambda e: e.named("/dev/zero") & ~e.shared,
    ),
    Category(
        "kernel buffer", "file", "kernel buffer", True, BY_FILE,
        "A buffer that the process shares with the kernel: rings of io_uring, samples of perf, packets of a socket, BPF maps.",
        lambda e: e.named(*KERNEL_BUFFERS) & e.shared,
    ),
    Category(
        "program code", "text", "program", True, BY_FILE,
        "The machine code of the program itself, read from its file when it is first used.",
        lambda e: e.program & e.executable,
    ),
    Category(
        "program data", "data", "program", True, BY_FILE,
        "Constants and initialised variables of the program. Written pages become private copies.",
        lambda e: e.program,
        home="text",
    ),
    Category(
        "program bss", "data", "program", False, BY_FILE,
        "Variables of the program that begin as zero and take no room in its file.",
        lambda e: e.bss & e.after(e.program),
        home="text",
    ),
    Category(
        "memfd", "shared", "memfd", True, BY_FILE,
        "Memory with a file descriptor but no file (memfd_create), made to be shared with other processes.",
        lambda e: e.named("/memfd:* (deleted)") & ~e.deleted(NO),
    ),
    Category(
        "POSIX shared memory", "shared", "shared memory", True, BY_FILE,
        "A file in /dev/shm, which lives in memory: shm_open and the like. It stays until it is unlinked and no process uses it.",
        lambda e: e.named("/dev/shm/*"),
    ),
    Category(
        "library code", "text", "library", True, BY_FILE,
        "The machine code of a shared library. All processes that use the library share these pages.",
        lambda e: e.of_executable_file & e.executable,
        home="library",
    ),
    Category(
        "library data", "library", "library", True, BY_FILE,
        "Constants, tables and variables of a shared library. What is written becomes a private copy.",
        lambda e: e.of_executable_file,
    ),
    Category(
        "library bss", "library", "library", False, BY_FILE,
        "Variables of a library that begin as zero and take no room in its file.",
        lambda e: e.bss,
    ),
    Category(
        "device", "file", "device", True, BY_FILE,
        "Memory of a device, or shared with its driver, such as a graphics card.",
        lambda e: e.named("/dev/*"),
    ),
    Category(
        "deleted file", "file", "deleted file", True, BY_FILE,
        "A mapped file that has been deleted or replaced: nothing has its name now. Its blocks stay until it is unmapped.",
        lambda e: e.deleted(YES),
    ),
    Category(
        "likely deleted file", "file", "deleted file", False, BY_FILE,
        "A mapped file that has most likely been deleted or replaced. Its name ends in \"(deleted)\", which the kernel adds, but a living file may be called so; what has that name now could not be seen.",
        lambda e: e.deleted(UNKNOWN),
    ),
    Category(
        "mapped file", "file", "file", True, BY_FILE,
        "A data file mapped into memory: its pages come from the page cache and are shared with everybody who reads it.",
        lambda e: e.file | ~e.anonymous & (e.table["inode"] != 0),
    ),
    Category(
        "Go heap", "heap", "Go heap", False, SCATTERED,
        "The heap of the Go runtime, which begins at 0xc000000000 and holds the stacks of goroutines too.",
        _go,
    ),
    Category(
        "Java heap", "heap", "Java heap", False, SCATTERED,
        "The heap of the Java virtual machine, with the address space that it has reserved to grow into.",
        _java_heap,
    ),
    Category(
        "malloc arena", "heap", "malloc arena", True, WINDOW,
        "A heap of glibc's malloc for threads: up to 64 MiB at a multiple of 64 MiB (1 MiB in 32-bit programs), with its reserve of untouchable addresses.",
        lambda e: e.arena,
    ),
    Category(
        "thread stack", "stack", "thread stack", True, GUARDED,
        "The stack of a thread, with the untouchable guard below it that stops it from running into other memory.",
        lambda e: e.with_guard(e.stack_in_use) | e.named("[stack:*]", "[anon:*stack*]"),
    ),
    Category(
        "joined thread stacks", "stack", "joined thread stacks", True, GUARDED,
        "The stacks of several threads, whose stack pointers lie in it. No guard separates them, so the kernel keeps them as one region.",
        lambda e: e.with_guard(e.joined_stacks),
    ),
    Category(
        "stack set by the program", "stack", "thread stack", False, GUARDED,
        "Memory that the program itself gave a thread as its stack (pthread_attr_setstack): the thread's stack pointer lies in it. Whether it serves for something else too does not show.",
        lambda e: e.with_guard(e.own_stack),
    ),
    Category(
        "memory with stacks", "anonymous", "anonymous, with thread stacks", True, ALIKE,
        "Private memory in which the stack pointers of threads lie: it holds their stacks, and more than those.",
        lambda e: e.around_stacks,
    ),
    Category(
        "likely thread stack", "stack", "thread stack", False, GUARDED,
        "Memory with a guard below it, as stacks of threads have. No thread was seen to use it: threads that run, or may not be looked at, do not show where their stacks are.",
        lambda e: e.with_guard(e.stack_like),
    ),
    Category(
        "just-in-time code", "anonymous", "just-in-time code", True, TOUCHING,
        "Executable memory without a file: machine code that a runtime made while running.",
        lambda e: e.anonymous & e.executable,
    ),
    Category(
        "Java classes", "heap", "Java class metadata", False, SCATTERED,
        "Descriptions of the loaded Java classes, next to the shared class archive.",
        _java_classes,
    ),
    Category(
        "V8 heap", "heap", "V8 heap", False, SCATTERED,
        "Pages of the JavaScript heap: V8 takes them in pieces of 256 KiB at multiples of that size. Some it keeps without access until it needs them again.",
        _v8,
    ),
    Category(
        "Python objects", "heap", "Python objects", False, SCATTERED,
        "Arenas of Python's own allocator, 1 MiB each (most likely): small objects live here.",
        _python,
    ),
    Category(
        "JVM internals", "heap", "JVM internals", False, SCATTERED,
        "Most likely tables of the Java garbage collector, class metadata and what else the virtual machine keeps for itself.",
        _java_other,
    ),
    Category(
        "named heap", "heap", "named heap", False, SCATTERED,
        "Memory that an allocator has named as its own.",
        lambda e: e.named(*ALLOCATOR_NAMES),
    ),
    Category(
        "reserved", "reserved", "reserved", True, ALIKE,
        "Addresses set aside without access: a guard, or room that a runtime keeps to grow into. It costs nothing unless it was used before access was taken away.",
        lambda e: e.untouchable,
    ),
    Category(
        "named anonymous", "anonymous", "named", True, BY_FILE,
        "Anonymous memory to which the program gave a name.",
        lambda e: e.anonymous & ~e.nameless,
    ),
    Category(
        "anonymous", "anonymous", "anonymous", True, ALIKE,
        "Private memory without a file: large allocations, buffers, and heaps whose owner does not show from outside.",
        lambda e: e.nameless,
    ),
    Category(
        "other", "anonymous", "other", True, TOUCHING,
        "A mapping whose kind memviz does not know.",
        lambda e: ~e.none(),
    ),
)  # fmt: skip


def classify(evidence: Evidence, categories: tuple[Category, ...] = CATEGORIES) -> Array:
    """For each region the index of its category in `categories`, uint8."""
    chosen = np.zeros(evidence.count, np.uint8)
    free = np.ones(evidence.count, np.bool_)
    for index, category in enumerate(categories):
        mask = free & category.rule(evidence)
        if mask.any():
            chosen[mask] = index
            free &= ~mask
    return chosen
