"""Heavy work of the GUI thread is done a piece in each turn of the event loop."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from memviz.gui.session.turns import Turns


@pytest.fixture
def turns(qapp: QCoreApplication) -> Turns:
    return Turns(qapp)


def test_that_pieces_are_done_in_order_and_other_events_come_between_them(turns: Turns, qtbot: QtBot) -> None:
    seen: list[str] = []
    tick = QTimer(turns, interval=0)
    tick.timeout.connect(lambda: seen.append("event"))
    tick.start()
    for name in "abc":
        turns.later(name, lambda name=name: seen.append(name))
    assert seen == []
    qtbot.waitUntil(lambda: "c" in seen)
    assert [name for name in seen if name != "event"] == ["a", "b", "c"]
    between = [seen.index(name) for name in "abc"]
    assert all("event" in seen[left:right] for left, right in itertools.pairwise(between))


def test_that_of_several_pieces_of_one_key_the_last_is_done_once(turns: Turns, qtbot: QtBot) -> None:
    seen: list[int] = []
    for number in range(5):
        turns.later("picture", lambda number=number: seen.append(number))
    turns.later("end", lambda: seen.append(-1))
    qtbot.waitUntil(lambda: -1 in seen)
    assert seen == [4, -1]


def test_that_a_piece_may_ask_for_another_and_all_can_be_done_at_once(turns: Turns, qtbot: QtBot) -> None:
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        turns.later("second", lambda: seen.append("second"))

    turns.later("first", first)
    turns.finish()
    assert seen == ["first", "second"]
    turns.later("again", lambda: seen.append("again"))
    qtbot.waitUntil(lambda: "again" in seen)


def test_that_what_a_widget_wanted_is_not_done_when_it_is_gone(turns: Turns) -> None:
    seen: list[str] = []
    widget = QObject()
    turns.later(widget, lambda: seen.append("of the widget"))
    delete(widget)
    turns.finish()
    assert seen == []


def test_that_a_piece_that_fails_does_not_keep_the_others(turns: Turns, qtbot: QtBot) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as errors:
        turns.later("bad", fail)
        turns.later("good", lambda: seen.append("good"))
        qtbot.waitUntil(lambda: seen == ["good"])
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]
