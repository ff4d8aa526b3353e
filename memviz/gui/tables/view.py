"""The table of blocks and regions: what is selected, unfolded and in sight stays so when rows become others."""

from __future__ import annotations

import time

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView, QWidget

from memviz.core.regions import Array
from memviz.gui.tables.delegates import STEP, BarDelegate, IndentedDelegate, NameDelegate
from memviz.gui.tables.frames import BLOCKS
from memviz.gui.tables.keeping import (
    FLAGS,
    Place,
    in_sight,
    place_of,
    point_of,
    restore,
    select_lines,
    selected_lines,
)  # fmt: skip
from memviz.gui.tables.looks import CHIP
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import TREE

HOLD = 3.0  # seconds that rows stay where they are after a key, a click or a move of the pointer
KEYS = Qt.Key


class MemoryView(QTableView):
    """Keys: arrows move, right and left unfold and fold, letters go to the filter."""

    picked = Signal()  # the user selected other lines
    asked_menu = Signal(object)  # where: QPoint
    toggled = Signal(int)  # the block of this line is to unfold or fold
    typed = Signal(str)  # text that belongs into the filter
    let_go = Signal()  # rows may move again
    stays = True  # False while the user asks for another order: then the table shows its top, or the cursor
    _pinned = -1  # the line that stays where it is, whatever else would

    def __init__(self, model: MemoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = model
        self._touched, self._place, self._quiet = float("-inf"), Place(model.keys, None, 0, None, 0), False
        self._names, self._bars = NameDelegate(model, self), BarDelegate(model, self)
        self._texts, self._numbers = IndentedDelegate(self), QStyledItemDelegate(self)
        self._hold = QTimer(self, interval=int(HOLD * 1000), singleShot=True)
        self._hold.timeout.connect(self.let_go)
        self.setModel(model)
        self._set_up()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._recall)
        self.selectionModel().selectionChanged.connect(self._tell)

    def _set_up(self) -> None:
        self.setAccessibleName("Blocks and regions")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setCornerButtonEnabled(False)
        self.viewport().setMouseTracking(True)
        self.setIconSize(QSize(CHIP, CHIP))
        for header in (self.horizontalHeader(), self.verticalHeader()):  # else a head asks whether each of its rows is
            header.setSelectionModel(QItemSelectionModel(self.rows, self))  # selected: a second for 65,000
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_height()

    def _fit_height(self) -> None:
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(self.font()).height() + 5)

    def set_delegates(self, name: int, bar: int) -> None:
        """Which columns are painted as names, and with bars."""
        for column in range(self.rows.columnCount()):
            is_text = not self.rows.columns[column].numeric
            delegate = self._names if column == name else self._bars if column == bar else self._texts
            self.setItemDelegateForColumn(column, delegate if is_text or column == bar else self._numbers)
        self._bars.column = self.rows.columns[bar].name if bar >= 0 else ""
        self.viewport().update()

    # -- staying ------------------------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether rows have to stay where they are."""
        return time.monotonic() - self._touched < HOLD

    def touch(self) -> None:
        """Somebody is at work here."""
        self._touched = time.monotonic()
        self._hold.start()

    def hold_line(self, line: int) -> None:
        """When rows become others next, this line stays where it is."""
        self._pinned = line

    def _remember(self) -> None:
        self._place = place_of(self, self.rows, pinned=self._pinned, at_work=self.is_held)
        self._pinned = -1
        self._quiet = True

    def _recall(self) -> None:
        restore(self, self.rows, self._place, stays=self.stays)
        self._quiet = False

    def _tell(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if not self._quiet:
            self.picked.emit()

    def show_lines(self, lines: Array, *, scroll: bool = True) -> None:
        """Selects lines as somebody else asks for it, and scrolls to the first where it is not in sight."""
        self._quiet = True
        select_lines(self, lines)
        if len(lines):
            first, column = int(lines[0]), max(self.currentIndex().column(), 0)
            self.selectionModel().setCurrentIndex(self.rows.index(first, column), FLAGS.NoUpdate)
            if scroll and not in_sight(self, first):
                self.scrollTo(self.rows.index(first, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        self._quiet = False

    # -- what Qt calls ------------------------------------------------------------------------------------------------

    def scrollTo(  # keeps the horizontal position: only lines are looked for here
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        across = self.horizontalScrollBar().value()
        super().scrollTo(index, hint)
        self.horizontalScrollBar().setValue(across)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touch()
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and self._is_sign(index, event.position().toPoint()):
            self.toggled.emit(index.row())
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.touch()
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._is_block(index.row()):
            self.toggled.emit(index.row())
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.touch()
        super().mouseMoveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.touch()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touch()
        line = self.currentIndex().row()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if plain and event.key() in (KEYS.Key_Right, KEYS.Key_Left, KEYS.Key_Return, KEYS.Key_Enter):
            self._fold(line, event.key())
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

    def chosen_lines(self) -> Array:
        """The selected lines, in order."""
        return selected_lines(self)
