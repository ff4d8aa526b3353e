"""What is taken out of memviz, to the clipboard or into a file, and the word in the status bar that it was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication

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


def save_made(session: Session, path: Path, make: Callable[[], str]) -> None:
    """Writes the text that `make` gives, away from the GUI thread."""
    session.jobs.run(
        "save", lambda: path.write_text(make(), encoding="utf-8"), lambda _: _say_saved(session, path),
        lambda error: _say_not_saved(session, error),
    )  # fmt: skip


def save_now(session: Session, path: Path, write: Callable[[], object]) -> None:
    """For pictures, which only this thread can draw: `write` raises OSError or ValueError where it cannot."""
    try:
        write()
    except (OSError, ValueError) as error:
        _say_not_saved(session, error)
    else:
        _say_saved(session, path)


def _say_saved(session: Session, path: Path) -> None:
    session.said.emit(f"Saved {path}")


def _say_not_saved(session: Session, error: Exception) -> None:
    session.said.emit(f"Not saved: {error}")
