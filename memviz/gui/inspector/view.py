"""The inspector: "What is this?" about whatever is selected."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from memviz.core.sentence import sentence
from memviz.gui.session import Session


class Inspector(QWidget):
    """What is selected in one sentence; then its facts; then what its kind means."""

    explain_wanted = Signal(str)  # the name of a page of the tab Explained

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._sentence = QLabel(self, wordWrap=True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.addWidget(self._sentence)
        layout.addStretch(1)
        session.snapshot_changed.connect(self._show)
        session.selection_changed.connect(self._show)
        self._show()

    def _show(self, changed: object = None) -> None:
        snapshot = self.session.snapshot
        text = self.session.state.sentence
        if snapshot is not None:
            text = sentence(snapshot, self.session.selection, self.session.pages)
        self._sentence.setText(text)
