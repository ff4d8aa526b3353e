"""The lines of the list for Qt: changed by as little as will do, so that a view keeps its place."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow
from memviz.gui.parts.roles import ACCESSIBLE, ALIGN, DISPLAY, FIRST_ORDER, LEFT, RIGHT, ROOT, TIP, Index
from memviz.gui.processes.changes import inserted, removed, runs
from memviz.gui.processes.columns import LIST_COLUMNS, NUMBER, NUMBERS
from memviz.gui.processes.people import People
from memviz.gui.processes.tips import spoken, tooltip
from memviz.gui.processes.tree import KERNEL, Key, Line

HORIZONTAL = Qt.Orientation.Horizontal
LARGE_FIRST, SMALL_FIRST = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
ALL = 10  # lists after which every line is drawn anew
MANY = 60  # runs of lines that come and go at once: then all is told anew
# Where a row keeps the value of a column, for the columns that are fields of a row
FIELDS = {number: ProcessRow._fields.index(name) for name, number in NUMBERS.items() if name in ProcessRow._fields}


class ProcessModel(QAbstractTableModel):
    """A flat table, also of the tree: a line knows its depth. Keys outlive indexes: `line_at`, `place_of`."""

    def __init__(self, people: People, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.people = people
        self._lists = 0
        self._moved: set[Identity] = set()  # whose trends moved when they were drawn last

    # -- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.people.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(LIST_COLUMNS)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role not in (DISPLAY, TIP, ACCESSIBLE, ALIGN) or not index.isValid():
            return None
        column = LIST_COLUMNS[index.column()]
        if role == ALIGN:
            return RIGHT if column.kind == NUMBER else LEFT
        line = self.people.lines[index.row()]
        if role == TIP:
            return tooltip(self.people, line, column)
        if role == DISPLAY:
            return self.text(line, index.column())
        return spoken(self.people, line, column, self.text(line, index.column()))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != HORIZONTAL or not 0 <= section < len(LIST_COLUMNS):
            return None
        column = LIST_COLUMNS[section]
        if role == DISPLAY:
            return column.title
        if role == TIP:
            return column.explanation
        if role == ALIGN:
            return RIGHT if column.kind == NUMBER else LEFT
        if role == FIRST_ORDER:
            return LARGE_FIRST if column.large_first else SMALL_FIRST
        return None

    def sort(self, column: int, order: Qt.SortOrder = SMALL_FIRST) -> None:
        """Anew and at once: the user asks for it."""
        if 0 <= column < len(LIST_COLUMNS):
            self.people.sorted_by, self.people.large_first = LIST_COLUMNS[column].name, order == LARGE_FIRST
            self.show(self.people.lines_now())

    # -- lines --------------------------------------------------------------------------------------------------------

    def text(self, line: Line, column: int) -> str:
        """What a cell says; empty for the cells of the kernel threads' line."""
        found = LIST_COLUMNS[column]
        if line.row is None:
            return f"{line.key} ({line.children})" if found.name == "name" else ""
        return found.show(self.people.value(line, found.name))

    def line_at(self, row: int) -> Line | None:
        lines = self.people.lines
        return lines[row] if 0 <= row < len(lines) else None

    def place_of(self, key: Key) -> int:
        """The row of a key, -1 where it is not shown."""
        return self.people.places.get(key, -1)

    def toggle(self, key: Key, is_open: bool | None = None) -> None:
        """Opens or closes a line; the order of the others stays."""
        people = self.people
        if key == KERNEL:
            people.kernel_open = not people.kernel_open if is_open is None else is_open
        else:
            wanted = key in people.closed if is_open is None else is_open
            people.closed.discard(key) if wanted else people.closed.add(key)
        self.show(people.lines_now(keep_order=True))

    def show(self, lines: list[Line]) -> None:
        """From the lines that are shown to these."""
        old, new = [line.key for line in self.people.lines], [line.key for line in lines]
        if old == new:
            self._replace(lines)
            return
        known, wanted = set(old), set(new)
        if not old or not new or len(removed(old, wanted)) + len(inserted(new, known)) > MANY:
            self.beginResetModel()
            self.people.set_lines(lines)
            self.endResetModel()
            return
        self._remove(wanted)
        self._permute([line for line in lines if line.key in known])
        self._insert(lines, known)
        self._touch(0, len(LIST_COLUMNS) - 1)

    def shares_came(self, of: Container[Key]) -> None:
        """PSS of these was read."""
        self._touch(NUMBERS["pss"], NUMBERS["pss"], of)

    def _replace(self, lines: list[Line]) -> None:
        """The same keys: tells only of the rows and columns in which something changed. Now and then of all: a straight
        trend grows longer and a PSS older without any change."""
        people, before = self.people, self.people.lines
        people.set_lines(lines)
        self._lists += 1
        pairs = [(old, new) for old, new in zip(before, lines, strict=True) if old != new]
        rows = [(old.row, new.row) for old, new in pairs if old.row is not None and new.row is not None]
        changed = [NUMBERS["name"], NUMBERS["trend"]]
        changed += [number for number, field in FIELDS.items() if any(a[field] != b[field] for a, b in rows)]
        before_moved, self._moved = self._moved, people.minute.moving()
        touched = {new.key for _, new in pairs} | before_moved | self._moved | people.census.gone.keys()
        self._touch(min(changed), max(changed), touched if self._lists % ALL else None)

    def _touch(self, first: int, last: int, of: Container[Key] | None = None) -> None:
        """Tells of these columns, of these lines or of all."""
        keys = [line.key for line in self.people.lines]
        for top, bottom in runs(keys, lambda key: of is None or key in of):
            self.dataChanged.emit(self.index(top, first), self.index(bottom, last))

    def _remove(self, wanted: set[Key]) -> None:
        lines = list(self.people.lines)
        for first, last in removed([line.key for line in lines], wanted):
            self.beginRemoveRows(ROOT, first, last)
            del lines[first : last + 1]
            self.people.set_lines(lines)
            self.endRemoveRows()

    def _permute(self, lines: list[Line]) -> None:
        before = [line.key for line in self.people.lines]
        if before == [line.key for line in lines]:
            self.people.set_lines(lines)
            return
        self.layoutAboutToBeChanged.emit()
        self.people.set_lines(lines)
        places, old = self.people.places, self.persistentIndexList()
        self.changePersistentIndexList(old, [self.index(places[before[at.row()]], at.column()) for at in old])
        self.layoutChanged.emit()

    def _insert(self, lines: list[Line], known: set[Key]) -> None:
        shown = self.people.lines
        for first, last in inserted([line.key for line in lines], known):
            self.beginInsertRows(ROOT, first, last)
            shown[first:first] = lines[first : last + 1]
            self.people.set_lines(shown)
            self.endInsertRows()
