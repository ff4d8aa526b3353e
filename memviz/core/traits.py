"""What regions show of themselves and their neighbours: names, files, permissions, adjacency. What follows from that
is in evidence.py."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from memviz.core.cached import cached_property
from memviz.core.deleted import UNKNOWN
from memviz.core.regions import Array, Mask, RegionTable
from memviz.proc.maps import EXECUTE, READ, SHARED, WRITE

NO_DEVICE = np.uint32(0xFFFF_FFFF)  # where a capture tells neither device nor inode


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


class Traits:
    """Facts about the rows of `table`; every property is a boolean array unless it says otherwise."""

    def __init__(self, table: RegionTable) -> None:
        self.table = table
        self.start: Array = table["start"]
        self.end: Array = table["end"]
        self.size: Array = table["size"]
        self.count = len(table)

    def none(self) -> Mask:
        """No row at all."""
        return np.zeros(self.count, np.bool_)

    # -- names ------------------------------------------------------------------------------------------------------

    def named(self, *patterns: str) -> Mask:
        """Regions whose name fits one of the patterns (see `fits`), which begin with a letter of it: `/` for files;
        other names are given by the kernel or by prctl."""
        chosen = [number for pattern in patterns for number in self._fitting(pattern.encode())]
        if not chosen:
            return self.none()
        truth = np.zeros(len(self.table.paths), np.bool_)
        truth[chosen] = True
        mask: Mask = truth[self.table["path_id"]]
        return mask

    def _fitting(self, pattern: bytes) -> list[int]:
        """The numbers of the paths that fit. Those that begin alike are neighbours in order: few are looked at."""
        paths = self.table.paths
        first, *rest = pattern.split(b"*")
        beyond = first[:-1] + bytes([first[-1] + 1])
        low, high = (bisect_left(self._in_order, edge, key=paths.__getitem__) for edge in (first, beyond))
        near = self._in_order[low:high]
        for part in filter(None, rest):
            near = [number for number in near if part in paths[number]]
        return near if rest == [b""] else [number for number in near if fits(paths[number], pattern)]

    @cached_property
    def _in_order(self) -> list[int]:
        return sorted(range(len(self.table.paths)), key=self.table.paths.__getitem__)

    # -- permissions and files --------------------------------------------------------------------------------------

    @cached_property
    def nameless(self) -> Mask:
        """Anonymous private memory that nobody named."""
        empty = self.table.paths.index(b"") if b"" in self.table.paths else -1
        mask: Mask = (self.table["inode"] == 0) & (self.table["path_id"] == empty) & ~self.shared
        return mask

    @cached_property
    def anonymous(self) -> Mask:
        """Private memory without a file, with or without a name of its own."""
        return (self.nameless | self.named("[anon:*]")) & ~self.shared

    @cached_property
    def file(self) -> Mask:
        """Memory that belongs to a file with a path."""
        return self.named("/*")

    @cached_property
    def file_ids(self) -> Array:
        """For each row a number of its file (device and inode, else path), -1 where it has none."""
        ids = np.full(self.count, -1, np.intp)
        rows = np.flatnonzero(self.file)
        if rows.size:
            device, inode = self.table["device"][rows], self.table["inode"][rows]
            stripped = inode == 0
            device = np.where(stripped, NO_DEVICE, device)
            inode = np.where(stripped, self.table["path_id"][rows], inode)
            order = np.lexsort((device, inode))
            new = (np.diff(device[order], prepend=device[order][:1]) != 0) | (
                np.diff(inode[order], prepend=inode[order][:1]) != 0
            )
            ids[rows[order]] = np.cumsum(new)
        return ids

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

    def deleted(self, *verdicts: int) -> Mask:
        """Files with " (deleted)" after their names of which one of these is known: YES, NO or UNKNOWN."""
        named = self.named("/* (deleted)")
        if "deleted" not in self.table.columns:
            return named if UNKNOWN in verdicts else self.none()
        return named & np.isin(self.table["deleted"], verdicts)

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
