"""What is selected, summed up in a few words for the status bar."""

from __future__ import annotations

from memviz import units
from memviz.core.part import Part, bytes_by_state
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.session.selection import PAGE, RANGE, Selection, rows_of


def sums_of(snapshot: Snapshot, selection: Selection, pages: PageRuns | None) -> str:
    """`selected 12.0 MiB · 3.1 MiB in memory · 4 regions`; empty where nothing is selected or it is gone."""
    rows = rows_of(selection, snapshot)
    if not len(rows):
        return ""
    part = Part(snapshot, rows)
    size, resident = part.size, part.total("rss")
    if selection.kind in (RANGE, PAGE):
        size, resident = _of_range(snapshot, selection, rows.tolist(), pages)
    words = [f"selected {units.size(size)}"]
    if resident is not None:
        words.append(f"{units.size(resident)} in memory")
    if len(rows) > 1:
        words.append(f"{units.number(len(rows))} regions")
    return " · ".join(words)


def _of_range(
    snapshot: Snapshot, selection: Selection, rows: list[int], pages: PageRuns | None
) -> tuple[int, int | None]:
    """What of a range is mapped, and what of it is in memory; None where pages are not known."""
    start, end = snapshot.regions["start"][rows], snapshot.regions["end"][rows]
    low, high = start.clip(min=selection.start), end.clip(max=selection.end)
    states = bytes_by_state(pages, selection.start, selection.end) if pages is not None else None
    resident = sum(count for state, count in states.items() if state.resident) if states is not None else None
    return int((high - low).sum()), resident
