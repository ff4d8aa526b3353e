"""What is taken out of memviz, to the clipboard or into a file, and the word in the status bar that it was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from memviz.files import write_file
from memviz.gui.session.session import Session


def copy_text(session: Session, text: str | None, what: str) -> None:
    """Puts it on the clipboard, unless there is none."""
    if text:
        QGuiApplication.clipboard().setText(text)
    session.said.emit(f"Copied: {what}" if text else "There is nothing to copy.")


def copy_made(session: Session, make: Callable[[], tuple[str | None, str]]) -> None:
    """`make` gives the text and what it is, away from the GUI thread: there may be 65,000 lines of it."""
    session.jobs.run(
        "copy", make, lambda made: copy_text(session, *made), lambda error: session.said.emit(f"Not copied: {error}")
    )


def save_made(session: Session, path: Path, make: Callable[[], str | bytes]) -> None:
    """Writes the text or bytes that `make` gives, away from the GUI thread: a disk may take seconds."""
    session.jobs.save(
        lambda: write_file(path, make()), lambda _: session.said.emit(f"Saved {path}"),
        lambda error: _say_not_saved(session, error),
    )  # fmt: skip


def save_drawn(session: Session, path: Path, draw: Callable[[], bytes]) -> None:
    """For pictures, which only this thread can draw: `draw` raises ValueError where it cannot."""
    try:
        data = draw()
    except ValueError as error:
        _say_not_saved(session, error)
    else:
        save_made(session, path, lambda: data)


def _say_not_saved(session: Session, error: Exception) -> None:
    session.said.emit(f"Not saved: {error}")
