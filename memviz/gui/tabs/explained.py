"""The tab "Explained"."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from memviz.gui.explained.kit import HEIGHT, WIDTH
from memviz.gui.explained.page import Page, in_this_process
from memviz.gui.explained.pictures import PictureView
from memviz.gui.explained.topics import FIRST, TOPICS, Topic, topic_named
from memviz.gui.parts.label import words
from memviz.gui.parts.scroll import ColumnScrollArea
from memviz.gui.session.session import Session

JOB, MANY = "explained", 5000  # regions from which on sentences are made away from the GUI thread
NARROW = 720  # pixels below which the picture stands under the text
LOW, ROOMY = 380, 1000  # so low and wide, the numbers stand beside the picture instead of below it
WIDEST = 900  # of a picture
SHAPE = WIDTH / HEIGHT


class ExplainedTab(QWidget):
    """Contents at the left, the page, and beside it a picture and the numbers of this very process."""

    title = "Explained"
    help = "What heap, stack, RSS, PSS, page tables and the rest are, with the numbers of this process."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.topic = FIRST
        self._contents = QListWidget(self)
        self._contents.setAccessibleName("Contents")
        self._contents.setFrameShape(QFrame.Shape.NoFrame)
        self._contents.setViewportMargins(4, 6, 0, 4)
        self._contents.setSpacing(1)
        self._contents.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for topic in TOPICS:
            entry = QListWidgetItem(topic.title, self._contents)
            entry.setToolTip(topic.title)
        self._contents.currentRowChanged.connect(lambda row: self._show(TOPICS[max(row, 0)]))
        self._page, self._picture = Page(self), PictureView(session.theme, self)
        self._page.topic_wanted.connect(self.show_topic)
        self._here_title, self._here = words(self, "In this process"), words(self, marked=True)
        bold = QFont()
        bold.setBold(True)  # nothing else: its size stays that of the tab
        self._here_title.setFont(bold)
        self._side = self._beside()
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(0)
        self._body.addWidget(self._page, 5)
        self._body.addWidget(self._side, 4)
        layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._contents)
        layout.addLayout(self._body, 1)
        session.snapshot_changed.connect(self._fill)
        session.target_changed.connect(self._fill)
        session.theme_changed.connect(self._paint)
        session.options_changed.connect(self._paint)
        self._contents.setCurrentRow(0)
        self._paint()

    def show_topic(self, name: str) -> None:
        """The page of that name, or about the group of that name."""
        self._contents.setCurrentRow(TOPICS.index(topic_named(name)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Text and picture beside each other where there is room; where the tab is low, the numbers beside both."""
        ways = QBoxLayout.Direction
        wide, high = self.width(), self.height()
        self._body.setDirection(ways.TopToBottom if wide < NARROW else ways.LeftToRight)
        is_low = high < LOW and wide >= ROOMY
        upright = ways.BottomToTop if high < LOW else ways.TopToBottom  # where it is low, the numbers come first
        self._inside.setDirection(ways.LeftToRight if is_low else upright)
        self._body.setStretch(0, 4 if is_low else 5)
        self._body.setStretch(1, 6 if is_low else 4)
        if is_low:
            self._picture.setFixedWidth(round((high - 20) * SHAPE))
        else:
            self._picture.setMinimumWidth(180)
            self._picture.setMaximumWidth(WIDEST)
        letters = self._contents.fontMetrics()
        widest = max(letters.horizontalAdvance(topic.title) for topic in TOPICS)
        self._contents.setFixedWidth(min(widest + 34, wide * 3 // 10))

    def _beside(self) -> ColumnScrollArea:
        """The picture and, below it, the numbers of the process; it scrolls where the tab is low."""
        area = ColumnScrollArea(self)
        inside = area.column
        self._inside = QBoxLayout(QBoxLayout.Direction.TopToBottom, inside)
        self._inside.setContentsMargins(8, 8, 12, 8)
        for label in (self._here_title, self._here):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        told = QVBoxLayout()
        told.addWidget(self._here_title)
        told.addWidget(self._here)
        told.addStretch(1)
        self._inside.addWidget(self._picture)
        self._inside.addLayout(told, 1)
        inside.setBackgroundRole(QPalette.ColorRole.Base)  # one sheet with the text beside it
        inside.setAutoFillBackground(True)
        return area

    def _show(self, topic: Topic) -> None:
        self.topic = topic
        self._page.show_topic(topic)
        self._picture.show_topic(topic)
        self._fill()

    def _fill(self, changed: object = None) -> None:
        """The numbers of the process, only while somebody looks."""
        if self.isVisible():
            snapshot = self.session.snapshot
            self._picture.show_snapshot(snapshot)
            work = partial(in_this_process, self.topic, snapshot)
            if snapshot is None or len(snapshot.regions) <= MANY:
                self.session.jobs.cancel(JOB)
                self._here.setText(work())
            else:
                self.session.jobs.run(JOB, work, self._here.setText, self._not_told)

    def _not_told(self, error: Exception) -> None:
        self.session.said.emit(f"The numbers of this process could not be told: {error}")

    def _paint(self, changed: object = None) -> None:
        self._picture.set_theme(self.session.theme)
        self._arrange()
