"""The table bound to a session: it shows the session's snapshot, filter, mark and selection."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from memviz.core.diff import Difference
from memviz.core.query import Query, parse
from memviz.core.regions import Array
from memviz.core.snapshot import Snapshot
from memviz.errors import UsageError
from memviz.gui.options import METRICS, Options
from memviz.gui.selection import BLOCK, GROUP, NOTHING, RANGE, REGION, Selection, block_of, rows_of
from memviz.gui.session import Session
from memviz.gui.tables.changes import frames_beside
from memviz.gui.tables.columns import FIXED, NAME, USUAL, is_difference
from memviz.gui.tables.frames import BLOCKS, REGIONS, Frames, frames_of
from memviz.gui.tables.header import Header, Layout
from memviz.gui.tables.looks import Looks
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import FLAT, TREE, Arrangement, arrange, line_keys
from memviz.gui.tables.view import MemoryView


class MemoryTable(QWidget):
    """`shown` tells that other lines or values are shown, `picked` that other lines are selected."""

    shown = Signal()
    picked = Signal()
    asked_menu = Signal(object)  # where: QPoint

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.model = MemoryModel(self)
        self.model.wanted = Arrangement(column=session.options.metric, query=self._query())
        self.view = MemoryView(self.model, self)
        self.header = Header(self.view, self.model, Layout(list(USUAL)), self.is_there)
        self._told: Selection | None = None  # what this table has told the session
        self._is_late = False  # there is something to show once this is seen
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self._connect()
        self._dress()
        self._point()

    def _connect(self) -> None:
        session, view = self.session, self.view
        session.snapshot_changed.connect(self._take_snapshot)
        session.difference_changed.connect(self._take_difference)
        session.target_changed.connect(self._clear)
        session.filter_changed.connect(self._take_filter)
        session.selection_changed.connect(self.follow)
        session.options_changed.connect(self._take_options)
        session.theme_changed.connect(self._dress)
        self.header.clicked.connect(self.sort_by)
        self.header.moved.connect(self._point)
        view.picked.connect(self._tell)
        view.toggled.connect(self.toggle)
        view.let_go.connect(self._settle)
        view.asked_menu.connect(self.asked_menu)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def is_there(self, name: str) -> bool:
        """Whether a column can be shown now."""
        frames = self.model.frames
        return not is_difference(name) or (frames is not None and frames.mark is not None)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        if self.session.mark is None:  # else the difference comes right after
            self._prepare()

    def _take_difference(self, difference: Difference | None) -> None:
        self._prepare()

    def _prepare(self) -> None:
        """Away from this thread: columns, order and filter of the snapshot, so that showing them is quick."""
        session, wanted = self.session, self.model.wanted
        snapshot, mark, difference = session.snapshot, session.mark, session.difference
        if snapshot is None:
            return
        self._is_late = not self._is_seen()
        if self._is_late:
            return

        def work() -> Frames:
            compared = mark is not None and difference is not None
            frames = frames_beside(mark, snapshot, difference) if compared else frames_of(snapshot)  # type: ignore[arg-type]  # neither is None
            arrange(frames, wanted)
            return frames

        session.jobs.run("table", work, self._show, self._not_prepared)

    def _show(self, frames: Frames) -> None:
        if frames.snapshot is not self.session.snapshot:
            return
        self.model.show(frames, hold=self.view.is_held)
        self.header.apply()
        self._point()
        self._reselect()
        self.shown.emit()

    def _not_prepared(self, error: Exception) -> None:
        self.session.said.emit(f"The table could not be made: {error}")

    def _clear(self, target: object) -> None:
        """Another process: nothing of the last one is left."""
        self.session.jobs.cancel("table")
        self._told = None
        self.model.wanted = dataclasses.replace(self.model.wanted, unfolded=frozenset())
        self.model.show(None)
        self.header.apply()
        self.shown.emit()

    def _is_seen(self) -> bool:
        """Whether somebody can see this, or would if it had anything to show."""
        parent = self.parentWidget()
        return self.isVisible() or (parent is not None and parent.isVisible())

    def catch_up(self) -> None:
        """Shows what came while nobody could see it."""
        if self._is_late and self._is_seen():
            self._prepare()

    # -- order, filter, folds -----------------------------------------------------------------------------------------

    def arrange(self, *, stay: bool = False, **changes: object) -> None:
        """Other `mode`, `column`, `descending`, `query` or `unfolded`. With `stay` the lines in sight stay."""
        self.view.stays = stay
        self.model.arrange(dataclasses.replace(self.model.wanted, **changes))  # type: ignore[arg-type]  # fields
        self.view.stays = True
        self._point()
        self._reselect()
        self.shown.emit()

    def sort_by(self, name: str) -> None:
        """The largest first, or the first of the alphabet; the other way round when it is so already."""
        wanted = self.model.wanted
        at = self.model.place(name)
        descending = self.model.columns[at].numeric and name not in FIXED
        self.view.touch()
        self.arrange(column=name, descending=not wanted.descending if wanted.column == name else descending)

    def set_mode(self, mode: str) -> None:
        if mode in (TREE, FLAT) and mode != self.model.wanted.mode:
            self.arrange(mode=mode)
            self.follow(self.session.selection)

    def toggle(self, line: int) -> None:
        """Unfolds a block, or folds it."""
        key = int(self.model.keys[line])
        self.view.hold_line(line)
        self.arrange(stay=True, unfolded=self.model.wanted.unfolded ^ {key})

    def _settle(self) -> None:
        """Nobody is at work here any more: lines go where they belong by now."""
        if self.model.frames is not None:
            self.arrange(stay=True)

    def _query(self) -> Query:
        try:
            return parse(self.session.filter, self.session.snapshot.regions.fields if self.session.snapshot else ())
        except UsageError:
            return parse("")

    def _take_filter(self, text: str) -> None:
        self.arrange(query=self._query())

    def _take_options(self, options: Options) -> None:
        """Another metric: what was sorted by the old one is sorted by the new one."""
        if options.metric != self._metric and self.model.wanted.column in METRICS:
            self.arrange(column=options.metric, descending=True)
        self._point()

    # -- looks --------------------------------------------------------------------------------------------------------

    _metric = ""

    def _point(self) -> None:
        """The arrow, and the bars under the metric."""
        self._metric = self.session.options.metric
        self.header.need(self._metric)
        self.header.set_sort(self.model.wanted.column, self.model.wanted.descending)
        self.view.set_delegates(self.model.place(NAME), self.model.place(self._metric))

    def _dress(self, theme: object = None) -> None:
        self.model.set_looks(Looks(self.session.theme, self.view.font()))
        self.view.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "view"):
            self._dress()

    # -- selection ----------------------------------------------------------------------------------------------------

    def selection(self) -> Selection:
        """What the selected lines are: a block, a region, a range of neighbouring regions, or nothing."""
        lines, frames, model = self.view.chosen_lines(), self.model.frames, self.model
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

    def _tell(self) -> None:
        self.picked.emit()
        chosen = self.selection()
        if chosen:
            self._told = chosen
            self.session.select(chosen)

    def follow(self, selection: Selection) -> None:
        """Selects what is selected elsewhere, unfolds its block, scrolls to it."""
        if selection == self._told:
            return
        self._told = None
        self._unfold_for(selection)
        self.view.show_lines(self._lines_of(selection))
        self.picked.emit()

    def _reselect(self) -> None:
        """After other lines came: what is selected elsewhere and was not there before."""
        if self.session.selection and not len(self.view.chosen_lines()):
            self.view.show_lines(self._lines_of(self.session.selection), scroll=False)

    def _unfold_for(self, selection: Selection) -> None:
        frames = self.model.frames
        if frames is None or self.model.wanted.mode != TREE or selection.kind in (NOTHING, GROUP, BLOCK, RANGE):
            return
        block = block_of(selection, frames.snapshot)
        key = int(frames.blocks.keys[block]) if block is not None else None
        if key is not None and key not in self.model.wanted.unfolded:
            self.view.stays = True
            self.model.arrange(dataclasses.replace(self.model.wanted, unfolded=self.model.wanted.unfolded | {key}))
            self.shown.emit()

    def _lines_of(self, selection: Selection) -> Array:
        """The lines that a selection means: regions where they are shown, else their blocks."""
        frames, keys = self.model.frames, self.model.keys
        if frames is None or not selection:
            return np.zeros(0, np.intp)
        rows = rows_of(selection, frames.snapshot)
        blocks = np.unique(frames.block_of[rows])
        if selection.kind == GROUP and self.model.wanted.mode == TREE:
            groups = np.array([frames.blocks.value("group", int(block)) == selection.group for block in blocks])
            blocks = blocks[groups] if len(groups) else blocks
        wanted = line_keys(frames.blocks.keys[blocks], BLOCKS)
        if self.model.wanted.mode == FLAT or selection.kind not in (BLOCK, GROUP):
            regions = line_keys(frames.regions.keys[rows], REGIONS)
            wanted = regions if np.isin(regions, keys).any() or self.model.wanted.mode == FLAT else wanted
        return np.flatnonzero(np.isin(keys, wanted))
