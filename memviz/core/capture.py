"""Opens a captured tree: the same reader, in this process, on a folder or on what a tar unpacks to."""

from __future__ import annotations

import contextlib
import os
import tarfile
import tempfile
from pathlib import Path

from memviz.core.host import Host
from memviz.errors import MemvizError, UsageError
from memviz.proc.link import Direct
from memviz.proc.reader import Reader

LARGEST_CAPTURE = 4 << 30  # bytes that a tar may unpack to


def open_capture(name: str) -> Host:
    """A folder that is a /proc or holds `proc` (and `sys`), or a tar of one. Raises UsageError, MemvizError."""
    path = Path(name)
    keeper: contextlib.ExitStack | None = None
    try:
        if path.is_file():
            keeper = contextlib.ExitStack()
            folder = Path(keeper.enter_context(tempfile.TemporaryDirectory(prefix="memviz-")))
            _unpack(path, folder)
            path = _root(folder)
        elif not path.is_dir():
            raise UsageError(f"{path}: no such folder or tar")
    except BaseException:
        if keeper is not None:
            keeper.close()
        raise
    link = Direct(Reader(os.fspath(path)))
    return Host(link if keeper is None else _Unpacked(link, keeper), "captured tree")


class _Unpacked:
    """A link that removes what was unpacked for it when it is closed."""

    def __init__(self, link: Direct, keeper: contextlib.ExitStack) -> None:
        self.ask = link.ask
        self._link, self._keeper = link, keeper

    def close(self) -> None:
        self._link.close()
        self._keeper.close()


def _root(folder: Path) -> Path:
    """The folder itself, or the only folder in it that holds the tree."""
    inner = list(folder.iterdir())
    if len(inner) == 1 and inner[0].is_dir() and inner[0].name not in ("proc",) and not inner[0].name.isdigit():
        return inner[0]
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            if sum(member.size for member in members) > LARGEST_CAPTURE:
                raise UsageError(f"{archive}: unpacks to more than {LARGEST_CAPTURE >> 30} GiB")
            tar.extractall(folder, members=[m for m in members if m.isfile() or m.isdir()], filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise MemvizError(f"{archive}: cannot be unpacked: {error}") from None
