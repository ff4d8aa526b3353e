"""The one writer of files: a file is written whole or not at all, and an error is never silent.

The bytes go to a temporary file in the same folder, are counted and synced, and the temporary file is renamed over the
target: whatever fails before that leaves the old file as it was. A symbolic link stays one and its target is replaced;
other hard links of the target keep the old contents. A pipe or a device such as /dev/stdout is written to directly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from memviz.text import shown

CHUNK = 1 << 20  # bytes between two looks whether this process is to end
MOST_LINKS = 40  # symbolic links that are followed, as in the kernel
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # a pipe or file system that has no such thing
_DESCRIPTOR = re.compile(r"(?:/dev|/proc/self|/proc/thread-self)/fd/(\d{1,9})")


class WriteError(OSError):
    """A file that could not be written; its text is one line: `map.svg: No space left on device`."""

    def __str__(self) -> str:
        return f"{shown(self.filename)}: {self.strerror}"


def write_file(path: str | Path, data: bytes | str, *, mode: int = 0o666, fresh: bool = False) -> None:
    """Write all of `data` (text as UTF-8) to a file, or raise WriteError and leave what was there.

    A new file has `mode` without the umask's bits; one that exists keeps its mode, and its owner where that may be set.
    With `fresh` a new file takes the place of whatever has the name, links too: of this user, with exactly `mode`.
    """
    name = os.fspath(path)
    try:
        content = data.encode() if isinstance(data, str) else data
        _write(name, content, mode, fresh)
    except OSError as error:
        raise WriteError(error.errno or errno.EIO, error.strerror or str(error), name) from error
    except ValueError as error:  # a NUL in the name, or a lone surrogate
        raise WriteError(errno.EINVAL, str(error), name) from error


def _write(name: str, data: bytes, mode: int, fresh: bool) -> None:
    if fresh:
        with _signals_held() as pending:
            _replace(name, data, None, mode, pending, exact=True)
        return
    try:
        old = os.stat(name)  # first of all: the kernel may forbid to follow a link
    except FileNotFoundError:
        old = None
    target = _without_links(name)
    descriptor = _DESCRIPTOR.fullmatch(target)
    if descriptor:
        _write_directly(os.dup(int(descriptor[1])), data)
    elif old is None or stat.S_ISREG(old.st_mode):
        with _signals_held() as pending:
            _replace(target, data, old, mode, pending)
    elif stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    elif stat.S_ISCHR(old.st_mode) or stat.S_ISFIFO(old.st_mode):
        _write_directly(_opened_without_waiting(target), data)
    else:
        raise OSError(errno.EINVAL, "it is neither a file nor a pipe")


def _without_links(name: str) -> str:
    """The name that the last component leads to; one of an own descriptor stays a name."""
    for _ in range(MOST_LINKS):
        if _DESCRIPTOR.fullmatch(name) or not os.path.islink(name):
            return name
        name = os.path.join(os.path.dirname(name), os.readlink(name))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _opened_without_waiting(target: str) -> int:
    """Open a device or a pipe; nobody may ever come to read that."""
    try:
        return os.open(target, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "no process reads this pipe") from None
        raise


def _write_directly(descriptor: int, data: bytes) -> None:
    """Write to a pipe, a device or what a shell has opened, and close this descriptor of it."""
    try:
        if os.isatty(descriptor):
            raise OSError(errno.EINVAL, "it is a terminal, which takes no files")
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
            os.set_blocking(descriptor, True)
        _write_all(descriptor, data)
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _replace(
    target: str, data: bytes, old: os.stat_result | None, mode: int, pending: Sequence[int], *, exact: bool = False
) -> None:
    """Write a temporary file beside the target and rename it over that."""
    if old is not None:  # renaming needs no permission of the file that it replaces
        os.close(os.open(target, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK))
    folder = os.path.dirname(target) or "."
    temporary = os.path.join(folder, f".memviz-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode if old is None else 0o600)
    try:
        try:
            _write_all(descriptor, data, pending)
            if os.fstat(descriptor).st_size != len(data):
                raise OSError(errno.EIO, "fewer bytes were kept than written")
            if old is not None:
                _keep_owner_and_mode(descriptor, old)
            if exact:
                os.fchmod(descriptor, mode)  # whatever the umask
            _sync(descriptor)
        finally:
            os.close(descriptor)  # where some file systems first say that the disk is full
        _raise_if_ending(pending)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _write_all(descriptor: int, data: bytes, pending: Sequence[int] = ()) -> None:
    """Write every byte: one call may take fewer than it was given."""
    rest = memoryview(data)
    while len(rest):
        _raise_if_ending(pending)
        count = os.write(descriptor, rest[:CHUNK])
        if not count:
            raise OSError(errno.EIO, "nothing more is taken")
        rest = rest[count:]


def _keep_owner_and_mode(descriptor: int, old: os.stat_result) -> None:
    """Give a new file the owner, group and permissions of the old one as far as this user and file system can."""
    for owner, group in ((-1, old.st_gid), (old.st_uid, -1)):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, group)
    same_group = os.fstat(descriptor).st_gid == old.st_gid
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, old.st_mode & (0o777 if same_group else 0o707))


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise


def _sync_folder(folder: str) -> None:
    """Make the new name last; a folder that may be written but not read cannot be synced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


# -- signals ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _signals_held() -> Iterator[list[int]]:
    """Note signals that would end this process, and deliver them afterwards: no temporary file may outlive it.

    Only the main thread can do so. Handlers that somebody has set stay in place.
    """
    pending: list[int] = []
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        usual = (signal.SIG_DFL, signal.default_int_handler)
        before = {number: handler for number in ENDING if (handler := signal.getsignal(number)) in usual}
    try:
        for number in before:
            signal.signal(number, lambda received, _: pending.append(received))
        yield pending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in pending:
            signal.raise_signal(number)


def _raise_if_ending(pending: Sequence[int]) -> None:
    if pending:
        raise InterruptedError(errno.EINTR, os.strerror(errno.EINTR))
