"""A process that runs another program while it is read: the regions of one are not shown with the pages of the next."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Sequence

import pytest

from memviz.core.connect import open_host
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.feed.feed import EXECED, TRIES, read_target
from memviz.gui.session.session import Reading, Session
from tests import builders
from tests.gui.fake_source import FakeSource, show
from tests.runs import page_runs

LINES = ("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k")
AGAIN = """
import os, sys, time
memory = bytearray(3 << 20)
time.sleep(0.02)
os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", sys.argv[1], sys.argv[1]])
"""


class Execing(FakeSource):
    """Begins another program, elsewhere, before its pages are looked at, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.program, self.asked = times, 0, 0

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        return builders.snapshot(*LINES, start_stack=0x7000 + self.program)

    def pages(self, pid: int, ranges: Sequence[tuple[int, int]]) -> PageRuns:
        self.asked += 1
        if self.asked <= self.times:
            self.program += 1
            return page_runs()
        return page_runs("10-12 f", "20-24 a")


@pytest.mark.parametrize("times", range(TRIES))
def test_that_it_is_read_again_until_both_are_of_one_program(times: int) -> None:
    source = Execing(times)
    reading = read_target(source, 7, measured=True)
    assert reading.pages is not None
    assert len(reading.pages.start) == 2
    assert source.asked == times + 1


def test_that_one_that_never_rests_has_no_pages_and_says_why() -> None:
    reading = read_target(Execing(100), 7, measured=True)
    assert reading.pages is None
    assert reading.pages_absent == EXECED


def test_that_memory_that_was_given_back_meanwhile_is_no_other_program() -> None:
    source = FakeSource()
    source.snapshots[7], source.runs = builders.snapshot(*LINES), page_runs("10-12 f")
    reading = read_target(source, 7, measured=True)
    assert reading.pages is not None
    assert len(reading.pages.start) == 1


def test_that_it_is_called_what_it_runs_now(session: Session) -> None:
    first, then = (builders.snapshot(*LINES), builders.snapshot(*LINES, start_stack=0x7000))
    show(session, first)
    stat = then.facts.stat._replace(comm=b"another")
    then = dataclasses.replace(then, facts=then.facts._replace(stat=stat, command=()))
    turned: list[object] = []
    session.target_changed.connect(turned.append)
    session.show_reading(Reading(then))
    assert session.target is not None
    assert session.target.name == "another"
    assert not turned, "it is the same process"


@pytest.mark.live
def test_that_pages_on_the_real_kernel_are_those_of_the_regions() -> None:
    host = open_host()
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", AGAIN, AGAIN]) as process:
        try:
            for _ in range(150):
                reading = read_target(host, process.pid, measured=True)
                if reading.pages is not None:
                    resident = reading.snapshot.totals["rss"] or 0
                    assert int((reading.pages.end - reading.pages.start).sum()) > resident // 2
        finally:
            process.kill()
            host.close()
