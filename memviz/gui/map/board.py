"""Makes the picture of the stage's frame when anything it depends on has changed, and only then."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal

from memviz.core.regions import Array, Mask
from memviz.gui.map.drawn import Drawn, draw
from memviz.gui.map.flight import Flight
from memviz.gui.map.frame import Frame
from memviz.gui.map.hits import hits
from memviz.gui.map.ink import make_palette
from memviz.gui.map.item import MapItem
from memviz.gui.map.labels import Words
from memviz.gui.map.looks import Looks
from memviz.gui.map.modes import CHANGE, grown_by_block, mode_of
from memviz.gui.map.motion import Motion
from memviz.gui.map.outlines import make_outlines
from memviz.gui.map.raster import Palette
from memviz.gui.map.stage import Stage
from memviz.gui.map.terrain import Terrain
from memviz.gui.session.selection import GROUP, Selection, rows_of
from memviz.gui.session.session import Session


class Board(QObject):
    """`item` is what stands in the scene; `redrawn` tells of another picture."""

    redrawn = Signal()

    def __init__(self, session: Session, stage: Stage, item: MapItem, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._stage, self.item = session, stage, item
        self.drawn: Drawn | None = None
        self.density = 1.0
        self.ring: QRectF | None = None
        self.dragged: Selection | None = None
        self._words: Words | None = None
        self._entry: Array | None = None
        self._wanted: Mask | None = None
        self._of: Terrain | None = None  # what the three above belong to
        self.motion = Motion(session, self)
        self.flight = Flight(session, self)
        self._dress()
        self.motion.moved.connect(self._glow)
        self.flight.moved.connect(self.redraw)
        stage.changed.connect(self._go)
        stage.grown.connect(self._grew)
        for signal in (session.filter_changed, session.difference_changed, session.mark_changed):
            signal.connect(self._forget)
        session.selection_changed.connect(self._select)
        for signal in (session.theme_changed, session.options_changed):
            signal.connect(self._dress)

    def redraw(self) -> None:
        """The whole picture anew."""
        frame = self.flight.frame() or self._stage.frame
        self.drawn = None if frame is None else self.make(frame, self.density)
        self.item.show_drawn(self.drawn, self.looks)
        self.item.glows = self.motion.glows(frame) if frame is not None else ()
        self.outline()
        self.redrawn.emit()

    def make(self, frame: Frame, density: float) -> Drawn:
        """The picture of a frame of this terrain, in the colours of now."""
        if self._of is not frame.terrain:
            self._colour(frame.terrain)
        assert self._entry is not None
        assert self._words is not None
        return draw(frame, self.palette, self._entry, self._wanted, self.looks, self._words, density, self.drawn)

    def outline(self) -> None:
        """What is drawn over the picture."""
        if self.drawn is not None:
            chosen = self.dragged or self._session.selection
            self.item.outlines = make_outlines(self.drawn, chosen, self.ring)
        self.item.update()

    @property
    def wanted(self) -> Mask | None:
        """Which regions the filter wants; None for all."""
        return self._wanted

    def _go(self) -> None:
        shown = self.drawn.frame if self.drawn is not None else None
        self.flight.set_goal(shown, self._stage.frame, self.item.boundingRect().size())
        self.redraw()

    def _dress(self, changed: object = None) -> None:
        theme, options = self._session.theme, self._session.options
        self.looks = Looks(theme, options.text_scale)
        self.palette: Palette = make_palette(theme, mode_of(options.colour_by))
        self._forget()

    def _forget(self, changed: object = None) -> None:
        self._of = None
        self.redraw()

    def _select(self, changed: object = None) -> None:
        """A group stands out by dimming the others: that takes a new picture; all else only lines."""
        if (self._session.selection.kind == GROUP) or self._wanted is not None:
            self._forget()
        else:
            self.outline()

    def _colour(self, terrain: Terrain) -> None:
        session = self._session
        self._entry = mode_of(session.options.colour_by).number(terrain, session.difference)
        grown = None
        if session.options.colour_by == CHANGE and session.difference is not None:
            grown = grown_by_block(terrain, session.difference)
        self._words = Words(terrain, grown)
        self._wanted = _wanted(terrain, session)
        self._of = terrain

    def _grew(self, before: Terrain) -> None:
        if (frame := self._stage.frame) is not None:
            self.motion.grown(before, frame.terrain)
            self._glow()

    def _glow(self) -> None:
        if (frame := self._stage.frame) is not None:
            self.item.glows = self.motion.glows(frame)
            self.item.update()


def _wanted(terrain: Terrain, session: Session) -> Mask | None:
    """Which regions are not dimmed: those that the filter wants, of the group that is selected."""
    wanted = hits(session.filter, terrain.snapshot)
    if session.selection.kind == GROUP:
        mask = np.zeros(len(terrain), np.bool_)
        mask[rows_of(session.selection, terrain.snapshot)] = True
        wanted = mask if wanted is None else wanted & mask
    return wanted
