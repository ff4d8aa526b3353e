"""The tab "Explained"."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from memviz.gui.session import Session


class ExplainedTab(QWidget):
    """What heap, stack, RSS, PSS and the rest are, with the numbers of this process."""

    title = "Explained"
    help = "What heap, stack, RSS, PSS and the rest are, with the numbers of this process."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self.help, self))
