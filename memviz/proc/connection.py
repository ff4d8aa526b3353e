"""One reader process and its two pipes, shared by any number of threads of the process that started it."""

from __future__ import annotations

import collections
import contextlib
import fcntl
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from memviz.errors import MemvizError, NotAnswering, UsageError
from memviz.proc import forking, reader
from memviz.proc.command import reader_command
from memviz.proc.limits import FRAME_COST, Limits

CHUNK = 96 << 10  # bytes a read: below what malloc would take from mmap each time
PIPE = 1 << 20  # bytes that the reader may be ahead of us
GLANCE = 250  # milliseconds after which a thread that waits looks whether the connection was closed
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


class Request:
    """A request that is under way: the frames that nobody has taken yet, and what its answer has cost so far."""

    def __init__(self, number: int, most: int) -> None:
        self.number, self.most = number, most
        self.frames: collections.deque[Frame] = collections.deque()
        self.size = 0  # bytes of its frames so far, each with FRAME_COST
        self.payload = 0
        self.beats = 0  # frames without content since the last one with some
        self.waited = 0.0  # seconds that somebody waited for its frames

    def add(self, frame: Frame) -> None:
        """Take the next frame of its answer."""
        if frame.kind == reader.BEAT or (frame.kind == reader.DATA and not frame.data):
            self.beats += 1
            return
        self.beats = 0
        self.size += FRAME_COST + len(frame.data)
        self.payload += len(frame.data)
        self.frames.append(frame)


