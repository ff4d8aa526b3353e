"""The pyramid above a ring: where the smallest and the largest of each 16, 32, 64, … rows stand."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)

LEAF = 16  # rows in the smallest bucket


class Pyramid:
    """For each column and each whole bucket the place of either, counted from the bucket's first row."""

    def __init__(self, columns: int, capacity: int) -> None:
        self.columns, self.capacity = columns, capacity
        levels = (capacity // LEAF).bit_length()
        self._low: list[Places] = [np.zeros((columns, 0), np.int32) for _ in range(levels)]
        self._high: list[Places] = [np.zeros((columns, 0), np.int32) for _ in range(levels)]

    def widen(self, rows: int) -> None:
        """Room for buckets of so many rows."""
        for kept in (self._low, self._high):
            for level, places in enumerate(kept):
                kept[level] = widened(places, rows // (LEAF << level) + 2)

    def add(self, values: Floats, end: int) -> None:
        """Row `end - 1` of a ring's values filled a bucket, and with it perhaps larger ones."""
        if not self._low:
            return
        low, high = places_in(values[:, np.arange(end - LEAF, end) % self.capacity])
        for level, (lows, highs) in enumerate(zip(self._low, self._high, strict=True)):
            step = LEAF << level
            if end % step:
                return
            bucket = end // step - 1
            if level:
                low, high = self._merged(values, level, bucket)
            lows[:, bucket % lows.shape[1]] = low
            highs[:, bucket % highs.shape[1]] = high

    def places(self, column: int, begin: int, end: int, step: int) -> tuple[Places, Places]:
        """Of the whole buckets [begin, end) of `step` rows."""
        level = (step // LEAF).bit_length() - 1
        at = np.arange(begin, end) % self._low[level].shape[1]
        return self._low[level][column, at], self._high[level][column, at]

    def _merged(self, values: Floats, level: int, bucket: int) -> tuple[Places, Places]:
        """A bucket out of the two halves below it."""
        below, half, column = level - 1, (LEAF << level) // 2, np.arange(self.columns)
        first = bucket * 2 * half
        at = np.array([2 * bucket, 2 * bucket + 1]) % self._low[below].shape[1]
        result = []
        for kept, sign in ((self._low[below], 1.0), (self._high[below], -1.0)):
            left, right = kept[:, at[0]], kept[:, at[1]] + np.int32(half)
            a = sign * values[column, (first + left) % self.capacity]
            b = sign * values[column, (first + right) % self.capacity]
            result.append(np.where(np.isnan(b) | (a <= b), left, right).astype(np.int32))
        return result[0], result[1]


def places_in(values: Floats) -> tuple[Places, Places]:
    """Where each line of values is smallest and largest; the first place where it has no value at all."""
    missing = np.isnan(values)
    low = np.where(missing, np.inf, values).argmin(axis=1)
    high = np.where(missing, -np.inf, values).argmax(axis=1)
    return low.astype(np.int32), high.astype(np.int32)


def widened(store: npt.NDArray[Number], width: int) -> npt.NDArray[Number]:
    """The same lines with room for more at their ends."""
    wide = np.zeros((len(store), width), store.dtype)
    wide[:, : store.shape[1]] = store
    return wide
