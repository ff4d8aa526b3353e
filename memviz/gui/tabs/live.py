"""The tab "Live": plots of the target over time. pyqtgraph is imported when it is first shown."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from memviz.gui.live.charts import CHARTS
from memviz.gui.live.events import Event
from memviz.gui.live.pens import Pens
from memviz.gui.live.tracks import Tracks
from memviz.gui.selection import select_range
from memviz.gui.session import Session


class LiveTab(QWidget):
    """Collects from the beginning; draws while it can be seen."""

    title = "Live"
    help = "Memory, page faults, processor time and threads over time."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tracks = Tracks(session, self)
        self.board: QWidget | None = None
        self.charts = {chart.name for chart in CHARTS if chart.shown}
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        if self.board is None:
            self._build()
        super().showEvent(event)

    def _build(self) -> None:
        from memviz.gui.live.board import Board

        board = Board(self.tracks, Pens(self.session.theme, self.session.options.text_scale), self)
        board.set_charts(self.charts)
        board.window_changed.connect(board.set_window)
        board.chosen.connect(self._chosen)
        self._layout.addWidget(board)
        self.tracks.grew.connect(board.refresh)
        self.board = board

    def _chosen(self, event: Event) -> None:
        if event.end:
            self.session.select(select_range(event.start, event.end))
