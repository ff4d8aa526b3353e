"""How a reader is talked to: many threads at once, silence, garbage, an early end, and closing in time."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest

from memviz.errors import MemvizError, NotAnswering, UsageError
from memviz.proc import reader
from memviz.proc.limits import Limits
from memviz.proc.link import Direct, Frame, Link
from memviz.proc.reader import DATA, END, FILE
from tests.programs import running

pytestmark = pytest.mark.live
ME = str(os.getpid())
FAKE = Path(__file__).with_name("fake_reader.py")
LONGEST_CLOSE = 2.0


@pytest.fixture(scope="module")
def talk() -> Iterator[Link]:
    opened = Link()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def many() -> Iterator[int]:
    """A process with 6,000 regions: its smaps are larger than all pipes and buffers together."""
    code = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
base = libc.mmap(None, ctypes.c_size_t(6000 * 4096), 3, 0x22, -1, ctypes.c_long(0))
for page in range(0, 6000, 2): libc.mprotect(ctypes.c_void_p(base + page * 4096), ctypes.c_size_t(4096), 1)
print("ready", flush=True)
sys.stdin.read()
"""
    with running([sys.executable, "-S", "-c", code], "ready") as (pid, _):
        yield pid


class Start(Protocol):
    """Opens a link to the real reader, or to the fake one in a mode."""

    def __call__(self, mode: str = "", limits: Limits | None = None) -> Link: ...


@pytest.fixture
def start() -> Iterator[Start]:
    opened: list[Link] = []

    def open_one(mode: str = "", limits: Limits | None = None) -> Link:
        opened.append(Link(f"{sys.executable} {FAKE} '{mode}'" if mode else "", limits=limits))
        return opened[-1]

    yield open_one
    slow = [one for one in opened if not closed_in_time(one)]
    assert not slow


def closed_in_time(opened: Link) -> bool:
    started = time.monotonic()
    opened.close()
    return time.monotonic() - started < LONGEST_CLOSE


def text_of(frames: list[Frame]) -> bytes:
    return b"".join(frame.data for frame in frames if frame.kind == DATA)


def children_of(opened: Link) -> list[int]:
    pid = opened.connection.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """A zombie is not: who reaps an orphan, and when, is init's affair."""
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


# -- answers ----------------------------------------------------------------------------------------------------------


def test_that_a_link_gives_what_the_same_reader_gives_directly(talk: Link, many: int) -> None:
    pid = str(many)
    for request in (("files", pid, "maps,limits"), ("processes", "limits,cmdline", pid), ("users", "0")):
        ours, direct = list(talk.ask(*request)), list(Direct(reader.Reader()).ask(*request))
        assert text_of(ours) == text_of(direct)
        assert [f for f in ours if f.kind != DATA] == [f for f in direct if f.kind != DATA]


def test_that_a_frame_reads_its_own_words_and_garbage_counts_as_missing() -> None:
    frame = Frame(END, 0, b"errno=2 inode=x rest=7f00 alone \xff=1")
    assert frame.number("errno") == 2
    assert frame.number("inode", 5) == 5
    assert frame.number("nothing") == 0
    assert frame.values()["rest"] == "7f00"


def test_that_many_threads_at_once_each_get_their_own_answers(talk: Link, many: int) -> None:
    whole = len(text_of(list(talk.ask("files", str(many), "smaps"))))
    processes = [subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) for _ in range(4)]

    def small(pid: int) -> int:
        for _ in range(40):
            frames = list(talk.ask("files", str(pid), "stat"))
            assert [frame.kind for frame in frames] == [DATA, FILE, END]
            assert frames[0].data.startswith(b"%d (" % pid)
        return 40

    def large(_: int) -> int:
        for _ in range(2):
            assert abs(len(text_of(list(talk.ask("files", str(many), "smaps")))) - whole) < 4096
        return 2

    def early(pid: int) -> int:
        for _ in range(20):
            frames = talk.ask("files", str(many), "smaps")
            assert next(frames).kind == DATA
            del frames
        return pid

    try:
        with ThreadPoolExecutor(12) as pool:
            tasks = [pool.submit(small, process.pid) for process in processes]
            tasks += [pool.submit(large, n) for n in range(4)] + [pool.submit(early, n) for n in range(4)]
            assert sum(task.result(60) for task in tasks) == 4 * 40 + 4 * 2 + 6
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_that_answers_that_are_read_in_turns_do_not_mix(talk: Link, many: int) -> None:
    first, second = talk.ask("files", str(many), "maps"), talk.ask("files", ME, "maps")
    texts = [b"", b""]
    open_ends = {0: first, 1: second}
    while open_ends:
        for which, frames in list(open_ends.items()):
            frame = next(frames, None)
            if frame is None:
                del open_ends[which]
            elif frame.kind == DATA:
                texts[which] += frame.data
    assert texts[0] == Path(f"/proc/{many}/maps").read_bytes()
    assert texts[1].count(b"\n") > 20


