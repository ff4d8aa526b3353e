"""Where the filter is typed: it completes words, tells what is wrong, and explains the language."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QCompleter, QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from memviz.core.categories import CATEGORIES, GROUPS
from memviz.core.columns import REGION_COLUMNS
from memviz.core.query import TERMS, parse, quoted
from memviz.errors import UsageError
from memviz.gui.session.session import Session
from memviz.gui.theme import Theme

PAUSE = 80  # milliseconds after the last key


def completions() -> list[str]:
    """What words can be completed to."""
    words = [term.example for term in TERMS if term.name.endswith(":")]
    words += [f"group:{group.name}" for group in GROUPS]
    words += [f"category:{quoted(category.name)}" for category in CATEGORIES]
    words += [f"{column.name}:>" for column in REGION_COLUMNS if column.numeric]
    return sorted({*words, "private_swap:>1M", "perm:x", "perm:s", "flag:lo", "not:"})


class WordCompleter(QCompleter):
    """Completes the last word of a text."""

    _before = ""

    def splitPath(self, path: str) -> list[str]:
        self._before, word = last_word(path)
        return [word or "\0"]  # nothing begins with that: no list of everything after a space

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        return self._before + super().pathFromIndex(index)


def last_word(text: str) -> tuple[str, str]:
    """What is before the last word (with what negates it), and that word."""
    found = re.fullmatch(r"(.*\s|)((?:-|not:)*)(\S*)", text, re.DOTALL | re.IGNORECASE)
    return (found[1] + found[2], found[3]) if found is not None else (text, "")


class FilterEdit(QLineEdit):
    """The text of `session.filter`. A text that cannot be meant is not told to the session, but `wrong` says why."""

    wrong = Signal(str)  # why; empty when the text is right again
    left = Signal()  # the user goes on to the table

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session.filter, parent)
        self.session = session
        self._wait = QTimer(self, interval=PAUSE, singleShot=True)
        self._wait.timeout.connect(self.apply)
        self.setPlaceholderText("Filter:  libc   >10M   perm:wx   group:heap   0x7f12…")
        self.setAccessibleName("Filter")
        self.setToolTip("Shows only what fits every word; the map dims the rest. The button beside it tells the words.")
        self.setClearButtonEnabled(True)
        completer = WordCompleter(self)
        completer.setModel(QStringListModel(completions(), completer))
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.textChanged.connect(self._typed)
        session.filter_changed.connect(self._follow)
        session.theme_changed.connect(self._colour)

    def add(self, text: str) -> None:
        """Text at the end, as if typed."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.deselect()
        self.end(False)
        self.insert(text)

    def add_term(self, text: str) -> None:
        """One more word."""
        self.add(f"{' ' if self.text() and not self.text().endswith(' ') else ''}{text}")

    def apply(self) -> None:
        """Tells the session at once."""
        self._wait.stop()
        snapshot = self.session.snapshot
        try:
            parse(self.text(), snapshot.regions.fields if snapshot is not None else ())
        except UsageError as error:
            self._complain(str(error))
        else:
            self._complain("")
            self.session.set_filter(self.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.apply()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.apply()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    why = ""  # what is wrong with the text

    def _complain(self, why: str) -> None:
        if why != self.why:
            self.why = why
            self._colour(self.session.theme)
            self.wrong.emit(why)

    def _colour(self, theme: Theme) -> None:
        palette = QPalette()
        if self.why:
            palette.setColor(QPalette.ColorRole.Text, theme.alarm)
        self.setPalette(palette)

    def _typed(self, text: str) -> None:
        self._wait.start()

    def _follow(self, text: str) -> None:
        if self.text().strip() != text:
            self.setText(text)
            self.apply()


class FilterHelp(QToolButton):
    """Opens a list of what the filter understands; an example that is clicked goes into the filter."""

    def __init__(self, edit: FilterEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = edit
        self.setText("?")
        self.setToolTip("What can be typed into the filter")
        self.setAccessibleName("What can be typed into the filter")
        self.clicked.connect(self.open)

    def open(self) -> None:
        page = QFrame(self, Qt.WindowType.Popup)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.setFrameShape(QFrame.Shape.StyledPanel)
        page.setAccessibleName("What can be typed into the filter")
        grid = QGridLayout(page)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(14)
        for line, term in enumerate(TERMS):
            button = QPushButton(term.example.replace("&", "&&"), page, flat=True)
            button.setStyleSheet("text-align: left; padding: 2px 6px")
            button.setToolTip("Put it into the filter")
            button.clicked.connect(lambda checked=False, text=term.example: self._take(page, text))
            text = QLabel(term.explanation, page)
            text.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(button, line, 0)
            grid.addWidget(text, line, 1)
        last = QLabel("Words apart by spaces have to fit all at once; a comma within a word means or.", page)
        grid.addWidget(last, len(TERMS), 0, 1, 2)
        page.adjustSize()
        corner = self.mapToGlobal(self.rect().topRight())
        page.move(corner.x() - page.width(), corner.y() - page.height())
        page.show()

    def _take(self, page: QFrame, text: str) -> None:
        page.close()
        self.edit.add_term(text)
