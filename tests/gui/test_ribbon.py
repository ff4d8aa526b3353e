"""The ribbon and the page of states: one sentence, one action, for each way that things can stand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from memviz.errors import AccessDenied, NotAnswering, ProcessGone
from memviz.gui.feed.origin import CAPTURED
from memviz.gui.map.ribbon import MEASURE, RESUME, Ribbon, Word, estimate, shorter, word_of
from memviz.gui.map.status import StatusPage
from memviz.gui.session.outline import Outline
from memviz.gui.session.session import ProcessList, Session
from memviz.gui.session.state import DENIED, EMPTY, FAILED, GONE, LOADING, NOT_ANSWERING, State, state_of_error
from tests import builders
from tests.gui.fake_source import FakeSource, process, show

LINES = ("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k")
SNAPSHOT = builders.snapshot(*LINES, start_brk=0x20000)
UNMEASURED = builders.snapshot("10-14 r-xp /bin/program", measured=False)


def test_that_nothing_is_said_of_a_process_that_is_simply_alive(session: Session) -> None:
    show(session, SNAPSHOT)
    assert word_of(session, SNAPSHOT, 0.0) == Word()


def test_that_a_process_that_ended_keeps_its_last_numbers(session: Session) -> None:
    show(session, SNAPSHOT)
    session.set_state(state_of_error(ProcessGone("process 7 does not exist, or has ended")))
    word = word_of(session, SNAPSHOT, 0.0)
    assert word.text.startswith("Ended at ")
    assert "last numbers" in word.text


def test_that_not_answering_says_since_when(session: Session) -> None:
    show(session, SNAPSHOT)
    session.set_state(state_of_error(NotAnswering("it is stuck")))
    assert word_of(session, SNAPSHOT, 0.0).text.startswith("Not answering since ")


def test_that_a_pause_offers_the_way_back(session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT)
    ribbon = Ribbon(session)
    qtbot.addWidget(ribbon)
    session.set_paused(True)
    ribbon.say(word_of(session, SNAPSHOT, 0.0))
    assert ribbon.word.action == RESUME
    ribbon.button.click()
    assert not session.paused


def test_that_what_is_dear_to_measure_is_offered_with_its_price(session: Session, qtbot: QtBot) -> None:
    show(session, UNMEASURED)
    session.show_processes(ProcessList((process(7, rss=100 << 30),)))
    ribbon = Ribbon(session)
    qtbot.addWidget(ribbon)
    ribbon.say(word_of(session, UNMEASURED, 0.0))
    assert ribbon.word.action == MEASURE
    assert ribbon.button.text() == estimate(session) == "Measure, about 2 s"
    with qtbot.waitSignal(ribbon.measure_wanted):
        ribbon.button.click()


def test_that_a_map_that_changed_since_it_was_measured_says_so(session: Session) -> None:
    show(session, SNAPSHOT)
    none = np.empty((0, 2), np.uint64)
    new = np.array([[1, 2], [3, 4]], np.uint64)
    session.show_outline(Outline(SNAPSHOT.time + 1, new, none))
    assert word_of(session, SNAPSHOT, 0.0) == Word()
    session.show_outline(Outline(SNAPSHOT.time + 60, new, none))
    word = word_of(session, SNAPSHOT, 0.0)
    assert "2 new" in word.text
    assert word.action == MEASURE


def test_that_a_captured_process_is_not_called_alive(session: Session, source: FakeSource) -> None:
    source.name = CAPTURED
    show(session, SNAPSHOT)
    assert "not alive" in word_of(session, SNAPSHOT, 0.0).text


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> StatusPage:
    made = StatusPage(session)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


KINDS = (EMPTY, LOADING, DENIED, GONE, NOT_ANSWERING, FAILED)


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_state_has_a_sentence_and_at_most_one_action(page: StatusPage, kind: str) -> None:
    page.say(State(kind, "This is how it stands.", "do this" if kind == DENIED else ""))
    assert page.sentence.text() == "This is how it stands."
    assert page.lock.isVisible() == (kind == DENIED)
    assert page.progress.isVisible() == (kind == LOADING)
    assert page.button.isVisible() == (kind in (LOADING, DENIED, NOT_ANSWERING, FAILED))
    assert not page.button.isVisible() or page.button.text()
    assert not page.grab().isNull()


@pytest.mark.parametrize(("kind", "signal"), [(LOADING, "cancel_wanted"), (FAILED, "again_wanted")])
def test_that_the_button_asks_for_what_it_says(page: StatusPage, kind: str, signal: str, qtbot: QtBot) -> None:
    page.say(State(kind, "…"))
    with qtbot.waitSignal(getattr(page, signal)):
        page.button.click()


def test_that_the_remedy_is_copied_to_the_letter(page: StatusPage) -> None:
    remedy = "give memviz CAP_SYS_PTRACE, or use `--via sudo`"
    page.say(dataclasses.replace(state_of_error(AccessDenied("no")), remedy=remedy))
    page.button.click()
    assert QGuiApplication.clipboard().text() == remedy


def test_that_a_remedy_is_taken_literally(page: StatusPage) -> None:
    page.say(State(DENIED, "<b>no</b>", "<a href='x'>y</a>"))
    assert page.sentence.textFormat() == page.remedy.textFormat()
    assert page.sentence.text() == "<b>no</b>"


def test_that_little_room_leaves_a_shorter_sentence() -> None:
    whole = "Paused: this is how it was at 16:31:28; sampling goes on."
    assert shorter(whole) == (whole, "Paused: this is how it was at 16:31:28.", "Paused.")
    assert shorter("Captured at 14:02: not alive.")[-1] == "Captured at 14:02."
    assert shorter("") == ("",)
