"""What stands in the place of a table that has nothing to show: one sentence, what would help, one action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class Notice(QWidget):
    """`say` shows a sentence, a remedy that can be selected, and a button where there is something to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence, self.remedy = QLabel(self), QLabel(self)
        self.button = QPushButton(self)
        self._do: Callable[[], object] | None = None
        layout = QVBoxLayout(self)
        layout.addStretch()
        for label in (self.sentence, self.remedy):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        self.remedy.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch()
        self.button.clicked.connect(self._act)

    def say(self, sentence: str, remedy: str = "", action: str = "", do: Callable[[], object] | None = None) -> None:
        self.sentence.setText(sentence)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        self.button.setText(action)
        self.button.setVisible(do is not None)
        self._do = do

    def _act(self) -> None:
        if self._do is not None:
            self._do()
