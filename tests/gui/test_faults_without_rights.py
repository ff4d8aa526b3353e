"""Somebody without rights: their own process is shown, however many heavier ones of others there are."""

from __future__ import annotations

import os

from pytestqt.qtbot import QtBot

from memviz.errors import AccessDenied
from memviz.gui.feed.feed import Feed
from memviz.gui.feed.heaviest import MOST_TRIED
from memviz.gui.feed.origin import HERE
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import MIB, FakeSource, process

OWN = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)


def test_that_ones_own_is_found_behind_those_of_others(qtbot: QtBot, session: Session, source: FakeSource) -> None:
    source.name = HERE
    others = range(100, 100 + 3 * MOST_TRIED)
    source.rows = [process(pid, private_swap=100 * MIB, user="root") for pid in others]
    source.rows += [process(7, private_swap=MIB), process(os.getpid(), "memviz", private_swap=50 * MIB)]
    source.snapshots |= dict.fromkeys(others, AccessDenied("smaps may not be read"))
    source.snapshots[7] = OWN
    feed = Feed(session)
    feed.takes_heaviest = True
    feed.tick()
    qtbot.waitUntil(lambda: session.snapshot is OWN)
    assert session.target is not None
    assert not session.target.chosen
    feed.stop()
