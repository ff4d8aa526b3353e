"""A captured tree that is a tar, read into memory without a temporary file, and asked like a reader of a folder:
`Archive` answers requests with the frames that `reader.Reader` gives for the unpacked tree."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from memviz.errors import Malformed
from memviz.proc import reader, tar
from memviz.proc.archive_tree import Content, Folder, Node, SymbolicLink, Tree, find
from memviz.proc.compressed import chunks
from memviz.proc.link import Frame

LONGEST_REST = 16 << 20  # a tar is filled up to 10 KiB, or to the block of a tape


def _content(node: Node) -> Content:
    if isinstance(node, Content):
        return node
    if isinstance(node, dict):
        raise IsADirectoryError(errno.EISDIR, "a folder")
    code = errno.ELOOP if isinstance(node, SymbolicLink) else errno.EINVAL
    raise OSError(code, "neither a file nor a folder")


def _folder(node: Node) -> Folder:
    if not isinstance(node, dict):
        raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    return node


def _numbers(folder: Folder) -> list[int]:
    return sorted(int(name) for name in folder if name.isdigit())


def _words(**values: int) -> bytes:
    return " ".join(f"{key}={value}" for key, value in values.items()).encode()


Frames = Iterator[Frame]


class Archive:
    """A ReaderLink whose reader is the tree of a tar: its answers are those of `Direct(Reader(FOLDER))`."""

    def __init__(self, tree: Tree, modified: float) -> None:
        self._root, self._modified = tree.root(), modified
        self._top = self._root if not isinstance(self._root.get(b"proc"), dict) else None
        self._followed: list[Content | int] = []  # statm, or the errno where there is none

    def ask(self, verb: str, *arguments: str) -> Frames:
        """See ReaderLink."""
        code = 0
        try:
            yield from self.VERBS[verb](self, *arguments)
        except OSError as error:
            code = error.errno or errno.EIO
        except reader.MAKES_NO_SENSE:
            code = errno.EINVAL
        yield Frame(reader.END, 0, _words(errno=code))

    def close(self) -> None:
        self._followed = []

    def _find(self, path: str) -> Node:
        if self._top is not None and path.startswith("proc"):
            return find(self._top, os.fsencode(path[4:]))
        return find(self._root, os.fsencode(path))

    def _process(self, pid: int) -> Folder:
        try:
            return _folder(self._find(f"proc/{pid}"))
        except FileNotFoundError:
            raise ProcessLookupError(errno.ESRCH, "no such process") from None

    # -- one file ---------------------------------------------------------------------------------------------------

    def _whole(self, tag: int, look: Callable[[], Node]) -> Frames:
        code = 0
        try:
            for piece in _content(look()).pieces():
                yield Frame(reader.DATA, tag, piece)
        except OSError as error:
            code = error.errno or errno.EIO
        yield Frame(reader.FILE, tag, _words(errno=code, alive=1))

    def _text(self, tag: int, text: bytes) -> Frames:
        for at in range(0, max(len(text), 1), reader.FRAME):
            yield Frame(reader.DATA, tag, text[at : at + reader.FRAME])
        yield Frame(reader.FILE, tag, _words(errno=0, alive=1))

    def _small(self, folder: Folder, name: str, limit: int) -> bytes:
        """A file for a list: at most `limit` bytes of a command line, of others all or EFBIG."""
        if name == "ionice":
            raise OSError(errno.ENOSYS, "ioprio_get")
        node = find(folder, name.encode())
        if isinstance(node, dict):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        text = _content(node).beginning(limit)
        if limit and len(text) >= limit and name != "cmdline":
            raise OSError(errno.EFBIG, "too long for a list")
        return text

    # -- lists ------------------------------------------------------------------------------------------------------

    def _record(self, parent: Folder, number: int, names: list[str]) -> bytes:
        try:
            folder = _folder(find(parent, b"%d" % number))
        except OSError as error:
            return reader.RECORD.pack(number, 0) + reader.FIELD.pack(error.errno or errno.EIO, 0) * len(names)
        parts = [reader.RECORD.pack(number, 0)]
        room = reader.FRAME - reader.RECORD.size - reader.FIELD.size * len(names)
        for left, name in zip(range(len(names), 0, -1), names, strict=True):
            try:
                text = self._small(folder, name, room // left)
                room -= len(text)
                parts += reader.FIELD.pack(0, len(text)), text
            except OSError as error:
                parts.append(reader.FIELD.pack(error.errno or errno.EIO, 0))
        return b"".join(parts)

    def _list(self, parent: Folder, numbers: list[int], names: list[str]) -> Frames:
        batch = b""
        for number in numbers:
            record = self._record(parent, number, names)
            if len(batch) + len(record) > reader.FRAME:
                yield Frame(reader.DATA, 0, batch)
                batch = b""
            batch += record
        yield Frame(reader.DATA, 0, batch)

    # -- verbs ------------------------------------------------------------------------------------------------------

    def hello(self) -> Frames:
        python = sys.version.split()[0]
        text = f"reader={reader.VERSION}\ncaptured=1\npython={python}\ntime={self._modified!r}\n"
        yield Frame(reader.DATA, 0, text.encode())

    def host(self, names: str) -> Frames:
        for tag, path in enumerate([reader.HOST_FILES[name] for name in names.split(",")]):
            yield from self._whole(tag, partial(self._find, path))

    def cgroup(self, version: str, path_hex: str, names: str) -> Frames:
        parts = os.fsdecode(bytes.fromhex(path_hex)).split("/")
        chosen = names.split(",")
        if ".." in parts or not reader.CGROUP_FILES.issuperset(chosen):
            raise ValueError(names)
        folder = self._control_group(version, "/".join(filter(None, parts)))
        for tag, name in enumerate(chosen):
            if name == "ls":
                children = sorted(os.fsdecode(name) for name, node in folder.items() if isinstance(node, dict))
                yield from self._text(tag, os.fsencode("\n".join(children)))
            else:
                yield from self._whole(tag, partial(find, folder, name.encode()))

    def _control_group(self, version: str, path: str) -> Folder:
        mounts, marker = reader.CGROUPS[version]
        for mount in mounts:
            try:
                _content(self._find(f"{mount}/{marker}"))
                return _folder(self._find(f"{mount}/{path}"))
            except FileNotFoundError:
                continue
        raise FileNotFoundError(errno.ENOENT, "no such control group")

    def users(self, ids: str) -> Frames:
        yield from self._text(0, b"")

    def processes(self, names: str, pids: str = "") -> Frames:
        parent = _folder(self._find("proc"))
        numbers = sorted(map(int, pids.split(","))) if pids else _numbers(parent)
        yield from self._list(parent, numbers, _allowed(names))

    def counters(self) -> Frames:
        yield from self.processes(",".join(reader.COUNTERS))

    def threads(self, pid: str, names: str) -> Frames:
        parent = _folder(find(self._process(int(pid)), b"task"))
        yield from self._list(parent, _numbers(parent), _allowed(names))

    def files(self, pid: str, names: str, tid: str = "") -> Frames:
        number, chosen = int(pid), _allowed(names)
        prefix = f"task/{int(tid)}/" if tid else ""
        folder = self._process(number)
        for tag, name in enumerate(chosen):
            if name == "ionice":
                try:
                    text = self._small(folder, name, reader.FRAME)
                except OSError as error:
                    yield Frame(reader.FILE, tag, _words(errno=error.errno or errno.EIO, alive=1))
                else:
                    yield from self._text(tag, text)
            else:
                yield from self._whole(tag, partial(find, folder, f"{prefix}{name}".encode()))

    def follow(self, pids: str = "") -> Frames:
        self._followed, lines = [], []
        for pid in [int(pid) for pid in pids.split(",") if pid]:
            try:
                self._followed.append(_content(find(self._process(pid), b"statm")))
            except OSError as error:
                self._followed.append(error.errno or errno.EIO)
            lines.append(f"{pid} 0\n")
        yield from self._text(0, "".join(lines).encode())

    def tick(self) -> Frames:
        yield from self._text(0, b"".join(map(_tick_line, self._followed)))

    def pages(self, *_: str) -> Frames:
        yield from ()
        raise OSError(errno.EOPNOTSUPP, "a captured tree has no page tables")

    VERBS: ClassVar[dict[str, Callable[..., Frames]]] = {
        "hello": hello, "host": host, "cgroup": cgroup, "users": users, "processes": processes, "threads": threads,
        "counters": counters, "files": files, "follow": follow, "tick": tick, "pages": pages,
    }  # fmt: skip


def _allowed(names: str) -> list[str]:
    chosen = names.split(",")
    if not reader.PROCESS_FILES.issuperset(chosen):
        raise ValueError(names)
    return chosen


def _tick_line(followed: Content | int) -> bytes:
    if isinstance(followed, int):
        return b"-%d\n" % followed
    line = followed.beginning(128)
    return line if line.endswith(b"\n") and line.count(b"\n") == 1 else b"-%d\n" % errno.EIO


def _check_rest(data: Iterator[bytes]) -> None:
    """Reads to the end, where what is compressed has its checksum."""
    size = 0
    for chunk in data:
        size += len(chunk)
        if size > LONGEST_REST:
            raise Malformed(f"more than {LONGEST_REST >> 20} MiB behind the mark of its end")


def read_archive(name: str) -> Archive:
    """Reads the tar of that name, plain or compressed. Raises OSError, and Malformed without the name in its text."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)  # it may have become a pipe since somebody looked
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Malformed("neither a folder nor a file")
        tree, data = Tree(), chunks(file, tar.MOST_BYTES)
        for member in tar.members(tar.ByteStream(data)):
            tree.add(member)
        _check_rest(data)
    return Archive(tree, min(tree.modified or status.st_mtime, status.st_mtime))
