"""A list that draws its own rows, knows which are in sight, and finds its place again when they have changed."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from memviz.gui.processes.model import ProcessModel
from memviz.gui.processes.paint import RowHeight, RowPainter
from memviz.gui.processes.tree import Key, Line

UNSEEN = 0.01  # of the scale of the bars: a smaller change of it is no reason to draw them all again
BY_PIXEL = QAbstractItemView.ScrollMode.ScrollPerPixel
SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class Place(NamedTuple):
    """Where somebody is in the list: a line that should stay `below` pixels under the upper edge (None where the list
    shows its beginning: it goes on showing that), and the current line."""

    key: Key | None
    below: int
    current: Key | None


class RowsView(QTreeView):
    """The lines of a ProcessModel, drawn by a RowPainter."""

    def __init__(self, model: ProcessModel, painter: RowPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines_model, self.row_painter = model, painter
        self._hovered = -1
        self.setModel(model)
        self.setItemDelegate(RowHeight(painter, self))
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(BY_PIXEL)
        self.setHorizontalScrollMode(BY_PIXEL)
        self.setSortingEnabled(True)
        header = self.header()
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(True)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)

    def current_line(self) -> Line | None:
        return self.lines_model.line_at(self.currentIndex().row())

    def go_to_row(self, row: int) -> None:
        """Makes a line the current one."""
        self.setCurrentIndex(self.lines_model.index(row, 0))

    def go_to_first(self) -> None:
        """The first line that a filter is about becomes the current one."""
        lines = self.lines_model.people.lines
        if lines:
            self.go_to_row(next((at for at, line in enumerate(lines) if line.row is not None and not line.context), 0))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line, row = self.lines_model.line_at(index.row()), index.row()
        if line is None:
            return
        whole: QRect = option.rect
        current = row == self.currentIndex().row() and self.hasFocus()
        self.row_painter.begin(painter, whole, line, current=current, hovered=row == self._hovered)
        if line.row is None:
            self.row_painter.kernel(painter, whole, line)
            return
        header = self.header()
        for visual in range(header.count()):
            section = header.logicalIndex(visual)
            if not header.isSectionHidden(section):
                left, width = header.sectionViewportPosition(section), header.sectionSize(section)
                self.row_painter.cell(painter, QRect(left, whole.y(), width, whole.height()), line, section)

    def paintEvent(self, event: QPaintEvent) -> None:
        people, bar = self.lines_model.people, self.row_painter.bar
        values = [people.value(line, bar) for line in self.lines_in_sight()]
        scale, drawn = max((value for value in values if isinstance(value, int)), default=0), self.row_painter.scale
        if abs(scale - drawn) > drawn * UNSEEN:
            self.row_painter.scale = scale
            self.viewport().update()  # scrolling moves what is drawn already, and that has another scale
        super().paintEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self._hovered >= 0:
            self.hover(self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())).row())

    def hover(self, row: int) -> None:
        """The pointer is over that row now; over none for -1."""
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            lines = (self.lines_model.line_at(before), self.lines_model.line_at(row))
            self.repaint_lines({line.key for line in lines if line is not None})

    def repaint_lines(self, keys: Container[Key]) -> None:
        """Draws these lines anew, where they are in sight."""
        viewport, height = self.viewport(), self.row_painter.height
        top = self.visualRect(self.indexAt(QPoint(1, 1))).y()
        for step, line in enumerate(self.lines_in_sight()):
            if line.key in keys:
                viewport.update(0, top + step * height, viewport.width(), height)

    def lines_in_sight(self) -> list[Line]:
        """From the first to the last that shows."""
        first = self.indexAt(QPoint(1, 1)).row()
        if first < 0:
            return []
        last = self.indexAt(QPoint(1, self.viewport().height() - 1)).row()
        lines = self.lines_model.people.lines
        return lines[first : last + 1 if last >= 0 else len(lines)]

    # -- keeping the place --------------------------------------------------------------------------------------------

    def place(self) -> Place:
        """Before the lines change."""
        current = self.current_line()
        first = self.indexAt(QPoint(1, 1))
        line = self.lines_model.line_at(first.row()) if self.verticalScrollBar().value() else None
        key = line.key if line is not None else None
        return Place(key, self.visualRect(first).y(), current.key if current is not None else None)

    def restore(self, place: Place) -> None:
        """After they have changed."""
        row = self.lines_model.place_of(place.current) if place.current is not None else -1
        if row >= 0 and self.currentIndex().row() != row:
            self.selectionModel().setCurrentIndex(self.lines_model.index(row, 0), SELECT)
        bar = self.verticalScrollBar()
        if place.key is None:
            bar.setValue(0)
        elif (row := self.lines_model.place_of(place.key)) >= 0:
            self.executeDelayedItemsLayout()
            bar.setValue(bar.value() + self.visualRect(self.lines_model.index(row, 0)).y() - place.below)