class Connection:
    """A reader process and the requests that are under way.

    Whichever thread waits reads the next frames, whoever they are for, and leaves each with its request: no thread of
    our own, and no hand-over when only one request is under way. `on_wait` is called once with the reader's name when
    its first word does not come.
    """

    def __init__(
        self, via: str = "", python: str = "", program: str = "", limits: Limits | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._name = via or "the reader"
        self._limits = limits or Limits()
        self._on_wait = on_wait
        self._owner = os.getpid()
        command, self._greeting = reader_command(via, python, program)
        with forking.starting:
            try:
                # Errors of the prefix (a wrong password, an unknown host) are for the person at the terminal.
                self.process = subprocess.Popen(
                    command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=None if via else subprocess.DEVNULL,
                )  # fmt: skip
            except (OSError, ValueError) as error:  # ValueError: a NUL in the command
                why = error.strerror if isinstance(error, OSError) else error
                raise MemvizError(f"{self._name}: cannot be started: {why}") from None
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self._input, self._output = self.process.stdin, self.process.stdout
            self._sending = threading.Lock()
            self._state = threading.Condition()  # guards everything below
            self._somebody_reads = False
            self.requests: dict[int, Request] = {}
            self._next = 0
            self._buffer = b""
            self._unasked = 0  # bytes of frames for no request since the last one for some
            self.failed = ""
            self.has_answered = False  # a whole answer came
            self.is_silent = False  # no byte came for so long that somebody gave up
            self._patience = self._limits.first_silence if via else self._limits.silence
            self._heard = 0.0  # when the last bytes came (monotonic); 0: none yet
            forking.renew_in_children(self)
        os.set_blocking(self._input.fileno(), False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, PIPE)

    @property
    def is_inherited(self) -> bool:
        """Whether another process started it, of which this one is a fork."""
        return self._owner != os.getpid()

    @property
    def has_failed(self) -> bool:
        """Whether it was closed or its reader has ended: it answers nothing any more."""
        return bool(self.failed) or self.process.poll() is not None

    @property
    def has_spoken(self) -> bool:
        """Whether a byte came."""
        return bool(self._heard)

    def renew(self) -> None:
        """In a forked child: let go of the parent's pipes and reader; what is under way belongs to the parent."""
        self._owner = 0
        self._sending, self._state = threading.Lock(), threading.Condition()
        self.requests = {}
        self.failed = "this process was forked from the one that had asked the reader"
        self.process.returncode = self.process.returncode or 0  # it is no child of ours: nothing to wait for
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                pipe.close()

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """See ReaderLink; any number of threads may ask at once, each iterator belongs to one of them."""
        with self._state:
            self._next = number = self._next % 0xFFFF_FFFF + 1
            request = self.requests[number] = Request(number, self._limits.largest(verb))
        under_way = False
        try:
            self._send(number, verb, *arguments)
            under_way = True
            while under_way:
                frame = self._next_frame(request)
                under_way = frame.kind != reader.END
                self.has_answered = self.has_answered or not under_way
                yield frame
        finally:
            if not self.is_inherited:
                with self._state:
                    self.requests.pop(number, None)
                if under_way and not self.failed:
                    with contextlib.suppress(MemvizError):
                        self._send(number, "cancel")

    def _next_frame(self, request: Request) -> Frame:
        since = time.monotonic()
        while not request.frames:
            self._receive(request, since)
            if not request.frames:
                self._check_patience(request, time.monotonic() - since)
        request.waited += time.monotonic() - since
        self._check_patience(request, 0.0)
        return request.frames.popleft()

    def _check_patience(self, request: Request, waits: float) -> None:
        """Raise NotAnswering where an answer does not come on, whatever else the reader sends."""
        limits = self._limits
        if waits > limits.progress or request.beats > limits.progress:
            raise NotAnswering(f"{self._name} is at work on an answer, and sent nothing of it for a long time")
        waited = request.waited + waits
        if waited > min(limits.progress + request.payload / limits.slowest, limits.answer_time):
            raise NotAnswering(f"{self._name} sends an answer so slowly that it is not waited for: {waited:.0f} s")

    def _send(self, number: int, *words: str) -> None:
        line = " ".join((str(number), *words))
        is_one_line = line.isascii() and line.isprintable() and not any(" " in word for word in words)
        if not is_one_line or len(line) >= reader.LONGEST_REQUEST:
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
                    if time.monotonic() - since > self._limits.progress:
                        self._fail(f"{self._name} does not take a request", NotAnswering)
                except (OSError, ValueError):
                    with self._state:
                        self._fail(self._ending())

    # -- receiving --------------------------------------------------------------------------------------------------

    def _receive(self, request: Request | None, since: float) -> None:
        """Return when there may be a frame of the request, or (None) room in the reader's input; read if nobody
        does."""
        with self._state:
            if self._somebody_reads and not (request and request.frames) and not self.failed:
                self._state.wait(GLANCE / 1000)
            if self.failed:
                raise MemvizError(self.failed)
            if (request and request.frames) or self._somebody_reads:
                return
            self._somebody_reads = True
        data: bytes | None = None
        try:
            data = self._read(since, waits_for_room=request is None)
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
        ready = waiting.poll(min(GLANCE, 1000 * self._patience))
        if any(descriptor == self._output.fileno() for descriptor, _ in ready):
            data = os.read(self._output.fileno(), CHUNK)
            self._heard, self._patience, self.is_silent = time.monotonic(), self._limits.silence, False
            return data
        silent_for = time.monotonic() - max(since, self._heard)
        if not ready and silent_for > self._patience:
            self.is_silent = True
            raise NotAnswering(f"{self._name} has not answered for {self._patience:.0f} s")
        if self._on_wait is not None and not self.has_spoken and silent_for > self._limits.notice:
            on_wait, self._on_wait = self._on_wait, None
            on_wait(self._name)
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
            request = self.requests.get(number)
            if request is None:  # it was cancelled, or never made
                self._unasked += FRAME_COST + length
                if self._unasked > self._limits.answer_bytes:
                    self._fail(f"{self._name} sends without end what nobody has asked for")
            else:
                self._unasked = 0
                request.add(Frame(kind, tag, data[at + size : at + size + length]))
                if request.size > request.most:
                    self._fail(f"{self._name} sent more than {request.most >> 10:,} KiB for one answer")
            at += size + length
        self._buffer = data[at:]

    def _fail(self, why: str, kind: type[MemvizError] = MemvizError) -> None:
        self.failed = self.failed or why
        raise kind(self.failed)

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        code = self.process.returncode
        if code is None:
            return f"{self._name} has closed its output"
        return f"{self._name} has ended" + (f" (exit status {code})" if code else "")

    # -- closing ----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the request pipe, which ends the reader; one that does not go within a second is killed or left."""
        if self.is_inherited:
            return  # its owner closes it
        # Whoever reads or writes looks up soon: a descriptor must not become another file's under its hands.
        with self._state:
            self.failed = self.failed or "the reader was closed"
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
            self.process.wait(0.1)
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):  # a privileged one cannot be killed by us
            self.process.kill()
            self.process.wait(0.3)

    def _drain(self, seconds: float) -> None:
        """Until the reader has closed its end, which tells of its end sooner than asking for it again and again."""
        until = time.monotonic() + seconds
        waiting = select.poll()
        with contextlib.suppress(OSError, ValueError):
            waiting.register(self._output, select.POLLIN)
            while (left := until - time.monotonic()) > 0 and waiting.poll(1000 * left):
                if not os.read(self._output.fileno(), CHUNK):
                    return
