"""What the filter wants, for the map: which regions, and which comes next."""

from __future__ import annotations

import numpy as np

from memviz.core.query import parse
from memviz.core.regions import Mask
from memviz.core.snapshot import Snapshot
from memviz.errors import MemvizError
from memviz.gui.session.selection import Selection, select_region
from memviz.gui.session.session import Session


def hits(text: str, snapshot: Snapshot) -> Mask | None:
    """The regions that a filter wants; None where there is none, or one that means nothing."""
    try:
        return parse(text).regions(snapshot) if text else None
    except MemvizError:
        return None


def next_hit(session: Session, step: int) -> Selection | None:
    """The next (or last) region after the selection that the filter wants; after the last comes the first."""
    snapshot = session.snapshot
    wanted = hits(session.filter, snapshot) if snapshot is not None else None
    if snapshot is None or wanted is None or not wanted.any():
        return None
    rows, here = np.flatnonzero(wanted), session.selection
    starts = snapshot.regions["start"][rows]
    at = int(np.searchsorted(starts, np.uint64(here.start), "left"))
    if here and at < len(rows) and int(starts[at]) == here.start:
        at += step
    elif step < 0:
        at -= 1
    return select_region(snapshot, int(rows[at % len(rows)]))
