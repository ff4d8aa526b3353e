"""The tracks of a session: the one of its target, and those of processes that are pinned beside it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from memviz.core.snapshot import Sample, Snapshot
from memviz.errors import ProcessGone
from memviz.gui.live import events
from memviz.gui.live.events import Event
from memviz.gui.live.track import Measured, Track, measure
from memviz.gui.session.session import Session, Target
from memviz.gui.session.state import GONE, NOT_ANSWERING, State

MOST_PINNED = 5  # lines of more processes cannot be told apart


class Tracks(QObject):
    """Collects, whether anybody looks or not. `grew` says that there is something new to draw."""

    grew = Signal()
    turned = Signal(object)  # Track of the target, or None
    pins_changed = Signal(object)  # tuple of pinned Tracks

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.current: Track | None = None
        self.pinned: dict[int, Track] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        session.target_changed.connect(self._turn)
        session.sampled.connect(self._sampled)
        session.taken.connect(self._taken)
        session.state_changed.connect(self._stands)
        session.mark_changed.connect(self._marked)
        session.options_changed.connect(self._pace)
        session.visible_changed.connect(self._pace)
        if session.target is not None:
            self._turn(session.target)

    @property
    def beside(self) -> list[Track]:
        """The pinned ones that are not the target's."""
        return [track for track in self.pinned.values() if track is not self.current]

    @property
    def shown(self) -> list[Track]:
        """All whose lines are drawn."""
        return [*([self.current] if self.current is not None else []), *self.beside]

    def extent(self) -> tuple[float, float]:
        """The oldest and the newest time of them all; now, where there is none."""
        began = [track.began for track in self.shown if track.began is not None]
        newest = [track.newest for track in self.shown if track.newest is not None]
        now = time.time()
        return min(began, default=now), max(newest, default=now)

    def can_pin(self) -> bool:
        """Whether the target can be pinned now."""
        current = self.current
        return current is not None and current.pid not in self.pinned and len(self.pinned) < MOST_PINNED

    def pin(self) -> None:
        """Keeps the target's lines when another process is opened."""
        if self.current is not None and self.can_pin():
            taken = {track.pin for track in self.pinned.values()}
            self.current.pin = min(set(range(MOST_PINNED)) - taken)
            self.pinned[self.current.pid] = self.current
            self._pins_changed()

    def unpin(self, pid: int) -> None:
        if self.pinned.pop(pid, None) is not None:
            self.session.jobs.cancel(f"pinned {pid}")
            self._pins_changed()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _turn(self, target: Target | None) -> None:
        self.session.jobs.cancel("track")
        if target is None:
            self.current = None
        elif self.current is None or self.current.pid != target.pid:
            self.current = self.pinned.get(target.pid) or Track(target.pid, target.name)
        self._pace()
        self.turned.emit(self.current)

    def _sampled(self, sample: Sample) -> None:
        track = self.current
        if track is None or track.pid != sample.identity.pid:
            return
        if track.identity is not None and track.identity != sample.identity:
            track = self._anew(track)  # its number was used again
        track.add_sample(sample)
        self.grew.emit()

    def _anew(self, old: Track) -> Track:
        self.current = Track(old.pid, self.session.target.name if self.session.target is not None else "")
        self.current.pin = old.pin
        if self.pinned.get(old.pid) is old:
            self.pinned[old.pid] = self.current
        self.turned.emit(self.current)
        return self.current

    def _taken(self, snapshot: Snapshot) -> None:
        track, said = self.current, self.session.said
        if track is not None and track.identity is not None and not track.identity.may_be(snapshot.identity):
            track = self._anew(track)  # its number was used again
        if track is not None:
            before = track.last_snapshot
            self.session.jobs.run(
                "track", lambda: measure(before, snapshot), lambda found: self._measured(track, found),
                lambda error: said.emit(f"A snapshot could not be added to the plots: {error}"),
            )  # fmt: skip

    def _measured(self, track: Track, found: Measured) -> None:
        if track is self.current:
            track.add_snapshot(found)
            self.grew.emit()

    def _stands(self, state: State) -> None:
        track = self.current
        if track is None:
            return
        if state.kind == GONE and not track.has_ended:
            self._end(track)
        elif state.kind == NOT_ANSWERING and track.last_sample is not None:
            track.add_events([Event(time.time(), events.SILENT, "does not answer from here on", short="no answer")])
            track.break_line(time.time(), "it does not answer")
        self.grew.emit()

    def _end(self, track: Track) -> None:
        track.has_ended = True
        when = track.newest
        track.add_events(
            [Event(when if when is not None else time.time(), events.ENDED, f"{track.title} ended", short="ended")]
        )

    def _marked(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and self.current is not None:
            self.current.add_events([Event(snapshot.time, events.MARKED, "the mark was set here", short="mark")])
            self.grew.emit()

    # -- pinned processes ---------------------------------------------------------------------------------------------

    def _pins_changed(self) -> None:
        self._pace()
        self.pins_changed.emit(tuple(self.pinned.values()))

    def _pace(self, changed: object = None) -> None:
        if self.beside and self.session.visible:
            self._timer.start(1000 // self.session.options.rate)
        else:
            self._timer.stop()

    def _tick(self) -> None:
        for track in self.beside:
            if not track.has_ended and not self.session.jobs.is_running(f"pinned {track.pid}"):
                self._sample(track)

    def _sample(self, track: Track) -> None:
        """One of the pinned that nobody else asks for."""
        source = self.session.source

        def done(sample: Sample) -> None:
            if track.identity is not None and sample.identity != track.identity:
                self._end(track)
            elif track is not self.current:
                track.add_sample(sample)
                self.grew.emit()

        def failed(error: Exception) -> None:
            if isinstance(error, ProcessGone):
                self._end(track)
                self.grew.emit()

        self.session.jobs.run(f"pinned {track.pid}", lambda: source.sample(track.pid), done, failed, waits=True)
