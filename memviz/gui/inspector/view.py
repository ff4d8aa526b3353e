"""The inspector: "What is this?" about whatever is selected."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from memviz.gui.inspector.bar import ShareBar
from memviz.gui.inspector.model import foldable
from memviz.gui.inspector.subject import Line, Subject
from memviz.gui.inspector.table import FactTable
from memviz.gui.inspector.told import Told, tell
from memviz.gui.parts.label import words
from memviz.gui.parts.scroll import ColumnScrollArea
from memviz.gui.session.session import Session
from memviz.gui.tables.menu import selection_menu
from memviz.text import clipped

DIM = QPalette.ColorRole.PlaceholderText  # a role keeps up with the theme; a palette of one's own would not
MARGIN = 10  # pixels left and right of everything
BUTTON_MARGIN = 24  # pixels around its text, and around it
LONG = 40  # letters of a value that the menu shows
JOB, MANY = "inspector", 5000  # regions from which on facts are worked out away from the GUI thread


class Inspector(ColumnScrollArea):
    """What is selected in one sentence; then its facts; then what its kind means."""

    explain_wanted = Signal(str)  # the name of a topic of the tab Explained

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._told: Told | None = None
        self._is_stale = True
        self.setAccessibleName("What is this?")
        self._build()
        session.selection_changed.connect(self._look_again)
        for signal in (session.snapshot_changed, session.state_changed, session.difference_changed,
                       session.target_changed):  # fmt: skip
            signal.connect(self._look_soon)
        session.theme_changed.connect(self._paint)
        session.options_changed.connect(self._paint)
        self._paint()

    def _build(self) -> None:
        inside = self.column
        self._kind, self._sentence, self._more = _words(inside), _words(inside), _words(inside)
        self._bar, self._legend = ShareBar(inside), _words(inside)
        for label in (self._kind, self._more, self._legend):
            label.setForegroundRole(DIM)
        self._facts = FactTable(inside)
        self._means, self._meaning = _words(inside), _words(inside)
        self._explain = QPushButton(inside)
        self._explain.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._explain.clicked.connect(self._ask)
        self._facts.menu_wanted.connect(lambda line, place: self.menu(line).popup(place))
        self._facts.walked.connect(self._keep_in_sight)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        layout.setSpacing(6)
        for widget in (self._kind, self._sentence, self._more, self._bar, self._legend, self._facts, self._means,
                       self._meaning, self._explain):  # fmt: skip
            layout.addWidget(widget)
        layout.addStretch(1)
        self.column_resized.connect(self._fit)
        self._fit()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # whatever Qt hands over
        if self._is_stale:
            self._look()

    def _look_soon(self, changed: object = None) -> None:
        """They come together, and others follow them too."""
        self._is_stale = True
        self.session.tasks.later(self, self._look_again)

    def _look_again(self, changed: object = None) -> None:
        """Nothing is worked out for nobody."""
        self._is_stale = True
        if self.isVisible():
            self._look()

    def _look(self) -> None:
        self._is_stale = False
        session, snapshot = self.session, self.session.snapshot
        if snapshot is None:
            self._show_state()
            return
        reading = session.reading
        why = reading.pages_absent if reading is not None else None
        subject = Subject(snapshot, session.selection, session.pages, why, session.difference)
        if len(snapshot.regions) <= MANY:
            session.jobs.cancel(JOB)
            self._show(tell(subject))
        else:
            session.jobs.run(JOB, partial(tell, subject), self._show, self._not_told)

    def _show(self, told: Told) -> None:
        self._told = told
        self._kind.setText(told.heading)
        self._sentence.setText(foldable(told.sentence))
        self._more.setText(told.more)
        self._bar.show_shares(told.shares, told.group, self.session.theme)
        self._legend.setText(self._bar.words() if told.shares else "")
        self._facts.show_lines(told.lines)
        self._means.setText(told.meaning_of)
        self._meaning.setText(told.meaning)
        self._explain.setToolTip(f"To the page “{told.topic.title}”, with this process as the example.")
        self._name_button()
        self._explain.show()
        self._hide_empty()

    def _name_button(self) -> None:
        """The whole name of the topic where there is room: a button would keep everything as wide as its text."""
        whole = f"Explain: {self._told.topic.title}" if self._told is not None else ""
        room = self.column_width() - 2 * BUTTON_MARGIN
        self._explain.setText(whole if self._explain.fontMetrics().horizontalAdvance(whole) <= room else "Explain")

    def _fit(self) -> None:
        self._facts.set_width(self.column_width() - 2 * MARGIN)
        self._name_button()

    def _not_told(self, error: Exception) -> None:
        self.session.said.emit(f"What is selected could not be told: {error}")

    def _show_state(self) -> None:
        """There is no process, or nothing of it could be read: one sentence, one action."""
        state = self.session.state
        self._told = None
        self.session.jobs.cancel(JOB)
        self._kind.setText("")
        self._sentence.setText(foldable(state.sentence))
        self._more.setText(state.remedy)
        self._bar.show_shares((), "", self.session.theme)
        for label in (self._legend, self._means, self._meaning):
            label.setText("")
        self._facts.show_lines([])
        self._explain.hide()
        self._hide_empty()

    def _hide_empty(self) -> None:
        for label in (self._kind, self._more, self._legend, self._means, self._meaning):
            label.setVisible(bool(label.text()))
        self._facts.setVisible(bool(self._facts.facts.lines))

    # -- looks ---------------------------------------------------------------------------------------------------------

    def _paint(self, changed: object = None) -> None:
        size = max(QApplication.font().pointSizeF(), 6.0) * self.session.options.text_scale
        for label, factor, bold in (
            (self._kind, 0.9, False), (self._sentence, 1.25, False), (self._more, 1.0, False),
            (self._legend, 0.9, False), (self._means, 1.0, True), (self._meaning, 1.0, False),
        ):  # fmt: skip
            font = QApplication.font()
            font.setPointSizeF(size * factor)
            font.setBold(bold)
            label.setFont(font)
        self._facts.set_theme(self.session.theme)
        self._look_again()

    # -- what the user does --------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._told is not None:
            self.explain_wanted.emit(self._told.topic.name)

    def _keep_in_sight(self, top: int, height: int) -> None:
        self.ensureVisible(0, self._facts.y() + top + height // 2, 0, height)

    def menu(self, line: Line | None) -> QMenu:
        """What can be done with the selection, and with the line that the menu was asked for on."""
        menu = selection_menu(self.session, self.session.selection, self)
        first = menu.actions()[0] if menu.actions() else None
        if line is not None and not line.is_heading:
            actions = [
                _copying(f"Copy {line.title}: {clipped(line.text, LONG)}", line.raw, menu),
                _copying("Copy with its name", f"{line.title}: {line.text}", menu),
            ]
            menu.insertActions(first, actions)  # type: ignore[arg-type]  # None is the end
        menu.insertAction(first, _copying("Copy the sentence", self._sentence.text().replace("\u200b", ""), menu))  # type: ignore[arg-type]  # None is the end
        if first is not None:
            menu.insertSeparator(first)
        return menu


def _words(parent: QWidget) -> QLabel:
    """As wide as there is room, and no wider."""
    label = words(parent, marked=True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def _copying(title: str, text: str, parent: QWidget) -> QAction:
    action = QAction(title.replace("&", "&&"), parent)
    action.triggered.connect(partial(_copy, text))
    return action


def _copy(text: str, checked: bool = False) -> None:
    QGuiApplication.clipboard().setText(text)
