"""The map changes while it is read: rows that overlap, an exec, an exit, a pid that is used again."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from memviz.core.host import RETRIES, Host
from memviz.core.snapshot import Snapshot
from memviz.errors import MemvizError, ProcessGone
from memviz.proc.link import Direct, Frame, Link, ReaderLink
from memviz.proc.maps import MapsDecoder
from memviz.proc.reader import DATA, FILE, Reader
from tests.faults.conftest import opened
from tests.programs import running

pytestmark = pytest.mark.fault
AREA = 400 * 4096  # bytes that churn.c changes without end; all of them are mapped at every moment
PATIENCE = 8.0


@pytest.fixture
def churn(compiled: Callable[[str], str]) -> Iterator[tuple[int, int]]:
    """The pid of a process whose map never rests, and where."""
    with running([compiled("churn")], "ready") as (pid, lines):
        try:
            yield pid, int(lines[0])
        finally:
            os.kill(pid, signal.SIGKILL)


class Counting:
    """A link that counts the requests for regions."""

    def __init__(self, link: ReaderLink) -> None:
        self.link, self.asked = link, 0
        self.close = link.close

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        self.asked += verb == "files" and any("maps" in argument for argument in arguments)
        return self.link.ask(verb, *arguments)


def overlaps(snapshot: Snapshot) -> bool:
    return bool((snapshot.regions["start"][1:] < snapshot.regions["end"][:-1]).any())


def bytes_in(snapshot: Snapshot, start: int) -> int:
    """How much of the area of churn.c is in regions, each byte counted as often as it is in one."""
    low = np.maximum(snapshot.regions["start"], np.uint64(start))
    high = np.minimum(snapshot.regions["end"], np.uint64(start + AREA))
    return int(np.where(high > low, high - low, 0).sum())


def tears(pid: int) -> bool:
    """Whether the kernel gives a torn maps file of this process within a while."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        decoder = MapsDecoder()
        for frame in Direct(Reader()).ask("files", str(pid), "maps"):
            if frame.kind == DATA:
                decoder.feed(frame.data)
        columns = decoder.finish().columns
        if (columns["start"][1:] < columns["end"][:-1]).any():
            return True
    return False


@pytest.mark.parametrize("measured", [False, True], ids=["maps", "smaps"])
def test_that_no_byte_is_counted_twice_however_fast_a_map_changes(churn: tuple[int, int], measured: bool) -> None:
    pid, start = churn
    if not tears(pid):
        pytest.skip("this kernel tore no maps file")
    with opened(link := Counting(Link())) as host:
        until = time.monotonic() + PATIENCE
        for taken in itertools.count(1):
            snapshot = host.snapshot(pid, measured=measured)
            assert not overlaps(snapshot)
            if "order" in snapshot.absent:
                assert bytes_in(snapshot, start) <= AREA
            else:
                assert bytes_in(snapshot, start) == AREA
            if link.asked > taken + 1 or time.monotonic() > until:
                break
        if link.asked == taken:
            pytest.skip("no snapshot had to be taken again")


class Torn:
    """A link whose first answers have a row that begins before the one before it ends."""

    def __init__(self, times: int) -> None:
        self.link, self.times, self.asked = Direct(Reader()), times, 0

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        is_map = verb == "files" and "maps" in arguments[1].split(",")
        self.asked += is_map
        for frame in self.link.ask(verb, *arguments):
            if is_map and self.asked <= self.times and frame.kind == DATA and frame.data.count(b"-") > 20:
                first = frame.data.split(b"\n")[1]
                end = first.partition(b"-")[2]
                inside = b"%x-" % (int(first.partition(b"-")[0], 16) - 4096) + end
                yield frame._replace(data=frame.data.replace(first, inside, 1))
            else:
                yield frame

    def close(self) -> None:
        self.link.close()


@pytest.mark.parametrize("times", range(RETRIES + 1))
def test_that_a_torn_map_is_read_again_and_told_when_it_stays_torn(times: int) -> None:
    link = Torn(times)
    snapshot = Host(link).snapshot(os.getpid(), measured=False)
    assert link.asked == min(times + 1, RETRIES)
    assert not overlaps(snapshot)
    assert ("order" in snapshot.absent) == (times == RETRIES)
    if times == RETRIES:
        assert snapshot.absent["order"].reason == "torn"
        assert snapshot.absent["order"].remedy


# -- exec and exit ----------------------------------------------------------------------------------------------------

