"""The menu of selected rows: copying them as they stand in the table, then what every selection has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from memviz.core.regions import Array
from memviz.gui.tables.menu import selection_menu
from memviz.gui.tables.pointing import selection_of
from memviz.gui.tables.saving import copy_rows, rows_of_lines
from memviz.gui.tables.table import MemoryTable
from memviz.gui.tables.written import FORMS, Form, Rows
from memviz.text import clipped

LONG = 40  # letters of a cell that the menu shows


def shown_rows(table: MemoryTable, chosen: Array | None) -> Callable[[], Rows]:
    """What makes rows of these lines, or of all, as they are now: it may be called on any thread."""
    model, columns = table.model, table.header.shown_columns()
    frames, lines, mode = model.frames, model.lines, model.wanted.mode
    if frames is None:
        return lambda: Rows(columns, [[] for _ in columns])
    return lambda: rows_of_lines(frames, lines, mode, columns, chosen)


def copy_selected(table: MemoryTable, form: Form = FORMS[0]) -> None:
    """Puts the selected rows on the clipboard."""
    lines = table.view.chosen_lines()
    if len(lines):
        copy_rows(table.session, form, shown_rows(table, lines))


def row_menu(table: MemoryTable, parent: QWidget) -> QMenu:
    """The menu of the rows that are selected."""
    lines, index = table.view.chosen_lines(), table.view.currentIndex()
    menu = selection_menu(table.session, selection_of(table.model, lines), parent)
    if not len(lines):
        return menu
    first = (menu.actions() or [menu.addSeparator()])[0]
    text = str(table.model.data(index)) if index.isValid() else ""
    if text:
        cell = QAction(f"Copy “{clipped(text, LONG)}”".replace("&", "&&"), menu)
        cell.setToolTip("The cell as it is shown.")
        cell.triggered.connect(lambda checked=False: QGuiApplication.clipboard().setText(text))
        menu.insertAction(first, cell)
    rows = QMenu("Copy row as" if len(lines) == 1 else f"Copy {len(lines):,} rows as", menu)
    rows.setToolTipsVisible(True)
    for form in FORMS:
        rows.addAction(form.title, partial(copy_selected, table, form)).setToolTip(form.explanation)
    menu.insertMenu(first, rows)
    menu.insertSeparator(first)
    return menu
