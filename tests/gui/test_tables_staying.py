"""Rows never move under the cursor: what is in sight stays there when others come, go, or change places."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.snapshot import Snapshot
from memviz.gui.tables.frames import frames_of
from memviz.gui.tables.keeping import MOST_RANGES, select_lines
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import FLAT, TREE, Arrangement
from memviz.gui.tables.view import MemoryView
from tests import builders

COUNT = 300


def snapshot(start: int = 0, count: int = COUNT) -> Snapshot:
    """Regions that are apart, each of another path; `start` leaves the first ones out."""
    return builders.snapshot(
        *(f"{4 * n:x}-{4 * n + 2:x} rw-p /data/{n:04} rss=4k" for n in range(10 + start, 10 + count))
    )


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[MemoryView]:
    model = MemoryModel()
    model.wanted = Arrangement(FLAT, "start", False)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made = MemoryView(model)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    model.show(frames_of(snapshot(20)))
    yield made
    assert tester is not None


def first_in_sight(view: MemoryView) -> int:
    """Where the first line in sight starts."""
    return int(view.rows.keys[view.rowAt(0)])


def test_that_what_is_in_sight_stays_when_rows_come_above_it(view: MemoryView) -> None:
    view.verticalScrollBar().setValue(100)
    before = first_in_sight(view)
    view.rows.show(frames_of(snapshot()))
    assert first_in_sight(view) == before
    assert view.verticalScrollBar().value() == 120


def test_that_a_table_that_shows_its_top_goes_on_showing_it(view: MemoryView) -> None:
    view.rows.show(frames_of(snapshot()))
    assert view.verticalScrollBar().value() == 0


def test_that_the_line_with_the_cursor_stays_where_it_is(view: MemoryView) -> None:
    view.verticalScrollBar().setValue(100)
    view.selectRow(105)
    key, y = int(view.rows.keys[105]), view.rowViewportPosition(105)
    view.rows.show(frames_of(snapshot()))
    assert int(view.rows.keys[view.currentIndex().row()]) == key
    assert view.rowViewportPosition(view.currentIndex().row()) == y


def test_that_a_block_that_is_unfolded_stays_where_it_is(view: MemoryView) -> None:
    view.rows.arrange(Arrangement(TREE, "start", False))
    view.verticalScrollBar().setValue(50)
    key, y = int(view.rows.keys[55]), view.rowViewportPosition(55)
    view.hold_line(55)
    view.rows.arrange(Arrangement(TREE, "start", False, unfolded=frozenset(view.rows.keys.tolist())))
    line = view.rows.keys.tolist().index(key)
    assert view.rowViewportPosition(line) == y


def test_that_another_order_shows_the_selected_line_or_the_top(view: MemoryView) -> None:
    view.verticalScrollBar().setValue(100)
    view.stays = False
    view.rows.arrange(Arrangement(FLAT, "start", True))
    assert view.verticalScrollBar().value() == 0
    view.selectRow(10)
    view.rows.arrange(Arrangement(FLAT, "start", False))
    assert view.rowAt(view.viewport().height() // 2) in range(
        view.currentIndex().row() - 2, view.currentIndex().row() + 3
    )


def test_that_every_second_line_stays_selected(view: MemoryView) -> None:
    import numpy as np

    select_lines(view, np.arange(0, 200, 2))
    keys = set(view.rows.keys[view.chosen_lines()].tolist())
    view.rows.show(frames_of(snapshot()))
    assert set(view.rows.keys[view.chosen_lines()].tolist()) == keys
    assert len(keys) == 100 < MOST_RANGES


def test_that_a_key_or_click_holds_the_rows_and_release_lets_them_go(view: MemoryView, qtbot: QtBot) -> None:
    assert not view.is_held
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.is_held
    with qtbot.waitSignal(view.let_go):
        view.release()
    assert not view.is_held
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center())
    assert view.is_held


def test_that_looking_for_a_line_does_not_move_the_columns(view: MemoryView) -> None:
    view.horizontalScrollBar().setValue(60)
    view.scrollTo(view.rows.index(200, 0))
    assert view.horizontalScrollBar().value() == 60
