"""The tab "Blocks and regions"."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from memviz.core.snapshot import Snapshot
from memviz.gui.session import Session
from memviz.gui.tables.columns import USUAL, is_difference
from memviz.gui.tables.frames import Frames, frames_of
from memviz.gui.tables.header import Header, Layout
from memviz.gui.tables.looks import Looks
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.view import MemoryView


class RegionsTab(QWidget):
    """Everything in memory as rows: blocks that unfold into regions, or the regions themselves."""

    title = "Blocks and regions"
    help = "Every block and region with its numbers: filter, sort, compare with the mark, copy."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.model = MemoryModel(self)
        self.view = MemoryView(self.model, self)
        self.header = Header(self.view, self.model, Layout(list(USUAL)), lambda n: not is_difference(n))
        self.model.set_looks(Looks(session.theme, self.view.font()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        session.snapshot_changed.connect(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        self.session.jobs.run("table", lambda: frames_of(snapshot), self._show, lambda error: None)

    def _show(self, frames: Frames) -> None:
        self.model.show(frames, hold=self.view.is_held)
        self.view.set_delegates(self.model.place("name"), self.model.place("rss"))