def test_that_nothing_is_asked_before_the_first_frame_is_wanted(start: Start) -> None:
    opened = start()
    frames = opened.ask("files", ME, "smaps")
    assert opened.connection.requests == {}
    del frames
    assert opened.connection.requests == {}


def test_that_an_answer_that_nobody_wants_any_more_is_ended(start: Start, many: int) -> None:
    opened = start()
    frames = opened.ask("files", str(many), "smaps")
    next(frames)
    assert len(children_of(opened)) == 1
    frames.close()
    assert list(opened.ask("hello"))[-1].kind == END
    assert until(lambda: not children_of(opened))
    assert not opened.connection.requests


def test_that_a_request_far_longer_than_a_pipe_is_sent_while_an_answer_waits_to_be_read(
    start: Start, many: int
) -> None:
    opened = start()
    waiting = opened.ask("files", str(many), "smaps")
    next(waiting)
    ranges = ",".join(f"{page << 13:x}-{(page << 13) + 4096:x}" for page in range(1 << 30, (1 << 30) + 60_000))
    assert len(ranges) > 1 << 20
    assert list(opened.ask("pages", ME, "24", ranges))[-1].number("errno") == 0
    assert text_of(list(waiting)).count(b"VmFlags") > 5000


@pytest.mark.parametrize(
    "request_",
    [
        ("files", "1 2", "stat"), ("files", "1\n2 hello", "stat"), ("files", "\u0661", "stat"),
        ("files", "1\r", "stat"), ("processes", "x" * reader.LONGEST_REQUEST),
    ],
    ids=range(5),
)  # fmt: skip
def test_that_what_would_be_another_request_on_the_wire_is_refused(talk: Link, request_: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="cannot be asked"):
        list(talk.ask(*request_))
    assert list(talk.ask("hello"))[-1].kind == END


def test_that_hundreds_of_answers_leave_no_descriptor_and_no_process_behind(start: Start) -> None:
    opened = start()
    list(opened.ask("files", ME, "maps,ionice"))
    assert until(lambda: not children_of(opened))
    list(opened.ask("hello"))  # the end of that worker has been seen
    descriptors = Path(f"/proc/{opened.connection.process.pid}/fd")
    before = sorted(os.listdir(descriptors))
    for n in range(100):
        list(opened.ask("files", ME, "maps"))
        list(opened.ask("processes", "statm", ME))
        list(opened.ask("files", ME, "stat,limits"))
        list(opened.ask("files", "x" if n % 2 else str(1 << 21), "smaps"))
    assert until(lambda: sorted(os.listdir(descriptors)) == before)
    assert until(lambda: not children_of(opened))


