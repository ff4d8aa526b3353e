"""Reading with more rights: a reader of its own through pkexec or sudo. The window itself never gets any.

First it is checked, away from the window's thread, that only root can change what root will run (`core/privilege.py`).
"""

from __future__ import annotations

import contextlib
import os

from PySide6.QtCore import QObject, Signal

from memviz.core.privilege import Way, check_way, open_privileged, ways
from memviz.core.source import Source
from memviz.errors import MemvizError
from memviz.gui.feed.origin import origin_of
from memviz.gui.session.session import Session


class Administrator(QObject):
    """`start` asks for a privileged reader; when it answers, the session goes on with it, on the same process."""

    changed = Signal(object)  # whether one is being asked for

    def __init__(self, session: Session, parent: QObject | None = None, found: tuple[Way, ...] | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ways = ways() if found is None else found
        self._is_checking = False
        self._opening: Source | None = None

    @property
    def is_possible(self) -> bool:
        """Whether there is something to ask, and something to gain."""
        origin = origin_of(self._session.source)
        is_free = not self._is_checking and self._opening is None
        return bool(self._ways) and is_free and origin.name == "this machine" and os.geteuid() != 0

    def start(self) -> None:
        """The question for the password comes from pkexec, or from sudo at the terminal."""
        if not self.is_possible:
            return
        self._is_checking = True
        self.changed.emit(True)
        way = self._ways[0]
        self._session.jobs.run("administrator", lambda: check_way(way), lambda _: self._open(way), self._refused)

    def _open(self, way: Way) -> None:
        if not self._is_checking:
            return  # closed meanwhile
        self._is_checking = False
        try:
            source = open_privileged(way)
        except MemvizError as error:
            self._refused(error)
            return
        self._opening = source
        self._session.said.emit(way.hint)
        self._session.jobs.run("administrator", lambda: source.hello, self._answered, self._refused, waits=True)

    def close(self) -> None:
        self._is_checking = False
        if self._opening is not None:
            opening, self._opening = self._opening, None
            opening.close()

    def _answered(self, _: object) -> None:
        source, self._opening = self._opening, None
        if source is not None:
            self._session.replace_source(source)
            self._session.said.emit("memviz now reads as administrator; this window has no more rights than before.")
        self.changed.emit(False)

    def _refused(self, error: Exception) -> None:
        with contextlib.suppress(MemvizError):
            self.close()
        self._session.said.emit(f"No reader with more rights: {error}")
        self.changed.emit(False)
