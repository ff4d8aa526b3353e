"""The list itself: rows that hold still while somebody points at them."""

from __future__ import annotations

import time
from collections.abc import Container

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from memviz.gui.processes.columns import NUMBERS
from memviz.gui.processes.model import ProcessModel
from memviz.gui.processes.paint import RowHeight, RowPainter
from memviz.gui.processes.tree import Key, Line

HELD = 3.0  # seconds that the order holds still after a key or click


class ProcessTable(QTreeView):
    """A table of lines that draws its own rows. `chosen` carries the Line that the user opens, `typed` text that is
    meant for the filter, `released` that the order may change again."""

    chosen = Signal(object)
    typed = Signal(str)
    released = Signal()

    def __init__(self, model: ProcessModel, painter: RowPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines, self._row_painter = model, painter
        self._touched, self._pointed, self._hovered = float("-inf"), False, -1
        self._release = QTimer(self, singleShot=True, interval=int(HELD * 1000) + 20)
        self._release.timeout.connect(self._let_go)
        self.setModel(model)
        self.setItemDelegate(RowHeight(painter, self))
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Processes")
        self.setSortingEnabled(True)
        header = self.header()
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(True)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)

    # -- holding still ------------------------------------------------------------------------------------------------

    def holds(self) -> bool:
        """Whether rows must stay where they are: somebody points at them, or has just used the list."""
        return self._pointed or time.monotonic() - self._touched < HELD

    def touch(self) -> None:
        self._touched = time.monotonic()
        self._release.start()

    def _let_go(self) -> None:
        if not self.holds():
            self.released.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Enter, QEvent.Type.HoverEnter):
            self._pointed = True
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._pointed = True
            self._hover(self.indexAt(event.position().toPoint()).row())
        elif kind in (QEvent.Type.Leave, QEvent.Type.HoverLeave) and self._pointed:
            self._pointed = False
            self._hover(-1)
            self._let_go()
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            lines = (self._lines.line_at(before), self._lines.line_at(row))
            self.repaint_lines({line.key for line in lines if line is not None})

    # -- drawing ------------------------------------------------------------------------------------------------------

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = self._lines.line_at(index.row())
        if line is None:
            return
        whole: QRect = option.rect
        row = index.row()
        current = row == self.currentIndex().row() and self.hasFocus()
        self._row_painter.begin(painter, whole, line, current=current, hovered=row == self._hovered)
        header = self.header()
        if line.row is None:
            self._row_painter.kernel(painter, whole, line)
            return
        for visual in range(header.count()):
            section = header.logicalIndex(visual)
            if not header.isSectionHidden(section):
                left, width = header.sectionViewportPosition(section), header.sectionSize(section)
                self._row_painter.cell(painter, QRect(left, whole.y(), width, whole.height()), line, section)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._row_painter.scale = self.largest_in_sight()
        super().paintEvent(event)

    def lines_in_sight(self) -> list[Line]:
        """From the first to the last that shows."""
        first = self.indexAt(QPoint(1, 1)).row()
        if first < 0:
            return []
        last = self.indexAt(QPoint(1, self.viewport().height() - 1)).row()
        lines = self._lines.people.lines
        return lines[first : last + 1 if last >= 0 else len(lines)]

    def largest_in_sight(self) -> int:
        """What a full bar means."""
        return max((line.row.private_swap or 0 for line in self.lines_in_sight() if line.row is not None), default=0)

    def repaint_lines(self, keys: Container[Key]) -> None:
        """Draws these lines anew, where they are in sight."""
        width, first = self.viewport().width(), self.indexAt(QPoint(1, 1))
        top = self.visualRect(first).y()
        for step, line in enumerate(self.lines_in_sight()):
            if line.key in keys:
                height = self._row_painter.height
                self.viewport().update(0, top + step * height, width, height)

    # -- keeping the place --------------------------------------------------------------------------------------------

    def anchor(self) -> tuple[Key | None, int, Key | None]:
        """What should stay where it is: a line, how far below the upper edge it is, and the current line. No line
        where the list shows its beginning: then it goes on showing the beginning."""
        lines = self._lines.people.lines
        current = self._lines.line_at(self.currentIndex().row())
        current_key = current.key if current is not None else None
        if self.verticalScrollBar().value() == 0 or not lines:
            return None, 0, current_key
        first = self.indexAt(QPoint(1, 1))
        line = self._lines.line_at(first.row())
        return (line.key if line is not None else None), self.visualRect(first).y(), current_key

    def restore(self, anchor: tuple[Key | None, int, Key | None]) -> None:
        """After the lines have changed."""
        key, below, current = anchor
        place = self._lines.place_of(current) if current is not None else -1
        if place >= 0 and self.currentIndex().row() != place:
            self.selectionModel().setCurrentIndex(
                self._lines.index(place, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        place = self._lines.place_of(key) if key is not None else -1
        bar = self.verticalScrollBar()
        if key is None:
            bar.setValue(0)
        elif place >= 0:
            self.executeDelayedItemsLayout()
            bar.setValue(bar.value() + self.visualRect(self._lines.index(place, 0)).y() - below)

    # -- what the user does -------------------------------------------------------------------------------------------

    def current_line(self) -> Line | None:
        return self._lines.line_at(self.currentIndex().row())

    def go_to_first(self) -> None:
        """The first line that a filter is about becomes the current one."""
        lines = self._lines.people.lines
        place = next((at for at, line in enumerate(lines) if line.row is not None and not line.context), 0)
        if lines:
            self.setCurrentIndex(self._lines.index(place, 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touch()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        line = self._lines.line_at(index.row())
        if line is None or event.button() != Qt.MouseButton.LeftButton or index.row() != self.currentIndex().row():
            return
        name = NUMBERS["name"]
        in_name = index.column() == name
        x = event.position().x() - self.header().sectionViewportPosition(name)
        begins = self._row_painter.text_begins(line, self.header().sectionSize(name))
        if line.row is None or (in_name and line.children and x < begins):
            self._lines.toggle(line.key)
        else:
            self.chosen.emit(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touch()
        line, key = self.current_line(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and line is not None:
            self._lines.toggle(line.key) if line.row is None else self.chosen.emit(line)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and line is not None and not event.modifiers():
            self._step(line, key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Backspace and not event.modifiers()):
            self.typed.emit("")
        elif (
            event.text().isprintable()
            and event.text().strip()
            and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _step(self, line: Line, to_the_right: bool) -> None:
        """Right opens or goes to the first child, Left closes or goes to the parent."""
        row = self.currentIndex().row()
        if line.children and line.is_open != to_the_right:
            self._lines.toggle(line.key, to_the_right)
        elif to_the_right and line.children:
            self.setCurrentIndex(self._lines.index(row + 1, 0))
        elif not to_the_right and line.depth:
            lines = self._lines.people.lines
            parent = next((at for at in range(row - 1, -1, -1) if lines[at].depth < line.depth), row)
            self.setCurrentIndex(self._lines.index(parent, 0))
