"""What is copied out of the plots: a table of everything between two times, or the values of one moment. No Qt."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from memviz.gui.live.series import BYTES, MEASURED, SAMPLED, SERIES, Series, written
from memviz.gui.live.ticks import clock
from memviz.gui.live.track import Track


def as_csv(tracks: Iterable[Track], left: float, right: float) -> str:
    """A row for each sample and each snapshot, by time; what a row does not tell, or nobody knows, is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", "pid", "process", *(each.name for each in SERIES)])
    for track in tracks:
        rows = [*_rows(track, SAMPLED, left, right), *_rows(track, MEASURED, left, right)]
        for time, values in sorted(rows, key=lambda row: row[0]):
            when = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
            writer.writerow([when, track.pid, track.name, *(values.get(each.name, "") for each in SERIES)])
    return out.getvalue()


def as_text(track: Track, time: float) -> str:
    """`RSS  45.2 MiB`, a line for each series that has a value then."""
    lines = [f"{track.title} at {clock(time)}"]
    for each in SERIES:
        value = track.value_at(each.name, time)
        if not math.isnan(value):
            exact = f" ({value:,.0f} bytes)" if each.unit == BYTES else ""
            lines.append(f"{each.title}: {written(each.unit, value)}{exact}")
    return "\n".join(lines) + "\n"


def _rows(track: Track, kinds: tuple[Series, ...], left: float, right: float) -> list[tuple[float, dict[str, str]]]:
    ring = track.ring(kinds[0].name)
    first, last = ring.window(left, right)
    times = ring.times(first, last)
    columns = [ring.column(each.name, first, last) for each in kinds]
    rows = []
    for place in np.flatnonzero((times >= left) & (times <= right)).tolist():
        values = {
            each.name: f"{float(column[place]):.10g}" if each.unit != BYTES else str(round(float(column[place])))
            for each, column in zip(kinds, columns, strict=True)
            if not math.isnan(column[place])
        }
        if values:
            rows.append((float(times[place]), values))
    return rows
