"""The Feed keeps a session up to date: processes, samples and snapshots, each at its own pace."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer

from memviz.core.connect import awaited, reader_has_ended, reopened
from memviz.core.facts import Identity
from memviz.core.pages import spans
from memviz.core.snapshot import NOT_MEASURED, Absence, Sample, Snapshot
from memviz.core.source import PageRuns, ProcessRow, Source
from memviz.errors import MemvizError
from memviz.gui.feed.cadence import Cadence
from memviz.gui.feed.heaviest import Candidates
from memviz.gui.session.outline import Outline, outline
from memviz.gui.session.session import ProcessList, Reading, Session, Target
from memviz.gui.session.state import EMPTY, ENDING, FAILED, GONE, LOADING, NOT_ANSWERING, READY, State, state_of_error
from memviz.text import clipped, shown

LIST_FACTOR, OUTLINE_FACTOR, MEASURE_FACTOR = 10, 15, 100  # times its cost that a list, maps, a measurement wait
LONGEST_LIST = 3.0  # seconds that a list waits at most
HURRY = 0.3  # of that wait, where the virtual size tells that the regions changed, or RSS that much of them filled
GROWN = 0.01  # of RSS: so much more or less of it is much
REST = 4.0  # times that wait, where the counters tell that nothing happened: only others can have changed its sharing
CHEAP = 0.1  # seconds that may be spent unasked on a process that the user did not choose
WALK_RATE = 50 << 30  # bytes of resident memory that smaps and a page scan together walk in a second, about
SLOW_BEAT = 5000  # milliseconds between beats while nobody looks
SILENCE = 5.0  # seconds without an answer from which on the reader is not waited for without a word
UNHEARD = State(NOT_ANSWERING, "The reader does not answer: it has been stopped, or the way to it is interrupted.")
NOTICE = 2.0  # seconds without a first word of a reader behind a prefix, until it is said what is waited for
RETRY = 3.0  # seconds after which a process that could not be read is asked again
TRIES, SHORT = 3, 0.95  # of a reading that an exec cut in two; the part of RSS below which its pages are doubted
EXECED = Absence("torn", "it began to run another program while its pages were looked at", "measure again")


def waiting_for(source: Source) -> str:
    """A sentence about a reader that has not started yet."""
    return f"Waiting for `{clipped(shown(awaited(source)), 80)}` to start the reader; it may ask for a password."


def read_target(source: Source, pid: int, *, measured: bool) -> Reading:
    """A snapshot and the page runs of its whole space. Raises MemvizError."""
    for _ in range(TRIES):
        reading = _read_once(source, pid, measured=measured)
        if reading.pages_absent != EXECED:
            break
    return reading


def _read_once(source: Source, pid: int, *, measured: bool) -> Reading:
    began = time.monotonic()
    snapshot = source.snapshot(pid, measured=measured)
    if not measured and "regions" in snapshot.absent and snapshot.absent["regions"].reason == "not captured":
        measured, snapshot = True, source.snapshot(pid)  # smaps says all that maps would
    _ = snapshot.blocks, snapshot.totals, snapshot.groups  # kept once made: every view asks for them, on its thread
    if not measured or "regions" in snapshot.absent or not len(snapshot.regions):
        return Reading(snapshot, cost=time.monotonic() - began)
    pages, why = None, None
    try:
        pages = source.pages(pid, spans(snapshot))
        if _fall_short(pages, snapshot) and _has_execed(snapshot, source.snapshot(pid, measured=False)):
            pages, why = None, EXECED
    except MemvizError as error:
        why = Absence(error.reason or "malformed", str(error))
    return Reading(snapshot, pages, why, time.monotonic() - began)


def _fall_short(pages: PageRuns, snapshot: Snapshot) -> bool:
    """Whether there are fewer pages than what is resident: they are perhaps those of another program, elsewhere."""
    return pages.rest is None and int((pages.end - pages.start).sum()) < SHORT * (snapshot.totals["rss"] or 0)


def _has_execed(before: Snapshot, after: Snapshot) -> bool:
    """Whether the process, the same one, has another address space by now."""
    old, new = before.facts.stat, after.facts.stat
    return (old.start_code, old.start_data, old.start_brk, old.start_stack) != (
        new.start_code, new.start_data, new.start_brk, new.start_stack,
    )  # fmt: skip


def _more_is_known(snapshot: Snapshot) -> bool:
    """Whether measuring would tell more: not where there is no smaps at all."""
    return not snapshot.regions.measured and snapshot.absent.get("residency", NOT_MEASURED) == NOT_MEASURED


def walk_cost(row: ProcessRow) -> float:
    """Seconds that measuring a process takes, estimated from its resident memory."""
    return (row.rss or 0) / WALK_RATE


def counters(sample: Sample) -> tuple[int | None, ...]:
    """What cannot stay the same when memory of the process changes by its own doing: a first touch is a fault."""
    return sample.rss, sample.vms, sample.swap, sample.minor_faults, sample.major_faults


def has_moved(sample: Sample, known: Sample) -> bool:
    """Whether so much came into memory, or went out of it, that what is shown of it is out of date."""
    return abs(sample.rss - known.rss) > GROWN * known.rss


class Feed(QObject):
    """One for a session, from `start` to `stop`. While nobody looks, only the list of processes goes on, slowly."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.takes_heaviest = False  # whether to open the heaviest process when the first list comes
        self._list, self._measure = Cadence(LIST_FACTOR, 0.9, most=LONGEST_LIST), Cadence(MEASURE_FACTOR, 0.9)
        self.measuring = self._measure  # for whoever tells how often
        self._outline = Cadence(OUTLINE_FACTOR, 0.9)
        self._retry = Cadence(0.0, RETRY)  # of a first reading that failed
        self._runs = False
        self._before: Sample | None = None  # the newest when the reading that is under way began
        self._known: Sample | None = None  # the newest when the last measurement began: it has all until then
        self._wanted = False  # the user asked to measure this target, whatever it costs
        self._asked = 0.0  # when a sample was asked for last
        self._silent = False  # it was a sample that did not come
        self._candidates = Candidates(session)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        session.target_changed.connect(self._turn)
        session.options_changed.connect(self._pace)
        session.visible_changed.connect(self._look)

    def start(self) -> None:
        self._runs = True
        self._pace()
        self.tick()

    def stop(self) -> None:
        self._runs = False
        self._timer.stop()

    def measure_now(self) -> None:
        """What the user asks for by a button or key: the whole, whatever it costs; after what is under way."""
        if reader_has_ended(self.session.source):
            self._start_reader()
        elif self.session.target is not None:
            self._wanted = True
            self._read(self.session.target, measured=True)

    def tick(self) -> None:
        """One beat: whatever is due and not already under way."""
        now, jobs, source = time.monotonic(), self.session.jobs, self.session.source
        if self._list.is_due(now, hurry=1.0 if self.session.visible else 4.0) and not jobs.is_running("processes"):
            self._list.begin(now)
            jobs.run("processes", source.processes, self._listed, self._not_listed, waits=True)
        elif self.session.target is None and now - self._list.asked >= NOTICE and self._is_starting():
            self.session.set_state(State(EMPTY, waiting_for(source)))
        target = self.session.target
        if target is None or self.session.state.kind == GONE or not self.session.visible:
            return
        if jobs.is_running("sample"):
            self._tell_silence(now)
        else:
            self._asked = now
            jobs.run("sample", lambda: source.sample(target.pid), self._sampled, self._not_sampled, waits=True)
        if self.session.snapshot is None:
            if self._retry.is_due(now) and not jobs.is_running("snapshot"):  # a slow one would never come
                self._read(target, measured=False)
        elif not self._is_spared(target):
            sample, known = self.session.sample, self._known
            changed = sample is not None and (known is None or sample.vms != known.vms)
            rests = sample is not None and known is not None and counters(sample) == counters(known)
            hurries = changed or (sample is not None and known is not None and has_moved(sample, known))
            if self._measure.is_due(now, hurry=HURRY if hurries else REST if rests else 1.0):
                self._read(target, measured=True)
            elif changed and not self.session.paused and self._outline.is_due(now) and not jobs.is_running("outline"):
                self._read_outline(target, self.session.snapshot)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _pace(self, changed: object = None) -> None:
        if self._runs:
            self._timer.start(1000 // self.session.options.rate if self.session.visible else SLOW_BEAT)

    def _look(self, visible: bool) -> None:
        self._pace()
        if visible and self._runs:
            self.tick()

    def _is_starting(self) -> bool:
        return self.session.jobs.is_running("processes") and bool(awaited(self.session.source))

    def _tell_silence(self, now: float) -> None:
        """Who is stuck costs the reader two seconds; where no answer comes at all it is the reader itself."""
        if now - self._asked >= SILENCE and self.session.state.kind in (LOADING, READY):
            self._silent = True
            starts = awaited(self.session.source)
            self.session.set_state(State(NOT_ANSWERING, waiting_for(self.session.source)) if starts else UNHEARD)

    def _turn(self, target: Target | None) -> None:
        """Regions at once; then what of them is in memory."""
        self._measure.forget()
        self._outline.forget()
        self._known, self._wanted, self._silent = None, False, False
        self.session.jobs.cancel("sample")
        self.session.jobs.cancel("outline")
        if target is not None:
            self._read(target, measured=False)

    def _is_spared(self, target: Target) -> bool:
        """A dear process that nobody chose is not walked page by page unasked; once measured it is not spared."""
        snapshot = self.session.snapshot
        if target.chosen or self._wanted or (snapshot is not None and snapshot.regions.measured):
            return False
        row = next((row for row in self.session.processes.rows if row.pid == target.pid), None)
        return row is not None and walk_cost(row) > CHEAP

    def _read(self, target: Target, *, measured: bool) -> None:
        jobs, source = self.session.jobs, self.session.source
        if jobs.is_running("snapshot") and measured:
            return
        (self._measure if measured else self._retry).begin(time.monotonic())
        self._before = self.session.sample
        jobs.run(
            "snapshot", lambda: read_target(source, target.pid, measured=measured), self._measured, self._not_measured,
            waits=True,
        )  # fmt: skip

    def _read_outline(self, target: Target, shown: Snapshot) -> None:
        """maps alone, between two measurements of a target that is dear to measure."""
        source, began = self.session.source, time.monotonic()
        self._outline.begin(began)

        def work() -> tuple[Outline, Identity, float]:
            now = source.snapshot(target.pid, measured=False)
            return outline(shown, now), now.identity, time.monotonic() - began

        def done(answer: tuple[Outline, Identity, float]) -> None:
            found, identity, cost = answer
            self._outline.end(time.monotonic(), cost)
            if not self._is_another(identity) and self.session.snapshot is shown and not self.session.paused:
                self.session.show_outline(found)

        self.session.jobs.run("outline", work, done, self._not_read, waits=True)

    def _measured(self, reading: Reading) -> None:
        target = self.session.target
        if target is None:
            return
        if reading.snapshot.pid != target.pid:  # in a capture that somebody put together
            found = f"What lies there as process {target.pid} was taken from process {reading.snapshot.pid}."
            self.session.set_state(State(FAILED, found))
            return
        if self._is_another(reading.snapshot.identity):
            return
        if "regions" in reading.snapshot.absent and not target.chosen and self._candidates:
            self._candidates.open_next()
            return
        is_all = "regions" not in reading.snapshot.absent and not _more_is_known(reading.snapshot)
        if is_all:
            self._measure.end(time.monotonic(), reading.cost)
            self._known = self._before or self.session.sample
        self._silent = False
        self.session.show_reading(reading)
        if not is_all and "regions" not in reading.snapshot.absent:
            current = self.session.target
            if current is not None and not self._is_spared(current):
                self._read(current, measured=True)

    def _not_measured(self, error: Exception) -> None:
        if self.session.target is not None and not self.session.target.chosen and self._candidates:
            self._candidates.open_next()
            return
        self._silent = False
        self.session.set_state(state_of_error(error))

    def _sampled(self, sample: Sample) -> None:
        if self._is_another(sample.identity):
            return
        if self._silent and self.session.state.kind == NOT_ANSWERING and self.session.snapshot is not None:
            self.session.set_state(State(READY, ""))  # the next measurement may be long in coming
        self._silent = False
        self.session.show_sample(sample)

    def _not_sampled(self, error: Exception) -> None:
        self._silent = self._silent or self.session.state.kind == READY
        self._not_read(error)

    def _not_read(self, error: Exception) -> None:
        """What is shown goes on being shown, with a word on it where it is over."""
        state = state_of_error(error)
        if state.kind in (GONE, ENDING, NOT_ANSWERING) or reader_has_ended(self.session.source):
            self.session.set_state(state)

    def _start_reader(self) -> None:
        """Only when asked for: behind a prefix somebody may have to type a password."""
        try:
            source = reopened(self.session.source)
        except MemvizError as error:
            self.session.set_state(state_of_error(error))
            return
        if source is not None:
            self.session.replace_source(source)
            self._list.forget()
            self.tick()

    def _is_another(self, identity: Identity) -> bool:
        """Whether another process answers by the target's number; then the target is gone."""
        target = self.session.target
        if target is None or target.identity is None or target.identity.may_be(identity):
            return False
        self.session.set_state(State(GONE, f"{target.name} ({target.pid}) has ended; another process has its number."))
        return True

    def _listed(self, rows: list[ProcessRow]) -> None:
        now = time.monotonic()
        self._list.end(now, now - self._list.asked)
        self.session.show_processes(ProcessList(tuple(rows), time.time()))
        if self.session.state.kind == EMPTY:
            self.session.set_state(State())  # the reader has started
        if self.takes_heaviest:
            self.takes_heaviest = False
            if self.session.target is None:
                self._candidates.begin(rows)
                self._candidates.open_next()

    def _not_listed(self, error: Exception) -> None:
        last = self.session.processes
        self.session.show_processes(ProcessList(last.rows, last.time, str(error) or type(error).__name__))
        self.session.said.emit(f"The processes could not be listed: {error}")