MANY_ROWS = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
base = libc.mmap(None, ctypes.c_size_t(4000 * 4096), 3, 0x22, -1, ctypes.c_long(0))
for page in range(0, 4000, 2): libc.mprotect(ctypes.c_void_p(base + page * 4096), ctypes.c_size_t(4096), 1)
print("ready", flush=True)
order = sys.stdin.readline().strip()
if order == "exec":
    os.execv(sys.executable, [sys.executable, "-S", "-c", sys.argv[1], sys.argv[1]])
"""


class Meddling:
    """A link to a reader in this process, which reads no further than it is asked to: `meddle` runs in the middle of
    the file of regions, after its first frame."""

    def __init__(self, meddle: Callable[[], None], times: int = 1) -> None:
        self.link, self.meddle, self.times = Direct(Reader()), meddle, times
        self.close = self.link.close

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        names = arguments[1].split(",") if verb == "files" else []
        middle = next((tag for tag, name in enumerate(names) if name in ("maps", "smaps")), None)
        for frame in self.link.ask(verb, *arguments):
            yield frame
            if frame.kind == DATA and (frame.tag == middle or verb == "pages") and self.times:
                self.times -= 1
                self.meddle()


@contextlib.contextmanager
def many_rows() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-S", "-c", MANY_ROWS, MANY_ROWS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def order_exec(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("exec\n")
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"


def order_exit(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


@pytest.mark.parametrize("measured", [False, True], ids=["maps", "smaps"])
def test_that_a_process_that_execs_while_it_is_read_is_read_again_as_a_whole(measured: bool) -> None:
    with many_rows() as process:
        before = Host(Direct(Reader())).snapshot(process.pid, measured=measured)
        snapshot = Host(Meddling(lambda: order_exec(process))).snapshot(process.pid, measured=measured)
        after = Host(Direct(Reader())).snapshot(process.pid, measured=measured)
        assert snapshot.regions["start"].tolist() == after.regions["start"].tolist()
        assert snapshot.facts.stat.start_stack == after.facts.stat.start_stack != before.facts.stat.start_stack
        assert not snapshot.absent.keys() - after.absent.keys()


def test_that_a_process_that_execs_before_its_map_is_read_is_not_told_as_a_mixture() -> None:
    """The facts of one program with the regions of the next would be a lie, though the pid is the same."""

    class BeforeMap(Meddling):
        def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
            for frame in self.link.ask(verb, *arguments):
                yield frame
                if verb == "files" and frame.kind == FILE and self.times:
                    self.times -= 1
                    self.meddle()

    with many_rows() as process:
        snapshot = Host(BeforeMap(lambda: order_exec(process))).snapshot(process.pid)
        start, end = snapshot.regions["start"], snapshot.regions["end"]
        stack = snapshot.facts.stat.start_stack
        assert ((start <= stack) & (stack < end)).any(), "the stack of these facts lies in none of these regions"


def test_that_a_process_that_never_stops_to_exec_is_an_error_that_says_so() -> None:
    with many_rows() as process:
        host = Host(Meddling(lambda: order_exec(process), times=RETRIES + 5))
        with pytest.raises(ProcessGone, match="ran another program each time"):
            host.snapshot(process.pid)


@pytest.mark.parametrize("measured", [False, True], ids=["maps", "smaps"])
@pytest.mark.parametrize("is_reaped", [False, True], ids=["zombie", "reaped"])
def test_that_a_process_that_ends_while_it_is_read_is_gone(measured: bool, is_reaped: bool) -> None:
    with many_rows() as process:

        def end() -> None:
            process.kill()
            if is_reaped:
                process.wait()
            else:
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        host = Host(Meddling(end))
        if is_reaped:
            with pytest.raises(ProcessGone):
                host.snapshot(process.pid, measured=measured)
        else:
            snapshot = host.snapshot(process.pid, measured=measured)
            assert len(snapshot.regions) == 0
            assert snapshot.absent["regions"].reason == "gone"


@pytest.mark.parametrize("how", ["scan", "pagemap"])
@pytest.mark.parametrize("meddle", [order_exec, order_exit])
def test_that_pages_of_an_address_space_that_has_gone_are_an_error_and_no_answer(
    how: str, meddle: Callable[[subprocess.Popen[str]], None]
) -> None:
    with many_rows() as process:
        rows = Host(Direct(Reader())).snapshot(process.pid).regions
        ranges = [(row.start, row.end) for row in rows if row.end < 1 << 47]
        host = Host(Meddling(lambda: meddle(process)))
        assert host.hello
        with pytest.raises(ProcessGone):
            host.pages(process.pid, ranges, how=how)


def test_that_a_process_that_ends_under_a_real_reader_is_gone_and_others_are_read_on(own_host: Host) -> None:
    for _ in range(10):
        with many_rows() as process:
            pid = process.pid
            frames = own_host.link.ask("files", str(pid), "smaps")
            next(frames)
            order_exit(process)
            (told,) = (frame for frame in frames if frame.kind == FILE)
            assert told.number("alive") == 0
        with pytest.raises(ProcessGone):
            own_host.snapshot(pid)
        assert own_host.snapshot(os.getpid()).totals["rss"]


# -- a pid that is used again -----------------------------------------------------------------------------------------


def start_as(pid: int | None = None) -> subprocess.Popen[bytes]:
    """A child that sleeps, with this pid if the kernel has it free."""
    if pid is not None:
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
    return subprocess.Popen(["sleep", "30"])


def end(child: subprocess.Popen[bytes]) -> int:
    child.kill()
    child.wait()
    return child.pid


def test_that_a_pid_that_is_used_again_is_another_process(own_host: Host) -> None:
    if os.geteuid() != 0 or not os.access("/proc/sys/kernel/ns_last_pid", os.W_OK):
        pytest.skip("only root may choose the next pid")
    reused = same_ticks = 0
    for _ in range(40):
        child = start_as()
        pid = child.pid
        old = own_host.sample(pid).identity
        own_host.resident([pid])
        end(child)
        child = start_as(pid)
        try:
            if child.pid != pid:
                continue
            reused += 1
            new = own_host.sample(pid).identity
            same_ticks += new.start_ticks == old.start_ticks
            assert new.pid == old.pid
            assert new != old, "one pid, one start time, two processes"
            assert own_host.resident([pid]) == [None], "who has gone stays gone, whoever has the number now"
            assert own_host.snapshot(pid).identity == new
        finally:
            end(child)
        if same_ticks >= 3:
            break
    if not reused:
        pytest.skip("the kernel gave no pid twice")
    assert same_ticks, "no two processes began within one tick: the test has shown nothing"


def test_that_a_directory_of_a_process_is_not_that_of_the_next_one(own_host: Host) -> None:
    """All files of one answer are of one process: what is opened later through its directory is not the next one's."""
    if os.geteuid() != 0 or not os.access("/proc/sys/kernel/ns_last_pid", os.W_OK):
        pytest.skip("only root may choose the next pid")
    for _ in range(20):
        child = start_as()
        frames = Direct(Reader()).ask("files", str(child.pid), "stat,statm,status")
        next(frames)
        pid = end(child)
        if end(start_as(pid)) != pid:
            continue
        rest = list(frames)
        assert [frame.number("errno") for frame in rest if frame.kind == FILE] == [0, 3, 3]
        assert rest[-1].number("errno") == 3
        return
    pytest.skip("the kernel gave no pid twice")


