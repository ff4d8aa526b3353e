"""What comes and goes above, beside and below the map leaves the map where it is; and one name is one number."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QStaticText
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.columns import PROCESS_COLUMNS
from memviz.core.headline import cost, headline
from memviz.core.measures import MEASURES
from memviz.gui.inspector.subject import Subject
from memviz.gui.inspector.told import tell
from memviz.gui.live.series import SERIES
from memviz.gui.map import words
from memviz.gui.map.menu import map_menu
from memviz.gui.map.pane import MapPane
from memviz.gui.map.search import shorter
from memviz.gui.processes.paint import RowPainter
from memviz.gui.processes.people import People
from memviz.gui.processes.tree import Line
from memviz.gui.session.selection import Selection
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import process, show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)


@pytest.fixture
def pane(qtbot: QtBot, session: Session) -> MapPane:
    made = MapPane(session)
    qtbot.addWidget(made)
    made.resize(856, 500)
    made.show()
    show(session, SMALL)
    qtbot.waitUntil(session.jobs.is_idle)
    return made


def places(pane: MapPane) -> list[QRect]:
    return [part.geometry() for part in (pane.header, pane.legend, pane.minimap, pane.search, pane.view)]


def test_that_the_map_stays_when_hits_are_counted(pane: MapPane, qtbot: QtBot) -> None:
    before = places(pane)
    pane.search.edit.setText("heap")
    pane.search.apply()
    qtbot.waitUntil(pane.search.words.isVisible)
    assert places(pane) == before
    assert pane.search.edit.rect().contains(pane.search.words.geometry())
    margin = pane.search.edit.textMargins().right()
    assert margin >= pane.search.words.width()
    pane.search.edit.clear()
    pane.search.apply()
    assert pane.search.edit.textMargins().right() == 0


def test_that_the_map_stays_when_it_is_paused(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    before = places(pane)
    session.set_paused(True)
    qtbot.waitUntil(pane.ribbon.isVisible)
    assert places(pane) == before
    assert pane.crumbs.isVisible()


def test_that_hits_have_shorter_words_and_sentences_have_none() -> None:
    assert shorter("12 regions, 34.0 MiB resident") == (
        "12 regions, 34.0 MiB resident", "12 regions, 34.0 MiB", "12 regions"
    )  # fmt: skip
    assert shorter("nothing fits") == ("nothing fits",)
    assert shorter("rss, pss not known here") == ("rss, pss not known here",)


@pytest.mark.parametrize(("text", "hides"), [("", True), ("heap", False)])
def test_that_a_picture_leaves_out_the_search_field_while_it_is_empty(
    pane: MapPane, monkeypatch: pytest.MonkeyPatch, text: str, hides: bool
) -> None:
    pane.search.edit.setText(text)
    was: list[bool] = []

    def picture(*_: object) -> QImage:
        was.append(pane.search.isVisibleTo(pane))
        return QImage()

    monkeypatch.setattr(pane.view, "picture", picture)
    before = places(pane)
    pane.copy_picture()
    assert was == [not hides]
    assert pane.search.isVisibleTo(pane)
    assert places(pane) == before


def test_that_the_menu_of_the_map_ends_with_what_can_be_done_with_the_picture(pane: MapPane) -> None:
    menu = map_menu(pane.session, pane.view.stage, pane.view._hand, 1.0, 1.0, pane.view)
    assert menu.actions()[-1] in pane.actions()
    assert menu.actions()[-1].text() == "Copy as a picture"


def test_that_the_pid_is_told_last_of_the_counts() -> None:
    assert all(f"pid {SMALL.pid}" in text for text in words.counts(SMALL, 4096.0))


def test_that_the_inspector_does_not_repeat_what_stands_above_the_map() -> None:
    said = tell(Subject(SMALL, Selection(), None))
    assert said.sentence == SMALL.name
    assert headline(SMALL) not in said
    assert cost(SMALL) not in said


@pytest.mark.parametrize("name", ["python · a-long-script.py", "memfd:sealed-9123456"])
def test_that_a_narrow_list_cuts_the_name_and_keeps_the_number(session: Session, qtbot: QtBot, name: str) -> None:
    drawn: list[str] = []

    class Recorder(QPainter):
        def drawText(self, *given: object) -> None:  # type: ignore[override]  # only the text matters
            drawn.append(str(given[-1]))

        def drawStaticText(self, *given: object) -> None:  # type: ignore[override]  # only the text matters
            assert isinstance(given[-1], QStaticText)
            drawn.append(given[-1].text())

    painter = RowPainter(People(), session.theme, QApplication.font())
    row = process(4711, name)
    line = Line(row.identity, row)
    picture = QImage(300, 30, QImage.Format.Format_RGB32)
    for width in (*range(80, 200), 280):
        drawn.clear()
        recorder = Recorder(picture)
        painter.begin(recorder, QRect(0, 0, width, 20), line, current=False, hovered=False)
        painter.cell(recorder, QRect(0, 0, width, 20), line, 0)
        recorder.end()
        assert drawn[-1] == "4711"
        wide = QFontMetrics(QApplication.font()).horizontalAdvance(drawn[0] + drawn[-1])
        assert wide <= width
        assert drawn[0] == name if width == 280 else drawn[0].endswith(("…", name[-4:]))


def test_that_one_name_is_never_two_numbers() -> None:
    measured = {measure.title.lower() for measure in MEASURES if measure.name == "private_swap"}
    cheap = {each.title.lower() for each in PROCESS_COLUMNS if each.name == "private_swap"}
    cheap |= {each.title.lower() for each in SERIES if each.name == "private_swap"}
    assert measured == {words.METRIC_WORDS["private_swap"]}
    assert not measured & cheap
