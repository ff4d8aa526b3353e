"""The Session: one source, one target, one selection, one time, one mark. Every view listens to it; no view knows
another."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from memviz.core.diff import Difference
from memviz.core.facts import Identity
from memviz.core.snapshot import Absence, Sample, Snapshot
from memviz.core.source import PageRuns, ProcessRow, Source
from memviz.gui.session.comparing import compare
from memviz.gui.session.jobs import Jobs
from memviz.gui.session.options import Options
from memviz.gui.session.outline import Outline
from memviz.gui.session.selection import History, Selection
from memviz.gui.session.state import LOADING, READY, State, state_of_absence
from memviz.gui.session.task_queue import TaskQueue
from memviz.gui.theme import Theme, system_theme, theme

CLOSE_SECONDS = 0.8  # that closing waits for the source, after it has waited for the jobs


@dataclass(frozen=True, slots=True)
class Target:
    """The process that everything is about. `chosen` is False where memviz took the heaviest one by itself: then
    nothing dear is read before the user asks."""

    pid: int
    name: str = ""
    chosen: bool = True
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of the source about the target. `pages` is None where `pages_absent` says why; `snapshot` is
    unmeasured (maps only) while residency is still to come."""

    snapshot: Snapshot
    pages: PageRuns | None = None
    pages_absent: Absence | None = None
    cost: float = 0.0  # seconds it took


@dataclass(frozen=True, slots=True)
class ProcessList:
    """All processes of the source at one time (seconds since 1970). `why` tells why they could not be listed now: the
    rows are those of the last list then."""

    rows: tuple[ProcessRow, ...] = ()
    time: float = 0.0
    why: str = ""


