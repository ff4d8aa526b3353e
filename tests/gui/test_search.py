"""The search box: what is typed is the filter, hits are counted, a wrong word is told in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from memviz.core.query import parse
from memviz.gui.map.search import Search, hits_of
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import show

SNAPSHOT = builders.snapshot(
    "10-14 r-xp /usr/lib/libc.so.6 rss=8k", "14-18 rw-p /usr/lib/libc.so.6 rss=4k", "20-30 rw-p [heap] rss=16k",
    start_brk=0x20000,
)  # fmt: skip
UNMEASURED = builders.snapshot("10-14 r-xp /usr/lib/libc.so.6", "20-30 rw-p [heap]", start_brk=0x20000, measured=False)


@pytest.fixture
def search(qtbot: QtBot, session: Session) -> Search:
    made = Search(session)
    qtbot.addWidget(made)
    made.show()
    show(session, SNAPSHOT)
    return made


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("libc", "2 regions, 12.0 KiB resident"), ("perm:x", "1 region, 8.0 KiB resident"), ("nowhere", "nothing fits"),
        ("0x24000", "1 region, 16.0 KiB resident"),
    ],
)  # fmt: skip
def test_that_hits_are_told_in_words(text: str, words: str) -> None:
    assert hits_of(parse(text), SNAPSHOT) == words


def test_that_what_is_not_known_is_not_called_nothing() -> None:
    assert hits_of(parse("rss:>1M"), UNMEASURED) == "rss not known here"
    assert hits_of(parse("libc"), UNMEASURED) == "1 region, 16.0 KiB mapped"


def test_that_typing_sets_the_filter_and_counts(search: Search, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.filter_changed):
        search.edit.setText("libc")
    assert session.filter == "libc"
    qtbot.waitUntil(lambda: search.words.text_in_full == "2 regions, 12.0 KiB resident")


def test_that_a_wrong_word_is_explained_and_leaves_the_filter(search: Search, session: Session, qtbot: QtBot) -> None:
    session.set_filter("libc")
    search.edit.setText("size:>lots")
    search.apply()
    assert session.filter == "libc"
    assert "a size is a number" in search.words.text_in_full


def test_that_enter_goes_on_shift_enter_back_and_escape_clears(search: Search, session: Session, qtbot: QtBot) -> None:
    steps: list[int] = []
    search.stepped.connect(steps.append)
    search.edit.setText("libc")
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    qtbot.keyClick(search.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert steps == [1, -1]
    assert session.filter == "libc"
    with qtbot.waitSignal(session.filter_changed):
        qtbot.keyClick(search.edit, Qt.Key.Key_Escape)
    assert session.filter == ""
    with qtbot.waitSignal(search.left):
        qtbot.keyClick(search.edit, Qt.Key.Key_Escape)


def test_that_a_filter_set_elsewhere_is_shown(search: Search, session: Session, qtbot: QtBot) -> None:
    session.set_filter("group:heap")
    assert search.edit.text() == "group:heap"
    qtbot.waitUntil(lambda: search.words.text_in_full == "1 region, 16.0 KiB resident")
    session.set_filter("")
    assert search.edit.text() == ""
    assert search.words.isHidden()
