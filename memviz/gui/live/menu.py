"""What can be taken out of the plots: values, tables, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from memviz.gui.live.copying import as_csv, as_text, pieces_of
from memviz.gui.parts.pictures import encoded
from memviz.gui.parts.taking import copy_made, copy_text, save_drawn, save_made
from memviz.gui.session.session import Session

if TYPE_CHECKING:  # it imports pyqtgraph
    from memviz.gui.live.board import Board


def add_entries(menu: QMenu, board: Board, session: Session) -> None:
    """Copying and saving; what they are about is looked up when they are chosen, the time when the menu opens."""
    moment: list[float] = []

    def remember() -> None:
        moment[:] = [board.cursor_time if board.cursor_time is not None else board.tracks.extent()[1]]

    def copy_values() -> None:
        if board.tracks.current is not None and moment:
            copy_text(session, as_text(board.tracks.current, moment[0]), "the values of that moment")

    entries: tuple[tuple[str, str, Callable[[], None]], ...] = (
        ("Copy values at the cursor", "All values of that moment as text; without a cursor the newest.", copy_values),
        (
            "Copy what is shown as CSV",
            "A row for each sample and snapshot in sight.",
            lambda: _copy_csv(board, session),
        ),
        ("Save what is shown as CSV …", "The same as a file.", lambda: _save_csv(board, session)),
        ("Copy as picture", "All plots as they are.", lambda: QGuiApplication.clipboard().setPixmap(board.grab())),
        ("Save as picture …", "All plots as a PNG file.", lambda: _save_picture(board, session)),
    )
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(remember)
    for title, tip, action in entries:
        menu.addAction(title, action).setToolTip(tip)


def _copy_csv(board: Board, session: Session) -> None:
    pieces = pieces_of(board.tracks.shown, *board.span())
    copy_made(session, lambda: (as_csv(pieces), "what is shown as CSV"))


def _save_csv(board: Board, session: Session) -> None:
    name, _ = QFileDialog.getSaveFileName(board, "Save as CSV", "memviz-live.csv", "CSV (*.csv)")
    if name:
        pieces = pieces_of(board.tracks.shown, *board.span())
        save_made(session, Path(name), lambda: as_csv(pieces))


def _save_picture(board: Board, session: Session) -> None:
    name, _ = QFileDialog.getSaveFileName(board, "Save as picture", "memviz-live.png", "PNG (*.png)")
    if name:
        save_drawn(session, Path(name), lambda: encoded(board.grab().toImage(), name))
