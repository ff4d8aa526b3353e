"""The model of blocks and regions: sorted, filtered and unfolded by numpy permutations; a cell is a lookup.

Lines of both levels are rows of one flat table: a tree view asks for every row when it lays itself out, and one block
may have 65,000 regions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from memviz.core.columns import Column
from memviz.core.regions import Array
from memviz.gui.tables.columns import FIXED, NAME, STATE, columns_for, is_difference
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frames
from memviz.gui.tables.looks import Looks
from memviz.gui.tables.order import NOTHING, TREE, Arrangement, Lines, arrange
from memviz.gui.tables.tips import tip_of

Index = QModelIndex | QPersistentModelIndex
DISPLAY, DECORATION, TIP, FONT, ALIGN, FOREGROUND, SPOKEN = 0, 1, 3, 6, 7, 9, 11
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
HORIZONTAL = Qt.Orientation.Horizontal
GAP = "\N{EN SPACE}"  # before heads of texts, which stand a little apart from the numbers before them
KEPT = 60_000  # answers that are kept


class ColumnModel(QAbstractTableModel):
    """A table of columns as core declares them: heads, tooltips of heads, and answers that are kept once made."""

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self._answers: dict[tuple[int, int, int], Any] = {}  # by row, column and role: each paint asks for the same

    def text(self, row: int, column: Column) -> str:
        """The text of a cell; subclasses say it."""
        raise NotImplementedError

    def look(self, row: int, column: Column, role: int) -> Any:
        """What a role other than text and alignment has for a cell; subclasses may say it."""
        return None

    def forget(self) -> None:
        """What was answered is no longer true."""
        self._answers.clear()

    def place(self, name: str) -> int:
        """Where a column is; -1 where there is none of that name."""
        return next((at for at, column in enumerate(self.columns) if column.name == name), -1)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        key = index.row(), index.column(), role
        if key not in self._answers:
            if len(self._answers) > KEPT:
                self._answers.clear()
            self._answers[key] = self._answer(key[0], self.columns[key[1]], role)
        return self._answers[key]

    def _answer(self, row: int, column: Column, role: int) -> Any:
        if role == DISPLAY:
            return self.text(row, column)
        if role == ALIGN:
            return RIGHT if column.numeric else LEFT
        return self.look(row, column, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != HORIZONTAL or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == DISPLAY:
            return column.title if column.numeric or not section else f"{GAP}{column.title}"
        if role == TIP:
            return f"{column.title}: {column.explanation}"
        if role == ALIGN:
            return RIGHT if column.numeric else LEFT
        return None


class MemoryModel(ColumnModel):
    """Blocks, unfolding into regions, or regions alone. `frames` and `lines` are what is shown."""

    arranged = Signal()  # the lines are others, or of other values

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(columns_for(None), parent)
        self.frames: Frames | None = None
        self.lines: Lines = NOTHING
        self.wanted = Arrangement()
        self.keys: Array = np.zeros(0, np.uint64)
        self.looks: Looks | None = None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show(self, frames: Frames | None, *, hold: bool = False) -> None:
        """Other numbers. With `hold` the lines stay in the order in which they are."""
        before = (self.frames, self.lines) if hold and self.frames is not None else None
        lines = arrange(frames, self.wanted, before) if frames is not None else NOTHING
        self._change(frames, lines, columns_for(frames.snapshot if frames is not None else None))

    def arrange(self, wanted: Arrangement) -> None:
        """Another order, filter, or other blocks unfolded."""
        self.wanted = wanted
        lines = arrange(self.frames, wanted) if self.frames is not None else NOTHING
        self._change(self.frames, lines, self.columns)

    def _change(self, frames: Frames | None, lines: Lines, columns: tuple[Column, ...]) -> None:
        keys = lines.keys(frames) if frames is not None else np.zeros(0, np.uint64)
        names = [column.name for column in columns]
        if np.array_equal(keys, self.keys) and names == [column.name for column in self.columns]:
            self._take(frames, lines, keys, self.columns)
            if len(lines):
                self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(columns) - 1))
        else:
            self.beginResetModel()
            self._take(frames, lines, keys, columns)
            self.endResetModel()
        self.arranged.emit()

    def _take(self, frames: Frames | None, lines: Lines, keys: Array, columns: tuple[Column, ...]) -> None:
        self.frames, self.lines, self.keys, self.columns = frames, lines, keys, columns
        self.forget()

    def set_looks(self, looks: Looks) -> None:
        """Other colours or fonts."""
        self.looks = looks
        self.forget()
        if len(self.lines):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, len(self.columns) - 1))

    # -- lines --------------------------------------------------------------------------------------------------------

    def level(self, line: int) -> int:
        return int(self.lines.levels[line])

    def row(self, line: int) -> int:
        """The row of a line in the frame of its level."""
        return int(self.lines.rows[line])

    def is_unfolded(self, line: int) -> bool:
        """Whether its regions are shown below a block."""
        return self.level(line) == BLOCKS and int(self.keys[line]) in self.wanted.unfolded

    def value(self, line: int, name: str) -> int | str | None:
        """The plain value of a cell."""
        if self.frames is None:
            return None
        level = self.level(line)
        if name == NAME and level == REGIONS and self.wanted.mode == TREE:
            name = "category"
        return self.frames.level(level).value(name, self.row(line))

    def is_gone(self, line: int) -> bool:
        """Whether it was there at the mark and is no more."""
        assert self.frames is not None
        return self.row(line) >= self.frames.level(self.level(line)).present

    def share(self, line: int, name: str) -> float:
        """How much of the largest value a line has, 0 to 1: of the largest block, where blocks are shown."""
        assert self.frames is not None
        value = self.frames.level(self.level(line)).value(name, self.row(line))
        if not isinstance(value, int) or value <= 0 or self.is_gone(line):
            return 0.0
        largest = self.frames.level(BLOCKS if self.wanted.mode == TREE else REGIONS).largest(name)
        return min(value / max(largest, 1), 1.0)

    # -- cells --------------------------------------------------------------------------------------------------------

    def text(self, row: int, column: Column) -> str:
        value = self.value(row, column.name)
        if value is None:
            return "" if self.means_nothing(row, column) else column.show(None)
        return column.show(value)

    def means_nothing(self, line: int, column: Column) -> bool:
        """Whether the column is one that blocks or regions do not have: not an unknown value."""
        if self.level(line) == REGIONS:
            return column.name == "regions"
        assert self.frames is not None
        in_regions = column.name in self.frames.snapshot.regions or not column.numeric
        return in_regions and not is_difference(column.name)

    def look(self, row: int, column: Column, role: int) -> Any:
        looks = self.looks
        if looks is None or self.frames is None:
            return None
        if role == DECORATION:
            return looks.chips.get(str(self.value(row, "group"))) if column.name == NAME else None
        if role == FONT:
            if self.is_gone(row):
                return looks.fixed_gone if column.name in FIXED else looks.gone
            return looks.fixed if column.name in FIXED else None
        if role == FOREGROUND:
            return self._ink(row, column, looks)
        if role == TIP:
            return tip_of(self, row, column)
        if role == SPOKEN and column.name == NAME:
            return self._spoken(row)
        return None

    def _spoken(self, line: int) -> str:
        """What a screen reader says of a line: the indentation in words."""
        name = f"{self.value(line, NAME)}, {self.value(line, 'group')}"
        if self.level(line) == REGIONS:
            return f"{name}, region"
        folded = "unfolded" if self.is_unfolded(line) else "folded"
        return f"{name}, block of {self.value(line, 'regions')} regions, {folded}"

    def _ink(self, line: int, column: Column, looks: Looks) -> Any:
        if self.is_gone(line):
            return looks.dim
        if column.name == "permissions":
            bits = str(self.value(line, "permissions"))
            return looks.alarm if "w" in bits and "x" in bits else None
        if column.name == STATE:
            return looks.new if self.value(line, STATE) == "new" else looks.dim
        return looks.dim if column.numeric and not self.value(line, column.name) else None
