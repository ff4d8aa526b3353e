"""PSS of the rows in sight: read seldom, cheaply, and never of what is hidden."""

import os
import threading
from collections.abc import Sequence

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from memviz.core.connect import open_host
from memviz.core.facts import Identity
from memviz.core.source import Source
from memviz.gui.feed.feed import CHEAP, WALK_RATE
from memviz.gui.processes.people import Share
from memviz.gui.processes.shares import Found, Shares, batch, read_shares, too_dear
from memviz.gui.session.session import Session
from tests.gui.fake_source import MIB, process

GIB = 1 << 30


def test_that_the_oldest_are_read_first_and_only_as_many_as_are_cheap() -> None:
    rows = [process(pid, rss=int(0.4 * CHEAP * WALK_RATE)) for pid in (1, 2, 3)]
    shares = {rows[0].identity: Share(5, 10.0), rows[1].identity: Share(5, 9.0)}
    assert [row.pid for row in batch(rows, shares)] == [3, 2]


def test_that_who_has_no_memory_or_far_too_much_is_not_read() -> None:
    rows = [process(1, is_kernel_thread=True), process(2, state="Z"), process(3, rss=200 * GIB)]
    assert batch(rows, {}) == []
    dear = too_dear(rows[2])
    assert dear is not None
    assert "open the process" in dear.remedy


def test_that_what_came_is_told_by_identity_and_not_asked_again_at_once(session: Session, qtbot: QtBot) -> None:
    asked: list[list[Identity]] = []

    def read(source: Source, people: Sequence[Identity]) -> Found:
        asked.append(list(people))
        return dict.fromkeys(people, (7, None))

    shares = Shares(session, read=read)
    row = process(5)
    with qtbot.waitSignal(shares.came) as came:
        shares.want([row], {})
    assert came.args[0][row.identity].pss == 7
    shares.want([row], {})
    assert asked == [[row.identity]]


def test_that_a_source_without_pss_says_so(session: Session, qtbot: QtBot) -> None:
    shares, row = Shares(session), process(5)
    with qtbot.waitSignal(shares.came) as came:
        shares.want([row], {})
    found = came.args[0][row.identity]
    assert found.pss is None
    assert "need Linux" in found.absent.detail


def test_that_an_answer_to_a_list_that_was_closed_is_dropped(session: Session, qtbot: QtBot) -> None:
    asked, answered = threading.Event(), threading.Event()

    def read(source: Source, people: Sequence[Identity]) -> Found:
        asked.set()
        answered.wait()
        return dict.fromkeys(people, (7, None))

    shares = Shares(session, read=read)
    shares.want([process(5)], {})
    assert asked.wait(10)
    shiboken6.delete(shares)
    answered.set()
    qtbot.waitUntil(lambda: not session.jobs.is_running("shares"))


@pytest.mark.live
def test_that_the_kernel_tells_the_pss_of_this_process() -> None:
    host = open_host()
    try:
        me = host.sample(os.getpid()).identity
        found = read_shares(host, [me, me._replace(start_ticks=1)])
    finally:
        host.close()
    assert list(found) == [me], "of one who had this number before, nothing is told"
    pss, absent = found[me]
    assert absent is None
    assert pss is not None
    assert pss > MIB
