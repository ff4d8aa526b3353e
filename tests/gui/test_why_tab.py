"""The tab that tells why tools say different things."""

from __future__ import annotations

import errno

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from memviz.core.why import why
from memviz.gui.parts.roles import TIP
from memviz.gui.session.session import Session
from memviz.gui.tabs.why import WhyTab
from memviz.gui.why.model import CALLED, SENTENCE, SIZE, TITLE, StepModel
from tests.builders import snapshot
from tests.gui.fake_source import show

SEEN = snapshot("10-14 r-xp /bin/program rss=16k shared_clean=16k pss=4k", "20-30 rw-p rss=32k anonymous=32k")
GROWN = snapshot("10-14 r-xp /bin/program rss=16k shared_clean=16k pss=4k", "20-40 rw-p rss=64k anonymous=64k")


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> WhyTab:
    made = WhyTab(session)
    qtbot.addWidget(made)
    made.resize(1280, 260)
    made.show()
    return made


def titles(tab: WhyTab) -> list[str]:
    model = tab._model
    return [model.index(row, TITLE).data().strip(" =+-") for row in range(model.rowCount())]


def test_that_every_step_has_a_row_with_its_number(tab: WhyTab, session: Session) -> None:
    show(session, SEEN)
    model = tab._model
    assert titles(tab)[:3] == ["Mapped", "Not in memory", "Resident"]
    row = titles(tab).index("Private (USS)")
    assert model.index(row, SIZE).data() == "32.0 KiB"
    assert "smem USS" in model.index(row, CALLED).data()
    assert "exactly 32,768 bytes" in model.index(row, 0).data(TIP)


def test_that_the_first_sentence_names_the_numbers_of_top(tab: WhyTab, session: Session) -> None:
    show(session, SEEN)
    texts = [label.text() for label in tab.findChildren(QLabel)]
    assert any("top says 3.9 MiB (VIRT) and 400 KiB (RES)" in text for text in texts)


def test_that_what_may_not_be_read_is_a_dash(tab: WhyTab, session: Session) -> None:
    show(session, snapshot(errno=errno.EACCES))
    row = titles(tab).index("Private (USS)")
    assert tab._model.index(row, SIZE).data() == "–"
    assert "denied" in tab._model.index(row, 0).data(TIP)


def test_that_the_measure_that_memviz_ranks_by_is_marked(tab: WhyTab, session: Session) -> None:
    show(session, SEEN)
    for metric, title in (("pss", "Proportional (PSS)"), ("rss", "Resident"), ("uss", "Private (USS)")):
        session.set_options(metric=metric)
        assert "memviz ranks by it" in tab._model.index(titles(tab).index(title), CALLED).data()


def test_that_lines_can_be_copied(tab: WhyTab, session: Session, qtbot: QtBot) -> None:
    show(session, SEEN)
    tab._copy.click()
    text = QGuiApplication.clipboard().text()
    assert len(text.splitlines()) == len(why(SEEN))
    assert "32,768 bytes" in text
    table = tab._table
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(tab._model.index(2, 0), flags)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("=        Resident")


@pytest.mark.parametrize(("width", "hidden"), [(1280, ()), (700, (SENTENCE,)), (400, (SENTENCE, CALLED))])
def test_that_a_narrow_tab_leaves_words_to_the_tooltips(
    tab: WhyTab, session: Session, width: int, hidden: tuple[int, ...]
) -> None:
    show(session, SEEN)
    tab.resize(width, 400)
    for column in (CALLED, SENTENCE):
        assert tab._table.isColumnHidden(column) == (column in hidden)


def test_that_a_model_keeps_the_rules_while_lines_come_and_go(qtbot: QtBot) -> None:
    model = StepModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for seen in (SEEN, GROWN, snapshot(errno=errno.EACCES)):
        model.show(why(seen))
        for row in range(model.rowCount()):
            assert all(isinstance(model.index(row, column).data(), str) for column in range(model.columnCount()))
    model.show(())
    assert tester.model() is model


def test_that_the_same_steps_with_other_numbers_keep_their_rows(qtbot: QtBot) -> None:
    model = StepModel()
    model.show(why(SEEN))
    with qtbot.waitSignal(model.dataChanged), qtbot.assertNotEmitted(model.modelReset):
        model.show(why(GROWN))


def test_that_without_a_process_it_says_what_to_do(tab: WhyTab) -> None:
    assert "Choose a process on the left." in [label.text() for label in tab.findChildren(QLabel)]