def test_that_the_errors_of_these_faults_are_ours() -> None:
    assert issubclass(ProcessGone, MemvizError)
    assert ProcessGone.exit_code == 3


# -- a read that ends with an error in the middle ---------------------------------------------------------------------


class Breaking:
    """A link whose file of regions ends with an error after its first frame."""

    def __init__(self, code: int) -> None:
        self.link, self.code = Direct(Reader()), code
        self.close = self.link.close

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        names = arguments[1].split(",") if verb == "files" else []
        tag = next((tag for tag, name in enumerate(names) if name in ("maps", "smaps")), None)
        frames = 0
        for frame in self.link.ask(verb, *arguments):
            frames += (frame.kind, frame.tag) == (DATA, tag)
            if frame.tag != tag or frame.kind not in (DATA, FILE):
                yield frame
            elif frame.kind == FILE:
                yield frame._replace(data=b"errno=%d alive=1" % self.code)
            elif frames == 1:
                yield frame


@pytest.mark.parametrize("measured", [False, True], ids=["maps", "smaps"])
@pytest.mark.parametrize("code", [errno.ETIMEDOUT, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
def test_that_the_rows_before_an_error_are_not_told_as_the_map(code: int, measured: bool) -> None:
    with many_rows() as process:
        snapshot = Host(Breaking(code)).snapshot(process.pid, measured=measured)
        assert "regions" in snapshot.absent
        assert len(snapshot.regions) == 0
        assert snapshot.totals["size"] is None
        assert snapshot.groups == {}
