"""The list of processes that is asked for again and again."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator

import pytest

from memviz.core.connect import open_host
from memviz.core.hello import Hello
from memviz.core.host import Host
from memviz.core.processes import ROUND, Processes
from memviz.core.source import ProcessRow
from memviz.proc import reader
from memviz.proc.link import Frame
from tests.builders import STAT

HELLO = Hello(
    captured=False, page_size=4096, page_size_told=True, clock_ticks=100, kernel="7", machine="x86_64", uid=0, cpus=2,
    time=0.0, boot_id="b", capabilities=None, ptrace_scope=None, python="3",
)  # fmt: skip
STATUS = b"Name:\tx\nUid:\t0\t0\t0\t0\nVmSize:\t 8 kB\nVmRSS:\t 4 kB\nRssAnon:\t 4 kB\nVmSwap:\t 0 kB\n"


class Scripted:
    """A link to a reader whose host has these processes: inode, stat, status, command line by pid."""

    def __init__(self, **processes: tuple[int, bytes, bytes, bytes | int]) -> None:
        self.of = {int(name[1:]): told for name, told in processes.items()}
        self.asked: list[tuple[str, ...]] = []

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        self.asked.append((verb, *arguments))
        names = arguments[0].split(",") if arguments else reader.COUNTERS
        chosen = map(int, arguments[1].split(",")) if len(arguments) > 1 else sorted(self.of)
        data = b""
        for pid in chosen:
            inode, *texts = self.of[pid]
            known = dict(zip(("stat", "status", "cmdline"), texts, strict=True))
            data += reader.RECORD.pack(pid, inode)
            for name in names:
                field = known[name]
                data += (
                    reader.FIELD.pack(field, 0) if isinstance(field, int) else reader.FIELD.pack(0, len(field)) + field
                )
        yield Frame(reader.DATA, 0, data)
        yield Frame(reader.END, 0, b"errno=0")

    def close(self) -> None:
        """Nothing is open."""

    @property
    def commands(self) -> list[str]:
        """Of whom command lines were asked alone."""
        return [words[2] for words in self.asked if words[:2] == ("processes", "cmdline")]


def told(
    comm: bytes = b"x", inode: int = 1, command: bytes | int = b"run\0me"
) -> tuple[int, bytes, bytes, bytes | int]:
    return inode, b"7 (" + comm + b")" + (STAT % (0, 0, 0)).rpartition(b")")[2], STATUS, command


def listed(link: Scripted) -> tuple[Processes, list[ProcessRow]]:
    processes = Processes(link, HELLO, lambda uid: b"%d" % uid)
    return processes, processes.all()


def test_that_who_has_not_changed_keeps_its_row() -> None:
    link = Scripted(p7=told(), p8=told())
    processes, first = listed(link)
    link.of[8] = (1, told()[1], STATUS.replace(b"VmRSS:\t 4", b"VmRSS:\t 8"), b"run\0me")
    second = processes.all()
    assert second[0] is first[0]
    assert (first[1].rss, second[1].rss) == (4096, 8192)
    assert not link.commands


def test_that_command_lines_are_asked_of_the_new_and_of_the_renamed() -> None:
    link = Scripted(p7=told(), p8=told())
    processes, _ = listed(link)
    link.of |= {8: told(b"y", command=b"other"), 9: told()}
    assert [row.command for row in processes.all()] == ["run me", "other", "run me"]
    assert link.commands == ["8,9"]


def test_that_a_title_that_a_program_rewrote_is_seen_after_a_round() -> None:
    link = Scripted(p7=told())
    processes, _ = listed(link)
    link.of[7] = told(command=b"busy")
    commands = [processes.all()[0].command for _ in range(ROUND)]
    assert commands == ["run me"] * (ROUND - 1) + ["busy"]


def test_that_another_process_of_the_same_number_is_asked_anew() -> None:
    link = Scripted(p7=told())
    processes, first = listed(link)
    link.of[7] = told(inode=2, command=b"next")
    (row,) = processes.all()
    assert row.command == "next"
    assert row.identity != first[0].identity


def test_that_a_command_line_of_the_next_process_is_not_given_to_this_one() -> None:
    class Late(Scripted):
        def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
            yield from super().ask(verb, *arguments)
            if verb == "counters":
                self.of[8] = told(inode=3, command=b"impostor")  # between the two answers

    link = Late(p7=told())
    processes, _ = listed(link)
    link.of[8] = told(inode=2)
    assert [row.pid for row in processes.all()] == [7]
    assert [row.command for row in processes.all()] == ["run me", "impostor"]


def test_that_a_command_line_that_may_not_be_read_is_absent_and_says_why() -> None:
    link = Scripted(p7=told())
    processes, _ = listed(link)
    link.of[8] = told(command=errno.ETIMEDOUT)
    row = processes.all()[1]
    assert row.command is None
    assert (row.absent or {})["command"].reason == "not answering"


def test_that_who_did_not_answer_is_asked_again_only_when_it_has_done_something() -> None:
    link = Scripted(p7=told(command=errno.ETIMEDOUT))
    processes, _ = listed(link)
    for _ in range(2 * ROUND):
        processes.all()
    assert not link.commands
    link.of[7] = (1, told()[1].replace(b" S ", b" R "), STATUS, b"awake")
    assert processes.all()[0].command == "awake"


@pytest.fixture
def own_host() -> Iterator[Host]:
    """One that has not listed anything yet."""
    opened = open_host()
    yield opened
    opened.close()


@pytest.mark.live
def test_that_a_program_that_becomes_another_shows_its_new_command_at_once(own_host: Host) -> None:
    script = ["sh", "-c", "read line; exec sleep 1000"]
    with subprocess.Popen(script, stdin=subprocess.PIPE) as child:

        def row() -> ProcessRow:
            return next(row for row in own_host.processes() if row.pid == child.pid)

        try:
            before = row()
            assert child.stdin is not None
            child.stdin.write(b"go\n")
            child.stdin.close()
            while (after := row()).name == "sh":
                assert after.command == before.command
        finally:
            child.kill()
    assert (after.name, after.command) == ("sleep", "sleep 1000")
    assert after.identity == before.identity


@pytest.mark.live
def test_that_later_lists_are_like_a_first_one(own_host: Host, host: Host) -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        try:
            while "sleep" not in next(row.name for row in host.processes() if row.pid == child.pid):
                pass
            lists = [own_host.processes() for _ in range(3)]
            rows = [next(row for row in rows if row.pid == child.pid) for rows in lists]
        finally:
            child.kill()
    with_others = [row.pid for row in lists[2]]
    assert with_others == sorted(with_others)
    assert rows[2] is rows[1]
    assert rows[2] == rows[0]
