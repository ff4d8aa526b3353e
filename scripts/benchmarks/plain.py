"""maps and smaps in the plainest way: what memviz's tables are held against."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import numpy as np

from benchmarks.timing import same
from memviz.core.regions import RegionTable, permission_text

CHUNK = 1 << 16
_HEADER = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) ([0-9a-f:]+) (\d+)(?: +([^\n]*))?$", re.MULTILINE)


def read_away(path: str) -> int:
    """Reads a file, keeps nothing, and tells how long it was: the least that anybody has to do."""
    size = 0
    file = os.open(path, os.O_RDONLY)
    try:
        while chunk := len(os.read(file, CHUNK)):
            size += chunk
    finally:
        os.close(file)
    return size


def read_whole(path: str) -> bytes:
    """All of a file."""
    with open(path, "rb") as file:
        return file.read()


class Table:
    """What a maps or smaps text says, line by line."""

    def __init__(self, text: bytes) -> None:
        self.size = len(text)
        found = _HEADER.findall(text)
        self.starts = [int(match[0], 16) for match in found]
        self.ends = [int(match[1], 16) for match in found]
        self.permissions = [match[2].decode() for match in found]
        self.offsets = [int(match[3], 16) for match in found]
        self.inodes = [int(match[5]) for match in found]
        self.paths = [bytes(match[6]) for match in found]
        self._text = text

    def field(self, name: str) -> list[int]:
        """A field of smaps in bytes, one value a region."""
        lines = re.findall(rb"^%s: +(\d+) kB$" % name.encode(), self._text, re.MULTILINE)
        return [int(value) << 10 for value in lines]


def same_regions(ours: RegionTable, plain: Table) -> None:
    """Every row of memviz's table is the plain one's."""
    same("starts", ours["start"].tolist(), plain.starts)
    same("ends", ours["end"].tolist(), plain.ends)
    same("permissions", [permission_text(bits) for bits in ours["permissions"].tolist()], plain.permissions)
    same("offsets", ours["offset"].tolist(), plain.offsets)
    same("inodes", ours["inode"].tolist(), plain.inodes)
    same("paths", [ours.paths[number] for number in ours["path_id"].tolist()], plain.paths)


# memviz's name of a field, and smaps'. Only the first ones are the process's own: as soon as another one maps the same
# file, its pages count as shared, and PSS falls.
OWN = (("rss", "Rss"), ("referenced", "Referenced"), ("anonymous", "Anonymous"), ("swap", "Swap"))
SHARED = (
    ("pss", "Pss"), ("shared_clean", "Shared_Clean"), ("shared_dirty", "Shared_Dirty"),
    ("private_clean", "Private_Clean"), ("private_dirty", "Private_Dirty"),
)  # fmt: skip


def same_fields(ours: RegionTable, theirs: Callable[[str, str], list[int]]) -> None:
    """Fields by memviz's name and smaps': in regions of files only those that other processes do not change."""
    for name, field in OWN:
        same(field, ours[name].tolist(), theirs(name, field))
    of_files = ours["path_id"] != ours.paths.index(b"")
    for name, field in SHARED:
        values = np.array(theirs(name, field), np.uint64)
        same(f"number of {field}", len(ours), len(values))
        same(field, np.where(of_files, 0, ours[name]).tolist(), np.where(of_files, 0, values).tolist())
