"""What is said around the list: why it is empty, that it could not be read, what it adds up to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from memviz import units
from memviz.gui.processes.people import People
from memviz.gui.session.session import ProcessList
from memviz.gui.theme import Theme


class Words(QWidget):
    """The line below the list, and what stands in its middle when there is nothing to show. `cleared` asks for the
    filter to be cleared."""

    cleared = Signal()

    def __init__(self, over: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sum, self.hint = QLabel(self), QLabel("sorting held", self)
        self.failure = QLabel(self)
        self._middle = QWidget(over)
        self.sentence, self.clear_button = QLabel(self._middle), QPushButton("Clear the filter", self._middle)
        for label in (self._sum, self.hint, self.failure, self.sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.failure, self.sentence):
            label.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setToolTip("Rows stay where they are while the pointer is over the list and for three seconds after "
                              "a click or key. The order is made anew after that.")  # fmt: skip
        self.clear_button.clicked.connect(self.cleared)
        middle = QVBoxLayout(self._middle)
        middle.addWidget(self.sentence)
        middle.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignHCenter)
        across = QVBoxLayout(over)
        across.setContentsMargins(12, 40, 12, 12)
        across.addWidget(self._middle, 0, Qt.AlignmentFlag.AlignTop)
        line = QHBoxLayout()
        line.addWidget(self._sum, 1)
        line.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 3)
        layout.setSpacing(2)
        layout.addWidget(self.failure)
        layout.addLayout(line)
        self.failure.hide()
        self._middle.hide()

    def set_theme(self, theme: Theme) -> None:
        for label in (self._sum, self.sentence):
            label.setStyleSheet(f"color: {theme.dim.name()}")
        self.hint.setStyleSheet(f"color: {theme.accent.name()}")
        self.failure.setStyleSheet(f"color: {theme.warn.name()}")

    def tell(self, people: People, found: ProcessList) -> None:
        """What the lines add up to, why there are none, and that the last list failed."""
        self.failure.setText(f"The processes could not be listed: {found.why}" if found.why else "")
        self.failure.setVisible(bool(found.why))
        number, total, unknown = people.sum_up()
        size = units.size(total) if total is not None else units.DASH
        count = f"{number:,} process" + ("es" if number != 1 else "")
        self._sum.setText(f"{count} · {size}" if people.lines else "")
        left_out = f" {unknown:,} of them do not tell theirs." if unknown else ""
        self._sum.setToolTip(f"Anonymous + swap of the processes that are shown, added up.{left_out}")
        self.hint.setVisible(people.stale)
        self._tell_empty(people, found)

    def _tell_empty(self, people: People, found: ProcessList) -> None:
        text = people.filter.strip()
        filtered = bool(text) and bool(people.census.known)
        self._middle.setVisible(not people.lines)
        self.clear_button.setVisible(filtered)
        if filtered:
            self.sentence.setText(f"No process matches “{text}”.")
        elif found.time:
            self.sentence.setText("There are no processes here.")
        else:
            self.sentence.setText("memviz goes on trying." if found.why else "Listing the processes …")
