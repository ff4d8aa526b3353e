"""PSS of the rows in sight, read now and then: the kernel walks the page tables of each process for it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from memviz.core.facts import Identity
from memviz.core.host import Host
from memviz.core.snapshot import Absence
from memviz.core.source import ProcessRow, Source
from memviz.core.tree import sum_processes
from memviz.errors import Unsupported
from memviz.gui.feed.cadence import Cadence
from memviz.gui.feed.feed import CHEAP, walk_cost
from memviz.gui.processes.people import Share, lives_on
from memviz.gui.session.session import Session

FACTOR, LEAST = 50, 2.0  # times its cost, and seconds, that a reading waits for the next one


Found = dict[Identity, tuple[int | None, Absence | None]]  # bytes, or why not
Read = Callable[[Source, Sequence[Identity]], Found]


def read_shares(source: Source, people: Sequence[Identity]) -> Found:
    """Without those whose number another process has; blocks as long as the kernel takes. Raises MemvizError."""
    if not isinstance(source, Host):
        raise Unsupported("this source does not tell proportional sizes: they need Linux")
    found = {member.pid: member for member in sum_processes(source, [who.pid for who in people]).members}
    told = [(who, found[who.pid]) for who in people if who.pid in found]
    return {
        who: (member.sizes["pss"], member.absent)
        for who, member in told
        if member.identity is None or member.identity.may_be(who)
    }


def too_dear(row: ProcessRow) -> Absence | None:
    """Why a process is not measured unasked."""
    cost = walk_cost(row)
    if cost <= CHEAP:
        return None
    words = f"reading it would keep the kernel busy for about {cost:.1f} s"
    return Absence("unsupported", words, "open the process to measure it")


def batch(rows: Sequence[ProcessRow], shares: dict[Identity, Share]) -> list[ProcessRow]:
    """Which rows to read now: the oldest first, as many as are cheap together."""
    able = [row for row in rows if not row.is_kernel_thread and (row.state not in "ZX" or lives_on(row))]
    able = [row for row in able if too_dear(row) is None]
    able.sort(key=lambda row: shares[row.identity].at if row.identity in shares else 0.0)
    chosen, cost = [], 0.0
    for row in able:
        cost += walk_cost(row)
        if cost > CHEAP:
            break
        chosen.append(row)
    return chosen


class Shares(QObject):
    """Asks for the rows in sight when it is due. `came` carries a dict of Share by identity."""

    came = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None, read: Read | None = None) -> None:
        super().__init__(parent)
        self._session, self._read = session, read or read_shares
        self._cadence = Cadence(FACTOR, LEAST)

    def want(self, rows: Sequence[ProcessRow], shares: dict[Identity, Share]) -> None:
        """These are in sight; reads some of them, if it is due."""
        now, jobs = time.monotonic(), self._session.jobs
        if jobs.is_running("shares") or not self._cadence.is_due(now):
            return
        unknown = [row for row in rows if row.identity not in shares]
        dear = {row.identity: Share(None, now, why) for row in unknown if (why := too_dear(row)) is not None}
        if dear:
            self.came.emit(dear)
        asked = batch(rows, shares)
        if asked:
            self._cadence.begin(now)
            people, source, read = [row.identity for row in asked], self._session.source, self._read
            jobs.run(
                "shares", lambda: _timed(read, source, people), self._done,
                functools.partial(self._failed, asked), waits=True,
            )  # fmt: skip

    def _done(self, answer: tuple[Found, float]) -> None:
        if not isValid(self):
            return  # the list was closed meanwhile
        found, cost = answer
        now = time.monotonic()
        self._cadence.end(now, cost)
        self.came.emit({who: Share(pss, now, absent) for who, (pss, absent) in found.items()})

    def _failed(self, asked: Sequence[ProcessRow], error: Exception) -> None:
        if not isValid(self):
            return
        now = time.monotonic()
        self._cadence.end(now, self._cadence.least)
        why = Absence("unsupported", str(error))
        self.came.emit({row.identity: Share(None, now, why) for row in asked})


def _timed(read: Read, source: Source, people: Sequence[Identity]) -> tuple[Found, float]:
    """On a thread of a pool: the answer, and how long it took."""
    began = time.monotonic()
    return read(source, people), time.monotonic() - began
