"""What takes long comes all the same: a reading that is asked for again before it has come would never come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from memviz.core.snapshot import Sample, Snapshot
from memviz.gui.feed import feed as feeding
from memviz.gui.feed.feed import Feed
from memviz.gui.session.session import Session
from memviz.gui.session.state import LOADING, NOT_ANSWERING, READY, State
from tests import builders
from tests.gui.fake_source import FakeSource

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)


class Slow(FakeSource):
    """Its snapshots come when `let` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.let, self.asked = threading.Event(), 0

    def sample(self, pid: int) -> Sample:
        assert self.let.wait(20)
        return super().sample(pid)

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        self.asked += 1
        assert self.let.wait(20)
        return SMALL


@pytest.fixture
def slow(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Slow, Session, Feed]]:
    monkeypatch.setattr(feeding, "RETRY", 0.0)  # who could not be read is asked again at once
    source = Slow()
    session = Session(source)
    feed = Feed(session)
    yield source, session, feed
    source.let.set()
    feed.stop()
    session.close()


def test_that_a_slow_first_reading_is_waited_for(qtbot: QtBot, slow: tuple[Slow, Session, Feed]) -> None:
    source, session, feed = slow
    session.open(7)
    qtbot.waitUntil(lambda: source.asked == 1)
    for _ in range(5):
        feed.tick()
    assert source.asked == 1
    source.let.set()
    qtbot.waitUntil(lambda: session.snapshot is SMALL)


@pytest.mark.parametrize("is_shown", [False, True], ids=["nothing yet", "a picture"])
def test_that_a_reader_that_says_nothing_is_told_of_until_it_does(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, slow: tuple[Slow, Session, Feed], is_shown: bool
) -> None:
    source, session, feed = slow
    if is_shown:
        source.let.set()
    source.snapshots[7] = SMALL
    session.open(7)
    if is_shown:
        qtbot.waitUntil(lambda: session.snapshot is SMALL and session.jobs.is_idle())
        source.let.clear()
    feed.tick()
    feed.tick()
    assert session.state.kind == (READY if is_shown else LOADING), "it has had no time to answer"
    monkeypatch.setattr(feeding, "SILENCE", 0.0)
    feed.tick()
    assert session.state.kind == NOT_ANSWERING
    assert "The reader does not answer" in session.state.sentence
    source.let.set()
    qtbot.waitUntil(lambda: session.state.kind == READY)


@pytest.mark.parametrize("has_target", [False, True], ids=["no process", "a process"])
def test_that_a_reader_that_has_not_started_yet_is_waited_for_by_its_name(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, slow: tuple[Slow, Session, Feed], has_target: bool
) -> None:
    source, session, feed = slow
    link = SimpleNamespace(via="ssh host", has_spoken=False, has_failed=False, pid=0)
    source.link = link  # type: ignore[attr-defined]  # as a host has one
    monkeypatch.setattr(source, "processes", lambda: [] if source.let.wait(20) else None)
    source.snapshots[7] = SMALL
    monkeypatch.setattr(feeding, "NOTICE", 0.0)
    monkeypatch.setattr(feeding, "SILENCE", 0.0)
    if has_target:
        session.open(7)
    feed.tick()
    feed.tick()
    assert session.state.sentence.startswith("Waiting for `ssh host` to start the reader")
    link.has_spoken = True
    source.let.set()
    qtbot.waitUntil(lambda: session.state.kind == READY if has_target else session.state == State())


def test_that_of_one_that_could_not_be_read_it_is_tried_again(qtbot: QtBot, session: Session) -> None:
    source = session.source
    assert isinstance(source, FakeSource)
    feed = Feed(session)
    feed._retry.least = 0.0
    source.snapshots[7] = ValueError("for now")
    session.open(7)
    qtbot.waitUntil(session.jobs.is_idle)
    source.snapshots[7] = SMALL
    feed.tick()
    qtbot.waitUntil(lambda: session.snapshot is SMALL)
    feed.stop()
