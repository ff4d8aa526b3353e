"""The application's window: until it is there, how long it does not react, and what it costs while nothing happens."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial

from benchmarks.calm import Calm
from benchmarks.record import Measurement, NotHere, Setting
from benchmarks.targets import PROGRAMS, environment, many_regions, ordinary, sleepers
from benchmarks.timing import alternate

WINDOW = (sys.executable, str(PROGRAMS / "window.py"))
PATIENCE = 120
TARGET_REGIONS = 1000


def said(*words: object) -> list[str]:
    """What the window's process prints at its end; nothing of the user's settings is read."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*WINDOW, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE,
            env={**environment(), "MEMVIZ_CONFIG": folder},
        )  # fmt: skip
    if done.returncode or not done.stdout:
        from memviz.gui.shell.needs import why_no_picture

        raise NotHere(why) if (why := why_no_picture()) else RuntimeError(done.stderr[-400:])
    return done.stdout.split()


def _painted(_: list[str], __: list[str]) -> None:
    """Both were, or they would have raised."""


def first_paint(setting: Setting, rounds: int, what: str = "paint") -> Measurement:
    """From the start of the process to the first paint, or to the first picture of a process and a list."""
    with ordinary() as pid:
        ours, bare = partial(said, "first", what, pid), partial(said, "first", "bare", pid)
        return alternate(setting, rounds, ours, bare, _painted)


def first_useful(setting: Setting, rounds: int) -> Measurement:
    """Up to the first picture with the process and the list of all of them in it."""
    return first_paint(setting, rounds, "useful")


def _of(setting: Setting, rounds: int, once: Callable[[], float], note: str = "") -> Measurement:
    calm, values = Calm(setting.patience), []
    for _ in range(rounds):
        calm.wait()
        values.append(once())
    return Measurement(tuple(values), notes=(*([note] if note else []), *calm.notes))


def gap(setting: Setting, rounds: int) -> Measurement:
    """The longest time in which the GUI thread did nothing else, while 65,000 regions are read twice a second."""
    with many_regions(setting.regions) as pid:
        return _of(setting, rounds, lambda: float(said("gap", pid, setting.window_seconds)[0]))


def gap_stuck(setting: Setting, rounds: int) -> Measurement:
    """The same while up to eight requests at a time are never answered."""
    with ordinary() as pid:
        return _of(setting, rounds, lambda: float(said("stuck", pid, setting.window_seconds)[0]))


def cost(setting: Setting, rounds: int, how: str = "visible") -> Measurement:
    """Shares of one core that window and reader use, with 200 processes listed."""
    parts: list[tuple[float, float]] = []

    def once() -> float:
        window, reader = map(float, said("cost", pid, setting.window_seconds, how))
        parts.append((window, reader))
        return window + reader

    with sleepers(setting.followed), many_regions(min(TARGET_REGIONS, setting.regions)) as pid:
        measured = _of(setting, rounds, once)
    words = "; ".join(f"window {window * 100:.2f} %, reader {reader * 100:.2f} %" for window, reader in parts)
    return Measurement(measured.ours, unit="core", notes=(words, *measured.notes))


def cost_hidden(setting: Setting, rounds: int) -> Measurement:
    """The same while nobody looks."""
    return cost(setting, rounds, "hidden")
