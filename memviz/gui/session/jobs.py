"""Work away from the GUI thread. The newest request of a name wins: what an older one answers is dropped.

Waiting for a reader has a pool of its own, so that it never starves sorting and drawing.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal, Slot

from memviz.gui.session.task_queue import TaskQueue

WAITING_THREADS = 16  # they sleep; a target that does not answer keeps one for about two seconds
SLOW = 300  # milliseconds from which on work shows that it goes on
SAVE_MS = 10_000  # that closing waits for files that are being written
QUIT_MS = 1000  # that closing waits for what is under way; the process then ends without it


@dataclass(frozen=True, slots=True)
class _Outcome:
    name: str
    number: int
    answer: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Request:
    number: int
    since: float
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    saves: bool = False


class Jobs(QObject):
    """One for a session, on the GUI thread. `busy_changed` carries the names of what has been going on for a while."""

    busy_changed = Signal(object)  # tuple[str, ...]
    _finished = Signal(object)

    def __init__(self, tasks: TaskQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._numbers = itertools.count(1)
        self._requests: dict[str, _Request] = {}
        self._busy: tuple[str, ...] = ()
        self._closed = False
        self._working, self._waiting, self._saving = QThreadPool(self), QThreadPool(self), QThreadPool(self)
        self._waiting.setMaxThreadCount(WAITING_THREADS)
        self._saving.setMaxThreadCount(1)  # the file that was saved last is the one that stays
        self._finished.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._watch = QTimer(self, interval=SLOW)
        self._watch.timeout.connect(self._tell_busy)

    def run(
        self, name: str, work: Callable[[], Any], done: Callable[[Any], None],
        failed: Callable[[Exception], None], *, waits: bool = False,
    ) -> None:  # fmt: skip
        """Calls `work` on a pool, then on the GUI thread `done` with its answer or `failed` with what it raised.

        A request of the same name that is still under way becomes stale. `waits` is for work that asks a reader; other
        work begins in a later turn of the event loop, so that it does not compete with the painting of this one.
        """
        if self._closed:
            return
        number = next(self._numbers)
        self._requests[name] = _Request(number, time.monotonic(), done, failed)
        if not self._watch.isActive():
            self._watch.start()
        if waits:
            self._waiting.start(lambda: self._work(name, number, work))
        else:
            begin = partial(self._working.start, lambda: self._work(name, number, work))
            self._tasks.later((name, number, "begin"), begin)

    def save(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """The same for work that writes a file: one after the other, none becomes stale, and closing waits for them."""
        if self._closed:
            return
        number = next(self._numbers)
        name = f"save {number}"

        def save() -> Any:
            try:
                return work()
            except Exception as error:
                if self._closed:  # there is no window any more that could say so
                    print(f"memviz: not saved: {error}", file=sys.stderr)
                raise

        self._requests[name] = _Request(number, time.monotonic(), done, failed, saves=True)
        self._saving.start(lambda: self._outcome(name, number, save))

    def is_running(self, name: str) -> bool:
        """Whether the newest request of this name has not answered yet."""
        return name in self._requests

    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._requests

    def cancel(self, name: str) -> None:
        """Whatever the request of this name answers is dropped."""
        if self._requests.pop(name, None) is not None:
            self._tell_busy()

    def cancel_all(self) -> None:
        """Whatever is under way answers to nobody, but for files that are being written."""
        self._requests = {name: request for name, request in self._requests.items() if request.saves}
        self._tell_busy()

    def close(self) -> None:
        """Makes everything stale and waits a moment for what is under way."""
        self._closed = True
        self._requests.clear()
        self._watch.stop()
        self._working.clear()
        self._waiting.clear()
        for pool in (self._working, self._waiting):
            pool.waitForDone(QUIT_MS // 2)
        self._saving.waitForDone(SAVE_MS)

    def _work(self, name: str, number: int, work: Callable[[], Any]) -> None:
        """On a thread of a pool: nothing may escape from here."""
        request = self._requests.get(name)
        if request is None or request.number != number:
            return  # stale before it began
        self._outcome(name, number, work)

    def _outcome(self, name: str, number: int, work: Callable[[], Any]) -> None:
        try:
            outcome = _Outcome(name, number, answer=work())
        except BaseException as error:  # an exception in a pool's thread would vanish
            outcome = _Outcome(name, number, error=error)
        if not self._closed:
            self._finished.emit(outcome)

    @Slot(object)
    def _take(self, outcome: _Outcome) -> None:
        self._tasks.later((outcome.name, outcome.number), lambda: self._deliver(outcome))

    def _deliver(self, outcome: _Outcome) -> None:
        request = self._requests.get(outcome.name)
        if self._closed or request is None or request.number != outcome.number:
            return
        del self._requests[outcome.name]
        self._tell_busy()
        if outcome.error is None:
            request.done(outcome.answer)
        elif isinstance(outcome.error, Exception):
            request.failed(outcome.error)
        else:
            sys.excepthook(type(outcome.error), outcome.error, outcome.error.__traceback__)

    @Slot()
    def _tell_busy(self) -> None:
        late = time.monotonic() - SLOW / 1000
        busy = tuple(sorted(name for name, request in self._requests.items() if request.since <= late))
        if not self._requests:
            self._watch.stop()
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)
