"""What stands above the list: the filter, tree or flat, which columns."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from memviz.gui.processes.query import HELP

TO_THE_LIST = (Qt.Key.Key_Down, Qt.Key.Key_PageDown)


class Search(QWidget):
    """`left` asks for the list to have the focus, `entered` to open what comes first in it."""

    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit, self.tree, self.columns = QLineEdit(self), QToolButton(self), QToolButton(self)
        self.edit.setPlaceholderText("Filter: name, user, pid …")
        self.edit.setToolTip(f"<pre>{html.escape(HELP)}</pre>")
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName("Filter processes")
        self.edit.installEventFilter(self)
        self.edit.returnPressed.connect(self.entered)
        self.tree.setText("Tree")
        self.tree.setCheckable(True)
        self.tree.setToolTip("Children below their parents")
        self.columns.setText("Columns")
        self.columns.setToolTip("Which columns are shown (also: right click on the header)")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 0)
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.tree)
        row.addWidget(self.columns)
        self.setFocusProxy(self.edit)

    def take(self, text: str) -> None:
        """What was typed in the list goes on here; an empty text clears the filter."""
        if text:
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edit.insert(text)
        else:
            self.edit.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the filter that are meant for the list."""
        if watched is self.edit and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in TO_THE_LIST:
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.edit.text():
                self.edit.clear()
                return True
        return super().eventFilter(watched, event)
