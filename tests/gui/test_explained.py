"""The pages that explain memory."""

from __future__ import annotations

import errno
import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from memviz.assets import asset
from memviz.core.categories import GROUPS
from memviz.core.snapshot import Snapshot
from memviz.core.told import GAP, TOLD
from memviz.gui.explained.kit import HEIGHT, WIDTH, Kit
from memviz.gui.explained.page import HERE, LINK, Page, in_this_process, split
from memviz.gui.explained.pictures import PICTURES, PictureView, picture_of
from memviz.gui.explained.topics import OF_KIND, TOPICS, Topic, topic_for, topic_named
from memviz.gui.session.session import Session
from memviz.gui.tabs.explained import ExplainedTab
from memviz.gui.theme import theme
from tests.builders import snapshot
from tests.gui.fake_source import show

SEEN = snapshot(
    "10-14 r-xp /bin/program rss=8k shared_clean=8k", "20-30 rw-p [heap] rss=16k anonymous=16k",
    start_code=0x10000, start_brk=0x20000,
)  # fmt: skip
NAMED = Topic.name.__get__  # type: ignore[attr-defined]  # the member of a slotted class


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> ExplainedTab:
    made = ExplainedTab(session)
    qtbot.addWidget(made)
    made.resize(1280, 300)
    made.show()
    return made


@pytest.mark.parametrize("topic", TOPICS, ids=NAMED)
def test_that_a_page_has_a_title_words_and_a_place_for_the_process(topic: Topic) -> None:
    page, here = split(topic.markdown)
    assert topic.title
    assert 80 < len(page.split()) < 320
    assert here.endswith((".", "}"))
    assert HERE in topic.markdown


@pytest.mark.parametrize("topic", TOPICS, ids=NAMED)
def test_that_every_gap_is_declared_and_every_link_leads_to_a_page(topic: Topic) -> None:
    page, here = split(topic.markdown)
    assert not GAP.search(page)
    assert set(GAP.findall(here)) <= set(TOLD)
    names = {other.name for other in TOPICS}
    for target in re.findall(r"\]\(([^)]*)\)", page):
        assert target.startswith(LINK)
        assert target.removeprefix(LINK) in names


def test_that_every_page_in_the_resources_is_listed() -> None:
    files = {path.stem for path in asset("explained").glob("*.md")}
    assert files == {topic.name for topic in TOPICS}
    assert set(PICTURES) <= files


@pytest.mark.parametrize("group", [group.name for group in GROUPS])
def test_that_every_group_has_a_page(group: str) -> None:
    assert group in topic_named(group).explains


def test_that_every_gap_is_used_by_some_page() -> None:
    used = {name for topic in TOPICS for name in GAP.findall(topic.markdown)}
    assert used == set(TOLD)


def test_that_a_selection_of_any_kind_has_a_page() -> None:
    assert [topic_for(kind, "").name for kind in OF_KIND] == list(OF_KIND.values())
    assert topic_for("block", "library").name == "libraries"
    assert topic_named("nonsense") is TOPICS[0]


@pytest.mark.parametrize("seen", [SEEN, snapshot(errno=errno.EACCES), None], ids=["read", "denied", "none"])
@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("topic", TOPICS, ids=NAMED)
def test_that_a_picture_is_painted_for_every_process(
    qtbot: QtBot, topic: Topic, name: str, seen: Snapshot | None
) -> None:
    chosen, sheet = theme(name), QImage(round(WIDTH), round(HEIGHT), QImage.Format.Format_RGB32)
    sheet.fill(chosen.ground)
    painter = QPainter(sheet)
    label = QLabel()
    qtbot.addWidget(label)
    picture_of(topic).draw(Kit(painter, chosen, label.font()), seen)
    painter.end()
    colours = {sheet.pixel(x, y) for x in range(0, sheet.width(), 3) for y in range(0, sheet.height(), 3)}
    assert len(colours) > 3


def test_that_the_numbers_are_those_of_the_process(tab: ExplainedTab, session: Session) -> None:
    show(session, SEEN)
    tab.show_topic("heap")
    assert "heap: 16.0 KiB in memory of 64.0 KiB mapped" in tab._here.text()
    tab.show_topic("pss")
    assert "USS is 16.0 KiB" in tab._here.text()


def test_that_without_a_process_the_page_says_so(tab: ExplainedTab) -> None:
    assert tab._here.text() == "Choose a process to see its numbers here."
    assert in_this_process(TOPICS[0], None) == tab._here.text()


def test_that_a_link_leads_to_another_page_and_nowhere_else(tab: ExplainedTab, qtbot: QtBot) -> None:
    page = tab._page
    page.anchorClicked.emit(QUrl("topic:page-tables"))
    assert tab.topic.name == "page-tables"
    with qtbot.assertNotEmitted(page.topic_wanted):
        for target in ("https://example.org/", "file:///etc/passwd", "data:text/html,x"):
            page.anchorClicked.emit(QUrl(target))
    assert tab.topic.name == "page-tables"


def test_that_nothing_is_loaded_from_files_or_the_network(qtbot: QtBot) -> None:
    page = Page()
    qtbot.addWidget(page)
    kind = int(QTextDocument.ResourceType.ImageResource.value)
    assert page.loadResource(kind, QUrl("file:///etc/passwd")) is None


def test_that_a_foreign_name_is_not_read_as_markup(tab: ExplainedTab, session: Session) -> None:
    show(session, snapshot("10-14 r-xp /bin/<b>**x** rss=8k", start_code=0x10000))
    tab.show_topic("text")
    assert "<b>**x**" in tab._here.text()


@pytest.mark.parametrize("size", [(1280, 260), (620, 700), (1280, 720), (360, 300)])
def test_that_every_page_fits_every_size(tab: ExplainedTab, size: tuple[int, int]) -> None:
    tab.resize(*size)
    for row, topic in enumerate(TOPICS):
        tab._contents.setCurrentRow(row)
        QApplication.processEvents()  # layouts are worked out when events are
        assert tab.topic is topic
        assert tab._page.horizontalScrollBar().maximum() == 0
        assert tab._here.width() > 0


def test_that_a_picture_can_be_copied(tab: ExplainedTab) -> None:
    view = tab._picture
    view.actions()[0].trigger()
    assert QGuiApplication.clipboard().image().size() == view.grab().toImage().size()


def test_that_a_picture_says_what_is_to_be_seen(qtbot: QtBot) -> None:
    view = PictureView(theme("dark"))
    qtbot.addWidget(view)
    for topic in TOPICS:
        view.show_topic(topic)
        assert view.accessibleName().endswith(".")
    assert view.heightForWidth(round(WIDTH)) == HEIGHT
