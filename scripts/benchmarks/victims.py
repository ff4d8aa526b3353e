"""What being looked at costs the process that is looked at: how long its own mmap and munmap take meanwhile."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.calm import Calm
from benchmarks.record import Measurement, NotHere, Setting
from benchmarks.targets import PROGRAMS, host, next_line, program
from benchmarks.timing import same
from memviz.core.host import Host
from memviz.core.snapshot import Snapshot

INTERVAL = 0.1  # seconds between samples: the fastest that memviz goes
REST = 50.0  # times the last cost of a snapshot that passes before the next one


class Sampler(threading.Thread):
    """Looks at a process as memviz does by default: counters ten times a second, maps when the virtual size has
    changed, smaps after REST times its last cost.
    """

    def __init__(self, here: Host, pid: int) -> None:
        super().__init__(daemon=True)
        self.host, self.pid = here, pid
        self.samples = self.maps = self.snapshots = 0
        self.spent = 0.0  # seconds in which something was read
        self.last: Snapshot | None = None
        self._ended = threading.Event()
        self._size = -1
        self._next = 0.0

    def run(self) -> None:
        while not self._ended.wait(INTERVAL):
            begun = time.monotonic()
            self._look(begun)
            self.spent += time.monotonic() - begun

    def _look(self, begun: float) -> None:
        size = self.host.sample(self.pid).vms
        self.samples += 1
        if begun >= self._next:
            self.last = self.host.snapshot(self.pid)
            self.snapshots += 1
            now = time.monotonic()
            self._next = now + REST * (now - begun)
        elif size != self._size:
            self.last = self.host.snapshot(self.pid, measured=False)
            self.maps += 1
        self._size = size

    def end(self) -> None:
        """Stops looking; what is under way is finished."""
        self._ended.set()
        self.join()


def compiled(folder: str) -> str:
    """The victim as a program in this folder."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NotHere("there is no C compiler for the program that measures itself: install gcc")
    path = str(Path(folder) / "victim")
    subprocess.run([compiler, "-O2", "-o", path, str(PROGRAMS / "victim.c")], check=True)
    return path


def of_sampling(setting: Setting, rounds: int) -> Measurement:
    """The victim's p99 while it is sampled, beside its p99 while nobody looks."""
    pairs, longest, looks = [], [], ""
    with (
        tempfile.TemporaryDirectory() as folder,
        program(compiled(folder), str(setting.victim_regions)) as victim,
        host() as here,
    ):
        base, size = map(int, next_line(victim)[1:])
        here.snapshot(victim.pid)
        calm = Calm(setting.patience)
        for _ in range(rounds):
            calm.wait()
            alone = _measure(victim, setting.victim_seconds)
            sampler = Sampler(here, victim.pid)
            sampler.start()
            watched = _measure(victim, setting.victim_seconds)
            sampler.end()
            assert sampler.last is not None
            starts = sampler.last.regions["start"]
            same("regions", int(((starts >= base) & (starts < base + size)).sum()), setting.victim_regions)
            pairs.append((watched[1] / 1e9, alone[1] / 1e9))
            longest.append((watched[2] / 1e6, alone[2] / 1e6))
            looks = (
                f"in the last round {sampler.samples} samples, {sampler.maps} maps, {sampler.snapshots} snapshots, "
                f"{100 * sampler.spent / setting.victim_seconds:.1f} % of the time spent looking; "
                f"p50 {watched[0] / 1000:.2f} us, alone {alone[0] / 1000:.2f} us"
            )
    most = "the longest in ms, watched and alone: " + ", ".join(f"{w:.1f} {a:.1f}" for w, a in longest)
    return Measurement(tuple(w for w, _ in pairs), tuple(a for _, a in pairs), notes=(looks, most, *calm.notes))


def _measure(victim: subprocess.Popen[str], seconds: float) -> tuple[int, int, int]:
    """p50, p99 and the longest, in nanoseconds."""
    assert victim.stdin is not None
    victim.stdin.write(f"{seconds}\n")
    victim.stdin.flush()
    middle, high, longest, _ = map(int, next_line(victim))
    return middle, high, longest
