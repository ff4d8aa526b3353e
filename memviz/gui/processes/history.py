"""The last minute of every process, a second a bucket: the least and the most of anonymous + swap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from memviz.core.facts import Identity
from memviz.core.regions import Array

SECONDS = 60


class Minute:
    """Rings in one array: the bucket of a second is the same column for everybody, NaN where nothing was read.

    Times are those of a monotonic clock, and go forward."""

    def __init__(self) -> None:
        self._slots: dict[Identity, int] = {}
        self._free: list[int] = []
        self._low = np.full((64, SECONDS), np.nan)
        self._high = self._low.copy()
        self._now = 0  # the newest second

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, values: Mapping[Identity, int | None], now: float) -> None:
        """The values of everybody: who is not among them is forgotten."""
        self._advance(int(now))
        for gone in self._slots.keys() - values.keys():
            slot = self._slots.pop(gone)
            self._low[slot] = self._high[slot] = np.nan
            self._free.append(slot)
        slots = [self._slot(who) for who in values]
        self._put(slots, np.array(list(values.values()), float), int(now) % SECONDS)

    def add_one(self, who: Identity, value: int | None, now: float) -> None:
        """One more value of one process that is followed already; of another it is dropped."""
        if who in self._slots and value is not None:
            self._advance(int(now))
            self._put([self._slots[who]], np.array([value], float), int(now) % SECONDS)

    def of(self, who: Identity) -> tuple[Array, Array] | None:
        """Least and most of each second, the newest last; None where there is nothing to draw."""
        slot = self._slots.get(who)
        if slot is None:
            return None
        order = np.arange(self._now + 1, self._now + 1 + SECONDS) % SECONDS
        return self._low[slot, order], self._high[slot, order]

    def growth(self, who: Identity) -> int | None:
        """Bytes gained since the oldest value that is kept; None where there are not two."""
        found = self.of(who)
        if found is None:
            return None
        known = np.flatnonzero(~np.isnan(found[1]))
        return int(found[1][known[-1]] - found[1][known[0]]) if len(known) > 1 else None

    def moving(self) -> set[Identity]:
        """Whose values differ within the minute."""
        low, high = np.fmin.reduce(self._low, axis=1), np.fmax.reduce(self._high, axis=1)
        moves = (high > low).tolist()
        return {who for who, slot in self._slots.items() if moves[slot]}

    def _slot(self, who: Identity) -> int:
        slot = self._slots.get(who)
        if slot is None:
            slot = self._slots[who] = self._free.pop() if self._free else len(self._slots)
            if slot >= len(self._low):
                more = np.full(self._low.shape, np.nan)
                self._low, self._high = np.vstack((self._low, more)), np.vstack((self._high, more))
        return slot

    def _advance(self, now: int) -> None:
        """Empties the buckets of the seconds that have passed."""
        passed = min(max(now - self._now, 0), SECONDS)
        if passed:
            columns = np.arange(now - passed + 1, now + 1) % SECONDS
            self._low[:, columns] = self._high[:, columns] = np.nan
            self._now = now

    def _put(self, slots: Sequence[int], values: Array, column: int) -> None:
        self._low[slots, column] = np.fmin(self._low[slots, column], values)
        self._high[slots, column] = np.fmax(self._high[slots, column], values)
