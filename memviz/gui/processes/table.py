"""The list as it is used: rows hold still while somebody points at them; mouse and keys."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QWidget

from memviz.gui.processes.columns import NUMBERS
from memviz.gui.processes.model import ProcessModel
from memviz.gui.processes.paint import RowPainter
from memviz.gui.processes.rows import RowsView
from memviz.gui.processes.tree import Key, Line

HELD = 3.0  # seconds that the order holds still after a key or click
POINTED = 30.0  # and while the pointer is over the list, unless it has been forgotten there
NAME = NUMBERS["name"]
OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
CLEARING = (Qt.Key.Key_Escape, Qt.Key.Key_Backspace)
PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier  # do not make a command of a letter


class ProcessTable(RowsView):
    """`chosen` carries the Line that the user opens, `asked` a Line and where its menu is to be, `copied` a Line;
    `typed` text that is meant for the filter (empty: clear it), `released` that the order may change again."""

    chosen = Signal(object)
    asked = Signal(object, QPoint)
    copied = Signal(object)
    typed = Signal(str)
    released = Signal()

    def __init__(self, model: ProcessModel, painter: RowPainter, parent: QWidget | None = None) -> None:
        super().__init__(model, painter, parent)
        self._touched, self._pointed = float("-inf"), float("-inf")  # when it was used, and the pointer moved in it
        self._pressed: Key | None = None
        self._release = QTimer(self, singleShot=True, interval=int(HELD * 1000) + 20)
        self._release.timeout.connect(self._let_go)
        self.setAccessibleName("Processes")

    # -- holding still ------------------------------------------------------------------------------------------------

    def holds(self) -> bool:
        """Whether rows must stay where they are: somebody points at them, or has just used the list."""
        now = time.monotonic()
        return now - self._pointed < POINTED or now - self._touched < HELD

    def touch(self) -> None:
        """Somebody uses the list."""
        self._touched = time.monotonic()
        self._release.start()

    def _let_go(self) -> None:
        if not self.holds():
            self.released.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Enter, QEvent.Type.Wheel):
            self._pointed = time.monotonic()
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._pointed = time.monotonic()
            self.hover(self.indexAt(event.position().toPoint()).row())
        elif kind in (QEvent.Type.Leave, QEvent.Type.Hide):
            self._pointed = float("-inf")
            self.hover(-1)
            self._let_go()
        return super().viewportEvent(event)

    # -- mouse --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touch()
        line = self._line_at(event.position().toPoint())
        self._pressed = line.key if line is not None and event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        line, pressed = self._line_at(event.position().toPoint()), self._pressed
        self._pressed = None
        if line is None or line.key != pressed:
            return
        if line.row is None or (line.children and self._is_on_triangle(line, event.position().toPoint())):
            self.lines_model.toggle(line.key)
        else:
            self.chosen.emit(line)

    def _line_at(self, at: QPoint) -> Line | None:
        return self.lines_model.line_at(self.indexAt(at).row())

    def _is_on_triangle(self, line: Line, at: QPoint) -> bool:
        x = at.x() - self.header().sectionViewportPosition(NAME)
        return 0 <= x < self.row_painter.text_begins(line, self.header().sectionSize(NAME))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.touch()
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.visualRect(self.currentIndex().siblingAtColumn(NAME)).center()
        line = self._line_at(at)
        if line is not None and line.row is not None:
            self.asked.emit(line, self.viewport().mapToGlobal(at))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touch()
        line, key, text = self.current_line(), event.key(), event.text()
        if event.matches(QKeySequence.StandardKey.Copy) and line is not None:
            self.copied.emit(line)
        elif key in OPENING and line is not None:
            self.lines_model.toggle(line.key) if line.row is None else self.chosen.emit(line)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and line is not None and not event.modifiers():
            self._step(line, key == Qt.Key.Key_Right)
        elif key in CLEARING and not event.modifiers():
            self.typed.emit("")
        elif text.strip() and text.isprintable() and not event.modifiers() & ~PLAIN:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _step(self, line: Line, to_the_right: bool) -> None:
        """Right opens or goes to the first child, Left closes or goes to the parent."""
        row = self.currentIndex().row()
        if line.children and line.is_open != to_the_right:
            self.lines_model.toggle(line.key, to_the_right)
        elif to_the_right and line.children:
            self.go_to_row(row + 1)
        elif not to_the_right and line.depth:
            lines = self.lines_model.people.lines
            self.go_to_row(next((at for at in range(row - 1, -1, -1) if lines[at].depth < line.depth), row))
