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
        self.folds_addresses = False  # there is no room for them on one line

    def set_looks(self, looks: Looks) -> None:
        """Fonts and colours, made once for a theme."""
        self._looks = looks
        self._tell_all()

    def show(self, lines: list[Line]) -> bool:
        """Whether the rows are other ones than before."""
        same = [line.name for line in lines] == [line.name for line in self.lines]
        if same:
            if lines != self.lines:
                self.lines = lines
                self._tell_all()
            return False
        self.beginResetModel()
        self.lines = lines
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
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line, column = self.lines[index.row()], index.column()
        if role == DISPLAY:
            text = line.text if line.look == DIGITS and not self.folds_addresses else foldable(line.text)
            return (line.title, text, foldable(line.known))[column]
        if role == TIP:
            return line.tip or None
        if role == ALIGN:
            return int(AT_END if column == KNOWN else TOP)
        if role == ACCESSIBLE:
            words = f"{line.title}: {line.text}" if not line.is_heading else line.title
            return f"{words}, {line.known}" if line.known else words
        return self._looks.get(line.look, {}).get(column, {}).get(role)
