"""The breadcrumb: from the process to a page, each step a click, and what the selection comes to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from memviz import units
from memviz.gui.map.crumbs import Crumbs, crumbs_of, present_in, sum_in_words
from memviz.gui.session.selection import Selection, select_block, select_group, select_page, select_range, select_region
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import page_runs, show

PAGE = builders.PAGE
SNAPSHOT = builders.snapshot(
    "10-14 r-xp /usr/lib/libc.so.6 rss=8k", "14-18 rw-p /usr/lib/libc.so.6 rss=4k", "20-30 rw-p [heap] rss=16k",
    start_brk=0x20000,
)  # fmt: skip
RUNS = page_runs("10-12 f", "14-15 a", "20-24 a", "24-26 s")


@pytest.fixture
def crumbs(qtbot: QtBot, session: Session) -> Iterator[Crumbs]:
    pane = QWidget()
    qtbot.addWidget(pane)
    made = Crumbs(session, pane)
    QHBoxLayout(pane).addWidget(made)
    pane.resize(900, 60)
    pane.show()
    show(session, SNAPSHOT, RUNS)
    yield made
    assert pane is made.parentWidget()


@pytest.mark.parametrize(
    ("selection", "texts"),
    [
        (Selection(), ["program"]),
        (select_group("heap"), ["program", "heap"]),
        (select_block(SNAPSHOT, 0), ["program", "libc"]),
        (select_region(SNAPSHOT, 1), ["program", "libc", "0x1_4000 rw-p"]),
        (select_page(SNAPSHOT, 0x15123), ["program", "libc", "0x1_4000 rw-p", "page 0x1_5000"]),
        (select_range(0x11000, 0x22000), ["program", "0x1_1000 to 0x2_2000"]),
        (select_page(SNAPSHOT, 0x50000), ["program"]),
    ],
)
def test_that_steps_lead_from_the_process_to_what_is_selected(selection: Selection, texts: list[str]) -> None:
    assert [crumb.text for crumb in crumbs_of(SNAPSHOT, selection)] == texts


def test_that_clicking_a_step_selects_it_and_tells_the_map(crumbs: Crumbs, session: Session, qtbot: QtBot) -> None:
    session.select(select_page(SNAPSHOT, 0x15000))
    buttons = [button for button in crumbs.findChildren(QToolButton) if button.isVisible()]
    assert len(buttons) == 4
    with qtbot.waitSignal(crumbs.wanted) as told:
        buttons[1].click()
    assert session.selection == select_block(SNAPSHOT, 0)
    assert told.args == [select_block(SNAPSHOT, 0)]


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(), ""),
        (select_block(SNAPSHOT, 0), "2 regions · 32.0 KiB · 12.0 KiB resident"),
        (select_region(SNAPSHOT, 2), "1 region · 64.0 KiB · 16.0 KiB resident"),
        (select_page(SNAPSHOT, 0x24000), "1 region · 4.0 KiB · 0 B resident"),
        (select_range(0x11000, 0x21000), "3 regions · 32.0 KiB · 12.0 KiB resident"),
        (select_range(0x50000, 0x60000), "not mapped"),
    ],
)
def test_that_the_sum_is_of_what_lies_inside(selection: Selection, words: str) -> None:
    assert sum_in_words(SNAPSHOT, RUNS, selection) == words


def test_that_a_page_whose_state_nobody_told_has_a_dash() -> None:
    words = sum_in_words(SNAPSHOT, None, select_page(SNAPSHOT, 0x24000))
    assert words.endswith(f"{units.DASH} resident")


@given(st.integers(0, 0x40), st.integers(0, 0x40))
def test_that_present_bytes_are_those_counted_page_by_page(first: int, last: int) -> None:
    low, high = min(first, last) * PAGE, max(first, last) * PAGE
    pages = np.arange(low, high, PAGE, dtype=np.uint64)
    there = [any(a <= page < b and bits & 8 for a, b, bits in zip(*RUNS[:3], strict=True)) for page in pages]
    assert present_in(RUNS, low, high) == sum(there) * PAGE


@pytest.mark.parametrize("width", [260, 500, 900])
def test_that_steps_share_the_room_there_is(crumbs: Crumbs, session: Session, width: int, qtbot: QtBot) -> None:
    session.select(select_page(SNAPSHOT, 0x15000))
    crumbs.parentWidget().resize(width, 60)
    qtbot.waitUntil(lambda: crumbs.width() < width)
    buttons = [button for button in crumbs.findChildren(QToolButton) if button.isVisible()]
    assert all(button.text() for button in buttons)
    assert all(button.geometry().right() <= crumbs.width() for button in buttons)
    assert crumbs.texts()[-1] == "page 0x1_5000"
