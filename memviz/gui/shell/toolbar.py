"""The toolbar: process, pause, mark, and what the user may choose."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QSizePolicy, QToolBar, QWidget

from memviz.gui.session.session import Session, Target
from memviz.gui.session.state import GONE
from memviz.gui.shell import extension
from memviz.gui.shell.choices import ChoiceMenu
from memviz.text import clipped
from memviz.units import is_pid

MOST_PROPOSED = 3000
FIELD_CHARS = 30


class ProcessField(QLineEdit):
    """A process by number or name: proposes those that are there, heaviest first."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setPlaceholderText("process: name or number")
        self.setAccessibleName("Process")
        self.setToolTip("Type a name or a number and press Enter to look at that process.")
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * FIELD_CHARS)
        self._model = QStringListModel(self)
        completer = QCompleter(self._model, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(14)
        completer.activated[str].connect(self._take)  # type: ignore[index]  # PySide's stub does not know overloads
        self.setCompleter(completer)
        self.returnPressed.connect(lambda: self._take(self.text()))
        session.target_changed.connect(self._show)
        session.snapshot_changed.connect(lambda snapshot: self._show(session.target))
        self._show(session.target)

    def ask(self) -> None:
        """Puts the keys here, everything selected."""
        self._propose()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._propose()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._show(self._session.target, even_in_focus=True)
            window = self.window()
            if (centre := getattr(window, "centre", None)) is not None:
                centre.setFocus()
            return
        super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _propose(self) -> None:
        """Only on coming here: what is proposed does not move while somebody chooses."""
        rows = [row for row in self._session.processes.rows if not row.is_kernel_thread]
        rows.sort(key=lambda row: row.weight, reverse=True)
        self._model.setStringList([f"{row.pid}  {clipped(row.name, 60)}" for row in rows[:MOST_PROPOSED]])

    def _take(self, text: str) -> None:
        word = text.strip()
        number = word.partition(" ")[0]
        rows = self._session.processes.rows
        if is_pid(number):
            name = next((row.name for row in rows if row.pid == int(number)), "")
            self._open(int(number), name)
            return
        lower = word.lower()
        exact = [row for row in rows if row.name == word]
        found = exact or [row for row in rows if lower and lower in row.name.lower() and not row.is_kernel_thread]
        if found:
            row = max(found, key=lambda row: row.weight)
            self._open(row.pid, row.name)
            if len(found) > 1:
                self._session.said.emit(f"{len(found)} processes are called so; this is the heaviest.")
        elif word:
            self._session.said.emit(f"No process is called {clipped(word, 40)}.")

    def _open(self, pid: int, name: str) -> None:
        target, is_gone = self._session.target, self._session.state.kind == GONE  # another may have the number by now
        if target is None or target.pid != pid or not target.chosen or is_gone:
            self._session.open(pid, name)
        if (centre := getattr(self.window(), "centre", None)) is not None:
            centre.setFocus()
        self._show(self._session.target, even_in_focus=True)

    def _show(self, target: Target | None, *, even_in_focus: bool = False) -> None:
        if even_in_focus or not self.hasFocus():
            self.setText(f"{target.pid}  {target.name}".rstrip() if target is not None else "")
            self.setCursorPosition(0)


class ToolBar(QToolBar):
    """`choices` are the menus of options; `actions` those of ACTIONS that stand here."""

    def __init__(self, session: Session, choices: list[ChoiceMenu], actions: list[QAction], parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.field = ProcessField(session, self)
        self.addWidget(self.field)
        self.addSeparator()
        self.addActions(actions)
        gap = QWidget(self)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        for choice in choices:
            self.addWidget(choice.button(self))
        session.theme_changed.connect(lambda theme: extension.dress(self, theme))
        extension.dress(self, session.theme)

    def ask_process(self) -> None:
        self.field.ask()
