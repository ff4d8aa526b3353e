"""The ring: the last so many rows of numbers over time, and the few of them that a picture needs.

NaN means "no value" here, and only here: a plot wants a gap in its line. Nothing takes a NaN out of a ring to show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from memviz.gui.live.pyramid import LEAF, Floats, Pyramid, places_in, widened

Numbers = npt.NDArray[np.int64]

CAPACITY = 100_000  # rows: a day at one a second
FIRST = 1024  # rows that there is room for at first


class Ring:
    """Rows are numbered from 0 in the order they came, for ever; those from `oldest` to before `end` are kept.

    Above the rows stands a pyramid: for each 16, 32, 64, … rows of a column the place of the smallest and the largest,
    so that drawing costs the same however long the history is. Room for `first` rows is taken at once, more when it
    is needed.
    """

    def __init__(self, columns: Sequence[str], capacity: int = CAPACITY, *, first: int = FIRST) -> None:
        self.columns = tuple(columns)
        self.capacity = capacity
        self.end = 0
        self._breaks: list[int] = []  # rows made by break_off
        self._asked: tuple[int, float, float] | None = None
        self._told = (0, 0)
        self._of = {name: index for index, name in enumerate(self.columns)}
        self._times: Floats = np.zeros(0)
        self._values: Floats = np.zeros((len(self.columns), 0))
        self._pyramid = Pyramid(len(self.columns), capacity)
        self._reserve(min(first, capacity))

    def __len__(self) -> int:
        return min(self.end, self.capacity)

    @property
    def oldest(self) -> int:
        return self.end - len(self)

    def append(self, time: float, values: Sequence[float]) -> None:
        """One row. Times never fall: a clock that was set back stands still until it has caught up."""
        if self.end == len(self._times) < self.capacity:
            self._reserve(min(2 * self.end, self.capacity))
        slot = self.end % self.capacity
        if self.end:
            time = max(time, float(self._times[(self.end - 1) % self.capacity]))
        self._times[slot] = time
        self._values[:, slot] = values
        self.end += 1
        if self.end % LEAF == 0:
            self._pyramid.add(self._values, self.end)

    def break_off(self, time: float) -> None:
        """A row without any value: from this time until the next row nothing is known."""
        self._breaks = [row for row in self._breaks if row > self.oldest] + [self.end]
        self.append(time, [np.nan] * len(self.columns))

    # -- reading ------------------------------------------------------------------------------------------------------

    def times(self, first: int, last: int) -> Floats:
        """The times of rows [first, last): a view, or a copy where they lie across the ring's end."""
        return self._piece(self._times, first, last)

    def column(self, name: str, first: int, last: int) -> Floats:
        """The values of rows [first, last): a view, or a copy where they lie across the ring's end."""
        return self._piece(self._values[self._of[name]], first, last)

    def values_at(self, name: str, rows: Numbers) -> Floats:
        values: Floats = self._values[self._of[name]][self._slots(rows)]
        return values

    def points_at(self, name: str, rows: Numbers) -> tuple[Floats, Floats]:
        """Times and values."""
        slots = self._slots(rows)
        return self._times[slots], self._values[self._of[name]][slots]

    def row_at(self, time: float) -> int | None:
        """The last row that is not later than this time."""
        row = self._find(time, "right") - 1
        return row if row >= self.oldest else None

    def window(self, left: float, right: float) -> tuple[int, int]:
        """The rows between two times, with one neighbour on either side: lines go to the edge of the picture."""
        asked = (self.end, left, right)
        if self._asked != asked:  # every column of a plot asks the same
            first, last = self._find(left, "left"), self._find(right, "right")
            self._asked, self._told = asked, (max(first - 1, self.oldest), min(last + 1, self.end))
        return self._told

    def thin(self, name: str, first: int, last: int, buckets: int) -> Numbers:
        """At most two rows a bucket, in order: where the column is smallest and where it is largest.

        Buckets begin at multiples of a power of two, so the picture does not flicker while it moves. A bucket without
        any value gives rows without one; a row without a value among others is not seen, but for a break that is wider
        than a bucket.
        """
        buckets = max(buckets, 2)  # no power of two is so large that two rows are always in one bucket
        if last - first <= 2 * buckets:
            return np.arange(first, last)
        step = 2
        while (last - 1) // step - first // step + 1 > buckets:
            step *= 2
        begin, end = -(-first // step), last // step
        if begin > end:  # all within one bucket
            return self._with_breaks(self._extremes(name, first, last), first, last, buckets)
        parts = [self._extremes(name, first, begin * step), self._extremes(name, end * step, last)]
        if begin < end:
            parts.insert(1, self._middle(name, begin, end, step))
        return self._with_breaks(np.concatenate(parts), first, last, buckets)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _reserve(self, rows: int) -> None:
        """Room for so many rows: a short history takes little memory. Nothing went round yet."""
        self._times = np.concatenate((self._times, np.zeros(rows - len(self._times))))
        self._values = widened(self._values, rows)
        self._pyramid.widen(rows)

    def _slots(self, rows: Numbers) -> Numbers:
        """Where kept rows lie; a remainder for each of them takes longer."""
        slots = rows - (self.oldest - self.oldest % self.capacity)
        slots[slots >= self.capacity] -= self.capacity
        return slots

    def _piece(self, store: Floats, first: int, last: int) -> Floats:
        if last <= first:
            return store[:0]
        begin, end = first % self.capacity, (last - 1) % self.capacity + 1
        return store[begin:end] if begin < end else np.concatenate((store[begin:], store[:end]))

    def _find(self, time: float, side: str) -> int:
        """The number of the first row at or after (`right`: after) a time."""
        split = self.end % self.capacity if self.end > self.capacity else 0
        older, newer = (self._times[split : len(self)], self._times[:split])
        at = int(np.searchsorted(older, time, side))  # type: ignore[call-overload]  # a side is one of two words
        if at == len(older):
            at += int(np.searchsorted(newer, time, side))  # type: ignore[call-overload]  # as above
        return self.oldest + at

    def _extremes(self, name: str, first: int, last: int) -> Numbers:
        """The rows of the smallest and the largest value of [first, last), in order; none of none."""
        if last <= first:
            return np.empty(0, np.int64)
        low, high = places_in(self.column(name, first, last)[np.newaxis, :])
        return np.array(sorted({first + int(low[0]), first + int(high[0])}), np.int64)

    def _with_breaks(self, rows: Numbers, first: int, last: int, buckets: int) -> Numbers:
        """And the breaks that are to be seen: fewer than there are buckets, since each is wider than one."""
        inside = np.array([row for row in self._breaks if first <= row < last - 1], np.int64)
        if not len(inside):
            return rows
        begin, end = self._times[self._slots(np.array([first, last - 1]))]
        lengths = self._times[self._slots(inside + 1)] - self._times[self._slots(inside)]
        wide = lengths > (end - begin) / buckets
        return np.union1d(rows, inside[wide])

    def _middle(self, name: str, begin: int, end: int, step: int) -> Numbers:
        """The same for whole buckets of `step` rows each."""
        starts = np.arange(begin, end, dtype=np.int64) * step
        if step < LEAF:
            low, high = places_in(self.column(name, begin * step, end * step).reshape(-1, step))
        else:
            low, high = self._pyramid.places(self._of[name], begin, end, step)
        pairs = np.empty((len(starts), 2), np.int64)
        np.minimum(low, high, out=pairs[:, 0], casting="unsafe")
        np.maximum(low, high, out=pairs[:, 1], casting="unsafe")
        pairs += starts[:, np.newaxis]
        return pairs.ravel()
