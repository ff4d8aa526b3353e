"""One view of the map: a terrain, its axis at a scale, the lanes, and how far the line is scrolled."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from memviz.gui.map.axis import FINEST, Axis, Unfolded, cell_of, fitting, make_axis
from memviz.gui.map.lanes import Lanes
from memviz.gui.map.terrain import Terrain

CLOSEST = 48.0  # bytes per pixel: nearer, cells would have words instead of names
NEARLY = 0.8  # of the lanes that a picture has to fill before a live change makes its scale finer


@dataclass(frozen=True, slots=True)
class Window:
    """What is visible: addresses in bytes, half-open; bytes per pixel; the visible share of the whole line."""

    start: int
    end: int
    scale: float
    share: float
    page_size: int
    fitted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """`offset` is the position on the axis at which the first lane begins."""

    terrain: Terrain
    axis: Axis
    lanes: Lanes
    offset: float
    unfolded: Unfolded

    @property
    def scale(self) -> float:
        """Bytes per pixel."""
        return self.axis.scale

    @property
    def cell(self) -> int:
        """Pixels of a page, where every row begins with a whole one; else 0."""
        cell = cell_of(self.scale, self.terrain.page_size)
        return cell if cell and not self.lanes.upright and self.lanes.width % cell == 0 else 0

    def page_at(self, x: float, y: float) -> float:
        """The page, with a fraction, at a place."""
        return float(self.axis.page(self.offset + self.lanes.along(x, y)))

    def along(self, page: float) -> float:
        """How far along the visible line a page lies; negative or beyond the capacity where it does not show."""
        return float(self.axis.at(page)) - self.offset

    def is_visible(self, page: float) -> bool:
        return 0 <= self.along(page) < self.lanes.capacity

    def scrolled(self, offset: float) -> Frame:
        """The same at another offset, kept within the ends of the line."""
        slack = self.axis.length - self.lanes.capacity
        if self.cell:
            offset = round(offset / self.cell) * self.cell
        offset = min(max(offset, min(slack, 0.0)), max(slack, 0.0))
        return dataclasses.replace(self, offset=offset)

    def keeping(self, page: float, along: float) -> Frame:
        """The same with a page at a place along the visible line (of cells: with that place in the page)."""
        if self.cell:
            return self.scrolled(math.ceil((float(self.axis.at(math.floor(page))) - along) / self.cell) * self.cell)
        return self.scrolled(float(self.axis.at(page)) - along)

    def zoomed(self, scale: float, page: float, along: float) -> Frame:
        """At another scale, with a page kept where it is."""
        scale, size = max(scale, FINEST), self.terrain.page_size
        lanes = self.lanes.of_cells(cell_of(scale, size))
        axis = make_axis(self.terrain.stretches, scale, size, lanes.width, self.unfolded)
        return dataclasses.replace(self, axis=axis, lanes=lanes).keeping(page, self.lanes.moved(along, lanes))

    def on(self, terrain: Terrain, page: float, along: float, unfolded: Unfolded) -> Frame:
        """The same view of another terrain (or with other folds), with a page kept where it is."""
        axis = make_axis(terrain.stretches, self.scale, terrain.page_size, self.lanes.width, unfolded)
        return dataclasses.replace(self, terrain=terrain, axis=axis, unfolded=unfolded).keeping(page, along)

    def window(self, fitted: bool) -> Window:
        """What shows."""
        size = self.terrain.page_size
        first, last = (float(self.axis.page(self.offset + along)) for along in (0.0, self.lanes.capacity))
        share = min(self.lanes.capacity / max(self.axis.length, 1.0), 1.0)
        return Window(int(first) * size, int(-(-last // 1)) * size, self.scale, share, size, fitted)


def fitted(terrain: Terrain, lanes: Lanes, unfolded: Unfolded) -> Frame:
    """Everything, at the finest scale at which it fits; in whole cells, where pages are and they fit too."""
    axis = fitting(terrain.stretches, terrain.page_size, lanes.width, lanes.count, unfolded, CLOSEST)
    of_cells = lanes.of_cells(cell_of(axis.scale, terrain.page_size))
    return Frame(terrain, axis, of_cells if axis.length <= of_cells.capacity else lanes, 0.0, unfolded).scrolled(0.0)


def still_fits(frame: Frame, terrain: Terrain) -> bool:
    """Whether another terrain can be shown whole at the same scale, without waste: at most one row stays empty."""
    axis = make_axis(terrain.stretches, frame.scale, terrain.page_size, frame.lanes.width, frame.unfolded)
    rows = -(-axis.length // frame.lanes.width)
    return frame.axis.length * NEARLY <= axis.length <= frame.lanes.capacity and rows >= frame.lanes.count - 1
