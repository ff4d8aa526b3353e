"""How panels are arranged: the usual way, as the user left them, and under names that the user gave."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QInputDialog, QMenu

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

VERSION = 1  # of the set of panels; an arrangement of another set is not used
LONGEST_NAME = 60


def as_text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")


def as_bytes(text: str) -> QByteArray:
    """An empty array where the text is no base64."""
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return QByteArray()


def arrange(window: MainWindow, text: str) -> bool:
    """Puts panels where they were; whether the text was an arrangement."""
    return bool(text) and window.restoreState(as_bytes(text), VERSION)


def arrangement(window: MainWindow) -> str:
    return as_text(window.saveState(VERSION))


def reset(window: MainWindow) -> None:
    arrange(window, window.usual_layout)
    window.panels.usual_sizes()


def ask_to_keep(window: MainWindow) -> None:
    name, agreed = QInputDialog.getText(window, "Keep this layout", "Its name:")
    if agreed and (name := name.strip()[:LONGEST_NAME]):
        keep(window, name)


def keep(window: MainWindow, name: str) -> None:
    window.settings.layouts[name] = arrangement(window)
    window.session.said.emit(f"The layout is kept as {name}.")


def fill_menu(window: MainWindow, menu: QMenu) -> None:
    """The layouts that were kept: each can be taken or forgotten."""
    menu.clear()
    kept = window.settings.layouts
    menu.menuAction().setVisible(bool(kept))
    for name in sorted(kept):
        label = name.replace("&", "&&")
        menu.addAction(label, partial(_take, window, name))
    if kept:
        forget = menu.addMenu("Forget")
        for name in sorted(kept):
            forget.addAction(name.replace("&", "&&"), partial(kept.pop, name, None))


def _take(window: MainWindow, name: str) -> None:
    if not arrange(window, window.settings.layouts.get(name, "")):
        window.session.said.emit(f"The layout {name} is of another version of memviz and cannot be used.")
