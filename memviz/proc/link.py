"""How everybody talks to a reader: `ask(verb, ...)` gives its frames while they arrive.

`Link` speaks to a reader process (here, through sudo, on another host); `Direct` runs the same generator in this
process, for captured trees and tests. Both have `ask` and `close`, and nobody above can tell which one it holds.
"""

from __future__ import annotations

import collections
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Protocol

from memviz.errors import MemvizError
from memviz.proc import forking, reader
from memviz.proc.connection import Connection, Frame
from memviz.proc.limits import Limits

__all__ = ["Direct", "Frame", "Limits", "Link", "ReaderLink"]


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
    """A reader process of this very process, for any number of threads.

    A forked child lets go of its parent's reader and starts its own with the first request. A link that is no longer
    used ends its reader, closed or not, and so does the end of the interpreter.
    """

    def __init__(
        self, via: str = "", python: str = "", program: str = "", limits: Limits | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        """`program` is the path of a reader that is installed where `via` leads; without one it is sent there.
        `on_wait` is called with the reader's name where its first word is slow in coming."""
        self.via = via
        self._started_as = (via, python, program, limits, on_wait)
        self.is_closed = False
        self._connecting = threading.Lock()
        self.connection = self._connect()
        forking.renew_in_children(self)

    def _connect(self) -> Connection:
        connection = Connection(*self._started_as)
        weakref.finalize(self, connection.close)
        return connection

    def renew(self) -> None:
        """In a forked child, where a thread of the parent may have held the lock."""
        self._connecting = threading.Lock()

    def _own(self) -> Connection:
        """The connection of this process."""
        if self.is_closed:
            raise MemvizError("the reader was closed")
        if self.connection.is_inherited:
            with self._connecting:
                if self.connection.is_inherited:
                    self.connection.renew()  # where a fork that Python does not know of left it as it was
                    self.connection = self._connect()
        return self.connection

    @property
    def has_failed(self) -> bool:
        """Whether it was closed or its reader has ended: it answers nothing any more."""
        return self.is_closed or (not self.connection.is_inherited and self.connection.has_failed)

    @property
    def is_silent(self) -> bool:
        """Whether not a byte came for so long that somebody gave up waiting."""
        return not self.connection.is_inherited and self.connection.is_silent

    @property
    def has_spoken(self) -> bool:
        """Whether anything came from it at all."""
        return self.connection.has_spoken

    @property
    def has_answered(self) -> bool:
        """Whether it has given a whole answer: it is a reader, and can be started."""
        return self.connection.has_answered

    @property
    def pid(self) -> int:
        """The process that was started: the reader, or the prefix that runs it."""
        return self._own().process.pid

    def again(self) -> Link:
        """Another reader, started as this one was."""
        return Link(*self._started_as)

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        """See ReaderLink; any number of threads may ask at once, each iterator belongs to one of them."""
        yield from self._own().ask(verb, *arguments)

    def close(self) -> None:
        """End the reader; one that does not go within a second is killed or left."""
        self.is_closed = True
        self.connection.close()
