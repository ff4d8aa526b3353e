"""Processes that have no map of their own: a dead leader, a zombie, a kernel thread, one that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from memviz.core.host import Host
from memviz.errors import ProcessGone
from memviz.proc.stat import parse_stat
from tests.programs import running

pytestmark = pytest.mark.fault


@pytest.fixture
def zombie() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "memviz", *words], capture_output=True, text=True, timeout=60)


def test_that_a_process_whose_first_thread_has_ended_is_read_through_a_living_one(
    compiled: Callable[[str], str], own_host: Host
) -> None:
    with running([compiled("dead_leader")], "ready") as (pid, lines):
        with open(f"/proc/{pid}/maps", "rb") as file:
            assert file.read() == b"", "the kernel shows the map of the leader after all"
        with open(f"/proc/{pid}/task/{lines[0]}/maps", "rb") as file:
            wanted = file.read().count(b"\n")
        for measured in (True, False):
            snapshot = own_host.snapshot(pid, measured=measured)
            assert len(snapshot.regions) == wanted > 10
            assert "regions" not in snapshot.absent
            assert snapshot.facts.stat.state == "Z"
            assert snapshot.facts.stat.threads == 2
        assert own_host.snapshot(pid).totals["rss"]
        assert command("regions", str(pid)).returncode == 0
        for word in ("summary", "cpu"):
            assert "its first thread has ended, others live on" in command(word, str(pid)).stdout


def test_that_a_zombie_has_no_map_and_says_why(zombie: int, own_host: Host) -> None:
    for measured in (True, False):
        snapshot = own_host.snapshot(zombie, measured=measured)
        assert len(snapshot.regions) == 0
        assert snapshot.absent["regions"].reason == "gone"
        assert snapshot.totals["rss"] is None
    (row,) = (row for row in own_host.processes() if row.pid == zombie)
    assert (row.state, row.rss) == ("Z", None)
    assert row.absent is not None
    assert row.absent["rss"].reason == "gone"
    told = command("regions", str(zombie))
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.count("\n") == 1


def test_that_a_kernel_thread_has_no_map_and_says_why(own_host: Host) -> None:
    try:
        with open("/proc/2/stat", "rb") as file:
            is_kernel_thread = parse_stat(file.read()).is_kernel_thread
    except FileNotFoundError:
        is_kernel_thread = False
    if not is_kernel_thread:
        pytest.skip("no kernel threads can be seen here")
    snapshot = own_host.snapshot(2)
    assert len(snapshot.regions) == 0
    assert snapshot.absent["regions"].reason == "unsupported"
    assert "kernel thread" in snapshot.absent["regions"].detail
    (row,) = (row for row in own_host.processes() if row.pid == 2)
    assert row.is_kernel_thread
    told = command("regions", "2")
    assert (told.returncode, told.stdout) == (1, "")
    assert "kernel thread" in told.stderr


def test_that_a_process_that_does_not_exist_is_gone(own_host: Host) -> None:
    pid = (1 << 22) - 1
    for ask in (own_host.snapshot, own_host.sample):
        with pytest.raises(ProcessGone, match=str(pid)):
            ask(pid)
    with pytest.raises(ProcessGone):
        own_host.pages(pid, [(4096, 8192)])
    assert own_host.resident([pid]) == [None]
    assert command("summary", str(pid)).returncode == 3


def test_that_the_list_has_a_row_for_each_kind(zombie: int, compiled: Callable[[str], str], own_host: Host) -> None:
    with running([compiled("dead_leader")], "ready") as (pid, _):
        rows = {row.pid: row for row in own_host.processes()}
        assert {zombie, pid, os.getpid()} <= set(rows)
        assert rows[pid].threads == 2
        assert list(rows) == sorted(rows)
