"""Rounds begin when nobody else uses the machine, as far as that can be had."""

from __future__ import annotations

import time

GLANCE = 0.1  # seconds over which the use of the processors is looked at
IDLE = 0.9  # the share of their time that must be unused
OFTEN = 1.0  # seconds: rounds that follow each other faster are not held up each time


class Calm:
    """Waits before rounds, at most `patience` seconds each; `disturbed` counts those that began all the same."""

    def __init__(self, patience: float) -> None:
        self.patience, self.waits, self.disturbed = patience, 0, 0
        self._next = 0.0

    def wait(self) -> None:
        """Returns when the machine is at rest, or patience is at its end."""
        if not self.patience or time.monotonic() < self._next:
            return
        end = time.monotonic() + self.patience
        self.waits += 1
        while not _is_idle():
            if time.monotonic() > end:
                self.disturbed += 1
                break
        self._next = time.monotonic() + OFTEN

    @property
    def notes(self) -> tuple[str, ...]:
        """A word about it where it matters."""
        if not self.disturbed:
            return ()
        return (f"others used the machine in {self.disturbed} of {self.waits} waits before rounds",)


def _is_idle() -> bool:
    idle, total = _processor_time()
    time.sleep(GLANCE)
    idle_later, total_later = _processor_time()
    return idle_later - idle >= IDLE * (total_later - total)


def _processor_time() -> tuple[int, int]:
    """Unused and all time of all processors so far: see `cpu` in proc_stat(5)."""
    with open("/proc/stat", "rb") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return fields[3] + fields[4], sum(fields)
