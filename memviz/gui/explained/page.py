"""A page of the tab Explained: its Markdown as rich text that wraps, with links to other pages and nowhere else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QUrl, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QTextBrowser, QWidget

from memviz.core.snapshot import Snapshot
from memviz.core.told import fill
from memviz.gui.explained.topics import Topic

HERE = "**In this process:**"  # what the last paragraph of each page begins with
LINK = "topic:"
TITLE = 1  # steps that the title is larger than the text
AIR = 130  # percent of the height of a line


def split(markdown: str) -> tuple[str, str]:
    """The page, and the text of its last paragraph, whose gaps the process at hand fills."""
    page, _, here = markdown.partition(HERE)
    return page, " ".join(here.split())


def in_this_process(topic: Topic, snapshot: Snapshot | None) -> str:
    """The last paragraph with the numbers of a process; plain text, since names in it are foreign."""
    if snapshot is None:
        return "Choose a process to see its numbers here."
    return fill(split(topic.markdown)[1], snapshot)


class Page(QTextBrowser):
    """Reads only what memviz brings along; `topic_wanted` carries the name that a link means."""

    topic_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setAccessibleName("Explanation")
        self._text = ""
        self.anchorClicked.connect(self._follow)

    def show_topic(self, topic: Topic) -> None:
        self._text = split(topic.markdown)[0]
        self._render()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is fetched: neither files nor the network."""
        return None

    def changeEvent(self, event: QEvent) -> None:
        """Links take their colour from the palette when they are made."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_text"):
            place = self.verticalScrollBar().value()
            self._render()
            self.verticalScrollBar().setValue(place)

    def _render(self) -> None:
        document = self.document()
        document.setDocumentMargin(8)
        document.setMarkdown(self._text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        title = QTextCharFormat()
        title.setProperty(QTextFormat.Property.FontSizeAdjustment, TITLE)
        cursor.mergeCharFormat(title)
        cursor.select(QTextCursor.SelectionType.Document)
        looser = QTextBlockFormat()
        looser.setLineHeight(AIR, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(looser)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == LINK.removesuffix(":"):
            self.topic_wanted.emit(url.path())
