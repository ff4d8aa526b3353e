"""The tab "Live": plots of the target over time. pyqtgraph is imported when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLayout, QMenu, QVBoxLayout, QWidget

from memviz.gui.live.bar import Bar
from memviz.gui.live.charts import CHARTS
from memviz.gui.live.events import Event
from memviz.gui.live.menu import add_entries
from memviz.gui.live.pens import Pens
from memviz.gui.live.ticks import clock
from memviz.gui.live.track import Track
from memviz.gui.live.tracks import Tracks
from memviz.gui.live.window import CHOICES, Window
from memviz.gui.parts.label import words
from memviz.gui.session.selection import select_group, select_range, select_region
from memviz.gui.session.session import Session
from memviz.gui.session.state import READY

if TYPE_CHECKING:  # it imports pyqtgraph
    from memviz.gui.live.board import Board

SETTLE = 30  # milliseconds that what comes in together is drawn together


class LiveTab(QWidget):
    """Collects from the beginning; draws while it can be seen."""

    title = "Live"
    help = "Memory, page faults, processor time and threads over time."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tracks = Tracks(session, self)
        self.charts = {chart.name for chart in CHARTS if chart.shown}
        self.window_of_time = Window()
        self.from_zero = True
        self.board: Board | None = None
        self.pens = Pens(session.theme, session.options.text_scale)
        self.menu = QMenu(self)
        self.zero = self.menu.addAction("Axes begin at zero")
        self.zero.setCheckable(True)
        self.zero.setToolTip("Off: lines fill the height of their plot, and small changes show.")
        self.menu.addSeparator()
        self.bar = Bar(self.menu, self)
        self.word = words(self)
        self.word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # words come and go; sizes stay
        self._layout.addWidget(self.bar)
        self._layout.addWidget(self.word, 1)
        self._due = QTimer(self, singleShot=True, interval=SETTLE)
        self._connect()
        self.bar.set_pens(self.pens)
        self._show_all()

    def save_state(self) -> dict[str, Any]:
        """What settings keep."""
        seconds = self.window_of_time.seconds
        kept = seconds if seconds in [choice.seconds for choice in CHOICES] else CHOICES[0].seconds
        names = [chart.name for chart in CHARTS if chart.name in self.charts]
        return {"charts": names, "seconds": kept or 0, "from_zero": self.from_zero}

    def restore_state(self, state: dict[str, Any]) -> None:
        """What `save_state` gave; raises where it is something else."""
        charts, seconds = {str(name) for name in state["charts"]}, float(state["seconds"]) or None
        self.charts = charts & {chart.name for chart in CHARTS}
        self.from_zero = bool(state["from_zero"])
        if seconds in [choice.seconds for choice in CHOICES]:
            self.window_of_time = Window(seconds)
        self._show_all()

    def showEvent(self, event: QShowEvent) -> None:
        if self.board is None:
            self._build()
        super().showEvent(event)
        self._draw()

    # -- what the user does -------------------------------------------------------------------------------------------

    def set_charts(self, names: set[str]) -> None:
        self.charts = names
        self._show_all()

    def set_window(self, window: Window) -> None:
        """A stretch of time; while the session is paused none is live."""
        self.window_of_time = window.held(self.tracks.extent()[1]) if self.session.paused else window
        self._show_all()

    def set_from_zero(self, from_zero: bool) -> None:
        if from_zero != self.from_zero:
            self.from_zero = from_zero
            self._show_all()

    def go_live(self) -> None:
        """The newest values, whatever held them back."""
        self.session.set_paused(False)
        self.set_window(self.window_of_time.live())

    def choose(self, event: Event) -> None:
        """Selects the region that an event is about."""
        if not event.end:
            return
        snapshot = self.session.snapshot
        row = snapshot.regions.find(event.start) if snapshot is not None else None
        if snapshot is not None and row is not None:
            self.session.select(select_region(snapshot, row))
        else:
            self.session.select(select_range(event.start, event.end))
            self.session.said.emit("That region is not there any more; its addresses are selected.")

    def choose_group(self, name: str) -> None:
        self.session.select(select_group(name))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, bar, tracks = self.session, self.bar, self.tracks
        bar.charts_chosen.connect(self.set_charts)
        bar.window_chosen.connect(self.set_window)
        self.zero.toggled.connect(self.set_from_zero)
        bar.pin_wanted.connect(tracks.pin)
        bar.unpin_wanted.connect(tracks.unpin)
        bar.back_wanted.connect(self.go_live)
        self._due.timeout.connect(lambda: session.tasks.later(self, self._draw))
        tracks.grew.connect(self._grew)
        tracks.turned.connect(self._turned)
        tracks.pins_changed.connect(self._show_all)
        session.paused_changed.connect(self._paused)
        session.state_changed.connect(self._show_word)  # a lambda would live as long as the session
        session.theme_changed.connect(self._dress)
        session.options_changed.connect(self._dress)

    def _build(self) -> None:
        from memviz.gui.live.board import Board

        board = self.board = Board(self.tracks, self.pens, self)
        board.window_wanted.connect(self.set_window)
        board.chosen.connect(self.choose)
        board.group_chosen.connect(self.choose_group)
        board.menu_wanted.connect(self.menu.popup)
        add_entries(self.menu, board, self.session)
        self._layout.addWidget(board, 1)
        self._show_all()
        self.session.loaded.emit()

    def _grew(self) -> None:
        if self.isVisible() and not self._due.isActive():
            self._due.start()

    def _draw(self) -> None:
        self._show_word()
        if self.board is not None and self.isVisible():
            self.board.refresh()

    def _dress(self, changed: object = None) -> None:
        if (self.session.theme, self.session.options.text_scale) != (self.pens.theme, self.pens.text_scale):
            self.pens = Pens(self.session.theme, self.session.options.text_scale)
            self.bar.set_pens(self.pens)
            if self.board is not None:
                self.board.set_pens(self.pens)
            self._show_all()

    def _show_all(self, changed: object = None) -> None:
        self.bar.show_charts(self.charts)
        self.bar.show_window(self.window_of_time)
        self.zero.setChecked(self.from_zero)
        tracks = self.tracks
        self.bar.show_pins(tracks.pinned.values(), tracks.current, self.pens, can_pin=tracks.can_pin())
        if self.board is not None:
            self.board.show_view(self.charts, self.window_of_time, from_zero=self.from_zero)
        self._show_word()

    def _show_word(self, changed: object = None) -> None:
        """What is seen is not now, or there is nothing to see."""
        state, track = self.session.state, self.tracks.current
        is_empty = track is None or track.newest is None
        told = state.sentence if is_empty else "" if self.charts else "Choose a plot above."
        self.word.setText(f"{told}\n{state.remedy}" if is_empty and state.remedy else told)
        self.word.setVisible(bool(told))
        if self.board is not None:
            self.board.setVisible(not told)
        right, note = self.window_of_time.right, ""
        if right is not None:
            note = (
                f"Paused at {clock(right)}; data still comes in." if self.session.paused else f"Until {clock(right)}."
            )
        elif state.kind != READY and not is_empty:
            note = state.sentence
        self.bar.show_word(note, can_go_back=right is not None)

    def _turned(self, track: Track | None) -> None:
        self.set_window(self.window_of_time.live())

    def _paused(self, paused: bool) -> None:
        window = self.window_of_time
        self.set_window(window.held(self.tracks.extent()[1]) if paused else window.live())
