"""What lies at a place of the map: for hover, click and breadcrumb."""

from __future__ import annotations

from dataclasses import dataclass

from memviz.core.pages import PageState, state_at
from memviz.core.regions import TOP_HALF
from memviz.core.snapshot import Snapshot
from memviz.gui.map.axis import Axis
from memviz.gui.map.frame import Frame


@dataclass(frozen=True, slots=True)
class Spot:
    """`address` is that of the page at the place; `row` and `block` are None in a gap; `fold` holds the addresses of a
    fold; `state` is None where page states are not known; `wider` tells that the region is drawn wider than it is;
    `page_pixels` is how wide a page is."""

    snapshot: Snapshot
    address: int
    row: int | None
    block: int | None
    group: str
    state: PageState | None
    fold: tuple[int, int] | None
    wider: bool
    page_pixels: float

    @property
    def can_unfold(self) -> bool:
        """Whether it is a fold that can be shown at its size: the kernel's half of all addresses cannot."""
        return self.fold is not None and self.fold[1] <= int(TOP_HALF)


def spot_at(frame: Frame, x: float, y: float) -> Spot | None:
    """None beside the lanes and beyond the ends of the line."""
    if not frame.lanes.holds(x, y):
        return None
    position = frame.offset + frame.lanes.along(x, y)
    if not 0 <= position < frame.axis.length:
        return None
    axis, terrain = frame.axis, frame.terrain
    page, fold = float(axis.page(position)), axis.fold_at(position)
    row = terrain.row_at(page)
    wider = False
    if fold is None and (narrow := _narrow_near(frame, axis, position)) is not None:
        row, page, wider = narrow, terrain.start[narrow], True
    size = terrain.page_size
    address = int(page) * size
    block = int(terrain.block[row]) if row is not None else None
    state = None
    if row is not None and terrain.pages is not None and not terrain.averaged[row]:
        state = state_at(terrain.pages, address)
    kinds, categories = terrain.snapshot.regions["category"], terrain.snapshot.categories
    group = categories[int(kinds[row])].group if row is not None else ""
    hidden = (fold[0] * size, fold[1] * size) if fold is not None else None
    return Spot(terrain.snapshot, address, row, block, group, state, hidden, wider, size / axis.scale)


def _narrow_near(frame: Frame, axis: Axis, position: float) -> int | None:
    """The most important of the regions narrower than a pixel that this pixel shows."""
    terrain = frame.terrain
    left = frame.offset + int(position - frame.offset)
    low = int(terrain.end.searchsorted(float(axis.page(left)), "right"))
    high = int(terrain.start.searchsorted(float(axis.page(left + 1)), "left"))
    best = None
    if high - low > 4096:  # more than a pixel can say: the middle one
        return (low + high) // 2
    first, last = axis.at(terrain.start[low:high]), axis.at(terrain.end[low:high])
    for row in range(low, high):
        a, b = float(first[row - low]), float(last[row - low])
        if b - a < 1 and left <= (a + b) / 2 < left + 1 and (best is None or terrain.rank[row] > terrain.rank[best]):
            best = row
    return best
