"""From one scale to another on the way through those between, so that the eye keeps its place."""

from __future__ import annotations

import dataclasses
import math

from PySide6.QtCore import QElapsedTimer, QObject, QSizeF, QTimer, Signal

from memviz.gui.map.axis import make_axis
from memviz.gui.map.frame import Frame
from memviz.gui.session.session import Session

SHORTEST, DOUBLING, LONGEST = 100, 16, 280  # milliseconds: of a step of the wheel; more for each doubling; at most
BEAT = 12  # milliseconds


class Flight(QObject):
    """Only what is drawn flies: the stage is at its goal from the beginning. `moved` asks for the picture anew."""

    moved = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._way: tuple[Frame, Frame] | None = None
        self._size = QSizeF()
        self._lasts = float(SHORTEST)
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=BEAT)
        self._timer.timeout.connect(self._beat)

    def set_goal(self, shown: Frame | None, goal: Frame | None, size: QSizeF) -> None:
        """Somewhere else from now on. It is flown to where the scale of the same picture changes; a pane of another
        size, or another reading, is shown at once."""
        same_pane, self._size = size == self._size, size
        moves = self._session.options.motion and same_pane
        if moves and shown is not None and goal is not None and is_only_scaled(shown, goal):
            self._way = shown, goal
            self._lasts = min(SHORTEST + DOUBLING * abs(math.log2(goal.scale / shown.scale)), LONGEST)
            self._since.start()
            self._timer.start()
        else:
            self._land()

    def frame(self) -> Frame | None:
        """Where the flight is; None when there is none."""
        if self._way is None:
            return None
        passed = min(self._since.elapsed() / self._lasts, 1.0)
        return between(*self._way, 1 - (1 - passed) ** 3)

    def _beat(self) -> None:
        if self._since.elapsed() >= self._lasts:
            self._land()
        self.moved.emit()

    def _land(self) -> None:
        self._way = None
        self._timer.stop()


def is_only_scaled(one: Frame, other: Frame) -> bool:
    """Whether two frames show one reading in one layout, with the same folds opened, at different scales."""
    return (
        one.terrain is other.terrain and one.unfolded == other.unfolded
        and one.lanes.layout == other.lanes.layout and one.scale != other.scale
    )  # fmt: skip


def between(start: Frame, goal: Frame, share: float) -> Frame:
    """The frame after a share of the way. Scales follow each other by equal factors; what lies in the middle of the
    closer frame moves as if zoomed about one fixed place."""
    scale = start.scale * (goal.scale / start.scale) ** share
    closer = goal if goal.scale < start.scale else start
    page = float(closer.axis.page(closer.offset + closer.lanes.capacity / 2))
    done = (1 / scale - 1 / start.scale) / (1 / goal.scale - 1 / start.scale)
    first, last = start.lanes.moved(start.along(page), goal.lanes), goal.along(page)
    axis = make_axis(goal.terrain.stretches, scale, goal.terrain.page_size, goal.lanes.width, goal.unfolded)
    return dataclasses.replace(goal, axis=axis).scrolled(float(axis.at(page)) - first - (last - first) * done)
