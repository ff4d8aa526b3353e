"""Forks in one way while objects that read processes are in some states: `python forks.py HOW [WHEN WHAT]`.

Parent and child then read one another and themselves. Prints how many calls were made, and what was wrong.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import memviz
from memviz.core.connect import open_host
from memviz.errors import MemvizError
from memviz.proc.link import Link
from memviz.proc.reader import END

CALLS = 1
Result = tuple[int, list[str]]  # calls, failures
Read = Callable[[int], int]  # reads a process, gives the pid that the answer is of


def start_time(pid: int) -> int:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


# -- what reads -------------------------------------------------------------------------------------------------------


def analyzer() -> Read:
    made = memviz.MemoryAnalyzer(cache_seconds=0)

    def read(pid: int) -> int:
        found = made.get_comprehensive_analysis(pid)
        json.dumps(found, allow_nan=False)
        assert found["cpu"]["start_ticks"] == start_time(pid)
        assert found["regions"]["total"]["rss"] > 0
        return int(found["memory"]["pid"])

    return read


def cached_analyzer() -> Read:
    made = memviz.MemoryAnalyzer(cache_seconds=60)
    return lambda pid: int(made.get_detailed_memory_info(pid)["pid"])


def snapshot() -> Read:
    def read(pid: int) -> int:
        found = memviz.snapshot(pid)
        assert found.identity.start_ticks == start_time(pid)
        assert found.totals["rss"]
        return found.pid

    return read


def host() -> Read:
    made = open_host()

    def read(pid: int) -> int:
        assert pid in {row.pid for row in made.processes()}
        (rss,) = made.resident([pid])
        assert rss
        assert len(made.pages(pid, [(1 << 12, 0x7FFF_FFFF_F000)]).start)
        return made.sample(pid).identity.pid

    return read


def link() -> Read:
    made = Link()

    def read(pid: int) -> int:
        frames = list(made.ask("files", str(pid), "stat,maps"))
        assert frames[-1].kind == END
        assert frames[-1].number("errno") == 0
        return int(frames[0].data.split()[0])

    return read


# -- when it is forked ------------------------------------------------------------------------------------------------


@contextmanager
def unused(read: Read) -> Iterator[None]:
    yield


@contextmanager
def used(read: Read) -> Iterator[None]:
    read(os.getpid())
    yield


@contextmanager
def busy(read: Read) -> Iterator[None]:
    """Threads are inside of calls, and hold whatever locks there are."""
    ends = threading.Event()
    me = os.getpid()
    wrong: list[str] = []

    def work() -> None:
        while not ends.is_set():
            try:
                assert read(me) == me
            except Exception:
                wrong.append(traceback.format_exc())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert not wrong, wrong[0]


@contextmanager
def killed(read: Read) -> Iterator[None]:
    """The parent's reader was killed, and nobody has seen it yet."""
    read(os.getpid())
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        for pid in map(int, file.read().split()):
            os.kill(pid, signal.SIGKILL)
    yield


# -- how a child is made ----------------------------------------------------------------------------------------------


def forked(work: Callable[[], Result], make: Callable[[], int] = os.fork) -> Result:
    receiving, sending = os.pipe()
    child = make()
    if not child:
        status = 1
        try:
            os.write(sending, json.dumps(work()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(sending)
    with open(receiving, "rb") as answers:
        text = answers.read()
    status = os.waitpid(child, 0)[1]
    if status or not text:
        return 1, [f"the child ended with {status}"]
    calls, wrong = json.loads(text)
    return calls, wrong


def by_fork(work: Callable[[], Result]) -> Result:
    return forked(work)


def by_forkpty(work: Callable[[], Result]) -> Result:
    return forked(work, lambda: os.forkpty()[0])


def nested(work: Callable[[], Result]) -> Result:
    """Children of children, each of which has read something before it forks again."""

    def level(depth: int) -> Result:
        calls, wrong = work()
        if depth:
            more, others = forked(lambda: level(depth - 1))
            calls, wrong = calls + more, wrong + others
            again, others = work()
            calls, wrong = calls + again, wrong + others
        return calls, wrong

    return forked(lambda: level(2))


def in_a_thread(work: Callable[[], Result]) -> Result:
    found: list[Result] = []
    thread = threading.Thread(target=lambda: found.append(forked(work)))
    thread.start()
    thread.join()
    return found[0]


def at_once(work: Callable[[], Result]) -> Result:
    """Several children live at the same time."""
    found: list[Result] = []
    threads = [threading.Thread(target=lambda: found.append(forked(work))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _sum(found)


def leaving_by_exit(work: Callable[[], Result]) -> Result:
    """The child ends as an interpreter does: its atexit functions must leave the parent's reader alone."""

    def child() -> Result:
        result = work()
        atexit._run_exitfuncs()
        return result

    return forked(child)


WORK: list[Callable[[], Result]] = []  # the function itself cannot be pickled


def _work(_: int) -> Result:
    return WORK[-1]()


def _sum(found: list[Result]) -> Result:
    return sum(calls for calls, _ in found), [why for _, wrong in found for why in wrong]


def by_pool(work: Callable[[], Result]) -> Result:
    with multiprocessing.get_context("fork").Pool(3) as pool:
        return _sum(pool.map(_work, range(4)))


def by_executor(work: Callable[[], Result]) -> Result:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("fork")) as pool:
        return _sum(list(pool.map(_work, range(4))))


WHAT: dict[str, Callable[[], Read]] = {
    "analyzer": analyzer, "cached_analyzer": cached_analyzer, "snapshot": snapshot, "host": host, "link": link,
}  # fmt: skip
WHEN = {"unused": unused, "used": used, "busy": busy, "killed": killed}
HOW = {
    "fork": by_fork, "forkpty": by_forkpty, "nested": nested, "thread": in_a_thread, "at_once": at_once,
    "exit": leaving_by_exit, "pool": by_pool, "executor": by_executor,
}  # fmt: skip


def checked(read: Read, pids: list[int]) -> Result:
    wrong = []
    for pid in pids:
        try:
            found = read(pid)
            if found != pid:
                wrong.append(f"{pid} was asked for, {found} was told")
        except (MemvizError, AssertionError, OSError):
            wrong.append(traceback.format_exc())
    return len(pids), wrong


def run(how: str, when: str, what: str) -> Result:
    read, parent = WHAT[what](), os.getpid()
    WORK.append(lambda: checked(read, [os.getpid(), parent] * CALLS))
    try:
        with WHEN[when](read):
            found = HOW[how](WORK[-1])
        # a link alone leaves it to others to start another reader
        return (
            found
            if (when, what) in (("killed", "link"), ("killed", "host"))
            else _sum([found, checked(read, [parent] * CALLS)])
        )
    except Exception:
        return 1, [f"{when} {what}: {traceback.format_exc()}"]


def main() -> None:
    how, *chosen = sys.argv[1:]
    every = [(when, what) for when in WHEN for what in WHAT]
    found = [run(how, *which) for which in ([(chosen[0], chosen[1])] if chosen else every)]
    calls, wrong = _sum(found)
    print(json.dumps({"members": len(found), "calls": calls, "wrong": wrong}))


if __name__ == "__main__":
    main()
