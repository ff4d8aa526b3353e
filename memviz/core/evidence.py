"""What is known about every region before it gets a category: arrays of facts, each computed once and only when
asked for.

Facts decide before names: device, inode, permissions, VmFlags, and the segment addresses of /proc/PID/stat.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from memviz.core.regions import Array, Mask, RegionTable
from memviz.proc.maps import EXECUTE, READ, SHARED, WRITE
from memviz.proc.stat import Stat

MIB = 1 << 20
DELETED = b" (deleted)"
ARENA = 64 * MIB  # glibc's HEAP_MAX_SIZE on 64-bit machines; its arenas begin at multiples of it
ARENA_32 = 1 * MIB
STACK_FLAG_SINCE = (6, 7)  # from this kernel on MAP_STACK sets VM_NOHUGEPAGE, `nh`
LARGEST_GUARD = 1 * MIB
LARGEST_STACK = 256 * MIB
LARGEST_BSS, SMALL_BSS = 8, 256 << 10  # times the size of the file's mappings; always plausible


class Target(NamedTuple):
    """What classification needs to know of the process besides its regions; everything may be missing."""

    stat: Stat | None = None
    page_size: int = 4096
    kernel: tuple[int, ...] = ()
    stack_pointers: tuple[int, ...] = ()
    stack_limit: int | None = None


def fits(text: bytes, pattern: bytes) -> bool:
    """Whether a text is what the pattern says, in which `*` stands for anything."""
    first, *rest = pattern.split(b"*")
    if not rest:
        return text == pattern
    last = rest.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at = len(first)
    for part in rest:
        at = text.find(part, at, len(text) - len(last)) + len(part)
        if at < len(part):
            return False
    return True


class Evidence:
    """Facts about the rows of `table`; every property is a boolean array unless it says otherwise."""

    def __init__(self, table: RegionTable, target: Target) -> None:
        self.table, self.target = table, target
        self.start: Array = table["start"]
        self.end: Array = table["end"]
        self.size: Array = table["size"]
        self.count = len(table)

    def none(self) -> Mask:
        """No row at all."""
        return np.zeros(self.count, np.bool_)

    # -- names ------------------------------------------------------------------------------------------------------

    @cached_property
    def _no_file(self) -> Mask:
        mask: Mask = (self.table["inode"] == 0) & ~self._paths(lambda path: path.startswith(b"/"))
        return mask

    def _paths(self, test: Callable[[bytes], bool]) -> Mask:
        truth = np.fromiter(map(test, self.table.paths), np.bool_, len(self.table.paths))
        return truth[self.table["path_id"]] if self.count and truth.any() else self.none()

    def named(self, *patterns: str) -> Mask:
        """Regions without a file whose name, given by the kernel or by prctl, fits one of the patterns (see `fits`)."""
        wanted = [pattern.encode() for pattern in patterns]
        return self._no_file & self._paths(
            lambda path: path[:1] != b"/" and any(fits(path, pattern) for pattern in wanted)
        )

    def file_named(self, *patterns: str) -> Mask:
        """Regions of files whose path fits one of the patterns."""
        wanted = [pattern.encode() for pattern in patterns]
        return self._paths(lambda path: path[:1] == b"/" and any(fits(path, pattern) for pattern in wanted))

    # -- permissions and files --------------------------------------------------------------------------------------

    @cached_property
    def nameless(self) -> Mask:
        """Anonymous private memory that nobody named."""
        mask: Mask = self._no_file & (self.table["path_id"] == self._empty) & ~self.shared
        return mask

    @property
    def _empty(self) -> int:
        return self.table.paths.index(b"") if b"" in self.table.paths else -1

    @cached_property
    def anonymous(self) -> Mask:
        """Private memory without a file, with or without a name of its own."""
        return (self.nameless | self.named("[anon:*]")) & ~self.shared

    @cached_property
    def file(self) -> Mask:
        """Memory that belongs to a file with a path."""
        return self._paths(lambda path: path.startswith(b"/"))

    @cached_property
    def shared(self) -> Mask:
        return self.table.permits(SHARED)

    @cached_property
    def executable(self) -> Mask:
        return self.table.permits(EXECUTE)

    @cached_property
    def writable(self) -> Mask:
        return self.table.permits(WRITE)

    @cached_property
    def untouchable(self) -> Mask:
        """PROT_NONE: neither readable nor writable nor executable."""
        mask: Mask = (self.table["permissions"] & np.uint8(READ | WRITE | EXECUTE)) == 0
        return mask

    @cached_property
    def data_like(self) -> Mask:
        """Anonymous, readable, writable, not executable."""
        return self.anonymous & self.table.permits(READ | WRITE) & ~self.executable

    # -- neighbours -------------------------------------------------------------------------------------------------

    @cached_property
    def touches_previous(self) -> Mask:
        """Where the region begins at the very end of the one before."""
        touching = self.none()
        if self.count:
            touching[1:] = self.start[1:] == self.end[:-1]
        return touching

    def after(self, mask: Mask) -> Mask:
        """The rows that touch a row of `mask` from above."""
        moved = self.none()
        moved[1:] = mask[:-1]
        return moved & self.touches_previous

    def before(self, mask: Mask) -> Mask:
        """The rows that touch a row of `mask` from below."""
        moved = self.none()
        if self.count:
            moved[:-1] = (mask & self.touches_previous)[1:]
        return moved

    # -- programs and libraries -------------------------------------------------------------------------------------

    @cached_property
    def file_ids(self) -> Array:
        """For each row a number of its file (device and inode), -1 where it has none."""
        ids = np.full(self.count, -1, np.intp)
        rows = np.flatnonzero(self.file)
        if rows.size:
            device, inode = self.table["device"][rows], self.table["inode"][rows]
            order = np.lexsort((device, inode))
            new = (np.diff(device[order], prepend=device[order][:1]) != 0) | (
                np.diff(inode[order], prepend=inode[order][:1]) != 0
            )
            ids[rows[order]] = np.cumsum(new)
        return ids

    @cached_property
    def of_executable_file(self) -> Mask:
        """Mappings of files that have an executable mapping somewhere in the process: programs and libraries."""
        ids = self.file_ids
        has_code = np.zeros(int(ids.max(initial=-1)) + 2, np.bool_)
        has_code[ids[self.executable & self.file]] = True
        has_code[-1] = False
        return has_code[ids] & self.file

    @cached_property
    def program(self) -> Mask:
        """Mappings of the file that is mapped at start_code; the lowest executable file where stat does not tell."""
        row = self.table.find(self.target.stat.start_code) if self.target.stat else None
        if row is None or not self.file[row]:
            code = np.flatnonzero(self.executable & self.file)
            row = int(code[0]) if code.size else None
        return self.file & (self.file_ids == self.file_ids[row]) if row is not None else self.none()

    @cached_property
    def bss(self) -> Mask:
        """The anonymous continuation of a private writable mapping of a program or library."""
        carrier = self.of_executable_file & self.writable & ~self.shared
        follows = self.after(carrier) & self.data_like & (self.nameless | self.named("[anon:.bss]"))
        # mmap hands out addresses downwards, so an older anonymous mapping often touches a library from above: what is
        # much larger than the whole file is none of its variables
        rows = np.flatnonzero(follows)
        sizes = np.bincount(self.file_ids[self.file], self.size[self.file].astype(np.float64), self.count + 1)
        plausible = np.maximum(LARGEST_BSS * sizes[self.file_ids[rows - 1]], SMALL_BSS)
        # a program lies where mmap does not place anything
        follows[rows] = (self.size[rows] <= plausible) | self.program[rows - 1]
        return follows

    # -- heaps and stacks -------------------------------------------------------------------------------------------

    @cached_property
    def brk(self) -> Mask:
        """The heap that grows with brk: named by the kernel, or at start_brk."""
        heap = self.named("[heap]")
        if not heap.any() and self.target.stat and self.target.stat.start_brk > 1:
            row = self.table.find(self.target.stat.start_brk)
            if row is not None and self.data_like[row] and int(self.start[row]) == self.target.stat.start_brk:
                heap = heap.copy()
                heap[row] = True
        return heap

    @cached_property
    def main_stack(self) -> Mask:
        stack = self.named("[stack]")
        if not stack.any() and self.target.stat and self.target.stat.start_stack > 1:
            row = self.table.find(self.target.stat.start_stack)
            if row is not None and self.anonymous[row]:
                stack = stack.copy()
                stack[row] = True
        return stack

    @cached_property
    def arena(self) -> Mask:
        """glibc's malloc arenas: they begin at a multiple of their largest size and end, with their PROT_NONE tail,
        at one."""
        largest = (
            ARENA if self.count and int(self.end[self.start < np.uint64(1 << 63)].max(initial=0)) >> 32 else ARENA_32
        )
        window = np.uint64(largest)
        head = self.nameless & self.data_like & (self.start % window == 0) & (self.size <= window)
        whole = head & (self.size == window) & self.table.flagged("nr")
        tail = self.nameless & self.untouchable & (self.end % window == 0) & (self.size < window)
        tail &= self.after(head) & (self.start // window == (self.end - np.uint64(1)) // window)
        arena: Mask = whole | tail | self.before(tail) & head
        return arena

    @cached_property
    def guard(self) -> Mask:
        """Small PROT_NONE regions right below memory that can be written."""
        small = self.nameless & self.untouchable & (self.size <= LARGEST_GUARD)
        return small & self.before(self.anonymous & self.writable)

    @cached_property
    def holds_stack_pointer(self) -> Mask:
        held = self.none()
        for pointer in self.target.stack_pointers:
            row = self.table.find(pointer)
            if row is not None:
                held[row] = True
        return held

    @cached_property
    def thread_stack(self) -> Mask:
        """Stacks of threads, without their guards: by stack pointer, by flag, or, on older kernels, by guard and
        size."""
        able = self.anonymous & self.writable & (self.size <= LARGEST_STACK) & ~self.arena & ~self.brk & ~self.bss
        guarded = self.after(self.guard) | self.table.flagged("gu")
        stack = able & self.holds_stack_pointer & (guarded | self.table.flagged("nh"))
        if self.target.kernel >= STACK_FLAG_SINCE and "flags" in self.table.columns:
            return stack | able & guarded & self.table.flagged("nh")
        usual = np.isin(
            self.size, np.array([s * MIB for s in (1, 2, 4, 8)] + [self.target.stack_limit or 0], np.uint64)
        )
        return stack | able & self.after(self.guard & (self.size <= 64 << 10)) & usual

    # -- runtimes ---------------------------------------------------------------------------------------------------

    def runs(self, *patterns: str) -> bool:
        """Whether a program or library whose file name fits one of the patterns is mapped with code."""
        wanted = [pattern.encode() for pattern in patterns]
        return any(fits(name, pattern) for name in self._code_names for pattern in wanted)

    @cached_property
    def _code_names(self) -> frozenset[bytes]:
        paths = (
            self.table.paths[number] for number in set(self.table["path_id"][self.executable & self.file].tolist())
        )
        return frozenset(path.rsplit(b"/", 1)[-1].removesuffix(DELETED) for path in paths)

    @cached_property
    def unexplained(self) -> Mask:
        """Nameless private memory that is neither code, stack, brk heap, arena nor bss."""
        return self.nameless & ~(self.arena | self.thread_stack | self.guard | self.bss | self.brk | self.main_stack)
