"""Opens a captured tree: a folder, read by the reader in this process, or a tar, read into memory.

A capture comes from somebody else and may be made to hurt: opening it and each answer end within fixed limits.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator

import numpy as np

from memviz.core.host import Host
from memviz.errors import AccessDenied, Malformed, UsageError
from memviz.proc import reader
from memviz.proc.archive import read_archive
from memviz.proc.archive_tree import LARGEST_FILE
from memviz.proc.link import Direct, Frame, ReaderLink
from memviz.text import clipped, shown

MOST_SECONDS = 4.0  # of processor time for one answer, decoding included; 60,000 regions take 0.2
LONGEST_ROW = 1 << 16  # bytes of a row of maps or smaps: a path has 4,096 at most, each written as four
LARGEST_LIST = 128 << 20  # bytes of a list: 40,000 processes with long command lines
LARGEST_OTHER = 16 << 20  # bytes of a file that has not a row a region, a command line of 8 MB among them
MOST_REGIONS = 200_000  # rows of maps, headers of smaps: about as many as a smaps of LARGEST_FILE has
REGIONS = ("maps", "smaps")
NAMES_AT = {"files": 1, "host": 0, "cgroup": 2}  # which argument of a request names files, in the order of their tags
CONTENTS = (
    ("host", ",".join(reader.HOST_FILES)), ("cgroup", "2", "", "ls"), ("cgroup", "1", "", "ls"), ("processes", "stat"),
)  # fmt: skip


def open_capture(name: str) -> Host:
    """A folder that is a /proc or holds `proc` (and `sys`), or a tar of one. Raises UsageError, MemvizError."""
    link: ReaderLink
    try:
        mode = os.stat(name).st_mode
        if stat.S_ISDIR(mode):
            link = Direct(reader.Reader(name))
        elif stat.S_ISREG(mode):
            link = read_archive(name)
        else:
            raise UsageError(f"{_shown(name)}: neither a folder nor a tar")
    except Malformed as error:
        raise Malformed(f"{_shown(name)}: {error}") from None
    except PermissionError as error:
        raise AccessDenied(f"{_shown(name)}: {error.strerror}") from None
    except FileNotFoundError:
        raise UsageError(f"{_shown(name)}: no such folder or tar") from None
    except (OSError, ValueError) as error:  # a name with a NUL, or one that is too long
        raise UsageError(f"{_shown(name)}: {getattr(error, 'strerror', None) or error}") from None
    bounded = Bounded(link, _shown(name))
    _check_that_it_is_a_capture(bounded, _shown(name))
    return Host(bounded, "captured tree")


def _shown(name: str) -> str:
    return clipped(shown(name), 200)


def _check_that_it_is_a_capture(link: ReaderLink, name: str) -> None:
    """Raises Malformed where there is neither a process nor a file about the host nor a control group."""
    for verb, *arguments in CONTENTS:
        for frame in link.ask(verb, *arguments):
            code = frame.number("errno") if frame.kind != reader.DATA else 0
            if (frame.kind == reader.DATA and frame.data) or (frame.kind == reader.FILE and not code):
                return
            if frame.kind == reader.END and code in (errno.EACCES, errno.EPERM):
                raise AccessDenied(f"{name}: {os.strerror(code)}")
    raise Malformed(f"{name}: holds nothing of a /proc, neither processes nor files about the host")


class Bounded:
    """A link to a captured tree whose answers end within limits of size and of processor time."""

    def __init__(self, link: ReaderLink, name: str) -> None:
        self._link, self._name = link, name

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """See ReaderLink; raises Malformed where a limit is passed."""
        files = arguments[NAMES_AT[verb]].split(",") if verb in NAMES_AT else []
        started = time.thread_time()
        size = row = rows = tag = 0
        for frame in self._link.ask(verb, *arguments):
            if time.thread_time() - started > MOST_SECONDS:
                raise self._error(verb, f"takes more than {MOST_SECONDS:.0f} s to read")
            if frame.kind == reader.DATA:
                if frame.tag != tag:
                    size, row, rows, tag = 0, 0, 0, frame.tag
                size += len(frame.data)
                file = files[tag] if tag < len(files) else f"the list of {verb}"
                most = LARGEST_FILE if file in REGIONS else LARGEST_OTHER if files else LARGEST_LIST
                if size > most:
                    raise self._error(file, f"more than {most >> 20} MiB")
                if file in REGIONS:
                    ended, row = _row_lengths(frame.data, row)
                    if max(ended, row) > LONGEST_ROW:
                        raise self._error(file, f"a row of more than {LONGEST_ROW >> 10} KiB")
                    rows += _headers(frame.data)
                    if rows > MOST_REGIONS:
                        raise self._error(file, f"more than {MOST_REGIONS:,} regions")
            yield frame

    def _error(self, what: str, why: str) -> Malformed:
        return Malformed(f"{self._name}: {what}: {why}")

    def close(self) -> None:
        self._link.close()


def _headers(data: bytes) -> int:
    """Rows that begin in `data` and do not begin with a capital letter, as the fields of smaps do."""
    text = np.frombuffer(data, np.uint8)
    first = text[1:][text[:-1] == ord("\n")]
    return int(np.count_nonzero((first < ord("A")) | (first > ord("Z"))))


def _row_lengths(data: bytes, before: int) -> tuple[int, int]:
    """Bytes of the row that began `before` bytes ago and ends in `data`, and of the one that is not over then. Those
    between are no longer than a frame."""
    first = data.find(b"\n")
    return (before + first, len(data) - 1 - data.rfind(b"\n")) if first >= 0 else (0, before + len(data))
