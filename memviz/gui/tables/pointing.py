"""What is selected in the table and what is selected elsewhere follow each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal

from memviz.core.regions import Array
from memviz.gui.session.selection import BLOCK, GROUP, NOTHING, RANGE, REGION, Selection, block_of, rows_of
from memviz.gui.session.session import Session
from memviz.gui.tables.frames import BLOCKS, REGIONS
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import FLAT, TREE, Arrangement, line_keys
from memviz.gui.tables.view import MemoryView


class Pointing(QObject):
    """One for a table. `changed` tells that other lines are selected, by whomever; `unfold` shows the lines that an
    arrangement asks for."""

    changed = Signal()

    def __init__(
        self, session: Session, view: MemoryView, unfold: Callable[[Arrangement], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.session, self.view, self.model, self.unfold = session, view, view.rows, unfold
        self.told: Selection | None = None  # what the table has told the session
        session.selection_changed.connect(self.follow)
        view.picked.connect(self._tell)

    def forget(self) -> None:
        """Another process."""
        self.told = None

    def _tell(self) -> None:
        self.changed.emit()
        chosen = selection_of(self.model, self.view.chosen_lines())
        if chosen:
            self.told = chosen
            self.session.select(chosen)

    def follow(self, selection: Selection) -> None:
        """Selects what is selected elsewhere, unfolds its block, scrolls to it."""
        if selection != self.told:
            self.told = None
            self._unfold_for(selection)
            self.view.show_lines(lines_of(self.model, selection))
            self.changed.emit()

    def recover(self) -> None:
        """After other lines came: what is selected elsewhere, and was not there before."""
        if self.session.selection and not len(self.view.chosen_lines()):
            self.view.show_lines(lines_of(self.model, self.session.selection), scroll=False)

    def _unfold_for(self, selection: Selection) -> None:
        frames, wanted = self.model.frames, self.model.wanted
        if frames is None or wanted.mode != TREE or selection.kind in (NOTHING, GROUP, BLOCK, RANGE):
            return
        block = block_of(selection, frames.snapshot)
        key = int(frames.blocks.keys[block]) if block is not None else None
        if key is not None and key not in wanted.unfolded:
            self.unfold(dataclasses.replace(wanted, unfolded=wanted.unfolded | {key}))


def selection_of(model: MemoryModel, lines: Array) -> Selection:
    """What lines are: a block, a region, a range of neighbouring regions, or nothing."""
    frames = model.frames
    if frames is None or not len(lines):
        return Selection()
    level = int(model.lines.levels[lines[0]])
    if len(lines) > 1 and (level == BLOCKS or bool((model.lines.levels[lines] != level).any())):
        return Selection()
    frame, rows = frames.level(level), model.lines.rows[lines]
    start, end = (np.asarray(frame.column(name))[rows] for name in ("start", "end"))
    if len(lines) == 1:
        return Selection(BLOCK if level == BLOCKS else REGION, int(start[0]), int(end[0]))
    order = np.argsort(start)
    start, end = start[order], end[order]
    return Selection(RANGE, int(start[0]), int(end[-1])) if bool((start[1:] == end[:-1]).all()) else Selection()


def lines_of(model: MemoryModel, selection: Selection) -> Array:
    """The lines that a selection means: regions where they are shown, else their blocks."""
    frames, is_flat = model.frames, model.wanted.mode == FLAT
    if frames is None or not selection:
        return np.zeros(0, np.intp)
    rows = rows_of(selection, frames.snapshot)
    regions = np.isin(model.keys, line_keys(frames.regions.keys[rows], REGIONS))
    if is_flat or (selection.kind not in (BLOCK, GROUP) and regions.any()):
        return np.flatnonzero(regions)
    blocks = np.unique(frames.block_of[rows])
    if selection.kind == GROUP:
        groups = [frames.blocks.value("group", block) == selection.group for block in blocks.tolist()]
        blocks = blocks[np.array(groups, np.bool_)]
    return np.flatnonzero(np.isin(model.keys, line_keys(frames.blocks.keys[blocks], BLOCKS)))
