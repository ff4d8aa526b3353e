"""Lines of the table as rows to copy or to save: with the columns that are shown, vectors a column at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from memviz import units
from memviz.core.columns import Column
from memviz.core.regions import Array
from memviz.gui.parts.taking import copy_made, save_made
from memviz.gui.session.session import Session
from memviz.gui.tables.columns import NAME
from memviz.gui.tables.frames import BLOCKS, REGIONS, Coded, Frames
from memviz.gui.tables.order import TREE, Lines
from memviz.gui.tables.written import FORMS, Form, Rows

SAVED = ("csv", "json", "markdown", "text")  # names of forms, the usual one first


def rows_of_lines(frames: Frames, lines: Lines, mode: str, columns: list[Column], chosen: Array | None) -> Rows:
    """The values of these lines, or of all of them."""
    picked = lines if chosen is None else Lines(lines.levels[chosen], lines.rows[chosen])
    return Rows(columns, [_values(frames, picked, mode, column.name) for column in columns])


def _values(frames: Frames, lines: Lines, mode: str, name: str) -> list[object]:
    result = np.full(len(lines), None, object)
    for level in (BLOCKS, REGIONS):
        at = np.flatnonzero(lines.levels == level)
        own = "category" if name == NAME and level == REGIONS and mode == TREE else name
        column = frames.level(level).column(own) if len(at) else None
        if isinstance(column, Coded):
            texts = np.array(column.texts, object)
            result[at] = texts[column.ids[lines.rows[at]]]
        elif column is not None:
            result[at] = column[lines.rows[at]].astype(object)
    values: list[object] = result.tolist()
    return values


def copy_rows(session: Session, form: Form, make: Callable[[], Rows]) -> None:
    """Puts rows on the clipboard; `make` is called away from the GUI thread, since many take a while."""

    def work() -> tuple[str, str]:
        rows = make()
        count = len(rows.values[0]) if rows.values else 0
        return form.write(rows), f"{units.counted(count, 'row')} as {form.title}"

    copy_made(session, work)


def ask_and_save(session: Session, make: Callable[[], Rows], parent: QWidget) -> None:
    """Asks for a file, whose ending tells the form, and writes it away from the GUI thread."""
    forms = {form.name: form for form in FORMS}
    kinds = ";;".join(f"{forms[name].title} (*.{forms[name].suffix})" for name in SAVED)
    name = f"memviz-{session.target.pid if session.target else 0}.csv"
    path, kind = QFileDialog.getSaveFileName(parent, "Save what is shown", name, kinds)
    if path:
        save(session, make, Path(path), kind)


def save(session: Session, make: Callable[[], Rows], path: Path, kind: str = "") -> None:
    """Writes rows to a file; a failure is said."""
    form = form_of(path, kind)
    if not path.suffix:
        path = path.with_suffix(f".{form.suffix}")
    save_made(session, path, lambda: form.write(make()))


def form_of(path: Path, kind: str = "") -> Form:
    """By the ending of the name, else as the dialog says."""
    by_suffix = {f".{form.suffix}": form for form in FORMS}
    chosen = next((form for form in FORMS if kind.startswith(f"{form.title} ")), by_suffix[".csv"])
    return by_suffix.get(path.suffix.lower(), chosen)
