"""What follows from the traits of all regions and the facts of the process, before a region gets a category: which
are the program's and its libraries', which are heaps and stacks. Arrays, each computed once and only when asked for.

Facts decide before names: device, inode, permissions, VmFlags, and the segment addresses of /proc/PID/stat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.core.cached import cached_property
from memviz.core.deleted import SUFFIX
from memviz.core.regions import Array, Mask, RegionTable
from memviz.core.traits import Traits, fits
from memviz.proc.stat import Stat

KIB, MIB = 1 << 10, 1 << 20
ARENA, ARENA_32 = 64 * MIB, 1 * MIB  # glibc's HEAP_MAX_SIZE on machines of 64 and 32 bits
STACK_FLAG_SINCE = (6, 7)  # from this kernel on MAP_STACK sets VM_NOHUGEPAGE, `nh`
LARGEST_GUARD, LARGEST_OLD_GUARD = 1 * MIB, 64 * KIB
LARGEST_STACK = 256 * MIB  # without a stack pointer in it
LARGEST_BSS, SMALL_BSS = 8, 64 * KIB  # times the size of the mapping that it continues; always plausible


class Target(NamedTuple):
    """What classification needs to know of the process besides its regions; everything may be missing."""

    stat: Stat | None = None
    page_size: int = 4096
    kernel: tuple[int, ...] = ()
    stack_pointers: tuple[int, ...] = ()
    stack_limit: int | None = None


class Evidence(Traits):
    """Traits and conclusions: every property is a boolean array over the rows of `table` unless it says otherwise."""

    def __init__(self, table: RegionTable, target: Target) -> None:
        super().__init__(table)
        self.target = target

    def _landmark(self, name: str, address: int) -> Mask:
        """The region that the kernel calls by this name; where none is, the anonymous one at an address of stat."""
        mask = self.named(name)
        row = self.table.find(address) if address > 1 and not mask.any() else None
        if row is not None and self.anonymous[row]:
            mask[row] = True
        return mask

    # -- programs and libraries -------------------------------------------------------------------------------------

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
            code = np.flatnonzero(self.executable & self.file & ~self.shared)
            row = int(code[0]) if code.size else None
        return self.file & (self.file_ids == self.file_ids[row]) if row is not None else self.none()

    @cached_property
    def bss(self) -> Mask:
        """The anonymous continuation of a private writable mapping of a program or library."""
        carrier = self.of_executable_file & self.writable & ~self.shared
        follows = self.after(carrier) & self.data_like & (self.nameless | self.named("[anon:.bss]"))
        # mmap hands out addresses downwards, so an older anonymous mapping often touches a library from above: what is
        # much larger than the library's initialised variables is none of its others. A program lies where mmap does
        # not place anything
        rows = np.flatnonzero(follows)
        plausible = np.maximum(LARGEST_BSS * self.size[rows - 1], SMALL_BSS)
        follows[rows] = (self.size[rows] <= plausible) | self.program[rows - 1]
        return follows

    def runs(self, *patterns: str) -> bool:
        """Whether a program or library whose file name fits one of the patterns is mapped with code."""
        wanted = [pattern.encode() for pattern in patterns]
        return any(fits(name, pattern) for name in self._code_names for pattern in wanted)

    @cached_property
    def _code_names(self) -> frozenset[bytes]:
        numbers = set(self.table["path_id"][self.executable & self.file].tolist())
        paths = (self.table.paths[number] for number in numbers)
        return frozenset(path.rsplit(b"/", 1)[-1].removesuffix(SUFFIX) for path in paths)

    # -- heaps ------------------------------------------------------------------------------------------------------

    @cached_property
    def brk(self) -> Mask:
        """The heap that grows with brk: named by the kernel, or at start_brk."""
        return self._landmark("[heap]", self.target.stat.start_brk if self.target.stat else 0)

    @cached_property
    def wide(self) -> bool:
        """Whether the process uses addresses of more than 32 bits."""
        return bool((self.end[self.start < np.uint64(1 << 63)] > np.uint64(1 << 32)).any())

    @cached_property
    def arena_window(self) -> np.uint64:
        """The largest size of a malloc arena, which begins at a multiple of it."""
        return np.uint64(ARENA if self.wide else ARENA_32)

    @cached_property
    def arena(self) -> Mask:
        """glibc's malloc arenas: they begin at a multiple of their largest size and end, with their PROT_NONE tail,
        at one."""
        window = self.arena_window
        head = self.nameless & self.data_like & (self.start % window == 0) & (self.size <= window)
        whole = head & (self.size == window) & self.table.flagged("nr")
        tail = self.nameless & self.untouchable & (self.end % window == 0) & (self.size < window)
        tail &= self.after(head) & (self.start // window == (self.end - np.uint64(1)) // window)
        arena: Mask = whole | tail | self.before(tail) & head
        return arena

    # -- stacks -----------------------------------------------------------------------------------------------------

    @cached_property
    def main_stack(self) -> Mask:
        return self._landmark("[stack]", self.target.stat.start_stack if self.target.stat else 0)

    @cached_property
    def guard(self) -> Mask:
        """Small PROT_NONE regions right below memory that can be written."""
        small = self.nameless & self.untouchable & (self.size <= LARGEST_GUARD)
        return small & self.before(self.anonymous & self.writable)

    def with_guard(self, stacks: Mask) -> Mask:
        return stacks | self.guard & self.before(stacks)

    @cached_property
    def _guarded(self) -> Mask:
        return self.after(self.guard) | self.table.flagged("gu")

    @cached_property
    def _may_be_stack(self) -> Mask:
        return self.anonymous & self.writable & ~self.arena & ~self.brk & ~self.bss

    @cached_property
    def _stack_pointers(self) -> Array:
        """For each region how many blocked threads have their stack pointers in it."""
        found = [self.table.find(pointer) for pointer in set(self.target.stack_pointers)]
        rows = np.array([row for row in found if row is not None], np.intp)
        return np.bincount(rows, minlength=self.count) * self._may_be_stack

    @cached_property
    def _mapped_as_stack(self) -> Mask:
        return self._guarded | self.table.flagged("nh")

    @cached_property
    def stack_in_use(self) -> Mask:
        """Regions, without their guards, that were mapped as the stack of a thread and have its stack pointer."""
        mask: Mask = (self._stack_pointers == 1) & self._mapped_as_stack
        return mask

    @cached_property
    def joined_stacks(self) -> Mask:
        """Stacks of several threads that no guard separates: the kernel keeps such neighbours as one region."""
        mask: Mask = (self._stack_pointers > 1) & self._mapped_as_stack
        return mask

    @cached_property
    def own_stack(self) -> Mask:
        """Memory that the program gave a thread as its stack (pthread_attr_setstack), by the stack pointer in it."""
        mask: Mask = self.around_stacks & (self._stack_pointers == 1) & (self.size <= LARGEST_STACK)
        return mask

    @cached_property
    def around_stacks(self) -> Mask:
        """Memory that is more than a stack, or holds several, with the stack pointers of threads in it."""
        mask: Mask = (self._stack_pointers > 0) & self.nameless
        return mask

    @cached_property
    def stack_like(self) -> Mask:
        """What looks like the stack of a thread by guard and flag or, on older kernels, by guard and size."""
        able = self._may_be_stack & self.nameless & (self.size <= LARGEST_STACK)
        if self.target.kernel >= STACK_FLAG_SINCE and "flags" in self.table.columns:
            return able & self._guarded & self.table.flagged("nh")
        usual = [1 * MIB, 2 * MIB, 4 * MIB, 8 * MIB, self.target.stack_limit or 0]
        small_guard = self.guard & (self.size <= LARGEST_OLD_GUARD)
        return able & self.after(small_guard) & np.isin(self.size, np.array(usual, np.uint64))

    @cached_property
    def unexplained(self) -> Mask:
        """Nameless private memory that is neither code, stack, brk heap, arena nor bss."""
        stacks = self.stack_in_use | self.around_stacks | self.stack_like | self.guard | self.main_stack
        return self.nameless & ~(stacks | self.arena | self.bss | self.brk)
