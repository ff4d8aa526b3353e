"""Copying what is selected, wherever it was selected."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from memviz.gui.session.session import Session
from memviz.gui.tables.copying import COPIES, selected

TEXT = next(copy for copy in COPIES if copy.part == "regions")  # the first form of several regions is text


def copy_selection(session: Session) -> None:
    """The regions of the selection as text, made away from this thread: there may be 65,000 of them."""
    snapshot, selection = session.snapshot, session.selection
    if snapshot is None or not selection:
        session.said.emit("Nothing is selected: click something in the map or in a table first.")
        return

    def put(text: str | None) -> None:
        QGuiApplication.clipboard().setText(text or "")
        session.said.emit("Copied: the selected regions as text." if text else "There is nothing to copy.")

    session.jobs.run(
        "copy", lambda: TEXT.make(selected(snapshot, selection)), put,
        lambda error: session.said.emit(f"It could not be copied: {error}"),
    )  # fmt: skip
