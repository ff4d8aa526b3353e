"""What is copied out of the plots: a table of everything between two times, or the values of one moment. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from memviz.gui.live.pyramid import Floats
from memviz.gui.live.series import BYTES, MEASURED, SAMPLED, SERIES, Series, written
from memviz.gui.live.ticks import clock
from memviz.gui.live.track import Track
from memviz.text import csv_lines


class Piece(NamedTuple):
    """What a ring of a track holds between two times, copied: the ring goes on."""

    pid: int
    name: str
    kinds: tuple[Series, ...]
    times: Floats
    columns: list[Floats]


def pieces_of(tracks: Iterable[Track], left: float, right: float) -> list[list[Piece]]:
    """All samples and snapshots between two times, by track."""
    return [[_piece(track, kinds, left, right) for kinds in (SAMPLED, MEASURED)] for track in tracks]


def as_csv(tracks: Iterable[Iterable[Piece]]) -> str:
    """A row for each sample and each snapshot, by time; what a row does not tell, or nobody knows, is empty. A history
    of a day takes a second."""
    return "".join(csv_lines(["time", "pid", "process", *(each.name for each in SERIES)], _cells(tracks)))


def _cells(tracks: Iterable[Iterable[Piece]]) -> Iterator[list[object]]:
    for pieces in tracks:
        rows = [(time, piece, values) for piece in pieces for time, values in _rows(piece)]
        for time, piece, values in sorted(rows, key=lambda row: row[0]):
            when = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
            yield [when, piece.pid, piece.name, *(values.get(each.name) for each in SERIES)]


def as_text(track: Track, time: float) -> str:
    """`RSS  45.2 MiB`, a line for each series that has a value then."""
    lines = [f"{track.title} at {clock(time)}"]
    for each in SERIES:
        value = track.value_at(each.name, time)
        if not math.isnan(value):
            exact = f" ({value:,.0f} bytes)" if each.unit == BYTES else ""
            lines.append(f"{each.title}: {written(each.unit, value)}{exact}")
    return "\n".join(lines) + "\n"


def _piece(track: Track, kinds: tuple[Series, ...], left: float, right: float) -> Piece:
    ring = track.ring(kinds[0].name)
    first, last = ring.window(left, right)
    times = ring.times(first, last)
    inside = (times >= left) & (times <= right)
    columns = [ring.column(each.name, first, last)[inside] for each in kinds]
    return Piece(track.pid, track.name, kinds, times[inside], columns)


def _rows(piece: Piece) -> Iterator[tuple[float, dict[str, float]]]:
    for place, time in enumerate(piece.times.tolist()):
        values = {
            each.name: _number(float(column[place]), each.unit)
            for each, column in zip(piece.kinds, piece.columns, strict=True)
            if not math.isnan(column[place])
        }
        if values:
            yield time, values


def _number(value: float, unit: str) -> float:
    """Bytes and other whole numbers without a point, the rest to ten digits."""
    rounded = round(value) if unit == BYTES else float(f"{value:.10g}")
    return int(rounded) if math.isfinite(rounded) and rounded == int(rounded) else rounded
