"""A queue of work for the GUI thread: one task in each iteration of the event loop, so that input never waits long."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

BREATH = 3  # milliseconds between two tasks, for the events of the window


class TaskQueue(QObject):
    """Tasks in the order of their requests. One queue for a session."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: dict[Hashable, Callable[[], object]] = {}
        self._timer = QTimer(self, interval=BREATH)
        self._timer.timeout.connect(self._next)

    def later(self, key: Hashable, task: Callable[[], object]) -> None:
        """Queue a task. It replaces a waiting task of the same key, in its place."""
        self._tasks[key] = task
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """Run all waiting tasks at once, and those that they queue: before a picture is taken."""
        while self._tasks:
            self.now(next(iter(self._tasks)))

    def now(self, key: Hashable) -> None:
        """Run a waiting task at once. A task whose key is a deleted QObject is dropped."""
        task = self._tasks.pop(key, None)
        if task is not None and not (isinstance(key, QObject) and not isValid(key)):
            task()

    def _next(self) -> None:
        if not self._tasks:
            self._timer.stop()
            return
        self.now(next(iter(self._tasks)))
