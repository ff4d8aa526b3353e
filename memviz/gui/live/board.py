"""All plots beside each other, and the one window of time that they show."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from memviz.gui.live.charts import CHARTS
from memviz.gui.live.events import Event
from memviz.gui.live.pens import Pens
from memviz.gui.live.plot import Plot
from memviz.gui.live.shapes import picture
from memviz.gui.live.tracks import Tracks
from memviz.gui.live.window import Window

MOST_COLUMNS = 3
SHAPE = 2.4  # width of a plot by its height that is pleasant to read
SPACE = 6


class Board(QWidget):
    """Draws when it is told to, and only what is visible."""

    window_changed = Signal(object)  # Window, moved by the mouse
    chosen = Signal(object)  # Event that was clicked

    def __init__(self, tracks: Tracks, pens: Pens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tracks = tracks
        self.window_of_time = Window()
        self.plots = {chart.name: Plot(chart, pens, self) for chart in CHARTS}
        for plot in self.plots.values():
            plot.hovered.connect(self._hovered)
            plot.panned.connect(self._panned)
            plot.zoomed.connect(self._zoomed)
            plot.clicked.connect(self._clicked)
            plot.hide()

    def set_pens(self, pens: Pens) -> None:
        for plot in self.plots.values():
            plot.set_pens(pens)
        self.refresh()

    def set_charts(self, names: set[str]) -> None:
        for name, plot in self.plots.items():
            plot.setVisible(name in names)
        self._arrange()
        self.refresh()

    def set_window(self, window: Window) -> None:
        self.window_of_time = window
        self.refresh()

    def span(self) -> tuple[float, float]:
        """The oldest and the newest time of the target and of what is pinned."""
        tracks = [track for track in (self.tracks.current, *self.tracks.beside) if track is not None]
        began = [track.began for track in tracks if track.began is not None]
        newest = [track.newest for track in tracks if track.newest is not None]
        now = time.time()
        return min(began, default=now), max(newest, default=now)

    def refresh(self) -> None:
        """Draws what there is now."""
        track = self.tracks.current
        if track is None or not self.isVisible():
            return
        began, newest = self.span()
        left, right = self.window_of_time.span(began, newest)
        now = right if self.window_of_time.is_live else None
        for plot in self.plots.values():
            if plot.isVisible():
                shown = picture(plot.chart, track, self.tracks.beside, left, right, plot.pixels)
                plot.show_picture(shown, track.events, now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self.refresh()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        plots = [plot for plot in self.plots.values() if not plot.isHidden()]
        for plot, place in zip(plots, places(len(plots), self.width(), self.height()), strict=True):
            plot.setGeometry(place)

    def _hovered(self, time: float | None) -> None:
        for plot in self.plots.values():
            plot.canvas.set_cursor(time)

    def _panned(self, seconds: float) -> None:
        began, newest = self.span()
        left, right = self.window_of_time.span(began, newest)
        self._look(left + seconds, right + seconds)

    def _zoomed(self, wish: tuple[float, float]) -> None:
        factor, place = wish
        began, newest = self.span()
        left, right = self.window_of_time.span(began, newest)
        at = left + place * (right - left)
        self._look(at - (at - left) * factor, at + (right - at) * factor)

    def _look(self, left: float, right: float) -> None:
        self.window_changed.emit(self.window_of_time.looked(left, right, *self.span()))

    def _clicked(self, event: Event) -> None:
        self.chosen.emit(event)


def columns_for(count: int, width: int, height: int) -> int:
    """As many columns as give plots the most pleasant shape."""
    fits = range(1, min(count, MOST_COLUMNS) + 1)

    def strain(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log(max(width / columns, 1) / max(height / rows, 1) / SHAPE))

    return min(fits, key=strain, default=1)


def places(count: int, width: int, height: int) -> list[QRect]:
    """Where each of so many plots stands; those of the last row are as wide as they can be."""
    columns = columns_for(count, width, height)
    rows = -(-count // columns)
    result = []
    for number in range(count):
        row, column = divmod(number, columns)
        inside = columns if row < rows - 1 else count - row * columns
        left, right = (round((width + SPACE) * edge / inside) for edge in (column, column + 1))
        top, bottom = (round((height + SPACE) * edge / rows) for edge in (row, row + 1))
        result.append(QRect(left, top, right - left - SPACE, bottom - top - SPACE))
    return result
