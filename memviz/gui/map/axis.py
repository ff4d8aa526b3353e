"""The axis of the map: where each page lies in a picture, for one scale.

Two increasing arrays of knots, page numbers and positions in pixels along one endless line; between knots it is linear.
Folds are stretches that take a few pixels whatever their size. Drawing, zooming and hit-testing use nothing else.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from memviz.core.regions import Array, Mask

Floats = npt.NDArray[np.float64]

MOST_FOLDS = 0.15  # of the picture that all folds together may take
NOTCH, WORDY_NOTCH = 10.0, 58.0  # pixels of a fold; of one that has room for its size in words
FOLD_BYTES = 64 << 20  # what is longer than this, or than a third of a row, folds
EAGER = 8  # PROT_NONE folds when it is so many times shorter
EXACT = 4  # steps towards a scale that fills one lane
FINEST, COARSEST = 8, 1 << 50  # bytes per pixel
Unfolded = frozenset[tuple[int, int]]
CELL = 8  # pixels a page from which on pages stand in columns
LADDER = tuple(
    (2 << power) * step // 4
    for power in range(2, 52)
    for step in (4, 6)
    # close by only powers of two: a page is a whole number of pixels
    if FINEST <= (2 << power) * step // 4 <= COARSEST and (step == 4 or power > 7)
)


def rung(scale: float, steps: int = 0) -> int:
    """The scale so many steps up the ladder from the smallest that is not below `scale`."""
    at = bisect.bisect_left(LADDER, scale) + steps
    return LADDER[max(0, min(at, len(LADDER) - 1))]


def cell_of(scale: float, page_size: int) -> int:
    """Pixels of a page, where pages are cells that stand in columns; 0 where they are not."""
    wide = page_size / scale
    return int(wide) if wide >= CELL and wide == int(wide) else 0


class Knots(NamedTuple):
    """Pages at which folds begin or end; the pages between two of them, and whether they fold; pages outside folds."""

    pages: Floats
    lengths: Floats
    folded: Mask
    solid: float
    folds: int


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Untouched stretches of pages that may fold: half-open, in order, none overlapping. `eager` is the length by which
    they are chosen."""

    start: Floats
    end: Floats
    eager: Floats
    ends: tuple[float, float]  # of the whole line
    kept: dict[tuple[int, Unfolded], Knots] = field(default_factory=dict)

    def knots(self, least: float, unfolded: Unfolded) -> Knots:
        """Where those that fold begin and end: those of at least so many pages (rounded down to a power of two), but
        for what the user unfolded."""
        level = int(np.log2(max(least, 1.0)))
        if (level, unfolded) not in self.kept:
            mask = self.eager >= 2.0**level
            for low, high in unfolded:
                mask &= (self.start < low) | (self.end > high)
            self.kept[level, unfolded] = self._knots(mask)
        return self.kept[level, unfolded]

    def _knots(self, chosen: Mask) -> Knots:
        """Stretches are in order already: beginnings and ends take turns, and nothing has to be sorted."""
        count = int(chosen.sum())
        pages = np.empty(2 * count + 2)
        pages[0], pages[-1] = self.ends
        pages[1:-1:2], pages[2:-1:2] = self.start[chosen], self.end[chosen]
        folded = np.zeros(2 * count + 1, np.bool_)
        folded[1::2] = True
        lengths = np.diff(pages)
        there = lengths > 0
        lengths, folded = lengths[there], folded[there]
        solid = float(lengths[~folded].sum())
        return Knots(np.append(pages[:-1][there], pages[-1]), lengths, folded, solid, count)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """`pages` and `positions` are the knots, strictly increasing; `folded` tells of each stretch between two of them
    whether it is a fold; `scale` is bytes per pixel between folds."""

    pages: Floats
    positions: Floats
    folded: Mask
    scale: float
    page_size: int
    notch: float
    kept: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)  # positions that others look up often

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return float(self.positions[-1])

    def at(self, page: float | npt.NDArray[np.floating[Any]]) -> Floats:
        """Positions of page numbers, clipped to the axis."""
        return np.asarray(np.interp(page, self.pages, self.positions))

    def page(self, position: float | npt.NDArray[np.floating[Any]]) -> Floats:
        """Page numbers, with fractions, at positions; clipped to the axis."""
        return np.asarray(np.interp(position, self.positions, self.pages))

    def stretch(self, position: npt.ArrayLike) -> Array:
        """The number of the stretch between knots that a position lies in."""
        found: Array = np.clip(np.searchsorted(self.positions, position, "right") - 1, 0, len(self.folded) - 1)
        return found

    def is_fold(self, position: npt.ArrayLike) -> Mask:
        """Whether a position lies in a fold."""
        found: Mask = self.folded[self.stretch(position)]
        return found

    def fold_at(self, position: float) -> tuple[int, int] | None:
        """The pages of the fold at a position."""
        at = int(self.stretch(position))
        return (int(self.pages[at]), int(self.pages[at + 1])) if self.folded[at] else None

    def folds(self) -> float:
        """The share of the line that all folds take."""
        return float(np.diff(self.positions)[self.folded].sum()) / self.length


def make_axis(stretches: Stretches, scale: float, page_size: int, row: float, unfolded: Unfolded = frozenset()) -> Axis:
    """The axis at `scale` bytes per pixel, in rows of so many pixels."""
    knots = stretches.knots(min(row * scale / 3, FOLD_BYTES) / page_size, unfolded)
    notch = _notch(knots.solid * page_size / scale, knots.folds, cell_of(scale, page_size))
    positions = np.empty(len(knots.pages))
    positions[0] = 0.0
    lengths = knots.lengths * (page_size / scale)
    np.minimum(lengths, notch, out=lengths, where=knots.folded)
    np.cumsum(lengths, out=positions[1:])
    return Axis(knots.pages, positions, knots.folded, scale, page_size, notch)


def _notch(solid: float, count: int, cell: int) -> float:
    """How many pixels each fold gets, so that all together keep within their share: whole cells, where there are such
    and room for them."""
    wide = -(-WORDY_NOTCH // cell) * cell if cell else WORDY_NOTCH
    if not count or not solid:
        return wide
    room = solid / count * MOST_FOLDS / (1 - MOST_FOLDS)
    return next((each for each in (wide, WORDY_NOTCH, cell) if each and each <= room), min(NOTCH, room))


def fitting(
    stretches: Stretches, page_size: int, row: float, rows: float,
    unfolded: Unfolded = frozenset(), finest: float = 64.0,
) -> Axis:  # fmt: skip
    """The axis of the finest scale at which everything fits into so many rows."""
    low, high = LADDER.index(rung(finest)), len(LADDER) - 1
    while low < high:
        middle = (low + high) // 2
        if make_axis(stretches, LADDER[middle], page_size, row, unfolded).length <= row * rows:
            high = middle
        else:
            low = middle + 1
    best = make_axis(stretches, LADDER[low], page_size, row, unfolded)
    if rows == 1:  # one lane is filled by a scale between two rungs
        for _ in range(EXACT):
            tried = make_axis(stretches, best.scale * best.length / (row * 0.995), page_size, row, unfolded)
            best = tried if tried.length <= row else best
    return best
