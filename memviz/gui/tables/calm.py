"""A table whose rows never move under the cursor: what is selected and in sight stays so when rows become others."""

from __future__ import annotations

import time

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from memviz.core.regions import Array
from memviz.gui.tables.keeping import FLAGS, Place, in_sight, place_of, restore, select_lines, selected_lines
from memviz.gui.tables.looks import CHIP
from memviz.gui.tables.model import MemoryModel

HOLD = 3.0  # seconds that rows stay where they are after a key, a click or a move of the pointer


class CalmView(QTableView):
    """Rows are told by the keys of the model. `picked` tells that the user selected others."""

    picked = Signal()
    let_go = Signal()  # rows may move again
    stays = True  # False while the user asks for another order: then the table shows its top, or the cursor

    def __init__(self, model: MemoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = model
        self._touched, self._quiet = float("-inf"), False
        self._pinned = -1  # the line that stays where it is, whatever else would
        self._place = Place(model.keys, None, 0, None, 0)
        self._hold = QTimer(self, interval=int(HOLD * 1000), singleShot=True)
        self._hold.timeout.connect(self.let_go)
        self.setModel(model)
        self._set_up()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._recall)
        self.selectionModel().selectionChanged.connect(self._tell)

    def _set_up(self) -> None:
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
        self.setIconSize(QSize(CHIP, CHIP))
        self.viewport().setMouseTracking(True)
        for header in (self.horizontalHeader(), self.verticalHeader()):  # else a head asks whether each of its rows is
            header.setSelectionModel(QItemSelectionModel(self.rows, self))  # selected: a second for 65,000
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self._fit_height()

    def _fit_height(self) -> None:
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(self.font()).height() + 5)

    @property
    def is_held(self) -> bool:
        """Whether rows have to stay where they are."""
        return time.monotonic() - self._touched < HOLD

    def touch(self) -> None:
        """Somebody is at work here."""
        self._touched = time.monotonic()
        self._hold.start()

    def release(self) -> None:
        """As if nobody had been at work here for a while."""
        self._touched = float("-inf")
        self._hold.stop()
        self.let_go.emit()

    def hold_line(self, line: int) -> None:
        """When rows become others next, this line stays where it is."""
        self._pinned = line

    def chosen_lines(self) -> Array:
        """The selected lines, in order."""
        return selected_lines(self)

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

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self.touch()
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.touch()
        super().wheelEvent(event)
