"""What moves on its own: new regions flash once, gone ones leave a shadow for a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtGui import QColor

from memviz.core.regions import Array
from memviz.gui.map.frame import Frame
from memviz.gui.map.terrain import Terrain
from memviz.gui.session.outline import outline
from memviz.gui.session.session import Session

LASTS, BEAT = 1400, 40  # milliseconds
MOST = 300  # ranges: where everything changes at once nothing flashes
STRONGEST = 0.7


@dataclass(frozen=True, slots=True)
class Glow:
    """Rectangles of the view in one colour."""

    pieces: tuple[tuple[float, float, float, float], ...]
    colour: QColor
    strength: float


class Motion(QObject):
    """`moved` asks for the glows anew."""

    moved = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._new: Array | None = None
        self._gone: Array | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=BEAT)
        self._timer.timeout.connect(self._beat)

    def grown(self, before: Terrain, after: Terrain) -> None:
        """Another reading of the same process."""
        if not self._session.options.motion or before.snapshot.identity != after.snapshot.identity:
            return
        change = outline(before.snapshot, after.snapshot)
        if change and len(change.new) + len(change.gone) <= MOST:
            self._new, self._gone = without(change.new, before), without(change.gone, after)
            self._since.start()
            self._timer.start()

    def glows(self, frame: Frame) -> tuple[Glow, ...]:
        """What glows now, in this frame."""
        if not self._timer.isActive():
            return ()
        left = max(1 - self._since.elapsed() / LASTS, 0.0) * STRONGEST
        theme = self._session.theme
        pairs = ((self._new, theme.new), (self._gone, theme.gone))
        return tuple(Glow(_pieces(frame, ranges), colour, left) for ranges, colour in pairs if ranges is not None)

    def _beat(self) -> None:
        if self._since.elapsed() >= LASTS:
            self._timer.stop()
            self._new = self._gone = None
        self.moved.emit()


def without(ranges: Array, terrain: Terrain) -> Array:
    """What of some ranges of addresses a terrain has no region at: of a region that grew, what came to it."""
    starts, ends = terrain.snapshot.regions["start"], terrain.snapshot.regions["end"]
    left: list[tuple[int, int]] = []
    for low, high in ranges.tolist():
        first = int(np.searchsorted(ends, np.uint64(low), "right"))
        last = int(np.searchsorted(starts, np.uint64(high), "left"))
        for start, end in zip(starts[first:last].tolist(), ends[first:last].tolist(), strict=True):
            if start > low:
                left.append((low, start))
            low = max(low, end)
        if low < high:
            left.append((low, high))
    return np.array(left, np.uint64).reshape(-1, 2)


def _pieces(frame: Frame, ranges: Array) -> tuple[tuple[float, float, float, float], ...]:
    size = frame.terrain.page_size
    return tuple(
        piece
        for start, end in ranges.tolist()
        for piece in frame.lanes.pieces(
            frame.along(start / size), max(frame.along(end / size), frame.along(start / size) + 2)
        )
    )
