"""A host that is opened again when its reader has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from memviz.core.host import Host
from memviz.errors import MemvizError
from memviz.proc import forking
from memviz.proc.link import Link

T = TypeVar("T")


class HostKeeper:
    """One open host for any number of threads, with a new reader when the old one was killed or does not answer."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._closed = False
        self._lock = threading.Lock()
        forking.renew_in_children(self)

    def renew(self) -> None:
        """In a forked child, where a thread of the parent may have held the lock."""
        self._lock = threading.Lock()

    @property
    def host(self) -> Host:
        """The host, with a reader that can be asked. Raises MemvizError where none can be started."""
        with self._lock:
            old = self._host
            link = lost_link(old)
            if link is None or self._closed:
                return old
            self._host = Host(link.again(), old.name)
            new = self._host
        old.close()
        return new

    def ask(self, question: Callable[[Host], T]) -> T:
        """The answer of `question(host)`, which only reads: it is asked once more where its reader ended meanwhile.

        A reader behind a prefix that has never answered is not started twice for one question: it would not answer
        either, and perhaps ask for a password again.
        """
        host = self.host
        try:
            return question(host)
        except MemvizError:
            link = lost_link(host)
            if host is self._host and (link is None or (link.via and not link.has_answered)):
                raise
        return question(self.host)

    def close(self) -> None:
        """End the reader; nothing can be asked afterwards."""
        with self._lock:
            self._closed = True
        self._host.close()


def lost_link(host: Host) -> Link | None:
    """The link of a host whose reader has ended or sends nothing any more, unless it was closed."""
    link = host.link
    if not isinstance(link, Link) or link.is_closed:
        return None
    return link if link.has_failed or link.is_silent else None
