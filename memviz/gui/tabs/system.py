"""The tab "System"."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from memviz.gui.parts.label import words
from memviz.gui.parts.scroll import ColumnScrollArea
from memviz.gui.session.session import Session
from memviz.gui.session.state import state_of_error
from memviz.gui.system.machine import Machine, closest_limits, headline, limit_words, pressure_words, read_machine
from memviz.gui.system.picture import MemoryPicture
from memviz.gui.system.trend import Trend
from memviz.gui.theme import Theme

READING = "Reading the machine …"
EVERY = 2000  # milliseconds, while it is visible
NARROW = 760  # pixels below which words stand under the picture
SIDE = 270


class SystemTab(QWidget):
    """The machine's memory in one picture, with the part of the process in it; beside it pressure and limits."""

    title = "System"
    help = "What the memory of the whole machine is used for, and the part that this process has of it."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.machine: Machine | None = None
        self._headline, self._pressure, self._limits = (words(self, marked=True) for _ in range(3))
        self._picture, self._trend = MemoryPicture(session.theme, self), Trend(session.theme, self)
        self._side = QWidget(self)
        beside = QVBoxLayout(self._side)
        beside.setContentsMargins(0, 0, 0, 0)
        for widget in (self._pressure, self._trend, self._limits):
            beside.addWidget(widget)
        beside.addStretch(1)
        area = ColumnScrollArea(self)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight, area.column)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(14)
        self._body.addWidget(self._picture, 1)
        self._body.addWidget(self._side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self._headline)
        layout.addWidget(area, 1)
        self._add_copy()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.read)
        session.visible_changed.connect(self._attend)
        session.source_changed.connect(self._forget)
        session.target_changed.connect(self._turn)
        session.snapshot_changed.connect(self._show_again)
        session.theme_changed.connect(self._paint)
        self._paint(session.theme)
        self._say(READING)

    def read(self) -> None:
        """What is shown anew, unless an answer is still awaited."""
        session = self.session
        if not session.jobs.is_running("system"):
            work = partial(read_machine, session.source, session.snapshot)
            session.jobs.run("system", work, self._show, self._not_read, waits=True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._attend()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._attend()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= NARROW
        ways = QBoxLayout.Direction
        self._body.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self._side.setMaximumWidth(SIDE if beside else 16777215)
        self._side.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _attend(self, changed: object = None) -> None:
        """Reads while somebody can see it."""
        if self.isVisible() and self.session.visible:
            self.read()
            self._timer.start()
        else:
            self._timer.stop()

    def _forget(self, source: object) -> None:
        """Another machine, perhaps."""
        self.session.jobs.cancel("system")
        self.machine = None
        self._say(READING)
        if self.isVisible():
            self.read()

    def _turn(self, target: object) -> None:
        """What was known of another process is not shown for this one."""
        self.session.jobs.cancel("system")  # an answer that is under way is about the other one
        if self.machine is not None:
            self._show(Machine(self.machine.system, None))
        if self.isVisible():
            self.read()

    def _show_again(self, snapshot: object) -> None:
        if self.machine is not None and self.isVisible():
            self._show(self.machine)

    def _show(self, machine: Machine) -> None:
        self.machine = machine
        snapshot = self.session.snapshot
        self._headline.setText(headline(machine, snapshot))
        self._picture.show_machine(machine, snapshot)
        self._pressure.setText(pressure_words(machine.system))
        waited = machine.system.values.get("pressure_memory_some_avg10")
        if isinstance(waited, int | float):
            self._trend.add(machine.system.time, float(waited))
        limits = closest_limits(machine)
        self._limits.setText("\n".join(["Closest limits", *map(limit_words, limits)]) if limits else "")
        self._limits.setToolTip("\n".join(f"{limit.title}: {limit.explanation}" for limit in limits))
        self._trend.setVisible(isinstance(waited, int | float))
        for widget in (self._picture, self._side):
            widget.show()

    def _not_read(self, error: Exception) -> None:
        if self.machine is None:
            self._say(state_of_error(error).sentence)
        else:
            self.session.said.emit(f"The machine could not be read: {error}")

    def _say(self, sentence: str) -> None:
        self._headline.setText(sentence)
        for widget in (self._picture, self._side):
            widget.hide()

    def _paint(self, theme: Theme) -> None:
        self._picture.set_theme(theme)
        self._trend.set_theme(theme)

    def _add_copy(self) -> None:
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        clipboard = QGuiApplication.clipboard()
        for title, do in (
            ("Copy as text", lambda: clipboard.setText(self._picture.text)),
            ("Copy the picture", lambda: clipboard.setPixmap(self._picture.grab())),
        ):
            action = QAction(title, self)
            action.triggered.connect(lambda checked=False, do=do: do())
            self.addAction(action)