def test_that_more_processes_can_be_followed_than_descriptors_are_usual(start: Start) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 3000:
        pytest.skip(f"no more than {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        opened = start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    list(opened.ask("follow", ",".join([ME] * 2000)))
    lines = text_of(list(opened.ask("tick"))).split(b"\n")[:-1]
    assert len(lines) == 2000
    assert not [line for line in lines if line.startswith(b"-")]
    assert list(opened.ask("files", ME, "maps"))[-1].number("errno") == 0


@pytest.mark.parametrize(
    "line", [b"x", b"", b"1", b"x hello", b"\xff\xfe y", b"-1 hello", b"99999999999 hello", b"0x1 y"]
)
def test_that_a_line_that_is_no_request_is_answered_and_the_next_one_too(line: bytes) -> None:
    command = [sys.executable, "-I", "-S", reader.__file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        output, _ = process.communicate(line + b"\n7 hello\n", timeout=10)
    assert process.returncode == 0
    first = reader.HEADER.unpack_from(output)
    assert first[2] == END
    assert b"errno=22" in output[: reader.HEADER.size + first[5]]
    assert output.endswith(b"errno=0")


def test_that_a_line_without_an_end_ends_the_reader_before_it_fills_the_memory() -> None:
    command = [sys.executable, "-I", "-S", reader.__file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        written = 0
        with contextlib.suppress(BrokenPipeError):
            while written < 4 * reader.LONGEST_REQUEST:
                written += os.write(process.stdin.fileno(), b"x" * 65536)
        process.stdin.close()
        assert process.wait(5) == 0
    assert written < 2 * reader.LONGEST_REQUEST


# -- readers that misbehave -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("garbage", "not memviz's protocol"), ("banner", "Welcome to this machine"), ("version", "speaks version 2"),
        ("oversized", "not memviz's protocol"), ("kind", "not memviz's protocol"), ("cut", "has ended"),
        ("killed", r"has ended \(exit status -9\)"), ("status", r"has ended \(exit status 7\)"),
    ],
)  # fmt: skip
def test_that_garbage_from_the_other_side_is_one_clear_error_now_and_later(start: Start, mode: str, says: str) -> None:
    opened = start(mode)
    with pytest.raises(MemvizError, match=says) as first:
        list(opened.ask("hello"))
    with pytest.raises(MemvizError) as second:
        list(opened.ask("hello"))
    assert str(first.value) == str(second.value)
    assert opened.connection.requests == {}


def test_that_frames_may_come_one_byte_at_a_time_and_those_for_nobody_are_dropped(start: Start) -> None:
    opened = start("drop")
    assert [frame.data for frame in opened.ask("hello")] == [b"slow", b"errno=0 x"]


def test_that_silence_is_not_answering_for_all_who_wait(start: Start) -> None:
    opened = start("silent", Limits(first_silence=0.6))

    def wait(_: int) -> float:
        started = time.monotonic()
        with pytest.raises(NotAnswering, match="has not answered for"):
            list(opened.ask("hello"))
        return time.monotonic() - started

    with ThreadPoolExecutor(4) as pool:
        waited = list(pool.map(wait, range(4)))
    assert max(waited) < 3
    assert min(waited) > 0.5


def test_that_a_reader_at_work_is_waited_for_beyond_the_longest_silence(start: Start) -> None:
    opened = start("beating", Limits(silence=0.5))
    seen: list[object] = []

    def wait() -> None:
        try:
            seen.extend(opened.ask("hello"))
        except MemvizError as error:
            seen.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(1.5)
    assert thread.is_alive()
    assert closed_in_time(opened)
    thread.join(2)
    assert [str(error) for error in seen] == ["the reader was closed"]


def test_that_a_pause_between_two_questions_is_no_silence(start: Start) -> None:
    opened = start("late", Limits(silence=1.0))
    left = opened.ask("hello")
    assert next(left).kind == DATA
    time.sleep(1.5)
    assert [frame.kind for frame in opened.ask("hello")] == [DATA, END]
    assert [frame.kind for frame in left] == [END]


@pytest.mark.parametrize("mode", ["silent", "deaf", "not reading", "beating"])
def test_that_closing_takes_less_than_two_seconds_whoever_waits(start: Start, mode: str) -> None:
    opened = start(mode)
    seen: list[str] = []

    def wait() -> None:
        try:
            list(opened.ask("hello"))
        except MemvizError as error:
            seen.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert closed_in_time(opened)
    for thread in threads:
        thread.join(2)
    assert seen == ["the reader was closed"] * 3


def test_that_closing_leaves_a_reader_that_it_may_not_kill(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = start("deaf")
    process = opened.connection.process
    with monkeypatch.context() as patch:
        patch.setattr(process, "kill", lambda: (_ for _ in ()).throw(PermissionError(errno.EPERM, "not ours")))
        assert closed_in_time(opened)
    assert process.poll() is None
    process.kill()
    process.wait(5)


def test_that_closing_in_the_middle_of_a_large_answer_ends_reader_and_worker(start: Start, many: int) -> None:
    opened = start()
    frames = opened.ask("files", str(many), "smaps")
    next(frames)
    workers = children_of(opened)
    assert closed_in_time(opened)
    assert opened.connection.process.returncode == 0
    assert until(lambda: not any(is_alive(pid) for pid in workers))
    with pytest.raises(MemvizError, match="closed"):
        list(frames)


def test_that_closing_twice_is_closing_once(start: Start) -> None:
    opened = start()
    opened.close()
    opened.close()
    with pytest.raises(MemvizError, match="closed"):
        list(opened.ask("hello"))


def test_that_a_command_that_is_not_there_or_no_command_is_a_clear_error() -> None:
    with pytest.raises(MemvizError, match="no-such-program HOST: cannot be started"):
        Link(via="no-such-program HOST")
    with pytest.raises(UsageError, match="not a command"):
        Link(via="ssh 'host")


# -- workers ----------------------------------------------------------------------------------------------------------

# The real program, whose read of the smaps of one process never comes back until it is killed
STUCK = """patched:
STALL = 0.5
real = Reader._whole
def stuck(self, request, tag, path, directory, *rest):
    if path == "smaps" and os.readlink(f"/proc/self/fd/{directory}") == "/proc/%d":
        yield frame(DATA, request, tag, b"the beginning")
        signal.pause()
    yield from real(self, request, tag, path, directory, *rest)
Reader._whole = stuck
"""


def test_that_a_stuck_read_is_given_up_and_the_rest_of_the_answer_comes(start: Start, many: int) -> None:
    opened = start(STUCK % many)
    started = time.monotonic()
    frames = list(opened.ask("files", str(many), "stat,smaps,maps,statm"))
    assert time.monotonic() - started < 3
    ends = {frame.tag: frame.number("errno") for frame in frames if frame.kind == FILE}
    assert ends == {0: 0, 1: errno.ETIMEDOUT, 2: 0, 3: 0}, "maps was not tried by itself"
    assert [frame.data for frame in frames if (frame.kind, frame.tag) == (DATA, 1)] == [b"the beginning"]
    assert frames[-1].number("errno") == 0


def test_that_a_stuck_process_is_left_alone_for_a_while_and_nobody_else(start: Start, many: int) -> None:
    opened = start(STUCK % many)
    list(opened.ask("files", str(many), "smaps"))
    started = time.monotonic()
    (end,) = (frame for frame in opened.ask("files", str(many), "smaps") if frame.kind == FILE)
    assert end.number("errno") == errno.ETIMEDOUT
    assert time.monotonic() - started < 0.4
    (end,) = (frame for frame in opened.ask("files", ME, "smaps") if frame.kind == FILE)
    assert end.number("errno") == 0
    assert list(opened.ask("files", str(many), "stat,statm"))[-1].number("errno") == 0
    assert list(opened.ask("pages", str(many), "24", "1000-2000"))[-1].number("errno") == errno.ETIMEDOUT


def test_that_others_are_served_while_one_request_is_stuck(start: Start, many: int) -> None:
    opened = start(STUCK.replace("0.5", "2.0") % many)
    stuck = opened.ask("files", str(many), "smaps")
    next(stuck)
    started = time.monotonic()
    for _ in range(5):
        assert list(opened.ask("files", ME, "stat"))[-1].kind == END
        assert list(opened.ask("files", ME, "smaps"))[-1].kind == END
    assert time.monotonic() - started < 1.5


def test_that_a_quarantine_ends(start: Start, many: int) -> None:
    opened = start((STUCK + "QUARANTINE = 0.3\n") % many)
    list(opened.ask("files", str(many), "smaps"))
    time.sleep(0.4)
    (end,) = (frame for frame in opened.ask("files", str(many), "maps") if frame.kind == FILE)
    assert end.number("errno") == 0


def test_that_a_process_of_which_nothing_can_be_read_does_not_keep_the_others_from_the_list(
    start: Start, many: int
) -> None:
    opened = start(
        STUCK.replace('path == "smaps"', "True")
        .replace("_whole", "_small")
        .replace("self, request, tag, path, directory, *rest", "self, number, directory, *rest")
        .replace('yield frame(DATA, request, tag, b"the beginning")', "pass")
        .replace("yield from", "return")
        % many
    )
    records = dict(_records(text_of(list(opened.ask("processes", "stat,cmdline", f"{ME},{many},1"))), 2))
    assert records[many] == [errno.ETIMEDOUT] * 2
    assert all(isinstance(fields[0], bytes) for pid, fields in records.items() if pid != many)
    assert set(records) == {os.getpid(), many, 1}


def test_that_a_worker_that_cannot_be_ended_is_counted_and_left(start: Start) -> None:
    opened = start("patched:\nSTALL = 0.3\nreap = lambda pid: False\nReader._whole = lambda *_: iter([signal.pause()])")
    assert next(opened.ask("files", ME, "maps")).number("errno") == errno.ETIMEDOUT
    count = int(text_of(list(opened.ask("hello"))).partition(b"abandoned=")[2].split()[0])
    assert count >= 1


def test_that_a_worker_that_dies_is_an_error_of_its_request_alone(start: Start, many: int) -> None:
    opened = start("patched:\nReader._whole = lambda *_: os._exit(3)")
    assert [frame.number("errno") for frame in opened.ask("files", ME, "maps")] == [errno.EIO]
    assert list(opened.ask("users", "0"))[-1].number("errno") == 0


# The real program, which takes its time for every limits file, though less than would be called stuck
SLOW = """patched:
STALL = 1.5
real = Reader._whole
def slow(self, request, tag, path, *rest):
    time.sleep(0.4 * (path == "limits"))
    yield from real(self, request, tag, path, *rest)
Reader._whole = slow
"""


def test_that_a_reader_that_was_stopped_for_a_while_blames_nobody(start: Start, many: int) -> None:
    opened = start(SLOW)
    frames = opened.ask("files", str(many), "limits,limits,maps")
    pid = opened.connection.process.pid
    seen: list[Frame] = []
    thread = threading.Thread(target=lambda: seen.extend(frames))
    thread.start()
    assert until(lambda: children_of(opened))
    stopped = [pid, *children_of(opened)]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    time.sleep(2.0)
    for process in reversed(stopped):
        os.kill(process, signal.SIGCONT)
    thread.join(10)
    assert [frame.number("errno") for frame in seen if frame.kind == FILE] == [0, 0, 0]
    assert seen[-1].number("errno") == 0


def test_that_a_command_line_that_a_list_did_not_wait_for_is_no_reason_to_read_nothing(start: Start, many: int) -> None:
    opened = start(
        STUCK.replace('path == "smaps"', 'name == "cmdline"')
        .replace("_whole", "_small")
        .replace("self, request, tag, path, directory, *rest", "self, number, directory, name, *rest")
        .replace('yield frame(DATA, request, tag, b"the beginning")', "pass")
        .replace("yield from", "return")
        % many
    )
    records = dict(_records(text_of(list(opened.ask("processes", "stat,cmdline", str(many)))), 2))
    assert records[many][1] == errno.ETIMEDOUT
    frames = list(opened.ask("files", str(many), "cmdline,smaps,stat"))
    ends = {frame.tag: frame.number("errno") for frame in frames if frame.kind == FILE}
    assert ends == {0: errno.ETIMEDOUT, 1: 0, 2: 0}
    assert list(opened.ask("pages", str(many), "24", "1000-2000"))[-1].number("errno") == 0


def _records(data: bytes, count: int) -> Iterator[tuple[int, list[bytes | int]]]:
    at = 0
    while at < len(data):
        number, _ = reader.RECORD.unpack_from(data, at)
        at += reader.RECORD.size
        fields: list[bytes | int] = []
        for _ in range(count):
            code, length = reader.FIELD.unpack_from(data, at)
            at += reader.FIELD.size
            fields.append(code or data[at : at + length])
            at += length
        yield number, fields
