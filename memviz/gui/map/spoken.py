"""What is selected, in words: for those who do not see the picture."""

from __future__ import annotations

from memviz import units
from memviz.core.snapshot import Snapshot
from memviz.gui.session.selection import BLOCK, GROUP, PAGE, RANGE, Selection, block_of, rows_of


def spoken(snapshot: Snapshot | None, selection: Selection) -> str:
    """One sentence; what nothing is selected in is described by how to go on."""
    if snapshot is None:
        return "No process is shown."
    if not selection:
        return (
            f"{snapshot.name}: {len(snapshot.regions):,} regions. Arrows move, plus and minus zoom, Enter goes to hits."
        )
    table, rows = snapshot.regions, rows_of(selection, snapshot)
    block = block_of(selection, snapshot)
    name = snapshot.blocks.name(block) if block is not None else "nothing mapped"
    size = int(table["size"][rows].sum()) if len(rows) else 0
    resident = f", {units.size(int(table['rss'][rows].sum()))} in memory" if "rss" in table and len(rows) else ""
    if selection.kind == GROUP:
        return f"Group {selection.group}: {units.size(size)}{resident}."
    if selection.kind == PAGE:
        return f"Page {units.address(selection.start)} of {name}."
    if selection.kind == RANGE:
        return f"Range of {units.size(selection.end - selection.start)} from {units.address(selection.start)}."
    what = "Block" if selection.kind == BLOCK else "Region of"
    return f"{what} {name}: {units.size(size)}{resident}."
