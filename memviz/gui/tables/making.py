"""What a table shows is made away from the GUI thread, and only while somebody can see it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from memviz.core.diff import Difference
from memviz.core.snapshot import Snapshot
from memviz.gui.session.session import Session
from memviz.gui.tables.changes import frames_beside
from memviz.gui.tables.frames import Frames, frames_of
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import arrange


class Maker(QObject):
    """Makes the frames of every snapshot, beside the mark where there is one."""

    made = Signal(object)  # Frames of the session's snapshot

    def __init__(self, session: Session, model: MemoryModel, is_seen: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self.session, self.model, self.is_seen = session, model, is_seen
        self._is_late = session.snapshot is not None  # there is something to make once it is seen
        session.snapshot_changed.connect(self._take_snapshot)
        session.difference_changed.connect(self._take_difference)

    def stop(self) -> None:
        """Another process: what is under way is no longer wanted."""
        self.session.jobs.cancel("table")
        self._is_late = False

    def catch_up(self) -> None:
        """Makes what came while nobody could see it."""
        if self._is_late and self.is_seen():
            self._make()

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        if self.session.mark is None:  # else the difference comes right after
            self._make()

    def _take_difference(self, difference: Difference | None) -> None:
        self._make()

    def _make(self) -> None:
        """Columns, order and filter, so that showing them is quick."""
        session, wanted = self.session, self.model.wanted
        snapshot, mark, difference = session.snapshot, session.mark, session.difference
        self._is_late = snapshot is not None and not self.is_seen()
        if snapshot is None or self._is_late:
            return

        def work() -> Frames:
            if mark is not None and difference is not None:
                frames = frames_beside(mark, snapshot, difference)
            else:
                frames = frames_of(snapshot)
            arrange(frames, wanted)
            return frames

        session.jobs.run("table", work, self._done, self._failed)

    def _done(self, frames: Frames) -> None:
        if frames.snapshot is self.session.snapshot:
            self.made.emit(frames)

    def _failed(self, error: Exception) -> None:
        self.session.said.emit(f"The table could not be made: {error}")
