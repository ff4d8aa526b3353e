"""A window for a long time: MINUTES of targets that churn, run other programs and die, at changing sizes.

Prints one line a minute: the resident size and descriptors of window and reader, and the longest gaps of the GUI
thread. Ends with 1 where memory is not flat (medians of the second and the last quarter) or a gap was too long.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from memviz.core.connect import open_source
from memviz.gui.session.options import Options
from memviz.gui.session.selection import select_block, select_region
from memviz.gui.shell.app import Wish, make_application, make_window, show, spare_collector
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.window import MainWindow
from memviz.gui.tabs import TABS

CHURNING = Path(__file__).with_name("churning.py")
TICK = 1  # milliseconds between two looks of the GUI thread at the clock
STEP, PAUSE = 100, 300  # milliseconds between two steps of a drag, and before and after anything else: hands are slow
GAP = 0.1  # seconds that no gap may last
OTHERS, OWN = {0}, {1}  # processors: the window has one for itself, reader and targets have the other
GROWTH = 1.02  # of the resident size from the second quarter of the time to the last
WARM = 60.0  # seconds in which caches fill and modules are loaded


class Soak:
    """Does what a user does, one thing at a time and at random, and keeps the books."""

    def __init__(self, window: MainWindow, minutes: float) -> None:
        self.window, self.chance = window, random.Random(2)
        self.targets: deque[int] = deque(maxlen=6)
        self.done: Counter[str] = Counter()
        self._pace: tuple[int, ...] = (7, 3)  # pixels a step of the corner that is dragged
        self.began = self._last = self._minute = time.perf_counter()
        self.minutes, self.longest = minutes, 0.0
        self.doing = self.worst = ""  # what was done, and when the longest gap was
        self.gaps: list[float] = []
        self.sizes: list[int] = []  # KiB of window and reader, a minute each
        self._timers: list[QTimer] = []
        self._action = self._drag
        QTimer.singleShot(4000, window, self._begin)  # when the first picture has settled

    def _begin(self) -> None:
        for tab in TABS:  # what is loaded once is loaded before
            self.window.panels.show_tab(tab.title)
            QApplication.processEvents()
        self._last = time.perf_counter()
        for milliseconds, do in ((TICK, self._look), (STEP, self._act)):
            timer = QTimer(self.window, interval=milliseconds)
            timer.timeout.connect(do)
            timer.start()
            self._timers.append(timer)

    # -- what a user does ---------------------------------------------------------------------------------------------

    def _act(self) -> None:
        """Do what was chosen, and choose what comes next."""
        action = self._action
        self.doing = action.__name__.strip("_")
        self.done[self.doing] += 1
        action()
        actions = (self._drag, self._select, self._open, self._jump, self._turn)
        (self._action,) = self.chance.choices(actions, (70, 15, 6, 2, 2))
        self._timers[-1].setInterval(STEP if action == self._action == self._drag else PAUSE)

    def _drag(self) -> None:
        """The corner of the window, a few pixels at a time; from the edge of the screen it comes back."""
        width, height = self.window.width() + self._pace[0], self.window.height() + self._pace[1]
        self.window.resize(width, height)
        if not (700 <= width <= 1920 and 500 <= height <= 1200) or self.chance.random() < 0.05:
            towards = (
                1 if width < 700 else -1 if width > 1920 else 0,
                1 if height < 500 else -1 if height > 1200 else 0,
            )
            self._pace = tuple(
                side * self.chance.randint(1, 20) if side else self.chance.randint(-20, 20) for side in towards
            )

    def _jump(self) -> None:
        """As by maximising and back."""
        self.window.resize(self.chance.randrange(700, 1921), self.chance.randrange(500, 1201))

    def _open(self) -> None:
        if self.targets:
            self.window.session.open(self.chance.choice(self.targets), "target")

    def _select(self) -> None:
        snapshot = self.window.session.snapshot
        if snapshot is not None and len(snapshot.regions):
            choose = self.chance.choice((select_block, select_region))
            count = len(snapshot.blocks) if choose is select_block else len(snapshot.regions)
            self.window.session.select(choose(snapshot, self.chance.randrange(count)))

    def _turn(self) -> None:
        self.window.panels.show_tab(self.chance.choice(TABS).title)

    # -- the books ----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        now = time.perf_counter()
        gap, self._last = now - self._last, now
        if now - self.began > WARM:
            if gap > self.longest:
                self.longest, self.worst = gap, f"after {(now - self.began) / 60:.1f} minutes, {self.doing}"
            if gap > GAP / 2:
                self.gaps.append(gap)
        if now - self._minute >= 60:
            self._minute = now
            self._note(now - self.began)
        if now - self.began >= self.minutes * 60:
            QApplication.quit()

    def _note(self, passed: float) -> None:
        link = self.window.session.source.link  # type: ignore[attr-defined]  # a host has one
        window, reader = resident(os.getpid()), resident(link.pid)
        self.sizes.append(window + reader)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(
            f"{passed / 60:5.1f} min: window {window:,} KiB, {descriptors(os.getpid())} descriptors,"
            f" {threading.active_count()} threads; reader {reader:,} KiB, {descriptors(link.pid)} descriptors;"
            f" longest gap {self.longest * 1000:.0f} ms, over 50 ms: {len(self.gaps)};"
            f" {(used.ru_utime + used.ru_stime) / passed * 100:.0f} % of a core",
            flush=True,
        )

    def verdict(self) -> int:
        quarter = len(self.sizes) // 4
        early, late = self.sizes[quarter : 2 * quarter], self.sizes[-quarter:]
        is_flat = not quarter or statistics.median(late) <= statistics.median(early) * GROWTH
        print(", ".join(f"{count} times {what}" for what, count in self.done.items()))
        print(f"longest gap {self.longest * 1000:.0f} ms ({self.worst}); memory {'flat' if is_flat else 'not flat'}")
        return int(not is_flat or self.longest > GAP)


def resident(pid: int) -> int:
    """KiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MEMVIZ_CONFIG"] = folder
        application = make_application()
        window = make_window(open_source(), Options(), Settings())
        window.remembers = False
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(window.session.source.link.pid, OTHERS)  # type: ignore[attr-defined]  # a host has one
            for thread in os.listdir("/proc/self/task"):
                os.sched_setaffinity(int(thread), OWN)
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, CHURNING], stdin=pipe, stdout=pipe, text=True) as churning:
            os.sched_setaffinity(churning.pid, OTHERS)
            show(window, Wish(os.getpid(), size=(1500, 945)))
            spare_collector(window)
            soak = Soak(window, float(sys.argv[1]) if len(sys.argv) > 1 else 60)

            def listen() -> None:
                assert churning.stdout is not None
                for line in churning.stdout:
                    soak.targets.append(int(line.split()[0]))

            threading.Thread(target=listen, daemon=True).start()
            application.exec()
            assert churning.stdin is not None
            churning.stdin.close()
        return soak.verdict()


if __name__ == "__main__":
    sys.exit(main())
