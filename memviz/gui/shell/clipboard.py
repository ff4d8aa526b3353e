"""Copying what is selected, wherever it was selected."""

from __future__ import annotations

from memviz.gui.parts.taking import copy_made
from memviz.gui.session.session import Session
from memviz.gui.tables.copying import COPIES, selected

TEXT = next(copy for copy in COPIES if copy.part == "regions")  # the first form of several regions is text


def copy_selection(session: Session) -> None:
    """The regions of the selection as text."""
    snapshot, selection = session.snapshot, session.selection
    if snapshot is None or not selection:
        session.said.emit("Nothing is selected: click something in the map or in a table first.")
    else:
        copy_made(session, lambda: (TEXT.make(selected(snapshot, selection)), "the selected regions as text"))
