"""What is said around the list: why it is empty, that it could not be read, what it adds up to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from memviz import units
from memviz.gui.processes.people import People
from memviz.gui.session import ProcessList
from memviz.gui.theme import Theme


class Words(QWidget):
    """The line below the list, and what stands in its middle when there is nothing to show. `cleared` asks for the
    filter to be cleared."""

    cleared = Signal()

    def __init__(self, over: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sum, self._hint = QLabel(self), QLabel("sorting held", self)
        self._why = QLabel(self)
        self._middle = QWidget(over)
        self._sentence, self._clear = QLabel(self._middle), QPushButton("Clear the filter", self._middle)
        for label in (self._sum, self._hint, self._why, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._why, self._sentence):
            label.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setToolTip("Rows stay where they are while the pointer is over the list and for three seconds after "
                              "a click or key. The order is made anew after that.")  # fmt: skip
        self._clear.clicked.connect(self.cleared)
        middle = QVBoxLayout(self._middle)
        middle.addWidget(self._sentence)
        middle.addWidget(self._clear, 0, Qt.AlignmentFlag.AlignHCenter)
        across = QVBoxLayout(over)
        across.setContentsMargins(12, 40, 12, 12)
        across.addWidget(self._middle, 0, Qt.AlignmentFlag.AlignTop)
        line = QHBoxLayout()
        line.addWidget(self._sum, 1)
        line.addWidget(self._hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 3)
        layout.setSpacing(2)
        layout.addWidget(self._why)
        layout.addLayout(line)
        self._why.hide()
        self._middle.hide()

    def set_theme(self, theme: Theme) -> None:
        for label in (self._sum, self._sentence):
            label.setStyleSheet(f"color: {theme.dim.name()}")
        self._hint.setStyleSheet(f"color: {theme.accent.name()}")
        self._why.setStyleSheet(f"color: {theme.warn.name()}")

    def tell(self, people: People, found: ProcessList) -> None:
        """What the lines add up to, why there are none, and that the last list failed."""
        self._why.setText(f"The processes could not be listed: {found.why}" if found.why else "")
        self._why.setVisible(bool(found.why))
        number, total = people.sum_up()
        count = f"{number:,} process" + ("es" if number != 1 else "")
        self._sum.setText(f"{count} · {units.size(total)}" if people.lines else "")
        self._sum.setToolTip("Private + swap of the processes that are shown, added up.")
        self._hint.setVisible(people.stale)
        self._tell_empty(people, found)

    def _tell_empty(self, people: People, found: ProcessList) -> None:
        text = people.filter.strip()
        filtered = bool(text) and bool(people.census.known)
        self._middle.setVisible(not people.lines)
        self._clear.setVisible(filtered)
        if filtered:
            self._sentence.setText(f"No process matches “{text}”.")
        elif found.time:
            self._sentence.setText("There are no processes here.")
        else:
            self._sentence.setText("memviz goes on trying." if found.why else "Listing the processes …")
