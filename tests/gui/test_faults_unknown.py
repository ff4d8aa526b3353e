"""What nobody told is no zero, and what was never read has no last numbers."""

from __future__ import annotations

import errno

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from memviz.errors import ProcessGone
from memviz.gui.map.ribbon import Word, word_of
from memviz.gui.processes.people import People
from memviz.gui.processes.words import Words
from memviz.gui.session.session import ProcessList, Session
from memviz.gui.session.state import state_of_error
from tests import builders
from tests.gui.fake_source import process, show


@pytest.mark.parametrize(
    ("sizes", "text", "tip"),
    [
        ((None,), "1 process · –", "1 of them do not tell theirs."),
        ((None, 4096), "2 processes · 4.0 KiB", "1 of them do not tell theirs."),
        ((0, 4096), "2 processes · 4.0 KiB", "added up."),
        ((0,), "1 process · 0 B", "added up."),
    ],
)
def test_that_a_list_of_unknown_sizes_adds_up_to_no_zero(
    qtbot: QtBot, sizes: tuple[int | None, ...], text: str, tip: str
) -> None:
    over, people = QWidget(), People()
    words = Words(over)
    for widget in (over, words):
        qtbot.addWidget(widget)
    people.take([process(pid, private_swap=size) for pid, size in enumerate(sizes, 7)], 0.0)
    people.set_lines(people.lines_now())
    words.tell(people, ProcessList(time=1.0))
    assert words._sum.text() == text
    assert words._sum.toolTip().endswith(tip)


def test_that_what_was_never_read_has_no_last_numbers(session: Session) -> None:
    ended = builders.snapshot(errno=errno.ESRCH)
    show(session, ended)
    session.set_state(state_of_error(ProcessGone("process 7 has ended")))
    assert word_of(session, ended, 0.0) == Word()
