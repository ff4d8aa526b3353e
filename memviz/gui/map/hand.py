"""What mouse and keys do on the map, apart from Qt's way of telling of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from memviz.gui.map.spot import Spot, spot_at
from memviz.gui.map.stage import Stage
from memviz.gui.session.selection import (
    BLOCK,
    GROUP,
    NOTHING,
    Selection,
    block_of,
    rows_of,
    select_block,
    select_page,
    select_range,
    select_region,
)
from memviz.gui.session.session import Session

CELL = 8.0  # pixels a page from which on a click means the page
NOTCH = 120.0  # units of a wheel's step
ARROW_STEP = 0.1  # of a lane

Key = Qt.Key


class Hand:
    """One for a view. Places are pixels of the view."""

    def __init__(self, session: Session, stage: Stage) -> None:
        self._session, self._stage = session, stage
        self._turned = 0.0
        self._centred: Selection | None = None

    def spot(self, x: float, y: float) -> Spot | None:
        return spot_at(self._stage.frame, x, y) if self._stage.frame is not None else None

    def click(self, x: float, y: float) -> None:
        """Unfolds a fold; selects the block, the region of a block that is selected, the page where pages are cells."""
        spot, snapshot = self.spot(x, y), self._session.snapshot
        if spot is None or snapshot is None or spot.snapshot is not snapshot:
            self._session.select(Selection())
        elif spot.can_unfold:
            self.unfold(x, y)
        elif spot.row is None or spot.block is None:
            self._session.select(Selection())
        elif spot.page_pixels >= CELL:
            self._session.select(select_page(snapshot, spot.address))
        else:
            block, here = select_block(snapshot, spot.block), self._session.selection
            again = here.kind not in (NOTHING, GROUP) and block_of(here, snapshot) == spot.block
            region = select_region(snapshot, spot.row)
            self._session.select(region if again and here != region else block)

    def unfold(self, x: float, y: float) -> None:
        spot, frame = self.spot(x, y), self._stage.frame
        if spot is not None and spot.fold is not None and spot.can_unfold and frame is not None:
            self._stage.unfold(*spot.fold, frame.lanes.along(x, y))

    def enter(self, x: float, y: float) -> None:
        """Zooms to the block at a place; to the region, where the block fills the picture already."""
        spot, frame = self.spot(x, y), self._stage.frame
        if spot is None or spot.row is None or spot.block is None or frame is None:
            return
        table, size = spot.snapshot.regions, spot.snapshot.page_size
        start, end = piece_of(spot)
        if frame.along(start / size) <= 0 and frame.along(end / size) >= frame.lanes.capacity:
            start, end = int(table["start"][spot.row]), int(table["end"][spot.row])
        self._stage.zoom_to(start, end)

    def drag(self, begun: tuple[float, float], x: float, y: float) -> Selection | None:
        """The range between two places, in whole pages."""
        frame = self._stage.frame
        if frame is None:
            return None
        size = frame.terrain.page_size
        low, high = sorted((frame.page_at(*begun), frame.page_at(x, y)))
        return select_range(int(low) * size, int(-(-high // 1)) * size)

    def turn(self, amount: float, x: float, y: float) -> None:
        """The wheel: `amount` in eighths of a degree, gathered into steps."""
        self._turned += amount
        steps = int(self._turned / NOTCH)
        if steps:
            self._turned -= steps * NOTCH
            self._stage.zoom(steps, x, y)

    def press(self, key: int, shift: bool) -> bool:
        """Whether the key means something to the map."""
        found = self._keys(shift).get(key)
        if found is not None:
            found()
        return found is not None

    def centre(self) -> None:
        """Centres the selection; once more fits it."""
        span = self.selected()
        if span is None:
            return
        chosen = self._session.selection
        if self._centred == chosen:
            self._stage.zoom_to(*span)
            self._centred = None
        else:
            self._stage.centre_on((span[0] + span[1]) // 2)
            self._centred = chosen

    def selected(self) -> tuple[int, int] | None:
        """The addresses from the first to the last that the selection means."""
        chosen, snapshot = self._session.selection, self._session.snapshot
        if not chosen or snapshot is None:
            return None
        if chosen.kind not in (GROUP, BLOCK):
            return chosen.start, chosen.end
        rows, table = rows_of(chosen, snapshot), snapshot.regions
        return (int(table["start"][rows[0]]), int(table["end"][rows[-1]])) if len(rows) else None

    def _keys(self, shift: bool) -> dict[int, Callable[[], object]]:
        stage, session = self._stage, self._session
        wide = stage.frame.lanes.width if stage.frame is not None else 0
        row = wide * (1.0 if session.options.layout == "rows" else -ARROW_STEP)
        return {
            Key.Key_W: lambda: self._zoom(1), Key.Key_Plus: lambda: self._zoom(1), Key.Key_Equal: lambda: self._zoom(1),
            Key.Key_S: lambda: self._zoom(-1), Key.Key_Minus: lambda: self._zoom(-1),
            Key.Key_A: lambda: stage.pan(-ARROW_STEP * wide), Key.Key_Left: lambda: stage.pan(-ARROW_STEP * wide),
            Key.Key_D: lambda: stage.pan(ARROW_STEP * wide), Key.Key_Right: lambda: stage.pan(ARROW_STEP * wide),
            Key.Key_Up: lambda: stage.pan(-row), Key.Key_Down: lambda: stage.pan(row),
            Key.Key_PageUp: lambda: stage.pan(-self._page()), Key.Key_PageDown: lambda: stage.pan(self._page()),
            Key.Key_F: self.centre, Key.Key_Home: stage.fit, Key.Key_0: stage.fit,
            Key.Key_Backspace: stage.redo_zoom if shift else stage.undo_zoom,
            Key.Key_Return: lambda: stage.go_to_hit(-1 if shift else 1),
            Key.Key_Enter: lambda: stage.go_to_hit(-1 if shift else 1),
            Key.Key_M: lambda: session.set_mark(session.snapshot),
            Key.Key_Escape: self._let_go,
        }  # fmt: skip

    def _let_go(self) -> None:
        """Of what is selected; and then of the filter, which may have been set by a click elsewhere."""
        if self._session.selection:
            self._session.select(Selection())
        else:
            self._session.set_filter("")

    def _zoom(self, steps: int) -> None:
        """At the pointer, or else about the selection where it shows."""
        place, frame = self._stage.pointer, self._stage.frame
        if place is None and frame is not None and (span := self.selected()) is not None:
            along = frame.along((span[0] + span[1]) / 2 / frame.terrain.page_size)
            if 0 <= along < frame.lanes.capacity:
                place = frame.lanes.place(along)
        self._stage.zoom(steps, *(place or (None, None)))

    def _page(self) -> float:
        frame = self._stage.frame
        return frame.lanes.capacity * 0.9 if frame is not None else 0.0


def piece_of(spot: Spot) -> tuple[int, int]:
    """The addresses of the block's run of neighbouring regions that holds the spot: a scattered block is all over."""
    ids, row = spot.snapshot.regions["block"], spot.row or 0
    other = (ids != ids[row]).nonzero()[0]
    at = int(other.searchsorted(row))
    low = int(other[at - 1]) + 1 if at else 0
    high = int(other[at]) if at < len(other) else len(ids)
    table = spot.snapshot.regions
    return int(table["start"][low]), int(table["end"][high - 1])
