"""The facts as a table model: three columns, name, value and how it is known; headings span them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from memviz.gui.inspector.subject import DIGITS, Line
from memviz.gui.parts.roles import ACCESSIBLE, ALIGN, DISPLAY, ROOT, TIP, Index, Look

TITLE, VALUE, KNOWN = range(3)
Looks = dict[str, Look]  # by the look of a line
BREAK = "\u200b"  # where a long path may be folded
TOP = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
AT_END = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight


def foldable(text: str) -> str:
    """The same with places where a line may end: long paths have no spaces."""
    for sign in "/_-.:":
        text = text.replace(sign, sign + BREAK)
    return text


class FactModel(QAbstractTableModel):
    """Shows a list of lines; the same lines with other values keep scroll and selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self._looks: Looks = {}
        self._cells: dict[tuple[int, int], dict[int, Any]] = {}  # answers by role, of each cell that was asked for
        self.folds_addresses = False

    def set_looks(self, looks: Looks) -> None:
        """Fonts and colours, made once for a theme."""
        self._looks = looks
        self._cells.clear()
        self._tell_all()

    def fold_addresses(self, folds: bool) -> None:
        """Let addresses be folded, because they have no room on one line."""
        if folds != self.folds_addresses:
            self.folds_addresses = folds
            self._cells.clear()

    def show(self, lines: list[Line]) -> bool:
        """Whether the rows are other ones than before."""
        same = [line.name for line in lines] == [line.name for line in self.lines]
        if same:
            if lines != self.lines:
                self.lines = lines
                self._cells.clear()
                self._tell_all()
            return False
        self.beginResetModel()
        self.lines = lines
        self._cells.clear()
        self.endResetModel()
        return True

    def _tell_all(self) -> None:
        if self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, KNOWN))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.lines[index.row()].is_heading:
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        place = index.row(), index.column()
        if not index.isValid() or place[0] >= len(self.lines):
            return None
        if place not in self._cells:
            self._cells[place] = self._cell(self.lines[place[0]], place[1])
        return self._cells[place].get(role)

    def _cell(self, line: Line, column: int) -> dict[int, Any]:
        """The answers of a cell, by role."""
        text = line.text if line.look == DIGITS and not self.folds_addresses else foldable(line.text)
        words = f"{line.title}: {line.text}" if not line.is_heading else line.title
        return {
            **self._looks.get(line.look, {}).get(column, {}),
            DISPLAY: (line.title, text, foldable(line.known))[column],
            TIP: line.tip or None,
            ALIGN: int(AT_END if column == KNOWN else TOP),
            ACCESSIBLE: f"{words}, {line.known}" if line.known else words,
        }
