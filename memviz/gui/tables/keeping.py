"""What a table keeps by key while its rows become others: what is selected, where the cursor is, what is in sight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractItemView, QTableView

from memviz.core.regions import Array
from memviz.gui.tables.model import MemoryModel

MOST_RANGES = 1000  # of selected lines: more would take Qt long to select one by one
FLAGS = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True)
class Place:
    """`selected` are keys; `anchor` is the key of the line that stays where it is, `offset` lines below the top."""

    selected: Array
    current: int | None
    column: int
    anchor: int | None
    offset: int


def selected_lines(view: QTableView) -> Array:
    """The lines that are selected, in order."""
    selection, mask = view.selectionModel().selection(), np.zeros(view.model().rowCount(), np.bool_)
    for number in range(selection.count()):
        part = selection.at(number)
        mask[part.top() : part.bottom() + 1] = True
    return np.flatnonzero(mask)


def place_of(view: QTableView, model: MemoryModel, *, pinned: int, at_work: bool) -> Place:
    """Where things are now. The pinned line stays in its place; else, while somebody is at work here, the one under
    the pointer; else the one with the cursor, or the first in sight. A table that shows its top goes on showing it."""
    keys, top = model.keys, view.rowAt(0)
    current = view.currentIndex()
    lines = selected_lines(view)
    anchor = top if view.verticalScrollBar().value() else -1
    under = view.viewport().mapFromGlobal(QCursor.pos())
    bottom = view.rowAt(view.viewport().height() - 1)
    if pinned >= 0:
        anchor = pinned
    elif at_work and view.viewport().rect().contains(under) and view.rowAt(under.y()) >= 0:
        anchor = view.rowAt(under.y())
    elif (at_work or anchor >= 0) and top <= current.row() and (bottom < 0 or current.row() <= bottom):
        anchor = current.row()
    return Place(
        keys[lines[lines < len(keys)]],
        int(keys[current.row()]) if current.isValid() and current.row() < len(keys) else None,
        current.column() if current.isValid() else 0,
        int(keys[anchor]) if 0 <= anchor < len(keys) else None,
        anchor - top,
    )


def restore(view: QTableView, model: MemoryModel, place: Place, *, stays: bool) -> None:
    """Selects the same lines again, as far as they are still there, and shows the anchor where it was. Where nothing
    has to stay the cursor is shown, or the top."""
    select_lines(view, np.flatnonzero(np.isin(model.keys, place.selected)))
    line = line_of_key(model, place.current)
    if line is not None:
        index = model.index(line, min(place.column, len(model.columns) - 1))
        view.selectionModel().setCurrentIndex(index, FLAGS.NoUpdate)
    anchor = line_of_key(model, place.anchor)
    if stays:
        view.verticalScrollBar().setValue(anchor - place.offset if anchor is not None else 0)
    elif line is not None and len(place.selected):
        view.scrollTo(model.index(line, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
    else:
        view.scrollToTop()


def line_of_key(model: MemoryModel, key: int | None) -> int | None:
    if key is None:
        return None
    found = np.flatnonzero(model.keys == np.uint64(key))
    return int(found[0]) if len(found) else None


def select_lines(view: QTableView, lines: Array) -> None:
    """Selects these lines, which are in order, and nothing else."""
    model, selection = view.model(), QItemSelection()
    edges = np.flatnonzero(np.diff(lines, prepend=-2) != 1)
    if len(edges) <= MOST_RANGES:
        last = np.append(edges[1:], len(lines)) - 1
        width = model.columnCount() - 1
        for low, high in zip(lines[edges].tolist(), lines[last].tolist() if len(lines) else [], strict=True):
            selection.select(model.index(low, 0), model.index(high, width))
    view.selectionModel().select(selection, FLAGS.ClearAndSelect)


def in_sight(view: QTableView, line: int) -> bool:
    """Whether a line is wholly shown."""
    top = view.rowViewportPosition(line)
    return top >= 0 and top + view.rowHeight(line) <= view.viewport().height()


def point_of(view: QTableView, line: int) -> QPoint:
    """Where a menu for a line opens when no pointer asked for it."""
    return view.viewport().mapToGlobal(QPoint(24, view.rowViewportPosition(line) + view.rowHeight(line)))
