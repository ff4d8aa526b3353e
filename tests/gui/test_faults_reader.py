"""A reader that dies: the window says so, keeps what it has read, and starts another one when asked to."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.connect import open_source
from memviz.gui.feed.feed import Feed
from memviz.gui.map.ribbon import AGAIN, word_of
from memviz.gui.session.session import Session
from memviz.gui.session.state import FAILED, READY

pytestmark = pytest.mark.live
PATIENCE = 15_000


@pytest.fixture
def read(qtbot: QtBot, qapp: QApplication) -> Iterator[tuple[Session, Feed]]:
    """A session that has read this very process."""
    session = Session(open_source())
    feed = Feed(session)
    session.open(os.getpid())
    feed.start()
    qtbot.waitUntil(lambda: session.snapshot is not None and session.snapshot.regions.measured, timeout=PATIENCE)
    yield session, feed
    feed.stop()
    session.close()


def end_reader(qtbot: QtBot, session: Session) -> None:
    os.kill(session.source.link.pid, signal.SIGKILL)  # type: ignore[attr-defined]  # a live host has a link
    qtbot.waitUntil(lambda: session.state.kind == FAILED, timeout=PATIENCE)


def test_that_its_end_is_told_while_the_last_picture_stays(qtbot: QtBot, read: tuple[Session, Feed]) -> None:
    session, _ = read
    end_reader(qtbot, session)
    assert "reader has ended" in session.state.sentence
    assert session.snapshot is not None
    word = word_of(session, session.snapshot, 0.0)
    assert "reader has ended" in word.text
    assert word.action == AGAIN


def test_that_one_can_go_on_with_another(qtbot: QtBot, read: tuple[Session, Feed]) -> None:
    session, feed = read
    old = session.source
    end_reader(qtbot, session)
    feed.measure_now()
    qtbot.waitUntil(lambda: session.state.kind == READY, timeout=PATIENCE)
    assert session.source is not old
    qtbot.waitUntil(lambda: session.snapshot is not None and session.snapshot.regions.measured, timeout=PATIENCE)
