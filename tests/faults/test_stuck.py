"""A process whose map is locked for ever: nobody waits for it but the request that is about it, and that not for long.

The demo makes it so: a file system that never delivers a page, a reader of that page, and a target that wants to map
something more. All of it ends with the demo, by itself at the latest before a minute is over.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.core.part import why_unmeasured
from memviz.errors import NotAnswering
from memviz.proc.link import Link
from memviz.proc.reader import FILE, STALL
from tests.demos.driver import Running, start_demo
from tests.faults.conftest import opened

pytestmark = pytest.mark.fault
GIVEN_UP = STALL + 2.5  # seconds in which a stuck process is recognised, and somewhat more
AT_ONCE = 1.0
MAPS_WITHOUT_THE_LOCK = (6, 17)  # from here on maps is read although somebody waits for the lock of the whole map
TOP = 0x7FFF_FFFF_F000  # of a process with four levels of page tables


@pytest.fixture(scope="module")
def stuck() -> Iterator[tuple[Running, int]]:
    """The demo, and the pid of a target whose smaps and command line keep everybody waiting who reads them."""
    with start_demo("stuck") as demo:
        target = int(demo.step()["target"])
        demo.step()
        assert demo.step()["stuck"] == 1
        yield demo, target


@pytest.fixture(scope="module")
def host(stuck: tuple[Running, int]) -> Iterator[Host]:
    """One reader for all tests of this file, so that it also has the target in its memory."""
    del stuck
    with opened(Link()) as one:
        yield one


def took(started: float) -> float:
    return time.monotonic() - started


def test_that_the_kernel_really_keeps_a_reader_waiting(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    with subprocess.Popen([sys.executable, "-c", f"open('/proc/{target}/smaps').read()"]) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.kill()


def test_that_only_the_stuck_process_is_not_answering_and_the_list_has_everybody(
    stuck: tuple[Running, int], host: Host
) -> None:
    _, target = stuck
    everybody = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    started = time.monotonic()
    rows = {row.pid: row for row in host.processes()}
    assert took(started) < GIVEN_UP
    still_there = {pid for pid in everybody if os.path.exists(f"/proc/{pid}")}
    assert still_there <= set(rows)
    assert rows[target].command is None
    assert rows[target].absent is not None
    assert rows[target].absent["command"].reason == "not answering"
    assert rows[target].rss is not None
    others = [row for row in rows.values() if row.absent and not row.name.startswith("demo-stuck")]
    assert [
        row
        for row in others
        if row.absent and "command" in row.absent and row.absent["command"].reason == "not answering"
    ] == []
    assert rows[os.getpid()].command


def test_that_it_is_left_alone_from_then_on(stuck: tuple[Running, int], host: Host) -> None:
    _, target = stuck
    host.processes()  # recognises it, if no test did before
    host.snapshot(target)
    started = time.monotonic()
    rows = {row.pid: row for row in host.processes()}
    assert rows[target].command is None
    assert why_unmeasured(host.snapshot(target)).reason == "not answering"
    assert took(started) < AT_ONCE


def test_that_a_snapshot_of_it_says_so_and_tells_what_can_be_told(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    with opened(Link()) as fresh:
        started = time.monotonic()
        snapshot = fresh.snapshot(target)
        assert took(started) < GIVEN_UP
        why = why_unmeasured(snapshot)
        assert why.reason == "not answering"
        assert why.detail.startswith("smaps did not answer")
        assert why.remedy
        assert snapshot.totals["rss"] is None
        assert snapshot.absent["cmdline"].reason == "not answering"
        if fresh.hello.kernel_version >= MAPS_WITHOUT_THE_LOCK:
            assert "regions" not in snapshot.absent
            assert snapshot.totals["size"] == snapshot.facts.status["VmSize"]
        assert snapshot.facts.statm is not None
        assert snapshot.facts.statm.resident > 0
        started = time.monotonic()
        assert fresh.sample(target).rss > 0
        assert took(started) < AT_ONCE


def test_that_its_pages_are_not_answering(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    with opened(Link()) as fresh:
        started = time.monotonic()
        with pytest.raises(NotAnswering, match="does not answer"):
            fresh.pages(target, [(1 << 12, TOP)])
        assert took(started) < GIVEN_UP


def test_that_everybody_else_is_served_meanwhile(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    with opened(Link()) as fresh:
        assert fresh.hello
        done: list[object] = []
        threads = [
            threading.Thread(target=lambda: done.append(fresh.snapshot(target))),
            threading.Thread(target=lambda: done.append(fresh.processes())),
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        longest = 0.0
        while len(done) < 2:
            started = time.monotonic()
            assert fresh.sample(os.getpid()).rss
            assert fresh.snapshot(os.getpid()).totals["rss"]
            longest = max(longest, took(started))
        for thread in threads:
            thread.join()
        assert longest < AT_ONCE


def test_that_closing_does_not_wait_for_it(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    link = Link()
    ended: list[str] = []

    def wait() -> None:
        try:
            Host(link).snapshot(target)
        except Exception as error:
            ended.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    started = time.monotonic()
    link.close()
    assert took(started) < 2
    thread.join(2)
    assert ended == ["the reader was closed"]


def test_that_no_worker_is_left_behind(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    with contextlib.closing(Link()) as link:
        frames = link.ask("files", str(target), "smaps,statm")
        codes = [frame.number("errno") for frame in frames if frame.kind == FILE]
        assert codes == [errno.ETIMEDOUT, 0]
        children = Path(f"/proc/{link.pid}/task/{link.pid}/children")
        until = time.monotonic() + AT_ONCE
        while children.read_text() and time.monotonic() < until:
            time.sleep(0.01)
        assert children.read_text() == ""
        assert b"abandoned=0" in b"".join(frame.data for frame in link.ask("hello"))


def test_that_the_command_line_shows_the_regions_and_says_what_did_not_answer(
    stuck: tuple[Running, int], host: Host
) -> None:
    _, target = stuck
    started = time.monotonic()
    command = [sys.executable, "-m", "memviz", "regions", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert took(started) < GIVEN_UP + 2
    if host.hello.kernel_version < MAPS_WITHOUT_THE_LOCK:
        assert (done.returncode, done.stdout) == (5, "")
        assert done.stderr.count("\n") == 1
        return
    assert done.returncode == 0
    assert "[stack]" in done.stdout
    assert "residency: not answering: smaps did not answer" in done.stderr
    assert "maps did not answer" not in done.stderr.replace("smaps did not", "")


def test_that_the_list_on_the_command_line_has_it_and_says_that_it_did_not_answer(stuck: tuple[Running, int]) -> None:
    _, target = stuck
    command = [sys.executable, "-m", "memviz", "ps", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    (row,) = [row for row in json.loads(done.stdout)["processes"] if row["pid"] == target]
    assert row["rss"] > 0
    assert row["command"] is None
    assert f"process {target} " in done.stderr
    assert "not answering" in done.stderr


def test_that_it_is_read_like_any_other_when_it_goes_on(stuck: tuple[Running, int]) -> None:
    """Must be the last test of this file: it ends the stall."""
    demo, target = stuck
    assert demo.step()["stuck"] == 0
    with opened(Link()) as fresh:
        snapshot = fresh.snapshot(target)
        assert "regions" not in snapshot.absent
        assert snapshot.totals["rss"]
        assert fresh.pages(target, [(1 << 12, TOP)]).start.size
