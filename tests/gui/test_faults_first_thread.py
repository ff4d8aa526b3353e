"""A process whose first thread has ended while another lives on: the kernel tells nothing of it by its number, and
everything by the other thread's. Nothing of it is 0, and nobody calls it ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.connect import open_host
from memviz.core.host import Host
from memviz.core.source import ProcessRow
from memviz.gui.feed.feed import Feed, read_target
from memviz.gui.processes.columns import LIST_COLUMNS, NUMBERS
from memviz.gui.processes.people import People, Share
from memviz.gui.processes.shares import batch, read_shares
from memviz.gui.processes.tips import tooltip
from memviz.gui.processes.tree import Line
from memviz.gui.session.session import Session
from memviz.gui.session.state import READY
from tests.gui.fake_source import process
from tests.programs import compiled, running

pytestmark = pytest.mark.live
TOUCHED = 8 << 20
PATIENCE = 15_000


@pytest.fixture(scope="module")
def outlived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running([str(compiled("outlived", tmp_path_factory.mktemp("programs")))], "ready") as (pid, _):
        yield pid


@pytest.fixture
def host() -> Iterator[Host]:
    opened = open_host()
    yield opened
    opened.close()


@pytest.fixture
def row(host: Host, outlived: int) -> ProcessRow:
    return next(row for row in host.processes() if row.pid == outlived)


def test_that_its_counters_are_those_of_the_others(host: Host, outlived: int) -> None:
    sample = host.sample(outlived)
    assert sample.rss > TOUCHED
    assert sample.vms > sample.rss
    assert sample.private_swap is not None
    assert sample.private_swap > TOUCHED


def test_that_its_pages_are_looked_at_through_the_others(host: Host, outlived: int) -> None:
    reading = read_target(host, outlived, measured=True)
    assert reading.pages is not None
    assert int((reading.pages.end - reading.pages.start).sum()) >= (reading.snapshot.totals["rss"] or TOUCHED)


def test_that_the_window_does_not_call_it_ended(qtbot: QtBot, qapp: QApplication, host: Host, outlived: int) -> None:
    session = Session(host)
    feed = Feed(session)
    session.open(outlived)
    feed.start()
    qtbot.waitUntil(lambda: session.snapshot is not None and session.snapshot.regions.measured, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.sample is not None, timeout=PATIENCE)
    assert session.state.kind == READY
    assert session.sample is not None
    assert session.sample.rss > TOUCHED
    feed.stop()
    session.close()


@pytest.mark.parametrize("name", ["rss", "vms", "swap", "private_swap"])
def test_that_the_list_says_why_a_number_is_missing(row: ProcessRow, name: str) -> None:
    line = Line(row.identity, row)
    assert row.get(name) is None
    assert "first thread has ended" in People().why_absent(line, name)


def test_that_the_list_does_not_call_it_a_zombie(row: ProcessRow) -> None:
    tip = tooltip(People(), Line(row.identity, row), LIST_COLUMNS[NUMBERS["name"]])
    assert "Its first thread has ended, others live on" in tip
    ended = process(7, state="Z")
    assert "Zombie" in tooltip(People(), Line(ended.identity, ended), LIST_COLUMNS[NUMBERS["name"]])


def test_that_its_share_is_read(host: Host, row: ProcessRow) -> None:
    shares: dict[object, Share] = {}
    assert batch([row, process(7, state="Z")], shares) == [row]  # type: ignore[arg-type]  # empty, of whatever kind
    pss, why = read_shares(host, [row.identity])[row.identity]
    assert why is None
    assert pss is not None
    assert pss > TOUCHED
