"""What is kept of a tar that holds a captured tree: in memory, and only what a reader can be asked for."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from memviz.errors import Malformed
from memviz.proc import reader, tar

MOST_MEMBERS = 200_000
DEEPEST = 64  # folders within each other
LARGEST_FILE = 128 << 20  # smaps of 180,000 regions; a kernel allows 65,530 unless it is told otherwise
MOST_MEMORY = 160 << 20  # bytes of all files as they are kept
LONG = 1 << 16  # files of more bytes are kept compressed
HOST_NAMES = {path.rpartition("/")[2] for path in reader.HOST_FILES.values()}
KEPT = {name.encode() for name in reader.PROCESS_FILES | HOST_NAMES}
KEPT_BEGINNINGS = (b"memory.", b"cgroup.")
TOP = (b"proc", b"sys")


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, compressed where it is long."""

    data: bytes
    is_compressed: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Frames full of bytes."""
        if not self.is_compressed:
            yield from (self.data[at : at + reader.FRAME] for at in range(0, len(self.data), reader.FRAME))
            return
        inner, rest = zlib.decompressobj(), self.data
        while piece := inner.decompress(rest, reader.FRAME):
            yield piece
            rest = inner.unconsumed_tail

    def beginning(self, size: int) -> bytes:
        """The first bytes."""
        return zlib.decompressobj().decompress(self.data, size) if self.is_compressed else self.data[:size]


@dataclass(frozen=True, slots=True)
class SymbolicLink:
    """Never followed, wherever it leads."""


@dataclass(frozen=True, slots=True)
class NoFile:
    """A device, a pipe, a socket: never opened."""


Folder = dict[bytes, "Node"]
Node = Folder | Content | SymbolicLink | NoFile


class Tree:
    """What is kept of the members of a tar."""

    def __init__(self) -> None:
        self.top: Folder = {}
        self.modified = 0
        self._members = self._content = self._memory = 0

    def add(self, member: tar.Member) -> None:
        """Raises Malformed where a limit is passed, or a name makes no sense."""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise Malformed(f"more than {MOST_MEMBERS:,} members")
        parts = [part for part in member.name.split(b"/") if part not in (b"", b".")]
        if b".." in parts:
            raise Malformed(f"{tar.readable(member.name)}: a name that leads out of the folder")
        if len(parts) > DEEPEST:
            raise Malformed(f"{tar.readable(member.name)}: more than {DEEPEST} folders within each other")
        if member.kind == tar.FOLDER:
            self._folder(parts, member.name)
        elif parts and (member.kind == tar.SYMBOLIC_LINK or _is_kept(parts[-1])):
            folder = self._folder(parts[:-1], member.name)
            node = self._node(member)
            if isinstance(folder.get(parts[-1]), dict):
                raise _is_both(member.name)
            if node is not None:
                folder[parts[-1]] = node
                self.modified = max(self.modified, member.modified)

    def _folder(self, parts: list[bytes], name: bytes) -> Folder:
        folder = self.top
        for part in parts:
            inner = folder.setdefault(part, {})
            if not isinstance(inner, dict):
                raise _is_both(name)
            folder = inner
        return folder

    def _node(self, member: tar.Member) -> Node | None:
        if member.kind == tar.SYMBOLIC_LINK:
            return SymbolicLink()
        if member.kind == tar.HARD_LINK:  # to something earlier; what leads nowhere is not captured
            try:
                found = find(self.top, member.target)
            except OSError:
                return None
            return found if isinstance(found, Content) else None
        return self._read(member) if member.kind == tar.FILE else NoFile()

    def _read(self, member: tar.Member) -> Content:
        self._content += member.size
        if member.size > LARGEST_FILE:
            raise Malformed(f"{tar.readable(member.name)}: a file of more than {LARGEST_FILE >> 20} MiB")
        if self._content > tar.MOST_BYTES:
            raise Malformed(f"more than {tar.MOST_BYTES >> 20} MiB in all of its files")
        if member.size <= LONG:
            kept = [b"".join(member.content())]
            self._count(kept[0])
            return Content(kept[0])
        kept, packer = [], zlib.compressobj(1)
        for piece in member.content():
            kept.append(self._count(packer.compress(piece)))
        kept.append(self._count(packer.flush()))
        return Content(b"".join(kept), is_compressed=True)

    def _count(self, data: bytes) -> bytes:
        self._memory += len(data)
        if self._memory > MOST_MEMORY:
            raise Malformed(f"more than {MOST_MEMORY >> 20} MiB that are not the text of a /proc")
        return data

    def root(self) -> Folder:
        """The folder that is a proc or holds one: where a folder holds nothing but one other, that."""
        root = self.top
        while len(root) == 1:
            ((name, inner),) = root.items()
            if not isinstance(inner, dict) or name in TOP or name.isdigit():
                break
            root = inner
        return root


def _is_kept(name: bytes) -> bool:
    """Whether a reader may be asked for a file of that name; a number should be a process, and is listed as one."""
    return name in KEPT or name.startswith(KEPT_BEGINNINGS) or name.isdigit()


def _is_both(name: bytes) -> Malformed:
    return Malformed(f"{tar.readable(name)}: both a file and a folder")


def find(folder: Folder, path: bytes) -> Node:
    """What lies there; raises the OSError that opening it gives. Links are not followed."""
    node: Node = folder
    for part in path.split(b"/"):
        if part in (b"", b"."):
            continue
        if not isinstance(node, dict):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        if part not in node:
            raise FileNotFoundError(errno.ENOENT, "not in the archive")
        node = node[part]
    return node
