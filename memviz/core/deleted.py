"""Which mapped files were deleted. `maps` prints " (deleted)" after the name of such a file, but a living file may be
called so too: only a look at what has that name now tells them apart."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memviz.core.regions import Array, RegionTable
from memviz.errors import MemvizError
from memviz.proc import reader
from memviz.proc.maps import MINOR_BITS

if TYPE_CHECKING:
    from memviz.proc.link import ReaderLink

SUFFIX = b" (deleted)"
YES, NO, UNKNOWN = 1, 0, -1
MANY = 256  # names asked for at once, as many as the reader takes
# Objects without a name in any file system: the kernel always prints these as deleted. Their device has major 0.
NAMELESS = (b"/memfd:", b"/dev/zero", b"/SYSV", b"/[aio]", b"/anon_hugepage", b"/drm mm object", b"/dmabuf:")


class Named(NamedTuple):
    """What has a name now, seen from one root directory: an error number, or the device (as in maps) and inode."""

    error: int
    device: int
    inode: int


Names = Mapping[bytes, tuple[Named, ...]]  # by the name that maps prints; nothing of a name is known if it is missing


def ambiguous(table: RegionTable) -> tuple[bytes, ...]:
    """Names in which the suffix may be the file's own."""
    rows = np.flatnonzero(table["device"] >> np.uint32(MINOR_BITS))
    numbers = set(table["path_id"].tolist())
    on_devices = set(table["path_id"][rows].tolist())
    found = (
        table.paths[number]
        for number in sorted(numbers)
        if number in on_devices or not table.paths[number].startswith(NAMELESS)
    )
    return tuple(path for path in found if path.startswith(b"/") and path.endswith(SUFFIX))[:MANY]


def look_up(link: ReaderLink, pid: int, paths: tuple[bytes, ...]) -> Names:
    """Ask the reader for the names. A newline is printed as `\\012`, which may also stand in the name itself."""
    spellings = [(path, name) for path in paths for name in dict.fromkeys((path, path.replace(rb"\012", b"\n")))]
    if not spellings:
        return {}
    result: dict[bytes, tuple[Named, ...]] = dict.fromkeys(paths, ())
    try:
        for number, found in _answers(link, pid, [name for _, name in spellings[:MANY]]):
            path = spellings[number][0]
            result[path] = (*result[path], found)
    except (MemvizError, LookupError, ValueError):
        return {}
    return result


def _answers(link: ReaderLink, pid: int, names: list[bytes]) -> Iterator[tuple[int, Named]]:
    text = b""
    for frame in link.ask("named", str(pid), ",".join(name.hex() for name in names)):
        if frame.kind == reader.DATA:
            text += frame.data
        elif frame.kind == reader.END and frame.number("errno"):
            return
    for line in text.splitlines():
        number, error, device, inode = map(int, line.split())
        yield number, Named(error, device, inode)


def deleted(table: RegionTable, names: Names) -> Array:
    """For each region YES, NO or UNKNOWN, int8: whether its file was deleted."""
    column = np.zeros(len(table), np.int8)
    suffixed = {number for number, path in enumerate(table.paths) if path.startswith(b"/") and path.endswith(SUFFIX)}
    for row in np.flatnonzero(np.isin(table["path_id"], list(suffixed))):
        path = table.paths[int(table["path_id"][row])]
        device, inode = int(table["device"][row]), int(table["inode"][row])
        if path.startswith(NAMELESS) and not device >> MINOR_BITS:
            column[row] = YES
        else:
            column[row] = _verdict(names.get(path, ()), device, inode)
    return column


def _verdict(found: tuple[Named, ...], device: int, inode: int) -> int:
    if not inode:
        return UNKNOWN
    here = [named for named in found if not named.error]
    if any(named.inode == inode for named in here):
        return NO
    # the name belongs to nothing, or to another file of the same file system
    if found and all(named.error == errno.ENOENT or named.device == device for named in found):
        return YES
    return UNKNOWN
