"""What a picture is asked to show: a page at an address, and what changed in a while."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.gui.session.options import Options
from memviz.gui.session.selection import PAGE
from memviz.gui.shell.app import Wish, make_application, make_window
from memviz.gui.shell.app import show as show_window
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.window import MainWindow
from tests import builders
from tests.gui.fake_source import FakeSource, process
from tests.runs import page_runs

LARGE = builders.snapshot("10-14 r-xp /bin/program rss=8k", "1000-9000 rw-p [heap] rss=64m", start_brk=0x1000000)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, source: FakeSource) -> MainWindow:
    make_application()
    source.snapshots[7], source.runs, source.rows = LARGE, page_runs("10-12 f", "1000-5000 a"), [process(7)]
    made = make_window(source, Options(motion=False), Settings())
    made.remembers = False
    qtbot.addWidget(made)
    return made


def test_that_an_address_is_gone_to_and_its_page_selected(window: MainWindow, qtbot: QtBot) -> None:
    show_window(window, Wish(7, size=(1000, 700), at=0x2000123))
    qtbot.waitUntil(lambda: window.session.selection.kind == PAGE)
    assert (window.session.selection.start, window.session.selection.end) == (0x2000000, 0x2001000)
    seen: list[object] = []
    window.centre.view.view_changed.connect(seen.append)
    qtbot.waitUntil(lambda: window.centre.view.stage.frame is not None)
    frame = window.centre.view.stage.frame
    assert frame is not None
    assert frame.axis.scale < 4096  # a page is wider than a pixel


def test_that_an_address_where_nothing_is_is_said_so(window: MainWindow, qtbot: QtBot) -> None:
    said: list[str] = []
    window.session.said.connect(said.append)
    show_window(window, Wish(7, size=(1000, 700), at=0x500000))
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["0x50_0000 is not mapped."]
    assert not window.session.selection


def test_that_a_wish_can_be_told_another_size() -> None:
    wish = dataclasses.replace(Wish(7, at=0x10, since=2.0), size=(1, 2))
    assert (wish.pid, wish.at, wish.since, wish.size) == (7, 0x10, 2.0, (1, 2))
