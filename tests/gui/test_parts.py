"""What several views are made of."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from memviz.gui.parts.label import words


def test_that_what_a_process_calls_itself_is_no_markup(qtbot: QtBot) -> None:
    shown, markup = words(None, "<b>name</b>" * 3), QLabel("<b>name</b>" * 3)
    for label in (shown, markup):
        qtbot.addWidget(label)
        label.setWordWrap(False)
    assert shown.sizeHint().width() > markup.sizeHint().width()
