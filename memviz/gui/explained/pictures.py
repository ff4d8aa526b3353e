"""The pictures of the tab Explained by name, and the widget that shows one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from memviz.core.snapshot import Snapshot
from memviz.gui.explained import kernel_pictures, memory_pictures
from memviz.gui.explained.kit import HEIGHT, WIDTH, Kit
from memviz.gui.explained.topics import Topic
from memviz.gui.theme import Theme


class Picture(NamedTuple):
    """`draw` paints on a sheet of kit.WIDTH × kit.HEIGHT; `words` say what is to be seen."""

    draw: Callable[[Kit, Snapshot | None], None]
    words: str


PICTURES = {
    "virtual-memory": Picture(memory_pictures.paging,
        "Pages of two processes with arrows to frames of memory. Some pages have no frame; one frame serves both."),
    "rss": Picture(memory_pictures.resident,
        "A bar of all mapped addresses, of which a part is in memory; that part is anonymous, of files, and shmem."),
    "pss": Picture(memory_pictures.sharing,
        "Two processes: A has three frames alone, B one, two are shared. RSS 5 and 3, PSS 4 and 2, USS 3 and 1."),
    "shared-memory": Picture(memory_pictures.sharing,
        "Two processes: A has three frames alone, B one, two are shared. RSS 5 and 3, PSS 4 and 2, USS 3 and 1."),
    "files": Picture(kernel_pictures.cache,
        "A file on disk, three of its pages in the page cache, two processes that map them, one with a copy."),
    "swap": Picture(kernel_pictures.swapping,
        "When memory is short clean pages of files are dropped, changed ones written to the file, others to swap."),
    "page-faults": Picture(kernel_pictures.fault,
        "A touched page that the page table does not permit is a fault: minor, major, or a segmentation fault."),
    "page-tables": Picture(kernel_pictures.tree,
        "An address is cut into four times nine bits and twelve; they lead through four tables to a byte in a frame."),
    "tlb": Picture(kernel_pictures.lookaside,
        "An address is found in the TLB at once, or the processor walks the page table and remembers the result."),
    "not-seen": Picture(kernel_pictures.seen, "What is told in /proc beside what is not told."),
}  # fmt: skip


def picture_of(topic: Topic) -> Picture:
    """The topic's own picture; for a group of memory the address space in which that group stands out."""
    group = topic.explains[0] if topic.explains else ""
    words = f"The address space from high to low addresses; {group or 'every group'} stands out."
    return PICTURES.get(topic.name) or Picture(partial(memory_pictures.space, group=group), words)


class PictureView(QWidget):
    """Shows the picture of a topic as large as it fits, with the numbers of a process in it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._topic: Topic | None = None
        self._snapshot: Snapshot | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        action = QAction("Copy the picture", self)
        action.triggered.connect(self.copy)
        self.addAction(action)

    def copy(self) -> None:
        """Puts the picture on the clipboard as it is shown."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def show_topic(self, topic: Topic) -> None:
        self._topic = topic
        words = picture_of(topic).words
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * HEIGHT / WIDTH)

    def sizeHint(self) -> QSize:
        return QSize(round(WIDTH), round(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, round(180 * HEIGHT / WIDTH))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._topic is None:
            return
        painter = QPainter(self)
        scale = min(self.width() / WIDTH, self.height() / HEIGHT)
        painter.translate((self.width() - WIDTH * scale) / 2, 0)
        painter.scale(scale, scale)
        picture_of(self._topic).draw(Kit(painter, self._theme, self.font()), self._snapshot)
        painter.end()
