"""A label for words of a process or about one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


def words(parent: QWidget | None, text: str = "", *, marked: bool = False) -> QLabel:
    """Plain text that wraps: what a process calls itself is never markup. `marked` lets the mouse mark and copy it."""
    label = QLabel(text, parent, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if marked:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
