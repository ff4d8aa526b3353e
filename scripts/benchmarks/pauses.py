"""How long a snapshot keeps the other threads of its process from running: what a user would feel as a stutter."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from benchmarks.calm import Calm
from benchmarks.record import Measurement, Setting
from benchmarks.snapshots import whole
from benchmarks.targets import host, many_regions
from benchmarks.timing import same

TICK = 0.0005  # seconds that the other thread sleeps between two looks at the clock


class Ticker(threading.Thread):
    """Looks at the clock all the time; `longest` is the longest it could not."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self._ended = False

    def run(self) -> None:
        last = time.perf_counter()
        while not self._ended:
            time.sleep(TICK)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now

    def end(self) -> float:
        """The longest gap."""
        self._ended = True
        self.join()
        return self.longest


def longest_gap(work: Callable[[], object]) -> float:
    """Of a thread that ticks while `work` runs in this one."""
    ticker = Ticker()
    ticker.start()
    try:
        work()
    finally:
        longest = ticker.end()
    return longest


def of_snapshot(setting: Setting, rounds: int) -> Measurement:
    """The longest gap in each snapshot, beside the longest while nothing runs for as long."""
    pairs, took = [], 0.0
    with many_regions(setting.regions) as pid, host() as here:
        known = len(whole(here, pid).regions)

        def work() -> None:
            nonlocal took
            begun = time.perf_counter()
            same("regions", len(whole(here, pid).regions), known)
            took = time.perf_counter() - begun

        calm = Calm(setting.patience)
        for _ in range(rounds):
            calm.wait()
            gap = longest_gap(work)
            pairs.append((gap, longest_gap(lambda: time.sleep(took))))
    note = f"a computing thread gives way after {sys.getswitchinterval() * 1000:g} ms, except inside one call"
    return Measurement(tuple(busy for busy, _ in pairs), tuple(idle for _, idle in pairs), notes=(note, *calm.notes))
