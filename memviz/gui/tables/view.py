"""The table of blocks and regions as it is worked with: keys and clicks unfold, fold, and go to the filter."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from memviz.gui.parts.cells import CellDelegate
from memviz.gui.tables.calm import CalmView
from memviz.gui.tables.delegates import STEP, BarDelegate, IndentedDelegate, NameDelegate
from memviz.gui.tables.frames import BLOCKS
from memviz.gui.tables.keeping import point_of
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import TREE

KEYS = Qt.Key
SHIFTED = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class MemoryView(CalmView):
    """Keys: arrows move, right and left unfold and fold, letters go to the filter."""

    asked_menu = Signal(object)  # where: QPoint
    toggled = Signal(object)  # the block of this line is to unfold or fold
    typed = Signal(str)  # text that belongs into the filter

    def __init__(self, model: MemoryModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._names, self._bars = NameDelegate(model, self), BarDelegate(model, self)
        self._texts, self._numbers = IndentedDelegate(self), CellDelegate(self)
        self.setAccessibleName("Blocks and regions")

    def set_delegates(self, name: int, bar: int) -> None:
        """Which columns are painted as names, and with bars."""
        for column in range(self.rows.columnCount()):
            is_text = not self.rows.columns[column].numeric
            delegate = self._names if column == name else self._bars if column == bar else self._texts
            self.setItemDelegateForColumn(column, delegate if is_text or column == bar else self._numbers)
        self._bars.column = self.rows.columns[bar].name if bar >= 0 else ""
        self.viewport().update()

    # -- what Qt calls ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and self._is_sign(index, event.position().toPoint()):
            self.toggled.emit(index.row())
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._is_block(index.row()):
            self.toggled.emit(index.row())
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touch()
        plain = not event.modifiers() & ~SHIFTED
        if plain and event.key() in (KEYS.Key_Right, KEYS.Key_Left, KEYS.Key_Return, KEYS.Key_Enter):
            self._fold(self.currentIndex().row(), event.key())
        elif plain and event.text().isprintable() and event.text().strip():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.touch()
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        line = self.currentIndex().row()
        self.asked_menu.emit(point_of(self, line) if by_key and line >= 0 else event.globalPos())

    # -- folding ------------------------------------------------------------------------------------------------------

    def _is_block(self, line: int) -> bool:
        return self.rows.wanted.mode == TREE and 0 <= line < len(self.rows.lines) and self.rows.level(line) == BLOCKS

    def _is_sign(self, index: QModelIndex, point: QPoint) -> bool:
        if not index.isValid() or index.column() != self.rows.place("name") or not self._is_block(index.row()):
            return False
        return point.x() - self.visualRect(index).left() < STEP

    def _fold(self, line: int, key: int) -> None:
        """Right unfolds a block, left folds it or goes to the block of a region; return does either."""
        if line < 0:
            return
        if self._is_block(line):
            wanted = {KEYS.Key_Right: True, KEYS.Key_Left: False}.get(KEYS(key))
            if wanted is None or wanted != self.rows.is_unfolded(line):
                self.toggled.emit(line)
        elif key == KEYS.Key_Left and self.rows.wanted.mode == TREE:
            above = next((at for at in range(line, -1, -1) if self._is_block(at)), None)
            if above is not None:
                self.setCurrentIndex(self.rows.index(above, self.currentIndex().column()))
