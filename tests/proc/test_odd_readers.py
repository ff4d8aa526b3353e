"""Programs behind `--via` that are no readers, or odd ones: each question ends, in bounded time and memory, with a
clear error or a right answer."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.errors import MemvizError
from memviz.proc.limits import FRAME_COST, Limits
from memviz.proc.link import Link

pytestmark = [pytest.mark.live, pytest.mark.slow]
ODD = Path(__file__).with_name("odd_reader.py")
# Small ones, so that a test takes no minutes: the rules are the same
LIMITS = Limits(
    silence=1.5, first_silence=1.5, progress=2.0, slowest=1 << 10, answer_time=4.0, answer_bytes=8 << 20, notice=0.2
)
MEMORY = 60 << 20  # bytes that a question may take at most: several times what may be sent
HANGING = 60.0
PID = os.getpid()


def odd(recipe: str) -> str:
    return shlex.join([sys.executable, "-S", str(ODD), recipe])


def closed_in_time(host: Host) -> bool:
    started = time.monotonic()
    host.close()
    return time.monotonic() - started < 10


@pytest.fixture
def through() -> Iterator[Callable[[str], Host]]:
    """Opens a host behind an odd reader; all are closed in the end, in time."""
    opened: list[Host] = []

    def open_one(recipe: str) -> Host:
        opened.append(Host(Link(odd(recipe), limits=LIMITS)))
        return opened[-1]

    yield open_one
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(closed_in_time, opened))


def outcomes(*questions: Callable[[], object]) -> list[str]:
    """The names of the errors that questions end in, asked at the same time, or `answer`; fails where one does not end,
    or takes much memory."""
    found = ["it is waited for without end"] * len(questions)

    def ask(which: int) -> None:
        try:
            questions[which]()
            found[which] = "answer"
        except MemvizError as error:
            found[which] = type(error).__name__ if str(error) else "no words"
        except BaseException as error:
            found[which] = f"not ours: {error!r}"

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    threads = [threading.Thread(target=ask, args=[which], daemon=True) for which in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGING)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < MEMORY * len(questions)
    return found


QUESTIONS: dict[str, Callable[[Host], object]] = {
    "hello": lambda host: host.hello,
    "processes": lambda host: list(host.link.ask("processes", "stat,status,cmdline")),
    "snapshot": lambda host: host._files(PID, ["stat", "status", "smaps", "stat"], "smaps"),
    "maps": lambda host: host._files(PID, ["stat", "maps"], "maps"),
    "pages": lambda host: host._pages((str(PID), "24", "1000-2000")),
    "files": lambda host: host.host_files(["meminfo", "vmstat"]),
}
# Each with the outcomes that are right for every question
ENDLESS = {
    "DATA": "for_ever(frame(DATA, bytes(65536)))",
    "DATA of text": "for_ever(frame(DATA, b'MemTotal: 1 kB\\n' * 4000))",
    "DATA of different words": "different_words()",
    "DATA of regions": "for_ever(frame(DATA, b'7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \\nRss: 4 kB\\n' * 9))",
    "DATA of one byte": "for_ever(frame(DATA, b'x'))",
    "DATA without a byte": "for_ever(frame(DATA))",
    "DATA of other files": "for_ever(*[frame(DATA, b'x' * 9, tag=tag) for tag in range(2)])",
    "BEAT": "for_ever(frame(BEAT))",
    "BEAT with a payload": "for_ever(frame(BEAT, bytes(9000)))",
    "BEAT in peace": "for_ever(frame(BEAT), every=0.1)",
    "DATA and BEAT": "for_ever(frame(DATA, b'some'), frame(BEAT))",
    "DATA and BEAT in peace": "for_ever(frame(DATA, b'some'), frame(BEAT), every=0.1)",
    "DATA in peace": "for_ever(frame(DATA, b'x'), every=0.1)",
    "empty DATA in peace": "for_ever(frame(DATA), every=0.1)",
    "FILE": "for_ever(frame(FILE, WHOLE))",
    "FILE in peace": "for_ever(frame(FILE, WHOLE), every=0.1)",
    "FILE and BEAT": "for_ever(frame(FILE, WHOLE), frame(BEAT))",
    "frames for nobody": "for_ever(frame(DATA, bytes(60000), number=999))",
    "small frames for nobody": "for_ever(frame(DATA, b'x', number=999))",
    "frames for nobody in peace": "for_ever(frame(DATA, b'x', number=999), every=0.1)",
    "ends for nobody": "for_ever(frame(END, WHOLE, number=999))",
    "ends for nobody in peace": "for_ever(frame(END, WHOLE, number=0), every=0.1)",
    "beats for nobody": "for_ever(frame(BEAT, number=7))",
    "a slow byte": "drip(frame(DATA, bytes(60000)), 0.1)",
    "a slow header": "drip(frame(DATA, b''), 0.5)\ntime.sleep(60)",
    "half a header": "send(frame(DATA)[:8])\ntime.sleep(60)",
    "half a frame": "send(frame(DATA, b'x', length=60000))\ntime.sleep(60)",
    "half a frame and errors": "send(frame(DATA, b'x', length=60000))\nwhile True: os.write(2, bytes(0))",
    "nothing": "time.sleep(60)",
    "nothing, and its end ignored": "deaf:time.sleep(60)",
    "nothing before it is asked": "early:time.sleep(60)",
    "garbage": "for_ever(bytes(range(256)))",
    "garbage that begins well": "send(frame(DATA, b'x'))\nfor_ever(b'mv' + bytes(range(256)))",
    "garbage in peace": "for_ever(b'm', every=0.1)",
    "zeros": "for_ever(bytes(60000))",
    "a banner": "send(b'Welcome to this machine\\n' * 100)",
    "a banner before it is asked": "early:send(b'Welcome to this machine\\n' * 4000)",
    "frames before it is asked": "early:for_ever(frame(DATA, bytes(60000), number=1))",
    "beats before it is asked": "early:for_ever(frame(BEAT, number=1))",
    "a length of 4 GiB": "send(frame(DATA, length=0xffffffff))\ntime.sleep(60)",
    "a length too large": "send(frame(DATA, length=65537))\ntime.sleep(60)",
    "no kind": "send(frame(9))\ntime.sleep(60)",
    "kind 0": "for_ever(frame(0))",
    "another version": "send(frame(END, WHOLE, version=2))\ntime.sleep(60)",
    "version 0": "for_ever(frame(DATA, version=0))",
    "a closed output": "os.close(1)\ntime.sleep(60)",
    "a closed output in the middle": "send(frame(DATA, b'x')[:9])\nos.close(1)\ntime.sleep(60)",
    "its end": "os._exit(0)",
    "its end with 7": "os._exit(7)",
    "its death": "send(frame(DATA, b'x'))\nos.kill(os.getpid(), 9)",
    "its death before it is asked": "early:os.kill(os.getpid(), 11)",
}  # fmt: skip


@pytest.mark.parametrize("recipe", ENDLESS)
def test_that_what_is_no_answer_ends_in_an_error(recipe: str, through: Callable[[str], Host]) -> None:
    hosts = {name: through(ENDLESS[recipe]) for name in QUESTIONS}
    found = outcomes(*[lambda name=name: QUESTIONS[name](hosts[name]) for name in QUESTIONS])
    is_silent = recipe.startswith(("BEAT", "nothing", "half"))
    right = {"NotAnswering"} if is_silent else {"MemvizError", "NotAnswering", "Malformed"}
    assert set(found) <= right, dict(zip(QUESTIONS, found, strict=True))


HELLO = b"reader=1\npage_size=4096\nclock_ticks=100\nkernel=6.1\ncpus=2\nuid=0\ntime=1.5\n"
ODD_ANSWERS = {
    "twice": "send(frame(DATA, HELLO), frame(END, WHOLE), frame(DATA, b'x'), frame(END, WHOLE))",
    "others in between": "send(frame(DATA, b'x', number=9), frame(DATA, HELLO), frame(BEAT), frame(END, WHOLE))",
    "byte by byte": "drip(frame(DATA, HELLO) + frame(END, WHOLE), 0.001)",
    "empty frames in between": "send(frame(DATA), frame(DATA, HELLO), frame(DATA), frame(END, WHOLE))",
}


@pytest.mark.parametrize("recipe", ODD_ANSWERS)
def test_that_a_right_answer_is_found_among_other_frames(recipe: str, through: Callable[[str], Host]) -> None:
    host = through(f"HELLO = {HELLO!r}\n{ODD_ANSWERS[recipe]}")
    frames = list(host.link.ask("hello"))
    assert b"".join(frame.data for frame in frames[:-1]) == HELLO


@pytest.mark.parametrize("cut", range(16 + 4 + 16 + len(b"errno=0 alive=1")))
def test_that_an_end_at_every_byte_of_an_answer_is_an_error(cut: int, through: Callable[[str], Host]) -> None:
    host = through(f"send((frame(DATA, b'some') + frame(END, WHOLE))[:{cut}])\nos._exit(0)")
    assert outcomes(lambda: list(host.link.ask("hello"))) == ["MemvizError"]


ODD_GREETINGS = [
    "page_size=0", "page_size=-4096", "page_size=4097", "page_size=x", "page_size=", "page_size=1e3",
    "page_size=" + "9" * 5000, "page_size=1", f"page_size={1 << 62}", "clock_ticks=0", "clock_ticks=-1",
    "clock_ticks=x", f"clock_ticks={10**12}", "time=x", "time=nan", "time=inf", "time=-inf", "uid=x", "cpus=x",
    "kernel=" + "6" * 60000, "machine=" + "x" * 60000, "time=" + "9" * 60000, "uid=", "uid=" + "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("line", ODD_GREETINGS, ids=lambda line: line[:20])
def test_that_a_greeting_that_makes_no_sense_is_malformed(line: str, through: Callable[[str], Host]) -> None:
    name, _, value = line.partition("=")
    text = f"b'{name}=' + b'{value[:1]}' * {len(value)}" if len(value) > 1000 else repr(line.encode())
    answer = "send(frame(END, WHOLE))"
    recipe = f"send(frame(DATA, {text} + bytes([10])))\n{answer}\nrequest = take_request()\n{answer}"
    host = through(recipe)
    assert outcomes(lambda: host.hello) == ["Malformed"]


def test_that_real_answers_are_far_below_the_limits() -> None:
    """The limits of everyday use: the smaps of 200,000 regions in one answer, and its frames."""
    limits = Limits()
    assert limits.largest("files") >= 4 * (150_000_000 + 150_000_000 // 60_000 * FRAME_COST)
    assert limits.progress > 120, "the reader gives up a worker that sends nothing for so long"


def test_that_many_endless_answers_at_once_all_end(through: Callable[[str], Host]) -> None:
    host = through("for_ever(frame(DATA, bytes(60000), number=1), frame(BEAT, number=2), frame(BEAT, number=3))")
    found = outcomes(*[lambda: list(host.link.ask("hello"))] * 6)
    assert set(found) <= {"MemvizError", "NotAnswering"}


# -- the command line -------------------------------------------------------------------------------------------------

MUTE = ["nothing", "nothing before it is asked", "nothing, and its end ignored"]


@pytest.mark.parametrize("command", ["ps --json", "summary 1 --json", "regions 1", "cpu 1", "system", "layout 1"])
@pytest.mark.parametrize("recipe", MUTE)
def test_that_the_command_line_says_what_it_waits_for_until_ctrl_c(command: str, recipe: str) -> None:
    via = odd(ENDLESS[recipe])
    words = [sys.executable, "-m", "memviz", "--via", via, *command.split()]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        line = process.stderr.readline()
        assert line.startswith("memviz: waiting for `")
        assert "odd_reader.py" in line
        assert "to start the reader" in line
        process.send_signal(signal.SIGINT)
        assert process.wait(HANGING) == 130
        assert process.stderr.read() == ""
        assert process.stdout.read() == ""