class Session(QObject):
    """What is shown, and the signals that tell of its changes; each carries the new value. `Feed` keeps it up to date.

    While it is paused, what comes in is kept and shown on resuming; samples go on."""

    source_changed = Signal(object)  # Source; the target is opened anew
    processes_changed = Signal(object)  # ProcessList
    target_changed = Signal(object)  # Target or None; the snapshot is None until the first one comes
    snapshot_changed = Signal(object)  # Snapshot; `pages` belongs to it
    outline_changed = Signal(object)  # Outline: what changed since the snapshot was measured; None right after
    sampled = Signal(object)  # Sample, also while paused
    taken = Signal(object)  # Snapshot, also while paused: for what keeps a history
    state_changed = Signal(object)  # State
    selection_changed = Signal(object)  # Selection
    mark_changed = Signal(object)  # Snapshot or None
    difference_changed = Signal(object)  # Difference from the mark to the snapshot, or None
    filter_changed = Signal(str)  # a text in the language of core.query; empty for everything
    paused_changed = Signal(bool)
    visible_changed = Signal(bool)  # whether anybody can see the window
    options_changed = Signal(object)  # Options
    theme_changed = Signal(object)  # Theme
    said = Signal(str)  # a word for the status bar
    loaded = Signal()  # modules were imported when they were first needed

    def __init__(self, source: Source, parent: QObject | None = None, options: Options | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.tasks = TaskQueue(self)
        self.jobs = Jobs(self.tasks, self)
        self.options = options or Options()
        self.theme: Theme = theme(system_theme() if self.options.theme == "system" else self.options.theme)
        self.processes = ProcessList()
        self.target: Target | None = None
        self.reading: Reading | None = None
        self.sample: Sample | None = None
        self.state = State()
        self.selection = Selection()
        self.mark: Snapshot | None = None
        self.difference: Difference | None = None
        self.outline: Outline | None = None
        self.filter = ""
        self.paused, self.visible = False, True
        self._newest: Reading | None = None
        self._history = History()

    @property
    def snapshot(self) -> Snapshot | None:
        return self.reading.snapshot if self.reading is not None else None

    @property
    def pages(self) -> PageRuns | None:
        """The page runs of the snapshot's whole space; None where they are not known (`reading.pages_absent`)."""
        return self.reading.pages if self.reading is not None else None

    # -- what the user does -------------------------------------------------------------------------------------------

    def open(self, pid: int, name: str = "", *, chosen: bool = True, identity: Identity | None = None) -> None:
        """Turns to another process (or anew to this one). What was searched for in the last one is not in this one.
        With `identity` it is that very one which is meant, not who else may have its number by now."""
        if self.target is not None and self.target.pid != pid:
            self.set_filter("")
        self._turn(Target(pid, name, chosen, identity), State(LOADING, f"Reading {name or 'process'} {pid} …"))

    def leave(self) -> None:
        """Turns away from the process: nothing is shown, nothing read of it."""
        for name in ("snapshot", "sample", "outline"):
            self.jobs.cancel(name)
        self._turn(None, State())

    def select(self, selection: Selection) -> None:
        """Everything follows: map, tables, plots, inspector."""
        if selection != self.selection:
            self._history.left(self.selection)
            self._go(selection)

    def walk(self, *, forward: bool = False) -> None:
        """Back to what was selected before, or forward again."""
        if (found := self._history.step(self.selection, forward=forward)) is not None:
            self._go(found)

    def set_filter(self, text: str) -> None:
        """What tables show and the map does not dim."""
        if text != self.filter:
            self.filter = text
            self.filter_changed.emit(text)

    def set_mark(self, snapshot: Snapshot | None) -> None:
        """From here on everything carries its difference against this snapshot."""
        if snapshot is None and self.mark is None:
            return
        self.mark = snapshot
        self.mark_changed.emit(snapshot)
        compare(self)

    def set_paused(self, paused: bool) -> None:
        """Holds the picture still; on resuming the newest reading is shown."""
        if paused == self.paused:
            return
        self.paused = paused
        self.paused_changed.emit(paused)
        if not paused and self._newest is not None and self._newest is not self.reading:
            self._show(self._newest)

    def set_visible(self, visible: bool) -> None:
        """Nobody looks: then next to nothing is read, and whatever has a timer of its own lets it rest."""
        if visible != self.visible:
            self.visible = visible
            self.visible_changed.emit(visible)

    def set_options(self, **changes: object) -> None:
        """`set_options(metric="pss")`: see Options."""
        options = dataclasses.replace(self.options, **changes)  # type: ignore[arg-type]  # names of fields
        if options != self.options:
            self.options = options
            self.options_changed.emit(options)
        chosen = theme(system_theme() if options.theme == "system" else options.theme)
        if chosen is not self.theme:
            self.theme = chosen
            self.theme_changed.emit(chosen)

    # -- what the feed brings -----------------------------------------------------------------------------------------

    def show_processes(self, found: ProcessList) -> None:
        self.processes = found
        self.processes_changed.emit(found)

    def show_reading(self, reading: Reading) -> None:
        """A new snapshot of the target, with its pages."""
        snapshot = reading.snapshot
        if self.target is None or snapshot.pid != self.target.pid:
            return
        why = snapshot.absent.get("regions")
        if why is not None and why.reason == "gone" and self._newest is not None:
            self.set_state(state_of_absence(why))  # a zombie has no map: what was seen last stays
            return
        if self._newest is None or self.target.name != snapshot.name:  # it may have begun another program
            self.target = dataclasses.replace(self.target, identity=snapshot.identity, name=snapshot.name)
        self._newest = reading
        self.set_state(state_of_absence(why) if why is not None else State(READY, ""))
        self.taken.emit(snapshot)
        if not self.paused:
            self._show(reading)

    def show_outline(self, found: Outline | None) -> None:
        """How the map differs by now from what is shown, for a target that is too dear to measure at each beat."""
        if found or self.outline:
            self.outline = found or None
            self.outline_changed.emit(self.outline)

    def show_sample(self, sample: Sample) -> None:
        if self.target is not None and sample.identity.pid == self.target.pid:
            if self.target.identity is None:
                self.target = dataclasses.replace(self.target, identity=sample.identity)
            self.sample = sample
            self.sampled.emit(sample)

    def set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)

    def replace_source(self, source: Source) -> None:
        """Goes on with another source of the same host (a reader with more rights), on the same process."""
        old, target, selection = self.source, self.target, self.selection
        self.jobs.cancel_all()
        self.source = source
        self.jobs.run("closing the old source", old.close, lambda _: None, lambda error: None, waits=True)
        self.source_changed.emit(source)
        if target is not None:
            self.open(target.pid, target.name, chosen=target.chosen, identity=target.identity)
            self.select(selection)

    def close(self) -> None:
        """Ends within two seconds, whatever the reader or the target does."""
        closing = threading.Thread(target=self.source.close, daemon=True)
        closing.start()  # what waits for the reader ends when it is closed, so both go on at the same time
        self.jobs.close()
        closing.join(CLOSE_SECONDS)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _turn(self, target: Target | None, state: State) -> None:
        """What was known of another process is forgotten."""
        self.reading = self._newest = self.sample = None
        self.show_outline(None)
        self.target = target
        self._history = History()
        self.set_mark(None)
        self.set_paused(False)
        self.set_state(state)
        self.target_changed.emit(target)
        if self.selection:
            self._go(Selection())

    def _go(self, selection: Selection) -> None:
        self.selection = selection
        self.selection_changed.emit(selection)

    def _show(self, reading: Reading) -> None:
        self.reading = reading
        self.show_outline(None)
        self.snapshot_changed.emit(reading.snapshot)
        compare(self)
