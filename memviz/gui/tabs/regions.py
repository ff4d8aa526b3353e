"""The tab "Blocks and regions"."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from memviz.gui.session import Session


class RegionsTab(QWidget):
    """Everything in memory as rows: blocks that unfold into regions, or the regions themselves."""

    title = "Blocks and regions"
    help = "Every block and region with its numbers: filter, sort, compare with the mark, copy."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self.help, self))
