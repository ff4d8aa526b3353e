"""Keeps the lines up to date while somebody looks: new lists, what was measured meanwhile, who is new and who left."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from memviz.core.facts import Identity
from memviz.core.snapshot import Sample, Snapshot
from memviz.gui.feed.origin import own_processes
from memviz.gui.processes.model import ProcessModel
from memviz.gui.processes.people import Share
from memviz.gui.processes.shares import Shares
from memviz.gui.processes.table import ProcessTable
from memviz.gui.session.session import ProcessList, Session, Target

BEAT, SLOW_BEAT = 100, 500  # milliseconds between pictures of what fades, and looks at what is to leave


class LiveLines(QObject):
    """One for a list. `changed` carries nothing: the lines are others now."""

    changed = Signal()

    def __init__(self, session: Session, model: ProcessModel, table: ProcessTable, parent: QObject) -> None:
        super().__init__(parent)
        self.session, self.model, self.table, self.people = session, model, table, model.people
        self.shares = Shares(session, self)
        self.wants_shares = False  # whether the column is shown
        self._is_shown = False
        self._beat = QTimer(self)
        self._beat.timeout.connect(self._fade)
        self.shares.came.connect(self._shares_came)
        table.released.connect(self.refresh)
        table.verticalScrollBar().valueChanged.connect(lambda value: self._want_shares())
        session.processes_changed.connect(self.take)
        session.paused_changed.connect(self._paused)
        session.visible_changed.connect(self._attend)
        session.sampled.connect(self._sampled)
        session.snapshot_changed.connect(self._measured)
        session.target_changed.connect(self._turn)
        self._turn(session.target)

    def set_shown(self, shown: bool) -> None:
        """Whether the list is on the screen, as far as it knows."""
        self._is_shown = shown
        self._attend()

    @property
    def _looked_at(self) -> bool:
        return self._is_shown and self.session.visible

    def _attend(self, changed: object = None) -> None:
        """Nobody looks: nothing is done, and what changes meanwhile is no news."""
        if self._looked_at:
            self.take(self.session.processes)
        else:
            self.people.census.pause()
            self._beat.stop()

    def take(self, found: ProcessList) -> None:
        """A new list, shown if anybody looks and nothing is paused; the old lines stay where there is none."""
        if not self._looked_at or self.session.paused:
            return
        if not found.why and found.time:
            own = own_processes(self.session.source, found.rows)
            self.people.own = own.marked
            self.people.take([row for row in found.rows if row.identity not in own.left_out], time.monotonic())
            self._follow()
        self.refresh(hold=self.table.holds())

    def _paused(self, paused: bool) -> None:
        self.take(self.session.processes)

    def refresh(self, *, hold: bool = False) -> None:
        """Makes lines of what is known; with `hold` nobody moves."""
        census = self.people.census
        census.forget(time.monotonic(), set(census.gone) if hold else {self.people.target})
        place = self.table.place()
        self.model.show(self.people.lines_now(hold=hold))
        if not hold:
            self.table.restore(place)
        self._want_shares()
        self._pace()
        self.changed.emit()

    def _want_shares(self) -> None:
        if self.wants_shares and self._looked_at:
            rows = [line.row for line in self.table.lines_in_sight() if line.row is not None]
            gone = self.people.census.gone
            self.shares.want([row for row in rows if row.identity not in gone], self.people.shares)

    def _shares_came(self, found: dict[Identity, Share]) -> None:
        self.people.shares.update(found)
        self.model.shares_came(found)

    def _pace(self) -> None:
        census = self.people.census
        if not self._looked_at or not census.is_moving(self.people.target):
            self._beat.stop()
            return
        beat = BEAT if census.fresh and self.session.options.motion else SLOW_BEAT
        if not self._beat.isActive() or self._beat.interval() != beat:
            self._beat.start(beat)

    def _fade(self) -> None:
        """Flashes fade, and who has gone long enough leaves."""
        census, now = self.people.census, time.monotonic()
        if census.fresh:
            self.table.repaint_lines(census.fresh)
        if not self.table.holds():
            if census.is_due(now, self.people.target):
                self.refresh()
            return
        census.forget(now, set(census.gone))
        if not census.fresh:
            self._beat.stop()  # who has gone leaves when the list is released

    def _sampled(self, sample: Sample) -> None:
        """The target is read more often than the list: its line shows what lies between."""
        if self._looked_at:
            self.people.minute.add_one(sample.identity, sample.private_swap, time.monotonic())

    def _measured(self, snapshot: Snapshot) -> None:
        """The target's PSS comes with its regions, at no further cost."""
        self._follow()
        pss = snapshot.totals["pss"]
        if pss is not None:
            self._shares_came({snapshot.identity: Share(pss, time.monotonic())})

    def _turn(self, target: Target | None) -> None:
        self.people.target = None
        self._follow()
        self.table.viewport().update()

    def _follow(self) -> None:
        """Who is open: the same one also after it has gone and its number was used again."""
        before, target = self.people.target, self.session.target
        if target is not None:
            self.people.follow(target.pid, target.identity)
        if self.people.target != before:
            self.table.viewport().update()
