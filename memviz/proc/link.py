"""How everybody talks to a reader: `ask(verb, ...)` gives its frames while they arrive.

`Link` speaks to a reader process (here, through sudo, on another host); `Direct` runs the same generator in this
process, for captured trees and tests. Both have `ask` and `close`, and nobody above can tell which one it holds.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from memviz.errors import MemvizError, NotAnswering, UsageError
from memviz.proc import reader

CHUNK = 96 << 10  # bytes a read: below what malloc would take from mmap each time
PIPE = 1 << 20  # bytes that the reader may be ahead of us
SILENCE = 10.0  # seconds; the reader sends a BEAT every second while it works on a request
FIRST_SILENCE = 120.0  # before a reader behind a prefix says its first word, somebody may have to type a password
GLANCE = 250  # milliseconds after which a thread that waits looks whether the link was closed
SHELLS = frozenset(("ssh", "autossh", "adb"))  # these join their arguments and give them to a shell on the other side
KINDS = frozenset((reader.DATA, reader.FILE, reader.END, reader.BEAT))


class Frame(NamedTuple):
    """One frame: `kind` is reader.DATA, FILE or END, `tag` numbers the file, `data` is bytes or `key=value` words."""

    kind: int
    tag: int
    data: bytes

    def values(self) -> dict[str, str]:
        """What a FILE or END frame says."""
        pairs = (word.partition("=") for word in self.data.decode("ascii", "replace").split())
        return {key: value for key, _, value in pairs}

    def number(self, key: str, missing: int = 0) -> int:
        """One of those values as a number; garbage counts as missing."""
        try:
            return int(self.values().get(key, missing))
        except ValueError:
            return missing


class ReaderLink(Protocol):
    """What a source needs of its reader."""

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """Frames of one answer in order, the last one of kind END; raises NotAnswering or MemvizError.

        The request is sent when the first frame is asked for; closing the iterator early ends it.
        """
        ...

    def close(self) -> None:
        """Ends the reader; never waits more than two seconds."""
        ...


class Direct:
    """The reader's generator in this process: on a captured tree, where nothing can block."""

    def __init__(self, answers: reader.Reader) -> None:
        self._reader = answers

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        for part in self._reader.answer(0, verb, arguments):
            _, _, kind, _, tag, length = reader.HEADER.unpack_from(part)
            yield Frame(kind, tag, bytes(part[reader.HEADER.size : reader.HEADER.size + length]))

    def close(self) -> None:
        """Nothing is open between two requests but what `follow` keeps."""
        collections.deque(self.ask("follow"), maxlen=0)


