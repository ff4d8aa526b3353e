"""What can be done with one process: open it, copy what is known of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from memviz.core.plain import process_dict
from memviz.core.source import ProcessRow
from memviz.gui.processes.columns import NAME, TEXT, TREND, ListColumn
from memviz.gui.processes.people import People
from memviz.gui.processes.tree import Line
from memviz.text import for_markdown, for_spreadsheet


def row_as_text(people: People, line: Line, columns: Sequence[ListColumn]) -> str:
    """The visible columns, between tabs; texts are made harmless for spreadsheets as in CSV."""
    shown = [column for column in columns if column.kind != TREND]
    cells = [(column, column.show(people.value(line, column.name))) for column in shown]
    return "\t".join(for_spreadsheet(cell) if column.kind in (NAME, TEXT) else cell for column, cell in cells)


def row_as_markdown(people: People, line: Line, columns: Sequence[ListColumn]) -> str:
    """A table with its head."""
    shown = [column for column in columns if column.kind != TREND]
    cells = [for_markdown(column.show(people.value(line, column.name))) for column in shown]
    head = [column.title for column in shown]
    return "\n".join("| " + " | ".join(words) + " |" for words in (head, ["---"] * len(shown), cells))


def row_as_json(row: ProcessRow) -> str:
    """All that the list knows of it, as `memviz ps --json` has it."""
    return json.dumps(process_dict(row), indent=2, ensure_ascii=False)


def _copy(text: Callable[[], str]) -> None:
    QGuiApplication.clipboard().setText(text())


def process_menu(
    people: People, line: Line, columns: Sequence[ListColumn], open_it: Callable[[Line], None], parent: QWidget
) -> QMenu:
    """For a line of a process. Whoever shows it deletes it."""
    menu, row = QMenu(parent), line.row
    if row is None:
        raise ValueError("the line of the kernel threads has no menu")
    action = menu.addAction("Read anew" if line.key == people.target else "Open", lambda: open_it(line))
    action.setEnabled(line.key not in people.census.gone)
    menu.addSeparator()
    texts: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Copy PID", lambda: str(row.pid)),
        ("Copy name", lambda: row.name),
        ("Copy command", lambda: row.command or ""),
        ("Copy row as text", lambda: row_as_text(people, line, columns)),
        ("Copy row as Markdown", lambda: row_as_markdown(people, line, columns)),
        ("Copy row as JSON", lambda: row_as_json(row)),
    )
    for title, text in texts:
        if title != "Copy command" or row.command:
            menu.addAction(title, functools.partial(_copy, text))
    return menu
