"""Answers of the reader put together: each file's bytes, or why they are not there."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from memviz.core.snapshot import Absence
from memviz.errors import AccessDenied, Malformed, MemvizError, NotAnswering, ProcessGone, ProcessHidden, Unsupported
from memviz.proc import reader
from memviz.proc.limits import FRAME_COST
from memviz.proc.link import Frame, ReaderLink

LARGEST_TEXT = 64 << 20  # bytes of a file that is kept as it came: a command line may have 6 MiB
HIDDEN_REMEDY = "read it as root (`memviz --via sudo …`), or mount /proc without hidepid"


class Decoder(Protocol):
    """Takes a file's bytes while they arrive."""

    def feed(self, data: bytes) -> None: ...


@dataclass(slots=True)
class File:
    """One file of an answer: its bytes (empty where a decoder took them), errno, and whether it was read whole."""

    text: bytes = b""
    errno: int = 0
    whole: bool = False


@dataclass(slots=True)
class Answer:
    """The files of one request by name, and the pidfd inode of the process."""

    files: dict[str, File] = field(default_factory=dict)
    inode: int = 0

    def text(self, name: str) -> bytes | None:
        """The bytes of a file that was read whole, else None."""
        file = self.files.get(name)
        return file.text if file is not None and not file.errno and file.whole else None


def gather(
    link: ReaderLink,
    verb: str,
    arguments: tuple[str, ...],
    names: list[str],
    decoders: Mapping[int, Decoder] | None = None,
) -> Answer:
    """Asks for files by name. A position in `decoders` streams into its decoder. Raises what `check` raises."""
    files = [File() for _ in names]
    parts: list[list[bytes]] = [[] for _ in names]
    sizes = [0 for _ in names]
    streams = decoders or {}
    answer = Answer()
    for frame in link.ask(verb, *arguments):
        if frame.kind == reader.END:
            check(frame, arguments)
            answer.inode = frame.number("inode")
        elif frame.tag >= len(files):
            raise MemvizError("the reader sent a file that was not asked for")
        elif frame.kind == reader.FILE:
            files[frame.tag].errno = frame.number("errno")
            files[frame.tag].whole = frame.number("alive") == 1
        elif frame.tag in streams:
            streams[frame.tag].feed(frame.data)
        else:
            sizes[frame.tag] += FRAME_COST + len(frame.data)
            if sizes[frame.tag] > LARGEST_TEXT:
                raise Malformed(f"the reader sent more than {LARGEST_TEXT >> 20} MiB as {names[frame.tag]}")
            parts[frame.tag].append(frame.data)
    for position, name in enumerate(names):
        files[position].text = b"".join(parts[position])
        if name in answer.files:  # a file that is read again at the end
            name += " again"
        answer.files[name] = files[position]
    return answer


def check(frame: Frame, arguments: tuple[str, ...]) -> None:
    """Raises the error that an END frame tells of."""
    code = frame.number("errno")
    if not code:
        return
    who = f"process {arguments[0]}" if arguments and arguments[0].isdigit() else "the reader"
    if code in (errno.ESRCH, errno.ENOENT):
        raise ProcessGone(f"{who} does not exist, or has ended")
    if code == errno.EPERM and arguments and arguments[0].isdigit():  # EACCES is what a file that is denied gives
        raise ProcessHidden(f"{who} lives, but /proc does not show it to this user; {HIDDEN_REMEDY}")
    if code in (errno.EACCES, errno.EPERM):
        raise AccessDenied(f"{who} may not be read")
    if code == errno.ETIMEDOUT:
        raise NotAnswering(
            f"{who} does not answer: it is stuck in the kernel, and is left alone for {reader.QUARANTINE:.0f} s"
        )
    if code == errno.EAGAIN:
        raise NotAnswering(f"{who}: the reader is busy with as many requests as it takes: ask again later")
    if code in (errno.ENOTTY, errno.EOPNOTSUPP, errno.ENOSYS):
        raise Unsupported(f"{who}: this kernel cannot tell that")
    raise MemvizError(f"{who}: {errno.errorcode.get(code, code)}")


def records(
    frames: Iterator[Frame], count: int, who: tuple[str, ...] = ()
) -> Iterator[tuple[int, int, list[bytes | int]]]:
    """Number, pidfd inode, and for each of `count` files its bytes or its errno, from a list of processes or
    threads."""
    for frame in frames:
        if frame.kind == reader.END:
            check(frame, who)
        if frame.kind != reader.DATA:
            continue
        data, at = frame.data, 0
        try:
            while at < len(data):
                number, inode = reader.RECORD.unpack_from(data, at)
                at += reader.RECORD.size
                fields: list[bytes | int] = []
                for _ in range(count):
                    code, length = reader.FIELD.unpack_from(data, at)
                    at += reader.FIELD.size
                    fields.append(code or data[at : at + length])
                    at += length
                yield number, inode, fields
        except struct.error:
            raise Malformed("the reader sent a list that ends in the middle") from None


def absence(code: int, what: str, *, captured: bool = False, remedy: str = "") -> Absence:
    """Why a file that gave this errno is not there."""
    if captured and code == errno.ENOENT:
        return Absence("not captured", f"{what} is not in the captured tree")
    if captured and code in (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EINVAL):
        return Absence("not captured", f"{what} in the captured tree is no file; no link in it is followed")
    if code in (errno.EACCES, errno.EPERM):
        return Absence("denied", f"{what} may not be read", remedy)
    if code == errno.ETIMEDOUT:
        return Absence(
            "not answering", f"{what} did not answer: the process is stuck in the kernel", "wait and read again"
        )
    if code == errno.ESRCH:
        return Absence("gone", f"{what}: the process has no memory any more")
    if code in (errno.ENOENT, errno.ENOTTY, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return Absence("unsupported", f"this kernel has no {what}")
    return Absence("gone" if code == errno.EIO else "unsupported", f"{what}: {errno.errorcode.get(code, str(code))}")