class Link:
    """A reader process and its two pipes, shared by any number of threads.

    Whichever thread waits reads the next frames, whoever they are for, and leaves each in its request's queue: no
    thread of our own, and no hand-over when only one request is under way.
    """

    def __init__(self, via: str = "", python: str = "", program: str = "") -> None:
        """`program` is the path of a reader that is installed where `via` leads; without one it is sent there."""
        self._name = via or "the reader"
        self._started_as = (via, python, program)
        command, self._greeting = _command(via, python, program)
        try:
            # Errors of the prefix (a wrong password, an unknown host) are for the person at the terminal.
            self._process = subprocess.Popen(
                command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=None if via else subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise MemvizError(f"{self._name}: cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.set_blocking(self._input.fileno(), False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, PIPE)
        self._sending = threading.Lock()
        self._state = threading.Condition()  # guards everything below
        self._somebody_reads = False
        self._queues: dict[int, collections.deque[Frame]] = {}
        self._next = 0
        self._buffer = b""
        self._failed = ""
        self._patience = FIRST_SILENCE if via else SILENCE
        self._heard = time.monotonic()

    @property
    def has_failed(self) -> bool:
        """Whether it was closed or its reader has ended: it answers nothing any more."""
        return bool(self._failed) or self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The process that was started: the reader, or the prefix that runs it."""
        return self._process.pid

    def again(self) -> Link:
        """Another reader, started as this one was."""
        return Link(*self._started_as)

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """See ReaderLink; any number of threads may ask at once, each iterator belongs to one of them."""
        queue: collections.deque[Frame] = collections.deque()
        with self._state:
            self._next = number = self._next % 0xFFFF_FFFF + 1
            self._queues[number] = queue
        under_way = False
        try:
            self._send(number, verb, *arguments)
            under_way = True
            while under_way:
                since = time.monotonic()
                while not queue:
                    self._receive(queue, since)
                frame = queue.popleft()
                under_way = frame.kind != reader.END
                if frame.kind != reader.BEAT:
                    yield frame
        finally:
            with self._state:
                del self._queues[number]
            if under_way and not self._failed:
                with contextlib.suppress(MemvizError):
                    self._send(number, "cancel")

    def _send(self, number: int, *words: str) -> None:
        line = " ".join((str(number), *words))
        told = line.isascii() and line.isprintable() and not any(" " in word for word in words)
        if not told or len(line) >= reader.LONGEST_REQUEST:
            raise UsageError(f"this cannot be asked of a reader: {line[:80]!r}")
        with self._sending:
            data = memoryview(self._greeting + line.encode("ascii") + b"\n")
            self._greeting = b""
            since = time.monotonic()
            while data:
                try:
                    data = data[os.write(self._input.fileno(), data) :]
                except BlockingIOError:  # it may be waiting for us to take an answer
                    self._receive(None, since)
                except (OSError, ValueError):
                    with self._state:
                        self._fail(self._ending())

    def _receive(self, mine: collections.deque[Frame] | None, since: float) -> None:
        """Returns when there may be a frame in `mine`, or (None) room in the reader's input; reads if nobody does."""
        with self._state:
            while self._somebody_reads and not mine and not self._failed:
                self._state.wait(GLANCE / 1000)
                if mine is None:
                    break
            if self._failed:
                raise MemvizError(self._failed)
            if mine or self._somebody_reads:
                return
            self._somebody_reads = True
        data: bytes | None = None
        try:
            data = self._read(since, waits_for_room=mine is None)
        finally:
            with self._state:
                self._somebody_reads = False
                self._state.notify_all()
                if data:
                    self._sort(self._buffer + data if self._buffer else data)
                elif data is not None:
                    self._fail(self._ending())

    def _read(self, since: float, waits_for_room: bool) -> bytes | None:
        """The next bytes, none at the end; None when there is room to write, or a look at the state is due."""
        waiting = select.poll()
        waiting.register(self._output, select.POLLIN)
        if waits_for_room:
            waiting.register(self._input, select.POLLOUT)
        ready = waiting.poll(GLANCE)
        if any(descriptor == self._output.fileno() for descriptor, _ in ready):
            data = os.read(self._output.fileno(), CHUNK)
            self._heard, self._patience = time.monotonic(), SILENCE
            return data
        if not ready and time.monotonic() - max(since, self._heard) > self._patience:
            raise NotAnswering(f"{self._name} has not answered for {self._patience:.0f} s")
        return None

    def _sort(self, data: bytes) -> None:
        at, size = 0, reader.HEADER.size
        while len(data) - at >= size:
            magic, version, kind, number, tag, length = reader.HEADER.unpack_from(data, at)
            if magic == reader.MAGIC and version != reader.VERSION:
                self._fail(f"{self._name} speaks version {version} of the protocol, this memviz {reader.VERSION}")
            if magic != reader.MAGIC or length > reader.FRAME or kind not in KINDS:
                self._fail(f"{self._name} sent something that is not memviz's protocol: {data[at : at + 60]!r}")
            if len(data) - at < size + length:
                break
            queue = self._queues.get(number)
            if queue is not None:  # else its request was cancelled
                queue.append(Frame(kind, tag, data[at + size : at + size + length]))
            at += size + length
        self._buffer = data[at:]

    def _fail(self, why: str) -> None:
        self._failed = self._failed or why
        raise MemvizError(self._failed)

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.returncode
        return f"{self._name} has ended" + (f" (exit status {code})" if code else "")

    def close(self) -> None:
        """Closes the request pipe, which ends the reader; one that does not go within a second is killed or left."""
        # Whoever reads or writes looks up soon: a descriptor must not become another file's under its hands.
        with self._state:
            self._failed = self._failed or "the reader was closed"
            self._state.notify_all()
            self._state.wait_for(lambda: not self._somebody_reads, 2 * GLANCE / 1000)
        free = self._sending.acquire(timeout=GLANCE / 1000)
        with contextlib.suppress(OSError):
            self._input.close()
        if free:
            self._sending.release()
        self._drain(0.7)
        with contextlib.suppress(OSError):
            self._output.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.1)
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):  # a privileged one cannot be killed by us
            self._process.kill()
            self._process.wait(0.3)

    def _drain(self, seconds: float) -> None:
        """Until the reader has closed its end, which tells of its end sooner than asking for it again and again."""
        until = time.monotonic() + seconds
        waiting = select.poll()
        with contextlib.suppress(OSError, ValueError):
            waiting.register(self._output, select.POLLIN)
            while (left := until - time.monotonic()) > 0 and waiting.poll(1000 * left):
                if not os.read(self._output.fileno(), CHUNK):
                    return


def _command(via: str, python: str, program: str = "") -> tuple[list[str], bytes]:
    """What to start, and what to send it first: behind a prefix the program itself."""
    if not via:
        # imported, not run by path: what is run by path is compiled each time. Its folder comes last, behind the
        # standard
        # library, which has a `stat` of its own.
        code = f"import sys;sys.path.append({os.path.dirname(reader.__file__)!r});import reader;reader.main()"
        return [python or sys.executable, "-I", "-S", "-B", "-c", code], b""
    import shlex

    try:
        prefix = shlex.split(via)
    except ValueError as error:
        raise UsageError(f"{via}: not a command: {error}") from None
    if program:
        return [*prefix, program], b""
    with open(reader.__file__, "rb") as source:
        text = source.read()
    # A buffer of one byte takes exactly the program off the stream, and leaves the first request on it.
    code = f"import io;exec(io.BufferedReader(io.FileIO(0,closefd=False),1).read({len(text)}))"
    command = [python or "python3", "-I", "-S", "-c", code]
    if prefix[-1:] == ["-c"] or any(os.path.basename(word) in SHELLS for word in prefix[:-1]):
        command = [shlex.join(command)]
    return [*prefix, *command], text
