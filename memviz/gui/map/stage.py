"""What the map shows and how it moves: the frame, its history of views, and what the user unfolded."""

from __future__ import annotations

import dataclasses
import time

from PySide6.QtCore import QObject, Signal

from memviz.gui.map.axis import LADDER, Unfolded, rung
from memviz.gui.map.frame import Frame, fitted, still_fits
from memviz.gui.map.hits import next_hit
from memviz.gui.map.lanes import COLUMN, ROWS, make_column, make_rows, rows_in
from memviz.gui.map.survey import Survey
from memviz.gui.map.terrain import Terrain
from memviz.gui.map.views import View, Views
from memviz.gui.session.options import Options
from memviz.gui.session.selection import GROUP
from memviz.gui.session.session import Session

ROOM = 0.9  # of the lanes that what is zoomed to may take
ONE_ZOOM = 0.8  # seconds between two steps of the wheel that count as one zoom


class Stage(QObject):
    """`frame` is None while there is nothing to show. `changed` tells of every other frame; `grown` carries the terrain
    before a new one of the same process."""

    changed = Signal()
    grown = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.frame: Frame | None = None
        self.is_fitted = True
        self.pointer: tuple[float, float] | None = None  # where the pointer rests over the map
        self._size = (800.0, 500.0)
        self._unfolded: Unfolded = frozenset()
        self._views = Views()
        self._zoomed = float("-inf")
        self._rest = 0.0  # pixels that were panned and are no whole cell yet
        self.survey = Survey(session, self)
        self.survey.changed.connect(self._show)
        session.options_changed.connect(self._take_options)
        session.target_changed.connect(self._turn)

    # -- moving -------------------------------------------------------------------------------------------------------

    def resize(self, width: float, height: float) -> None:
        """Another size of the pane, or another layout: what is at the beginning stays there."""
        before, self._size = self._size, (width, height)
        frame = self.frame
        if frame is None:
            return
        if self.is_fitted:
            self._refit(frame.terrain)
            return
        if frame.lanes.layout == ROWS and width == before[0] and height != before[1]:
            # more or fewer rows below: those that are looked at stay under the pointer
            self.go(dataclasses.replace(frame, lanes=frame.lanes.within(height)))
            return
        page = frame.page_at(frame.lanes.left, frame.lanes.top)
        whole = self._fitting(frame.terrain)
        self.go(whole.zoomed(min(frame.scale, whole.scale), page, 0.0))

    def fit(self) -> None:
        """Everything."""
        if self.frame is not None and not self.is_fitted:
            self._views.left(self._view())
            self._refit(self.frame.terrain)

    def zoom(self, steps: int, x: float | None = None, y: float | None = None) -> None:
        """So many rungs of the ladder (positive: closer) about a place, or about the middle."""
        frame = self.frame
        if frame is None:
            return
        lanes = frame.lanes
        along = lanes.along(x, y) if x is not None and y is not None else lanes.capacity / 2
        self._zoom(rung(frame.scale, -steps), float(frame.axis.page(frame.offset + along)), along)

    def zoom_to(self, start: int, end: int) -> None:
        """The closest view that shows these addresses whole."""
        frame = self.frame
        if frame is None:
            return
        size = frame.terrain.page_size
        low, high = start // size, -(-end // size)
        low_rung, high_rung, best = 0, LADDER.index(rung(max(frame.scale, self._whole().scale))), frame
        while low_rung <= high_rung:
            middle = (low_rung + high_rung) // 2
            tried = frame.zoomed(LADDER[middle], low, 0.0)
            length = tried.along(high) - tried.along(low)
            if length > ROOM * tried.lanes.capacity:
                low_rung = middle + 1
            else:
                high_rung, best = middle - 1, tried.keeping(low, (tried.lanes.capacity - length) / 2)
        self._views.left(self._view())
        self.go(best)

    def centre_on(self, address: int) -> None:
        """An address in the middle, at the same scale."""
        if self.frame is not None:
            self._views.left(self._view())
            self.go(self.frame.keeping(address / self.frame.terrain.page_size, self.frame.lanes.capacity / 2))

    def reveal(self, address: int) -> None:
        """Moves only if the address does not show."""
        if self.frame is not None and not self.frame.is_visible(address / self.frame.terrain.page_size):
            self.centre_on(address)

    def pan(self, pixels: float) -> None:
        """Along the line; positive shows higher addresses. Cells move as a whole: what is less is kept for the next
        time."""
        if self.frame is not None:
            wanted = self.frame.offset + self._rest + round(pixels)
            frame = self.frame.scrolled(wanted)
            self._rest = wanted - frame.offset if abs(wanted - frame.offset) < frame.cell else 0.0
            self.go(frame, fitted=self.is_fitted)

    def undo_zoom(self) -> None:
        """The view before."""
        self._return(self._views.back(self._view()))

    def redo_zoom(self) -> None:
        self._return(self._views.forward(self._view()))

    def unfold(self, start: int, end: int, along: float) -> None:
        """Shows a fold at its size, from now on; its beginning stays where it is."""
        frame = self.frame
        if frame is not None:
            size = frame.terrain.page_size
            self._unfolded |= {(start // size, end // size)}
            here = frame.along(start // size)
            self.go(frame.on(frame.terrain, start // size, here, self._unfolded))

    def go_to_hit(self, step: int) -> bool:
        """Selects and shows the next region that fits the filter; whether there is one."""
        found = next_hit(self._session, step)
        if found is None or self.frame is None:
            return False
        self._session.select(found)
        self.reveal(found.start)
        return True

    # -- inside -------------------------------------------------------------------------------------------------------

    def _zoom(self, scale: float, page: float, along: float) -> None:
        frame = self.frame
        if frame is None or scale == frame.scale:
            return
        if scale >= self._whole().scale:
            self.fit()
            return
        now = time.monotonic()
        if self.is_fitted or now - self._zoomed > ONE_ZOOM:
            self._views.left(self._view())
        self._zoomed = now
        self.go(frame.zoomed(scale, page, along))

    def _whole(self) -> Frame:
        assert self.frame is not None
        return self.frame if self.is_fitted else self._fitting(self.frame.terrain)

    def _fitting(self, terrain: Terrain) -> Frame:
        width, height = self._size
        text = self._session.options.text_scale
        if self._session.options.layout == COLUMN:
            return fitted(terrain, make_column(width, height, text), self._unfolded)
        count = rows_in(width, height, text)
        lanes = make_rows(width, height, count, text)
        found = fitted(terrain, lanes, self._unfolded)
        needed = max(int(-(-found.axis.length // found.lanes.width)), 1)
        if needed < count:
            lanes = make_rows(width, height, needed, text).of_cells(found.cell)
            found = dataclasses.replace(found, lanes=lanes).scrolled(0.0)
        return found

    def _refit(self, terrain: Terrain) -> None:
        self.go(self._fitting(terrain), fitted=True)

    def _take_options(self, options: Options) -> None:
        self.resize(*self._size)

    def _turn(self, target: object = None) -> None:
        """Another process: nothing of the last one's views holds."""
        self._views, self._unfolded, self.is_fitted = Views(), frozenset(), True

    def _show(self, terrain: Terrain | None) -> None:
        """A new reading: what is under the pointer, else the selection, else the middle, stays at its pixel."""
        before = self.frame
        if terrain is None:
            self.frame = None
            self.changed.emit()
            return
        if before is None:
            self._refit(terrain)
            return
        if self.is_fitted and not still_fits(before, terrain):
            self._refit(terrain)
        else:
            along = self._anchor(before)
            page = float(before.axis.page(before.offset + along))
            self.go(before.on(terrain, page, along, self._unfolded), fitted=self.is_fitted)
        if terrain.snapshot is not before.terrain.snapshot:
            self.grown.emit(before.terrain)

    def _anchor(self, frame: Frame) -> float:
        lanes, chosen = frame.lanes, self._session.selection
        if self.pointer is not None and lanes.holds(*self.pointer):
            return lanes.along(*self.pointer)
        if chosen and chosen.kind != GROUP and frame.is_visible(chosen.start / frame.terrain.page_size):
            return frame.along(chosen.start / frame.terrain.page_size)
        return 0.0 if self.is_fitted else lanes.capacity / 2

    def go(self, frame: Frame, *, fitted: bool = False) -> None:
        """To another frame."""
        self.frame, self.is_fitted = frame, fitted
        self.survey.window = frame.window(fitted)
        self.changed.emit()

    def _view(self) -> View:
        frame = self.frame
        if frame is None or self.is_fitted:
            return View(0.0, 0.0)
        return View(float(frame.axis.page(frame.offset)), frame.scale)

    def _return(self, view: View | None) -> None:
        if view is None or self.frame is None:
            return
        if view.scale:
            self.go(self._whole().zoomed(view.scale, view.page, 0.0))
        else:
            self._refit(self.frame.terrain)
