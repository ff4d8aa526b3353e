"""What is said around the list: why it is empty, that it could not be read, what it adds up to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from memviz import units
from memviz.gui.processes.people import People
from memviz.gui.theme import Theme


class Words(QWidget):
    """The line below the list, and what stands in its middle when there is nothing to show. `cleared` asks for the
    filter to be cleared."""

    cleared = Signal()

    def __init__(self, over: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sum, self._hint = QLabel(self), QLabel("order held", self)
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

    def tell_failure(self, why: str) -> None:
        """The source could not list its processes; an empty text: it could."""
        self._why.setText(f"Not up to date: {why}" if why else "")
        self._why.setVisible(bool(why))

    def tell(self, people: People, has_come: bool) -> None:
        """What the lines add up to; `has_come` is False before the first list."""
        number, total = people.sum_up()
        count = f"{number:,} process" + ("es" if number != 1 else "")
        self._sum.setText(f"{count} · {units.size(total)}" if people.lines else "")
        self._sum.setToolTip("Private + swap of the processes that are shown, added up.")
        self._hint.setVisible(people.stale)
        self._tell_empty(people, has_come)

    def _tell_empty(self, people: People, has_come: bool) -> None:
        filtered = bool(people.filter.strip())
        self._middle.setVisible(not people.lines)
        self._clear.setVisible(filtered and has_come)
        if not has_come:
            self._sentence.setText(
                "Listing the processes …" if not self._why.text() else "The processes could not be listed."
            )
        elif filtered:
            self._sentence.setText(f"No process matches “{people.filter.strip()}”.")
        else:
            self._sentence.setText("There are no processes here.")
