"""Heavy work of the GUI thread is done a task in each turn of the event loop."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from memviz.gui.session.task_queue import TaskQueue


@pytest.fixture
def tasks(qapp: QCoreApplication) -> TaskQueue:
    return TaskQueue(qapp)


def test_that_tasks_are_done_in_order_and_other_events_come_between_them(tasks: TaskQueue, qtbot: QtBot) -> None:
    seen: list[str] = []
    tick = QTimer(tasks, interval=0)
    tick.timeout.connect(lambda: seen.append("event"))
    tick.start()
    for name in "abc":
        tasks.later(name, lambda name=name: seen.append(name))
    assert seen == []
    qtbot.waitUntil(lambda: "c" in seen)
    assert [name for name in seen if name != "event"] == ["a", "b", "c"]
    between = [seen.index(name) for name in "abc"]
    assert all("event" in seen[left:right] for left, right in itertools.pairwise(between))


def test_that_of_several_tasks_of_one_key_the_last_is_done_once(tasks: TaskQueue, qtbot: QtBot) -> None:
    seen: list[int] = []
    for number in range(5):
        tasks.later("picture", lambda number=number: seen.append(number))
    tasks.later("end", lambda: seen.append(-1))
    qtbot.waitUntil(lambda: -1 in seen)
    assert seen == [4, -1]


def test_that_a_task_may_ask_for_another_and_all_can_be_done_at_once(tasks: TaskQueue, qtbot: QtBot) -> None:
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        tasks.later("second", lambda: seen.append("second"))

    tasks.later("first", first)
    tasks.finish()
    assert seen == ["first", "second"]
    tasks.later("again", lambda: seen.append("again"))
    qtbot.waitUntil(lambda: "again" in seen)


def test_that_what_a_widget_wanted_is_not_done_when_it_is_gone(tasks: TaskQueue) -> None:
    seen: list[str] = []
    widget = QObject()
    tasks.later(widget, lambda: seen.append("of the widget"))
    delete(widget)
    tasks.finish()
    assert seen == []


def test_that_a_task_that_fails_does_not_keep_the_others(tasks: TaskQueue, qtbot: QtBot) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as errors:
        tasks.later("bad", fail)
        tasks.later("good", lambda: seen.append("good"))
        qtbot.waitUntil(lambda: seen == ["good"])
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]
