"""What changed in the map since a target that is dear to measure was measured: maps alone tells that cheaply."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memviz.core.regions import Array
from memviz.core.snapshot import Snapshot


class Outline(NamedTuple):
    """Half-open ranges of addresses as arrays of shape (n, 2), in order: regions that are new, and regions that are
    gone, as the kernel tells them. One that grew is gone as it was and new as it is."""

    time: float
    new: Array
    gone: Array

    def __bool__(self) -> bool:
        return bool(len(self.new) or len(self.gone))


def outline(shown: Snapshot, now: Snapshot) -> Outline:
    """How the regions of `now` differ from those that are shown."""
    return Outline(now.time, _only_in(now, shown), _only_in(shown, now))


def _only_in(here: Snapshot, there: Snapshot) -> Array:
    """The ranges of regions that the other snapshot does not have: starts are unique and in order."""
    start, end = here.regions["start"], here.regions["end"]
    at = np.searchsorted(there.regions["start"], start)
    known = at < len(there.regions)
    known[known] = (there.regions["start"][at[known]] == start[known]) & (there.regions["end"][at[known]] == end[known])
    return np.stack([start[~known], end[~known]], axis=1)
