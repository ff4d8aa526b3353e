"""Little room and little knowledge: the window stays as small as it is wanted, and what is known is not a dash."""

from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot

from memviz.gui.feed.feed import Feed
from memviz.gui.map.words import bars_of, counts
from memviz.gui.session.session import Session
from memviz.gui.shell.statusbar import StatusBar
from tests import builders
from tests.gui.fake_source import show

FOREIGN = "x" * 300


def test_that_long_words_do_not_widen_the_status_bar(qtbot: QtBot, session: Session) -> None:
    bar = StatusBar(session, Feed(session))
    qtbot.addWidget(bar)
    session.open(7, FOREIGN)
    assert bar.minimumSizeHint().width() < 200


def test_that_vms_is_told_where_regions_could_not_be_read() -> None:
    snapshot = builders.snapshot(errno=13)
    assert snapshot.totals["size"] is None
    assert bars_of(snapshot, "private_swap")[-1].value == 1000 * snapshot.page_size


def test_that_regions_that_were_not_read_are_not_called_read(qtbot: QtBot, session: Session) -> None:
    bar = StatusBar(session, Feed(session))
    qtbot.addWidget(bar)
    show(session, dataclasses.replace(builders.snapshot(errno=13), time=0.0))
    assert bar._cells["age"].text().startswith("asked ")


@pytest.mark.parametrize("extra", [(), ("ffffffffff600-ffffffffff601 --xp [vsyscall]",)])
def test_that_the_kernels_page_is_no_region_of_the_process(extra: tuple[str, ...]) -> None:
    snapshot = builders.snapshot("10-20 rw-p", *extra, measured=False)
    assert " · 1 region " in counts(snapshot, 0.0)[0]
