"""The small dialogs: keys, about, where to save a picture."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QTextBrowser, QVBoxLayout, QWidget

from memviz import __version__
from memviz.gui.parts.taking import save_drawn
from memviz.gui.shell.settings import settings_file

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow


def show_keys(window: MainWindow) -> None:
    """What every key does, from the declarations themselves."""
    from memviz.gui.shell import keys

    _show_text(window, "Keys", keys.as_html(), (680, 620))


def show_about(window: MainWindow) -> None:
    kept = html.escape(str(settings_file()))
    text = (
        f"<h3>memviz {html.escape(__version__)}</h3>"
        "<p>Where a Linux process's memory is, what it is, and how it changes.</p>"
        f"<p>Settings are kept in <code>{kept}</code>.</p>"
        "<p>A small reader process reads <code>/proc</code>; this window opens nothing there.</p>"
    )
    _show_text(window, "About memviz", text, (460, 240))


def save_picture(window: MainWindow) -> None:
    """Asks where, and keeps the map there."""
    target = window.session.target
    usual = f"memviz-{target.pid}.png" if target is not None else "memviz.png"
    name, _ = QFileDialog.getSaveFileName(window, "Save a picture of the map", usual, "Pictures (*.png *.svg)")
    if name:
        save_drawn(window.session, Path(name), lambda: window.centre.picture_file(name))


def _show_text(parent: QWidget, title: str, text: str, size: tuple[int, int]) -> None:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.resize(*size)
    view = QTextBrowser(dialog)
    view.setOpenLinks(False)
    view.setHtml(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(view)
    layout.addWidget(buttons)
    dialog.open()
