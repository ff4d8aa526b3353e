"""The table bound to a session: it shows the session's snapshot, filter, mark and selection."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from memviz.core.query import Query, parse
from memviz.errors import UsageError
from memviz.gui.session.options import METRICS, Options
from memviz.gui.session.session import Session
from memviz.gui.tables.columns import FIXED, NAME, USUAL, is_difference
from memviz.gui.tables.frames import Frames
from memviz.gui.tables.header import Header, Layout
from memviz.gui.tables.looks import Looks
from memviz.gui.tables.making import Maker
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import FLAT, TREE, Arrangement
from memviz.gui.tables.pointing import Pointing
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
        self.pointing = Pointing(session, self.view, self._unfold, self)
        self.maker = Maker(session, self.model, self._is_seen, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self._connect()
        self._dress()
        self._point()

    def _connect(self) -> None:
        session, view = self.session, self.view
        session.target_changed.connect(self._clear)
        session.filter_changed.connect(self._take_filter)
        session.options_changed.connect(self._take_options)
        session.theme_changed.connect(self._dress)
        self.header.clicked.connect(self.sort_by)
        self.header.moved.connect(self._point)
        self.pointing.changed.connect(self.picked)
        self.maker.made.connect(self._show)
        view.toggled.connect(self.toggle)
        view.let_go.connect(self._settle)
        view.asked_menu.connect(self.asked_menu)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def is_there(self, name: str) -> bool:
        """Whether a column can be shown now."""
        frames = self.model.frames
        return not is_difference(name) or (frames is not None and frames.mark is not None)

    def _show(self, frames: Frames) -> None:
        self.model.show(frames, hold=self.view.is_held)
        self.header.apply()
        self._point()
        self.pointing.recover()
        self.shown.emit()

    def _clear(self, target: object) -> None:
        """Another process: nothing of the last one is left."""
        self.maker.stop()
        self.pointing.forget()
        self.model.wanted = dataclasses.replace(self.model.wanted, unfolded=frozenset())
        self.model.show(None)
        self.header.apply()
        self.shown.emit()

    def _is_seen(self) -> bool:
        """Whether somebody can see this, or would if it had anything to show."""
        parent = self.parentWidget()
        return self.isVisible() or (parent is not None and parent.isVisible())

    # -- order, filter, folds -----------------------------------------------------------------------------------------

    def arrange(self, *, stay: bool = False, **changes: object) -> None:
        """Other `mode`, `column`, `descending`, `query` or `unfolded`. With `stay` the lines in sight stay."""
        self.view.stays = stay
        self.model.arrange(dataclasses.replace(self.model.wanted, **changes))  # type: ignore[arg-type]  # fields
        self.view.stays = True
        self._point()
        self.pointing.recover()
        self.shown.emit()

    def _unfold(self, wanted: Arrangement) -> None:
        self.model.arrange(wanted)
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
            self.pointing.follow(self.session.selection)

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
