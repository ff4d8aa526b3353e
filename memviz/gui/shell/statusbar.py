"""The status bar: target, source, age of the data, what could not be read, and what memviz itself costs."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from memviz import units
from memviz.core.snapshot import Absence, Snapshot
from memviz.gui.feed.feed import Feed
from memviz.gui.feed.origin import origin_of
from memviz.gui.feed.pace import pace_of
from memviz.gui.session.session import Session, Target
from memviz.gui.session.state import LOADING, READY, State
from memviz.gui.shell.own import Cost, OwnCost
from memviz.gui.shell.sums import sums_of
from memviz.text import clipped

MESSAGE_MS = 8000
SECOND = 1000
ROOMY = 1000  # pixels from which on it says how often things are read


class Cell(QLabel):
    """Gives way where there is little room: else its words say how narrow the window may be."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, room = QPainter(self), self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class StatusBar(QStatusBar):
    """Listens to the session; `freeze` leaves out what differs from one moment to the next, for pictures."""

    def __init__(self, session: Session, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._feed = session, feed
        self._cells = {name: self._cell(name) for name in ("target", "selected", "source", "age", "missing", "own")}
        self._own = OwnCost(session, self)
        self._own.changed.connect(self._show_own)
        self._beat = QTimer(self, interval=SECOND)
        self._beat.timeout.connect(self._show_age)
        session.said.connect(lambda word: self.showMessage(word, MESSAGE_MS))
        session.target_changed.connect(self._show_target)
        session.snapshot_changed.connect(self._show_snapshot)
        session.selection_changed.connect(lambda _: self._show_sums())
        session.state_changed.connect(self._show_state)
        session.paused_changed.connect(lambda paused: self._show_age())
        self._show_target(session.target)
        self.show_source()

    def set_visible_work(self, visible: bool) -> None:
        """Nobody looks: no clock."""
        if visible:
            self._beat.start()
            self._own.start()
        else:
            self._beat.stop()
            self._own.stop()

    def freeze(self) -> None:
        """Two pictures of the same are the same."""
        self.set_visible_work(False)
        self.clearMessage()
        for name in ("age", "own"):
            self._cells[name].hide()

    def show_source(self) -> None:
        self._cells["source"].setText(origin_of(self._session.source).words)

    def showEvent(self, event: QShowEvent) -> None:
        """What was said before there was a window keeps the target away as well."""
        super().showEvent(event)
        self._cells["target"].setVisible(not self.currentMessage())

    # -- inside -------------------------------------------------------------------------------------------------------

    def _cell(self, name: str) -> QLabel:
        label = Cell(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAccessibleName(name)
        label.setContentsMargins(6, 0, 6, 0)
        self.addPermanentWidget(label) if name != "target" else self.addWidget(label, 1)
        return label

    def _show_target(self, target: Target | None) -> None:
        text = f"{clipped(target.name, 40)} ({target.pid})".lstrip() if target is not None else "no process"
        snapshot = self._session.snapshot
        if target is not None and not target.chosen and snapshot is not None and "regions" not in snapshot.absent:
            text += " · the heaviest that can be read"
        self._cells["target"].setText(text)
        self._cells["missing"].hide()
        self._show_age()

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        self._show_target(self._session.target)
        self._show_sums()
        reading = self._session.reading
        absent = dict(snapshot.absent)
        if reading is not None and reading.pages_absent is not None:
            absent["pages"] = reading.pages_absent
        self._cells["missing"].setVisible(bool(absent))
        self._cells["missing"].setText(f"not read: {', '.join(list(absent)[:3])}{' …' if len(absent) > 3 else ''}")
        self._cells["missing"].setToolTip("\n".join(_in_words(name, why) for name, why in absent.items()))

    def _show_sums(self) -> None:
        session = self._session
        text = sums_of(session.snapshot, session.selection, session.pages) if session.snapshot is not None else ""
        self._cells["selected"].setText(text)
        self._cells["selected"].setVisible(bool(text))

    def _show_state(self, state: State) -> None:
        if state.kind not in (READY, LOADING) and state.sentence:  # that it is being read stands in the centre
            self.showMessage(state.sentence, MESSAGE_MS)

    def _show_age(self) -> None:
        snapshot = self._session.snapshot
        cell = self._cells["age"]
        if snapshot is None or origin_of(self._session.source).is_captured:
            cell.setText("")
            return
        age = max(time.time() - snapshot.time, 0.0)
        what = "measured" if snapshot.regions.measured else "regions read"
        if "regions" in snapshot.absent:
            what = "asked"
        pace = pace_of(self._feed)
        often = f" · {pace.words()}" if self.width() >= ROOMY * self._session.options.text_scale else ""
        cell.setText(f"{'paused · ' * self._session.paused}{what} {_ago(age)}{often}")
        cell.setToolTip(f"When memviz last read all regions of the process. {pace.explanation()}")

    def _show_own(self, cost: Cost) -> None:
        memory = f" · {units.size(cost.rss)}" if cost.rss is not None else ""
        self._cells["own"].setText(f"memviz {cost.share * 100:.1f} % of a core{memory}")
        self._cells["own"].setToolTip(cost.explanation())


def _in_words(name: str, why: Absence) -> str:
    return f"{name}: {why.reason}. {why.detail}{f' What would help: {why.remedy}' if why.remedy else ''}"


def _ago(seconds: float) -> str:
    return "just now" if seconds < 1.5 else f"{units.duration(round(seconds))} ago"
