"""Turns: heavy work of the GUI thread, one piece in each turn of the event loop, so that none keeps it for long."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

BREATH = 3  # milliseconds between two pieces, in which the window sees to its events


class Turns(QObject):
    """One for a session. What is `later` is done soon, in the order in which it was asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: dict[Hashable, Callable[[], object]] = {}
        self._timer = QTimer(self, interval=BREATH)
        self._timer.timeout.connect(self._next)

    def later(self, key: Hashable, piece: Callable[[], object]) -> None:
        """In a turn of its own; instead of an earlier piece of the same key, if that waits still."""
        self._pieces[key] = piece
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """Does all that waits, and what comes of it, at once: for pictures."""
        while self._pieces:
            self.now(next(iter(self._pieces)))

    def now(self, key: Hashable) -> None:
        """Does a piece at once, if it waits still and the widget that is its key is still there."""
        piece = self._pieces.pop(key, None)
        if piece is not None and not (isinstance(key, QObject) and not isValid(key)):
            piece()

    def _next(self) -> None:
        if not self._pieces:
            self._timer.stop()
            return
        self.now(next(iter(self._pieces)))
