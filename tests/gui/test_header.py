"""The header: one true sentence, its cost, three bars, and what changed since the mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from memviz import units
from memviz.core.diff import diff
from memviz.core.headline import headline
from memviz.gui.map import words
from memviz.gui.map.bars import Bars
from memviz.gui.map.header import Header
from memviz.gui.map.line import Line
from memviz.gui.session.session import Reading, Session
from tests import builders
from tests.gui.fake_source import show

CODE, HEAP = "10-14 r-xp /bin/program rss=8k shared_clean=8k", "20-3000 rw-p [heap] rss={} swap={} flags=rd,wr,ac"
SMALL = builders.snapshot(CODE, HEAP.format("16m", "0k"), start_brk=0x20000)
GROWN = builders.snapshot(CODE, HEAP.format("30m", "2m"), start_brk=0x20000)
DENIED = builders.snapshot(errno=13)
UNMEASURED = builders.snapshot("10-14 r-xp /bin/program", "20-30 rw-p [heap]", measured=False)


@pytest.fixture
def header(qtbot: QtBot, session: Session) -> Header:
    made = Header(session)
    qtbot.addWidget(made)
    made.resize(1200, 80)
    return made


def test_that_the_sentence_is_that_of_core_and_its_tooltip_has_exact_bytes(header: Header, session: Session) -> None:
    show(session, SMALL)
    assert header.sentence.text_in_full == headline(SMALL)
    assert units.number((16 << 20) + (8 << 10)) in header.sentence.toolTip()


def test_that_cost_and_counts_stand_below(header: Header, session: Session) -> None:
    show(session, SMALL)
    header.show_scale(16384.0)
    assert "16.0 MiB" in header.cost.text_in_full
    assert "private + swap" in header.cost.text_in_full
    assert header.counts.text_in_full == "pid 7 · 2 regions in 2 blocks · 1 px = 16 KiB"


def test_that_a_mark_says_what_grew_since_and_its_end_takes_the_words_away(
    header: Header, session: Session, qtbot: QtBot
) -> None:
    show(session, SMALL)
    session.set_mark(SMALL)
    with qtbot.waitSignal(session.difference_changed):
        session.show_reading(Reading(GROWN))
    qtbot.waitUntil(lambda: header.change.text_in_full.startswith("+16.0 MiB since"))
    assert header.change.text_in_full.endswith("all of it heap")
    session.set_mark(None)
    assert header.change.isHidden()


def test_that_no_change_is_called_unchanged() -> None:
    assert words.since(diff(SMALL, SMALL), SMALL).startswith("Unchanged since")


def test_that_what_shrank_is_told_with_its_sign() -> None:
    assert words.since(diff(GROWN, SMALL), GROWN).startswith("-16.0 MiB since")


def test_that_bars_have_the_kernels_numbers() -> None:
    committed, resident, own, virtual = words.bars_of(GROWN, "private_swap")
    assert committed.value == 0x2FE0 * builders.PAGE
    assert resident.value == GROWN.totals["rss"]
    assert own.value == GROWN.private_swap == 32 << 20
    assert virtual.value == GROWN.totals["size"]


def test_that_the_third_bar_follows_the_metric() -> None:
    assert words.bars_of(SMALL, "pss")[2].name == "PSS"
    assert words.bars_of(SMALL, "rss")[2].name == "private + swap"


@pytest.mark.parametrize("snapshot", [DENIED, UNMEASURED])
def test_that_what_is_not_known_is_a_dash_with_its_reason(snapshot: builders.Snapshot) -> None:
    committed = words.bars_of(snapshot, "private_swap")[0]
    assert committed.value is None
    assert committed.words() == units.DASH
    assert "Not known: " in committed.tip()
    assert len(committed.why) > 5


def test_that_bars_stand_beside_the_words_where_it_is_wide_and_below_where_not(header: Header, qtbot: QtBot) -> None:
    header.resize(64 * header.fontMetrics().height() + 10, 80)
    header.show()
    assert not header.bars.in_line
    header.resize(500, 80)
    assert header.bars.in_line


def test_that_no_bar_lies_outside_its_widget(qtbot: QtBot, session: Session) -> None:
    bars = Bars(session)
    qtbot.addWidget(bars)
    bars.show_snapshot(SMALL)
    for in_line in (False, True):
        bars.set_in_line(in_line)
        bars.resize(bars.sizeHint())
        for number in range(4):
            assert bars.rect().toRectF().contains(bars.place(number))


@given(text=st.text(min_size=1, max_size=200), width=st.integers(60, 900))
def test_that_a_line_shows_as_much_as_it_has_room_for_and_keeps_all_of_it(text: str, width: int, qapp: object) -> None:
    parent = QWidget()
    line = Line(parent, shrinks=True)
    line.resize(width, 20)
    line.say(text)
    line.refit()
    assert line.fontMetrics().horizontalAdvance(line.text()) <= width + 2
    assert line.text_in_full == text


def test_that_at_no_width_one_line_lies_on_another_or_beyond_the_edge(
    header: Header, session: Session, qtbot: QtBot
) -> None:
    header.show()
    show(session, SMALL)
    header.show_scale(16384.0)
    for width in (1500, 420, 700, 900, 2500, 600):
        header.resize(width, 100)
        qtbot.wait(1)
        lines = [header.sentence, header.cost, header.counts, header.bars]
        rects = [line.rect().translated(line.mapTo(header, line.rect().topLeft())) for line in lines]
        assert all(rect.left() >= 0 and rect.right() <= width for rect in rects)
        assert not any(a.intersects(b) for at, a in enumerate(rects) for b in rects[at + 1 :])
        assert all(line.text() for line in lines[:3] if isinstance(line, Line))
