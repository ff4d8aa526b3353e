"""How everybody talks to a reader: `ask(verb, ...)` gives its frames while they arrive.

`Link` speaks to a reader process (here, through sudo, on another host); `Direct` runs the same generator in this process,
for captured trees and tests. Both have `ask` and `close`, and nobody above can tell which one it holds.
"""

from __future__ import annotations

import collections
import contextlib
import os
import select
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from memviz.errors import MemvizError, NotAnswering
from memviz.proc import reader

CHUNK = 96 << 10  # bytes a read: below what malloc would take from mmap each time
SILENCE = 10.0  # seconds; the reader sends a BEAT every second while it works on a request
SHELLS = frozenset(("ssh", "autossh"))  # these join their arguments and give them to a shell on the other side


class Frame(NamedTuple):
    """One frame: `kind` is reader.DATA, FILE or END; `tag` numbers the file; `data` is its bytes or `key=value` words."""

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
        """Frames of one answer in order, the last one of kind END; raises NotAnswering or MemvizError."""
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

    Whichever thread waits reads the next frame, whoever it is for, and leaves it in that request's queue: no thread of
    our own, and no hand-over when only one request is under way.
    """

    def __init__(self, via: str = "", python: str = "") -> None:
        program = Path(reader.__file__).read_bytes()
        if via:
            code = f"import sys;exec(sys.stdin.buffer.read({len(program)}))"
            command = [*shlex.split(via), *_quoted(via, [python or "python3", "-I", "-S", "-c", code])]
        else:
            command = [python or sys.executable, "-I", "-S", str(Path(reader.__file__))]
        self._name = via or "the reader"
        try:
            # Errors of the prefix (a wrong password, an unknown host) are for the person at the terminal.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None if via else subprocess.DEVNULL
            )
        except OSError as error:
            raise MemvizError(f"{self._name}: cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        with contextlib.suppress(OSError):
            import fcntl

            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, 1 << 20)
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._queues: dict[int, collections.deque[Frame]] = {}
        self._next = 0
        self._buffer = b""
        self._failed: str | None = None
        self._heard = time.monotonic()
        self._greeting: bytes | None = program if via else None

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """Frames of one answer; closing the iterator early tells the reader to stop."""
        with self._writing:
            self._next += 1
            number = self._next
            self._queues[number] = queue = collections.deque()
            self._send(" ".join((str(number), verb, *arguments)))
        return self._frames(number, queue)

    def _frames(self, number: int, queue: collections.deque[Frame]) -> Iterator[Frame]:
        ended = False
        try:
            while not ended:
                while not queue:
                    self._receive(queue)
                frame = queue.popleft()
                ended = frame.kind == reader.END
                if frame.kind != reader.BEAT:
                    yield frame
        finally:
            del self._queues[number]
            if not ended and self._failed is None:
                with contextlib.suppress(MemvizError), self._writing:
                    self._send(f"0 cancel {number}", cancel=number)

    def _send(self, line: str, cancel: int = 0) -> None:
        if cancel:
            line = f"{cancel} cancel"
        data = line.encode("ascii") + b"\n"
        if self._greeting is not None:
            data, self._greeting = self._greeting + data, None
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._input, view) :]
        except (OSError, ValueError):
            self._fail(f"{self._name} has ended")

    def _fail(self, why: str) -> None:
        self._failed = self._failed or why
        raise MemvizError(self._failed)

    def _receive(self, mine: collections.deque[Frame]) -> None:
        """Reads what has come and sorts it into the queues; returns when `mine` may have something."""
        if not self._reading.acquire(timeout=0.05):
            return  # another thread reads; it will fill our queue
        try:
            if mine:
                return
            if self._failed is not None:
                raise MemvizError(self._failed)
            waiting = select.poll()
            waiting.register(self._output, select.POLLIN)
            started = max(self._heard, time.monotonic())
            while not waiting.poll(500):
                if time.monotonic() - started > SILENCE:
                    raise NotAnswering(f"{self._name} has not answered for {SILENCE:.0f} s")
            data = os.read(self._output, CHUNK)
            if not data:
                code = self._process.poll()
                self._fail(f"{self._name} has ended" + (f" (exit status {code})" if code else ""))
            self._sort(self._buffer + data if self._buffer else data)
        finally:
            self._reading.release()

    def _sort(self, data: bytes) -> None:
        at, size = 0, reader.HEADER.size
        while len(data) - at >= size:
            magic, version, kind, number, tag, length = reader.HEADER.unpack_from(data, at)
            if magic != reader.MAGIC or length > reader.FRAME:
                self._fail(f"{self._name} sent something that is not memviz's protocol")
            if version != reader.VERSION:
                self._fail(
                    f"{self._name} speaks version {version} of the protocol, this memviz speaks {reader.VERSION}"
                )
            if len(data) - at < size + length:
                break
            queue = self._queues.get(number)
            if queue is not None:  # else its request was cancelled
                queue.append(Frame(kind, tag, data[at + size : at + size + length]))
            at += size + length
        self._buffer = data[at:]

    def close(self) -> None:
        """Closes the request pipe, which ends the reader; a reader that does not go within a second is killed or left."""
        self._failed = self._failed or "closed"
        process = self._process
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(
                OSError
            ):  # a privileged one cannot be killed by us; it has lost its input and ends
                process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)


def _quoted(via: str, command: list[str]) -> list[str]:
    prefix = shlex.split(via)
    if prefix and os.path.basename(prefix[0]) in SHELLS:
        return [shlex.join(command)]
    return command
