"""The processes that are looked at: each benchmark starts its own, and they end with it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import memviz
from benchmarks.record import NotHere
from memviz.core.host import Host
from memviz.proc.link import Link

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(memviz.__file__).parent.parent
PATIENCE = 5.0  # seconds a target may take to end


def environment() -> dict[str, str]:
    """Ours, with memviz importable as it is here, and compiled only once, as it is where it has been installed."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """This machine through a reader process that is started here."""
    with contextlib.closing(Host(Link())) as here:
        yield here


@contextlib.contextmanager
def program(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that prints a line when it is ready, and ends when its input ends."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        yield process
    finally:
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def next_line(process: subprocess.Popen[str]) -> list[str]:
    """The words of the next line that it prints."""
    assert process.stdout is not None
    words = process.stdout.readline().split()
    if not words:
        raise NotHere(f"{process.args!r} ended at once")
    if words[0] == "cannot":
        raise NotHere(" ".join(words))
    return words


def wait_for_sleep(pid: int) -> None:
    """Until then a process that has said it is ready may still touch another page."""
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"S":
        if time.monotonic() > deadline:
            raise NotHere(f"process {pid} does not come to rest")
        time.sleep(0.002)


@contextlib.contextmanager
def many_regions(count: int) -> Iterator[int]:
    """The pid of a process with `count` regions that do not merge, an eighth of them resident."""
    with program(sys.executable, "-I", "-S", str(PROGRAMS / "regions.py"), str(count)) as process:
        next_line(process)
        wait_for_sleep(process.pid)
        yield process.pid


@contextlib.contextmanager
def sleepers(count: int) -> Iterator[list[int]]:
    """The pids of `count` small processes that sleep."""
    with program(sys.executable, "-I", "-S", str(PROGRAMS / "sleepers.py"), str(count)) as process:
        pids = [int(word) for word in next_line(process)]
        for pid in pids:
            wait_for_sleep(pid)
        yield pids


@contextlib.contextmanager
def ordinary() -> Iterator[int]:
    """The pid of a process as there are many: an interpreter with some libraries, idle."""
    code = "import sys, numpy; print('ready', flush=True); sys.stdin.read()"
    with program(sys.executable, "-c", code) as process:
        next_line(process)
        wait_for_sleep(process.pid)
        yield process.pid
