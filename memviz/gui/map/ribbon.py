"""One line below the map where what it shows is not simply alive: paused, ended, captured, not measured yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from memviz import units
from memviz.core.snapshot import NOT_MEASURED, Snapshot
from memviz.gui.feed.feed import walk_cost
from memviz.gui.feed.origin import origin_of
from memviz.gui.map.line import Line
from memviz.gui.map.words import clock
from memviz.gui.session.session import Session
from memviz.gui.session.state import ENDING, FAILED, GONE, NOT_ANSWERING, READY
from memviz.gui.theme import Theme, mixed

WARN, CALM = "warn", "calm"
EDGE = 3
READING = "snapshot"  # the feed's work that measures
OLD = 15.0  # seconds from which on it is worth a word that the map changed since it was measured


@dataclass(frozen=True, slots=True)
class Word:
    """What the ribbon says; `action` is what its button does, by name."""

    text: str = ""
    tone: str = CALM
    action: str = ""
    tip: str = ""


MEASURE, RESUME, AGAIN = "measure", "resume", "again"


def word_of(session: Session, snapshot: Snapshot, since: float, busy: tuple[str, ...] = ()) -> Word:
    """The one thing to say now; `since` is when the state began, in seconds since 1970; `busy` is what work has been
    going on for a while."""
    state = session.state
    if "regions" in snapshot.absent:
        return Word()  # the page in the place of the map says it all
    if state.kind == GONE:
        return Word(f"Ended at {clock(since)}; these are its last numbers.", WARN, tip=state.sentence)
    if state.kind == ENDING:
        return Word("It is ending and frees its memory; these are its last numbers.", WARN, tip=state.sentence)
    if state.kind == FAILED:
        return Word(f"{state.sentence} What you see was read before {clock(since)}.", WARN, AGAIN)
    if state.kind == NOT_ANSWERING:
        return Word(f"Not answering since {clock(since)}; what you see was read before.", WARN, tip=state.sentence)
    if session.paused:
        return Word(
            f"Paused: this is how it was at {clock(snapshot.time, exact=True)}; sampling goes on.", CALM, RESUME
        )
    if state.kind == READY and not snapshot.regions.measured:
        why = snapshot.absent.get("residency", NOT_MEASURED)
        if why != NOT_MEASURED:
            return Word(f"What is in memory is not known: {why.detail}.", WARN, tip=why.remedy)
        if not session.jobs.is_running(READING):
            return Word("Only regions so far: what of them is in memory has not been measured.", CALM, MEASURE)
        return Word("Measuring what is in memory …") if READING in busy else Word()
    if session.outline is not None and session.outline.time - snapshot.time >= OLD:
        return Word(_changed(len(session.outline.new), len(session.outline.gone)), CALM, MEASURE)
    if origin_of(session.source).is_captured:
        return Word(f"Captured at {clock(snapshot.time)}: not alive.", CALM)
    return Word()


def _changed(new: int, gone: int) -> str:
    parts = [f"{units.number(count)} {word}" for count, word in ((new, "new"), (gone, "gone")) if count]
    return f"Since this was measured the map changed: {', '.join(parts)}."


def shorter(text: str) -> tuple[str, ...]:
    """A sentence, and what of it stands before the semicolon and before the colon."""
    cut = [text.partition(sign)[0].removesuffix(".") + "." for sign in ("; ", ": ") if sign in text]
    return text, *cut


def estimate(session: Session) -> str:
    """`Measure, about 2 s`: from what the list of processes says it keeps in memory."""
    target = session.target
    row = next((row for row in session.processes.rows if target is not None and row.pid == target.pid), None)
    if row is None or walk_cost(row) < 0.1:
        return "Measure"
    return f"Measure, about {units.duration(round(walk_cost(row), 1))}"


class Ribbon(QWidget):
    """Hidden while there is nothing to say; `measure_wanted` is for the feed."""

    measure_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.word = Word()
        self.line, self.button = Line(self), QPushButton(self)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self._act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)

    def say(self, word: Word) -> None:
        if word.action == MEASURE:
            self.button.setText(estimate(self.session))
        elif word.action == RESUME:
            self.button.setText("Back to live")
        elif word.action == AGAIN:
            self.button.setText("Try again")
        if word != self.word:
            self.word = word
            self.line.say(*shorter(word.text), tip=word.tip)
            self.setAccessibleName(word.text)
            self._take_theme(self.session.theme)
        self.button.setVisible(bool(word.action))
        self.setVisible(bool(word.text))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        painter.fillRect(0, 0, EDGE, self.height(), self._edge)

    def _act(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            MEASURE: self.measure_wanted.emit, AGAIN: self.measure_wanted.emit,
            RESUME: lambda: self.session.set_paused(False),
        }  # fmt: skip
        acts.get(self.word.action, lambda: None)()

    def _take_theme(self, theme: Theme) -> None:
        self._edge = theme.warn if self.word.tone == WARN else theme.accent
        self._ground = mixed(self._edge, theme.ground, 0.16)
        self.line.colour(theme.text)
        self.update()
