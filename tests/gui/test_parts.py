"""What several views are made of."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from memviz.gui.parts.label import words
from memviz.gui.parts.taking import copy_made, copy_text, save_drawn, save_made
from memviz.gui.session.session import Session


@pytest.fixture
def said(session: Session) -> list[str]:
    heard: list[str] = []
    session.said.connect(heard.append)
    return heard


def fail() -> str:
    raise OSError("no room")


def test_that_what_a_process_calls_itself_is_no_markup(qtbot: QtBot) -> None:
    shown, markup = words(None, "<b>name</b>" * 3), QLabel("<b>name</b>" * 3)
    for label in (shown, markup):
        qtbot.addWidget(label)
        label.setWordWrap(False)
    assert shown.sizeHint().width() > markup.sizeHint().width()


def test_that_what_is_copied_is_said_and_nothing_leaves_what_was_copied_before(
    session: Session, said: list[str]
) -> None:
    copy_text(session, "some text", "the text")
    copy_text(session, None, "the text")
    assert QGuiApplication.clipboard().text() == "some text"
    assert said == ["Copied: the text", "There is nothing to copy."]


def test_that_what_could_not_be_made_is_said_not_to_be_copied(session: Session, said: list[str], qtbot: QtBot) -> None:
    copy_made(session, lambda: (fail(), ""))
    qtbot.waitUntil(lambda: said == ["Not copied: no room"])


def test_that_what_is_saved_is_said_with_its_path(
    session: Session, said: list[str], qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "text.txt"
    save_made(session, file, lambda: "größer")
    qtbot.waitUntil(lambda: said == [f"Saved {file}"])
    assert file.read_text(encoding="utf-8") == "größer"
    save_made(session, file, fail)
    qtbot.waitUntil(lambda: said[1:] == ["Not saved: no room"])
    assert file.exists()


def test_that_a_picture_is_told_of_in_the_same_words(
    session: Session, said: list[str], qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "x.png"

    def cannot() -> bytes:
        raise ValueError("no picture")

    save_drawn(session, file, lambda: b"drawn")
    qtbot.waitUntil(lambda: said == [f"Saved {file}"])
    save_drawn(session, file, cannot)
    save_drawn(session, tmp_path / "nowhere" / "x.png", lambda: b"drawn")
    qtbot.waitUntil(lambda: len(said) == 3)
    assert said[1:] == ["Not saved: no picture", f"Not saved: {tmp_path}/nowhere/x.png: No such file or directory"]
    assert file.read_bytes() == b"drawn"
