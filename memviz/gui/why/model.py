"""The steps as a table model: what it is, the bar, the number, what tools call it, and the sentence."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from memviz.core.why import OF_WHICH, TOTAL, Line
from memviz.gui.parts.roles import ACCESSIBLE, ALIGN, DISPLAY, RIGHT, ROOT, TIP, USER, Index, Look

TITLE, BAR, SIZE, CALLED, SENTENCE = range(5)
HEADS = ("", "Drawn to scale", "Size", "Called", "What it is")
RANKED = "memviz ranks by it"
LINE = USER


class StepModel(QAbstractTableModel):
    """Shows the lines of core.why; the same lines with other numbers keep scroll and selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self.metric = ""  # the name of the step by which memviz ranks now
        self._total: Look = {}
        self._part: Look = {}
        self._answers: dict[tuple[int, int, int], Any] = {}  # by row, column and role: each paint asks for the same

    def set_looks(self, total: Look, part: Look) -> None:
        """How totals and the steps between them look, made once for a theme."""
        self._total, self._part = total, part
        self._tell_all()

    def set_metric(self, name: str) -> None:
        self.metric = name
        self._tell_all()

    def show(self, lines: tuple[Line, ...]) -> None:
        if [line.name for line in lines] == [line.name for line in self.lines]:
            if lines != self.lines:
                self.lines = lines
                self._tell_all()
            return
        self.beginResetModel()
        self.lines = lines
        self._answers.clear()
        self.endResetModel()

    def _tell_all(self) -> None:
        self._answers.clear()
        if self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, SENTENCE))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == DISPLAY and 0 <= section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        key = index.row(), index.column(), role
        if not index.isValid() or key[0] >= len(self.lines):
            return None
        if key not in self._answers:
            self._answers[key] = self._answer(self.lines[key[0]], key[1], role)
        return self._answers[key]

    def _answer(self, line: Line, column: int, role: int) -> Any:
        if role == DISPLAY:
            return self._text(line, column)
        if role == LINE:
            return line
        if role == TIP:
            return tip(line)
        if role == ALIGN:
            return RIGHT if column == SIZE else None
        if role == ACCESSIBLE:
            return f"{line.sign} {line.title}: {line.text}" if column == BAR else self._text(line, column)
        return (self._total if line.sign == TOTAL else self._part).get(column, {}).get(role)

    def _text(self, line: Line, column: int) -> str:
        if column == TITLE:
            lead = {OF_WHICH: "      "}.get(line.sign, f"{line.sign}  " if len(line.sign) == 1 else "    ")
            return lead + line.title
        names = (*line.called, RANKED) if line.name == self.metric else line.called
        return {SIZE: line.text, CALLED: " · ".join(names), SENTENCE: line.sentence}.get(column, "")


def tip(line: Line) -> str:
    """The sentence, the exact number and how it is known."""
    if line.size is None:
        return f"{line.sentence}\nNot known: {line.absent}."
    return f"{line.sentence}\n{line.how.capitalize()}: exactly {line.size:,} bytes."
