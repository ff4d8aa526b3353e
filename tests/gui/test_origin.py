"""Which rows of the list are memviz itself."""

import os

from memviz.gui.feed.origin import own_processes
from tests.gui.fake_source import FakeSource, process


class Link:
    pid = 50


HERE = FakeSource()
HERE.name, HERE.link = "this machine", Link()  # type: ignore[attr-defined]  # as a live host has one
ROWS = [
    process(os.getpid(), "memviz"), process(50, "sudo", ppid=os.getpid(), command="sudo python reader"),
    process(51, "python", ppid=50, command="python reader"), process(52, "python", ppid=51, command="python reader"),
    process(60, "other", command="python reader"),
]  # fmt: skip


def test_that_memviz_and_its_reader_are_marked_and_the_readers_workers_left_out() -> None:
    own = own_processes(HERE, ROWS)
    assert {who.pid for who in own.marked} == {os.getpid(), 50, 51}
    assert {who.pid for who in own.left_out} == {52}


def test_that_numbers_of_another_host_mean_nothing_here() -> None:
    there = FakeSource()
    there.name, there.link = "ssh example", Link()  # type: ignore[attr-defined]  # the pid of ssh on this machine
    assert own_processes(there, ROWS) == (frozenset(), frozenset())
