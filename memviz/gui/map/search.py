"""Where the map is searched: the language of the filter, how many regions it finds, and the way from hit to hit."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from memviz import units
from memviz.core.part import Part
from memviz.core.query import Query, parse
from memviz.core.regions import Array
from memviz.core.snapshot import Snapshot
from memviz.errors import UsageError
from memviz.gui.map.line import Line
from memviz.gui.session.session import Session
from memviz.gui.tables.filter import WordCompleter, completions
from memviz.gui.theme import Theme

PAUSE = 120  # milliseconds after the last key
CHARACTERS = 46  # that the field has room for, with what is said of them
WORDS = 0.55  # of the field that the words on what was typed may take
CLEAR = 26  # pixels at its end, where the button is that clears it


def hits_in_words(snapshot: Snapshot, rows: Array) -> str:
    """`12 regions, 34.0 MiB resident`"""
    if not len(rows):
        return "nothing fits"
    part = Part(snapshot, rows)
    text = f"{units.number(len(rows))} region{'' if len(rows) == 1 else 's'}"
    rss = part.total("rss")
    return f"{text}, {units.size(rss)} resident" if rss is not None else f"{text}, {units.size(part.size)} mapped"


def shorter(words: str) -> tuple[str, ...]:
    """`12 regions, 34.0 MiB resident`, `12 regions, 34.0 MiB`, `12 regions`; of a sentence only itself."""
    number, comma, rest = words.partition(", ")
    if not comma or not number[:1].isdigit():
        return (words,)
    return words, f"{number}, {rest.rpartition(' ')[0]}", number


def hits_of(query: Query, snapshot: Snapshot) -> str:
    """The words for what a query finds; why nothing can fit where it asks for what is not known."""
    unknown = query.unknown(snapshot)
    if unknown:
        return f"{', '.join(unknown)} not known here"
    return hits_in_words(snapshot, query.regions(snapshot).nonzero()[0])


class SearchEdit(QLineEdit):
    """Tells of Enter and Escape, which mean something of their own here."""

    stepped = Signal(object)  # +1 to the next hit, -1 to the one before
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)


class Search(QWidget):
    """The field shows `session.filter` and sets it; `stepped` and `left` are for the map."""

    stepped = Signal(object)
    left = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.edit = SearchEdit(self)
        self.words = Line(self.edit, 0.94)  # within the field: nothing beside it moves when they come
        self.words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.hide()
        self.edit.setPlaceholderText("Search: libc  >10M")
        self.edit.setAccessibleName("Search the map")
        self.edit.setToolTip(
            "Name, path, block:, group:, perm:wx, >10M, 0x7f…: what does not fit is dimmed.\n"
            "Enter goes to the next hit, Shift+Enter to the one before, Escape clears."
        )
        self.edit.setClearButtonEnabled(True)
        completer = WordCompleter(self.edit)
        completer.setModel(QStringListModel(completions(), completer))
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.edit.setCompleter(completer)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._wait = QTimer(self, interval=PAUSE, singleShot=True)
        self._wait.timeout.connect(self.apply)
        self.edit.textChanged.connect(self._soon)
        self.edit.stepped.connect(self._step)
        self.edit.left.connect(self.left)
        session.filter_changed.connect(self._follow)
        session.snapshot_changed.connect(self._count)
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)
        self._follow(session.filter)

    def focus(self) -> None:
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def apply(self) -> None:
        """Tells the session what is typed, if it can be meant."""
        self._wait.stop()
        if self._query() is not None:
            self.session.set_filter(self.edit.text().strip())
        self._count()

    def fit(self, width: int) -> None:
        """The width of the field, of what the pane has."""
        letter = self.fontMetrics().averageCharWidth()
        self.edit.setFixedWidth(max(min(letter * CHARACTERS, round(width * 0.4)), 120))
        self._place_words()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _query(self) -> Query | None:
        """What the text asks for; None, with a word on why, where it cannot be meant."""
        snapshot = self.session.snapshot
        try:
            return parse(self.edit.text(), snapshot.regions.fields if snapshot is not None else ())
        except UsageError as error:
            self._say(str(error))
            return None

    def _count(self, changed: object = None) -> None:
        query, snapshot = self._query(), self.session.snapshot
        if query is None:
            return
        if not query or snapshot is None:
            self.session.jobs.cancel("hits")
            self._say("")
            return
        self.session.jobs.run("hits", lambda: hits_of(query, snapshot), self._say, lambda error: self._say(str(error)))

    def _say(self, words: str) -> None:
        if not shiboken6.isValid(self):  # hits may be counted when the field is gone
            return
        if words != self.words.text_in_full:
            self.words.say(*shorter(words))
        self.words.setVisible(bool(words))
        self._place_words()

    def _place_words(self) -> None:
        """At the end of the field, of which they take what they need."""
        whole, shown = self.edit.width(), not self.words.isHidden()
        self.words.take_of((whole - CLEAR) * WORDS)
        wide, high = self.words.width(), self.words.sizeHint().height()
        self.words.move(whole - CLEAR - wide, (self.edit.height() - high) // 2)
        self.edit.setTextMargins(0, 0, wide + 4 if shown else 0, 0)

    def _soon(self, text: str) -> None:
        self._wait.start()

    def _step(self, way: int) -> None:
        self.apply()
        self.stepped.emit(way)

    def _follow(self, text: str) -> None:
        if self.edit.text().strip() != text:
            self.edit.setText(text)
            self._wait.stop()
        self._count()

    def _take_theme(self, theme: Theme) -> None:
        self.words.colour(theme.dim)
        line, accent, field = (colour.name() for colour in (theme.line, theme.accent, theme.field))
        self.edit.setStyleSheet(
            f"QLineEdit {{ border: 1px solid {line}; border-radius: 4px; padding: 2px 6px; background: {field}; }}"
            f"QLineEdit:focus {{ border-color: {accent}; }}"
        )
