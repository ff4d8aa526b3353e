"""Real processes on their way out, and frozen ones: every reading says so, and none says that they keep nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.cpu import read_cpu
from memviz.core.host import Host
from memviz.core.plain import memory_dict, process_dict
from memviz.core.tree import sum_processes
from memviz.errors import ProcessEnding, ProcessGone
from memviz.proc.stat import parse_stat
from tests.process_states import unexplained, zeros

pytestmark = pytest.mark.fault
PROGRAM = """
import mmap, sys, threading, time
memory = mmap.mmap(-1, int(sys.argv[1]) << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x8000)
for _ in range(int(sys.argv[2])):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
print("ready", flush=True)
time.sleep(600)
"""
SIZE = 300  # MiB
LONGEST = 60.0  # seconds within which a killed process has ended
READINGS = 60  # with each number of threads


@contextlib.contextmanager
def started(threads: int) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-c", PROGRAM, str(SIZE), str(threads)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def is_over(pid: int) -> bool:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return parse_stat(file.read()).has_ended


def check(host: Host, pid: int) -> str:
    """One reading by every way; how the process was called."""
    snapshot = host.snapshot(pid)
    told = memory_dict(host, snapshot)
    assert list(unexplained(told)) == []
    if snapshot.no_memory is not None:
        assert list(zeros(told)) == []
        assert snapshot.absent["regions"].reason in ("ending", "gone")
        assert told["status"] in ("ending", "zombie")
    else:
        assert snapshot.totals["rss"]
    with contextlib.suppress(ProcessEnding, ProcessGone):
        assert host.sample(pid).rss
    assert host.resident([pid])[0] != 0
    (member,) = sum_processes(host, [pid]).members
    assert member.sizes["rss"] != 0
    status: str = told["status"]
    return status


@pytest.mark.parametrize("threads", [0, 3])
def test_that_no_reading_of_a_killed_process_says_that_it_keeps_nothing(own_host: Host, threads: int) -> None:
    called: list[str] = []
    while len(called) < READINGS:
        with started(threads) as process:
            pid, until = process.pid, time.monotonic() + LONGEST
            os.kill(pid, signal.SIGKILL)
            while time.monotonic() < until:
                over = is_over(pid)
                with contextlib.suppress(ProcessGone):
                    called.append(check(own_host, pid))
                if over:
                    break
            (row,) = (row for row in own_host.processes() if row.pid == pid)
            assert row.rss is None
            assert list(unexplained(process_dict(row))) == []
        if len(called) > 10 and "ending" not in called:
            break  # memory is freed too fast here to be seen: what was read was right all the same
    assert set(called) <= {"ending", "zombie", "sleeping", "running", "its first thread has ended, others live on"}


V2, FREEZER = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/freezer")


@pytest.mark.parametrize("version", [1, 2])
def test_that_a_process_of_a_frozen_group_is_frozen(own_host: Host, version: int) -> None:
    roots = {2: [V2 / "unified", V2], 1: [FREEZER]}[version]
    root = next((each for each in roots if (each / "cgroup.procs").exists()), None)
    if root is None or not os.access(root, os.W_OK):
        pytest.skip(f"no control groups of version {version} can be made here")
    group = root / f"memviz-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control groups of version {version} can be made here: {error.strerror}")
    file, frozen, thawed = ("cgroup.freeze", "1", "0") if version == 2 else ("freezer.state", "FROZEN", "THAWED")
    try:
        with started(0) as process:
            (group / "cgroup.procs").write_text(str(process.pid))
            assert "frozen" not in memory_dict(own_host, own_host.snapshot(process.pid))["status"]
            (group / file).write_text(frozen)
            told, until = "", time.monotonic() + LONGEST
            while "frozen" not in told and time.monotonic() < until:
                told = memory_dict(own_host, own_host.snapshot(process.pid))["status"]
            assert told.startswith("frozen (")
            assert read_cpu(own_host, process.pid).is_frozen
            (group / file).write_text(thawed)
            process.kill()
            process.wait()
    finally:
        with contextlib.suppress(OSError):
            (group / file).write_text(thawed)
        until = time.monotonic() + LONGEST
        while group.exists() and time.monotonic() < until:
            with contextlib.suppress(OSError):
                group.rmdir()
