"""The tab "System"."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from memviz.gui.session import Session


class SystemTab(QWidget):
    """What the memory of the whole machine is used for, and the part that this process has of it."""

    title = "System"
    help = "What the memory of the whole machine is used for, and the part that this process has of it."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self.help, self))
