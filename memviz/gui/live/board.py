"""All plots beside each other, the one window of time that they show, and the one cursor in it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from memviz.gui.live.charts import CHARTS
from memviz.gui.live.cursor import rows_at
from memviz.gui.live.pens import Pens
from memviz.gui.live.plot import Plot
from memviz.gui.live.readout import Readout
from memviz.gui.live.shapes import picture
from memviz.gui.live.tracks import Tracks
from memviz.gui.live.window import Window

MOST_COLUMNS = 3
SHAPE = 2.4  # width of a plot by its height that is pleasant to read
SPACE = 6
STEP, ZOOM = 0.1, 1.25  # by what keys move and zoom, of what is in sight
CURSOR_STEP = 0.01
SETTLED = 150  # milliseconds after the last of several resizes


class HeldPicture(QWidget):
    """A picture of the plots that covers them while the window is dragged."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what it covers is not painted
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def hold(self, picture: QPixmap) -> None:
        self._picture = picture
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        painter.drawPixmap(0, 0, self._picture)
        painter.end()


class Board(QWidget):
    """Draws when it is told to, and only what is visible."""

    window_wanted = Signal(object)  # Window, from mouse or keys
    chosen = Signal(object)  # Event that was clicked
    group_chosen = Signal(str)  # whose label was clicked
    menu_wanted = Signal(object)  # QPoint on the screen

    def __init__(self, tracks: Tracks, pens: Pens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tracks, self.pens = tracks, pens
        self.window_of_time = Window()
        self.from_zero = True
        self.cursor_time: float | None = None
        self._pointed: tuple[Plot, float, QPoint] | None = None  # where the mouse rests
        self.setAccessibleName("Live plots")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plots = {chart.name: Plot(chart, pens, self) for chart in CHARTS}
        for plot in self.plots.values():
            plot.hovered.connect(lambda found, plot=plot: self._hovered(plot, found))
            plot.panned.connect(self._pan)
            plot.zoomed.connect(lambda wish: self._zoom(*wish))
            plot.clicked.connect(self.chosen)
            plot.group_clicked.connect(self.group_chosen)
            plot.hide()
        self.readout = Readout(pens, self)
        self._held, self._window_size = HeldPicture(self), self.window().size()
        self._resized = QTimer(self, interval=SETTLED, singleShot=True)
        self._resized.timeout.connect(self._settle)
        self._keys = {
            Qt.Key.Key_Left: lambda: self._move(-1), Qt.Key.Key_Right: lambda: self._move(1),
            Qt.Key.Key_Plus: lambda: self._zoom(1 / ZOOM, 0.5), Qt.Key.Key_Equal: lambda: self._zoom(1 / ZOOM, 0.5),
            Qt.Key.Key_Minus: lambda: self._zoom(ZOOM, 0.5),
            Qt.Key.Key_Home: lambda: self.window_wanted.emit(Window(None)),
            Qt.Key.Key_End: lambda: self.window_wanted.emit(self.window_of_time.live()),
            Qt.Key.Key_Escape: lambda: self._set_cursor(None),
            Qt.Key.Key_Return: self._choose, Qt.Key.Key_Enter: self._choose,
        }  # fmt: skip

    def set_pens(self, pens: Pens) -> None:
        """A new theme, or another size of text."""
        self.pens = self.readout.pens = pens
        for plot in self.plots.values():
            plot.set_pens(pens)
        self.refresh()

    def show_view(self, names: set[str], window: Window, *, from_zero: bool) -> None:
        """Which charts, which stretch of time, and whether axes begin at zero."""
        self.window_of_time, self.from_zero = window, from_zero
        for name, plot in self.plots.items():
            plot.setVisible(name in names)
        self._arrange()
        self.refresh()

    @property
    def is_held(self) -> bool:
        """Whether a picture covers the plots, while the window is dragged."""
        return not self._held.isHidden()

    def span(self) -> tuple[float, float]:
        """What is in sight."""
        return self.window_of_time.span(*self.tracks.extent())

    def refresh(self) -> None:
        """Draws what there is now."""
        track = self.tracks.current
        if track is None or not self.isVisible() or self.is_held:
            return
        left, right = self.span()
        now = right if self.window_of_time.is_live else None
        plots = [plot for plot in self.plots.values() if not plot.isHidden()]
        for plot in plots:
            shown = picture(plot.chart, track, self.tracks.beside, left, right, plot.pixels)
            plot.show_picture(shown, track.events, now, from_zero=self.from_zero, title=track.title)
        if self._pointed is not None:  # time moves on below a mouse that rests
            pointed, x, place = self._pointed
            self._set_cursor(pointed.canvas.time_at(x), pointed, place)
        for left in {plot.x() for plot in plots}:
            _make_room([plot for plot in plots if plot.x() == left])

    # -- Qt calls these -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the last picture while a corner of the window is dragged: the plots take as long as the rest of it."""
        size, before = self.window().size(), self._window_size
        is_dragged = self._resized.isActive() and self.isVisible() and size != before
        self._window_size = size
        self._resized.start()
        if not self.isVisible():
            self._arrange()
        elif not is_dragged:
            self.tracks.session.tasks.later(self, self._take_size)
        else:
            if not self.is_held:
                self._held.hold(self.grab(QRect(QPoint(), event.oldSize())))
            self._held.setGeometry(self.rect())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, round(7 * self.pens.metrics.height()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move through time, with Control the cursor; + and - zoom; Home is everything, End is live."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in ARROWS:
            self._step_cursor(ARROWS[event.key()])
        elif (action := self._keys.get(Qt.Key(event.key()))) is not None:
            action()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Show the plots again, after the last of several resizes."""
        if self.is_held:
            self.tracks.session.tasks.later(self, self._take_size)

    def _take_size(self) -> None:
        self._held.hide()
        self._arrange()
        self.refresh()

    def _arrange(self) -> None:
        plots = [plot for plot in self.plots.values() if not plot.isHidden()]
        for plot in plots:
            plot.set_room(0.0, 0.0)
        for plot, place in zip(plots, places(len(plots), self.width(), self.height()), strict=True):
            plot.setGeometry(place)

    def _hovered(self, plot: Plot, found: tuple[float, QPoint] | None) -> None:
        self._pointed = None
        if found is None:
            self._set_cursor(None)
        else:
            place = plot.mapTo(self, found[1])
            self._pointed = plot, plot.canvas.x_of(found[0]), place
            self._set_cursor(found[0], plot, place)

    def _set_cursor(self, time: float | None, plot: Plot | None = None, at: QPoint | None = None) -> None:
        """The line in all plots, and the box beside it in one."""
        self.cursor_time = time
        for each in self.plots.values():
            each.canvas.set_cursor(time)
        if time is None or plot is None or at is None:
            self.readout.hide()
            return
        event = plot.canvas.event_at(plot.canvas.x_of(time))
        now = self.tracks.extent()[1] if self.window_of_time.is_live else None
        self.readout.show_rows(rows_at(plot.canvas, time, now, event), at, self.rect())

    def _step_cursor(self, way: int) -> None:
        plot = next((plot for plot in self.plots.values() if not plot.isHidden()), None)
        if plot is None:
            return
        left, right = self.span()
        now = self.cursor_time if self.cursor_time is not None else right
        time = min(max(now + way * CURSOR_STEP * (right - left), left), right)
        corner = plot.canvas.mapToScene(plot.canvas.x_of(time), plot.canvas.boundingRect().height() / 3)
        self._set_cursor(time, plot, plot.view.mapTo(self, plot.view.mapFromScene(corner)))

    def _choose(self) -> None:
        """The event at the cursor, as a click on it would."""
        for plot in self.plots.values():
            if not plot.isHidden() and self.cursor_time is not None:
                if (event := plot.canvas.event_at(plot.canvas.x_of(self.cursor_time))) is not None:
                    self.chosen.emit(event)
                return

    def _move(self, way: int) -> None:
        left, right = self.span()
        self._pan(way * STEP * (right - left))

    def _pan(self, seconds: float) -> None:
        left, right = self.span()
        self._look(left + seconds, right + seconds)

    def _zoom(self, factor: float, place: float) -> None:
        """What is live stays so: its right edge stands."""
        left, right = self.span()
        at = right if self.window_of_time.is_live else left + place * (right - left)
        self._look(at - (at - left) * factor, at + (right - at) * factor)

    def _look(self, left: float, right: float) -> None:
        self.window_wanted.emit(self.window_of_time.looked(left, right, *self.tracks.extent()))


ARROWS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}


def _make_room(plots: list[Plot]) -> None:
    """For the labels of plots below each other, the same: so their times stand below each other too. It grows, and
    shrinks only with another font or other plots."""
    left, right = (max(wishes) for wishes in zip(*(plot.wanted_room for plot in plots), strict=True))
    has_left, has_right = (min(had) for had in zip(*(plot.room for plot in plots), strict=True))
    if round(left) > round(has_left) or right > has_right:
        for plot in plots:
            plot.set_room(max(left, has_left), max(right, has_right))


def columns_for(count: int, width: int, height: int) -> int:
    """As many columns as give plots the most pleasant shape."""

    def strain(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log(max(width / columns, 1) / max(height / rows, 1) / SHAPE))

    return min(range(1, min(count, MOST_COLUMNS) + 1), key=strain, default=1)


def places(count: int, width: int, height: int) -> list[QRect]:
    """Where each of so many plots stands; those of the last row share all its width."""
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
