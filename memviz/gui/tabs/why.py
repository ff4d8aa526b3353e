"""The tab "Why does top say something else?"."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from memviz.gui.session import Session


class WhyTab(QWidget):
    """The arithmetic from the number of one tool to the number of another, for this process."""

    title = "Why does top say something else?"
    help = "The arithmetic from the number of one tool to the number of another, for this process."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self.help, self))
