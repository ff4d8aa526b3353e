"""Jobs: the newest request of a name wins, errors come back, closing waits for nobody."""

import threading
import time
from typing import NoReturn

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.gui.session.jobs import Jobs
from memviz.gui.session.task_queue import TaskQueue


def unexpected(error: Exception) -> NoReturn:
    raise AssertionError(error)


@pytest.fixture
def jobs(qapp: QApplication) -> Jobs:
    return Jobs(TaskQueue(qapp), qapp)


def test_that_an_answer_comes_back_on_the_thread_of_the_window(jobs: Jobs, qtbot: QtBot) -> None:
    found: list[tuple[int, bool]] = []
    main = QThread.currentThread()
    jobs.run("sum", lambda: 1 + 1, lambda n: found.append((n, QThread.currentThread() is main)), unexpected)
    qtbot.waitUntil(lambda: bool(found))
    assert found == [(2, True)]


@pytest.mark.parametrize("waits", [False, True])
def test_that_only_the_newest_request_of_a_name_answers(jobs: Jobs, qtbot: QtBot, waits: bool) -> None:
    release, answers = threading.Event(), []
    jobs.run("x", lambda: release.wait(10) and "old", answers.append, unexpected, waits=waits)
    jobs.run("x", lambda: "new", answers.append, unexpected, waits=waits)
    release.set()
    qtbot.waitUntil(lambda: bool(answers))
    jobs.run("end", lambda: None, lambda _: answers.append("end"), unexpected)
    qtbot.waitUntil(lambda: "end" in answers)
    assert answers == ["new", "end"]


def test_that_what_the_work_raises_is_handed_on(jobs: Jobs, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    jobs.run("bad", lambda: 1 // 0, unexpected, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)
    assert not jobs.is_running("bad")


def test_that_a_cancelled_request_never_answers(jobs: Jobs, qtbot: QtBot) -> None:
    release, answers = threading.Event(), []
    jobs.run("x", lambda: release.wait(10), answers.append, unexpected)
    jobs.cancel("x")
    release.set()
    jobs.run("end", lambda: None, lambda _: answers.append("end"), unexpected)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["end"]


def test_that_waiting_for_readers_leaves_room_for_work(jobs: Jobs, qtbot: QtBot) -> None:
    release, answers = threading.Event(), []
    for number in range(8):
        jobs.run(f"stuck {number}", lambda: release.wait(10), lambda _: None, unexpected, waits=True)
    jobs.run("draw", lambda: "drawn", answers.append, unexpected)
    qtbot.waitUntil(lambda: bool(answers))
    release.set()
    assert answers == ["drawn"]


def test_that_closing_leaves_work_behind_that_does_not_end(jobs: Jobs) -> None:
    release = threading.Event()
    jobs.run("stuck", lambda: release.wait(30), unexpected, unexpected, waits=True)
    threading.Timer(20, release.set).start()
    began = time.monotonic()
    jobs.close()
    took = time.monotonic() - began
    assert not release.is_set(), f"closing waited {took:.1f} s, until the work ended"
    release.set()


def test_that_work_that_goes_on_is_told_of(jobs: Jobs, qtbot: QtBot) -> None:
    release = threading.Event()
    told: list[tuple[str, ...]] = []
    jobs.busy_changed.connect(told.append)
    jobs.run("long", lambda: release.wait(10), lambda _: None, unexpected)
    qtbot.waitUntil(lambda: told == [("long",)])
    release.set()
    qtbot.waitUntil(lambda: told == [("long",), ()])
