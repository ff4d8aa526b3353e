"""What memviz itself costs: this process by the clocks of the C library, its memory and its reader by asking the
reader; nothing is opened here."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from memviz import units
from memviz.core.snapshot import Sample
from memviz.core.source import Source
from memviz.gui.feed.origin import origin_of
from memviz.gui.session.session import Session

EVERY = 5000  # milliseconds: knowing it must cost next to nothing


@dataclass(frozen=True, slots=True)
class Cost:
    """Shares of one core since the last look; None is not known yet, or not known here."""

    window: float
    reader: float | None
    rss: int | None
    peak: int

    @property
    def share(self) -> float:
        return self.window + (self.reader or 0.0)

    def explanation(self) -> str:
        """For the tooltip."""
        reader = f"{self.reader * 100:.1f} % of a core" if self.reader is not None else "not known here"
        rss = units.size(self.rss) if self.rss is not None else "not known here"
        return (
            f"What memviz itself costs, over the last {EVERY // 1000} s.\nWindow: {self.window * 100:.1f} % of a core, "
            f"{rss} in memory, {units.size(self.peak)} at the most.\nReader: {reader}."
        )


class OwnCost(QObject):
    """Looks every few seconds, between `start` and `stop`."""

    changed = Signal(object)  # Cost

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look)
        self._last: tuple[float, float] | None = None
        self._reader: tuple[int, float] | None = None

    def start(self) -> None:
        if not self._timer.isActive():
            self._last = (time.monotonic(), time.process_time())
            self._timer.start()
            QTimer.singleShot(EVERY // 4, self, self._begin)

    def stop(self) -> None:
        self._timer.stop()

    def _begin(self) -> None:
        """Opening a window costs more than having one: that is not counted."""
        self._last = (time.monotonic(), time.process_time())

    def _look(self) -> None:
        source = self._session.source
        if not self._timer.isActive():
            return
        if not origin_of(source).is_here:
            self._tell(())
        elif not self._session.jobs.is_running("own cost"):
            self._session.jobs.run(
                "own cost", lambda: _samples(source), self._tell, lambda error: self._tell(()), waits=True
            )

    def _tell(self, samples: tuple[Sample, ...]) -> None:
        now, spent = time.monotonic(), time.process_time()
        past, past_spent = self._last or (now, spent)
        passed = max(now - past, 1e-3)
        self._last = (now, spent)
        reader = None
        if len(samples) == 2:
            pid, seconds = samples[1].identity.pid, samples[1].cpu_seconds
            if self._reader is not None and self._reader[0] == pid:
                reader = max(seconds - self._reader[1], 0.0) / passed
            self._reader = (pid, seconds)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        rss = samples[0].rss if samples else None
        self.changed.emit(Cost((spent - past_spent) / passed, reader, rss, peak))


def _samples(source: Source) -> tuple[Sample, ...]:
    """Of this process and of the reader that works for it."""
    pids = [os.getpid()]
    link = getattr(source, "link", None)
    if getattr(link, "pid", None) is not None:
        pids.append(link.pid)  # type: ignore[union-attr]  # seen the line before
    return tuple(source.sample(pid) for pid in pids)
