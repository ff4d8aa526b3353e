"""Keeps the terrain of what the session shows up to date, away from the GUI thread."""

from __future__ import annotations

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from memviz.core.pages import spans
from memviz.core.regions import TOP_HALF
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.feed.feed import counters
from memviz.gui.map.frame import Window
from memviz.gui.map.terrain import Terrain, make_terrain
from memviz.gui.session.session import Session
from memviz.gui.session.state import READY

FINER, FINER_MS = 256 << 20, 1000  # bytes in sight from which downward their pages are read anew; how often
MOST_RUNS = 200_000  # of a process whose terrain may be made anew that often
JOB, PAGES_JOB = "terrain", "visible pages"


class Survey(QObject):
    """`changed` carries the Terrain, or None where there is nothing to show."""

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.terrain: Terrain | None = None
        self.window: Window | None = None
        self._seen: tuple[object, tuple[int, int], Snapshot] | None = None  # at the last closer look
        self._timer = QTimer(self, interval=FINER_MS)
        self._timer.timeout.connect(self._look_closer)
        session.snapshot_changed.connect(self._survey)
        session.target_changed.connect(self._forget)
        if session.snapshot is not None:
            self._survey(session.snapshot)

    def set_visible(self, visible: bool) -> None:
        """Nobody looks: nothing is read."""
        if visible:
            self._timer.start()
        else:
            self._timer.stop()

    def _forget(self, target: object = None) -> None:
        if self._session.snapshot is None:
            self._session.jobs.cancel(JOB)
            self._session.jobs.cancel(PAGES_JOB)
            self._show(None)

    def _survey(self, snapshot: Snapshot) -> None:
        self._session.jobs.cancel(PAGES_JOB)
        if not len(snapshot.regions):
            self._show(None)
            return
        pages = self._session.pages
        self._session.jobs.run(JOB, lambda: make_terrain(snapshot, pages), self._show, self._failed)

    def _look_closer(self) -> None:
        """The pages in sight, between two readings of the whole."""
        session, window, terrain = self._session, self.window, self.terrain
        if window is None or terrain is None or terrain.pages is None or session.state.kind != READY:
            return
        if session.paused or not session.visible:
            return
        span = _span(terrain, window)
        if span is None or len(terrain.runs.start) > MOST_RUNS or session.snapshot is not terrain.snapshot:
            return
        jobs, source, pid = session.jobs, session.source, terrain.snapshot.pid
        if jobs.is_running(PAGES_JOB) or jobs.is_running(JOB):
            return
        # a page comes by a fault, and goes out of RSS: while neither moves, those in sight are as they were
        counted = counters(session.sample) if session.sample is not None else None
        seen, self._seen = self._seen, (counted, span, terrain.snapshot)
        if counted is not None and seen is not None and seen[:2] == self._seen[:2] and seen[2] is terrain.snapshot:
            return
        low, high = span

        def look() -> Terrain | None:
            found = source.pages(pid, spans(terrain.snapshot, low, high))
            if found.rest is not None or terrain.pages is None:
                return None
            pages = merged(terrain.pages, found, low, high)
            same = all(np.array_equal(a, b) for a, b in zip(pages[:3], terrain.pages[:3], strict=True))
            return None if same else make_terrain(terrain.snapshot, pages)

        jobs.run(PAGES_JOB, look, self._closer, self._not_seen, waits=True)

    def _not_seen(self, error: Exception) -> None:
        """The next look tries again; why there is nothing to see, others tell."""
        self._seen = None

    def _closer(self, terrain: Terrain | None) -> None:
        if shiboken6.isValid(self) and terrain is not None and terrain.snapshot is self._session.snapshot:
            self._show(terrain)

    def _show(self, terrain: Terrain | None) -> None:
        if not shiboken6.isValid(self):  # a job may end after the map it was for
            return
        if terrain is not None or self.terrain is not None:
            self.terrain = terrain
            self.changed.emit(terrain)

    def _failed(self, error: Exception) -> None:
        self._session.said.emit(f"The map could not be drawn: {error}")


def _span(terrain: Terrain, window: Window) -> tuple[int, int] | None:
    """The addresses in sight, where so little of them is mapped that looking is cheap."""
    below = np.searchsorted(terrain.start, int(TOP_HALF) // window.page_size)
    if not below:
        return None
    # the kernel refuses ranges beyond what a process may map, so no further than its last region
    low, high = window.start, min(window.end, int(terrain.end[below - 1]) * window.page_size)
    first = int(np.searchsorted(terrain.end, low // window.page_size, "right"))
    last = int(np.searchsorted(terrain.start, high // window.page_size, "left"))
    mapped = float((terrain.end[first:last] - terrain.start[first:last]).sum()) * window.page_size
    return (low, high) if low < high and 0 < min(mapped, high - low) < FINER else None


def merged(pages: PageRuns, found: PageRuns, low: int, high: int) -> PageRuns:
    """The runs with those between two addresses replaced by what was found there."""
    a, b = np.uint64(low), np.uint64(high)
    before, after = pages.start < a, pages.end > b
    start = np.concatenate([pages.start[before], found.start, np.maximum(pages.start[after], b)])
    end = np.concatenate([np.minimum(pages.end[before], a), found.end, pages.end[after]])
    bits = np.concatenate([pages.bits[before], found.bits, pages.bits[after]])
    return PageRuns(start, end, bits, pages.rest)
