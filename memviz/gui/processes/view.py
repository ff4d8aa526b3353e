"""The dock of the processes: filter, list, and a line that sums up what is shown."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from memviz.gui.processes.columns import NUMBERS, SORTED_BY, bar_of
from memviz.gui.processes.header import Columns, sort_of
from memviz.gui.processes.live import LiveLines
from memviz.gui.processes.menu import process_menu, row_as_text
from memviz.gui.processes.model import LARGE_FIRST, SMALL_FIRST, ProcessModel
from memviz.gui.processes.paint import RowPainter
from memviz.gui.processes.people import People
from memviz.gui.processes.search import Search
from memviz.gui.processes.table import ProcessTable
from memviz.gui.processes.tree import Line
from memviz.gui.processes.words import Words
from memviz.gui.session.options import Options
from memviz.gui.session.session import Session
from memviz.gui.session.state import FAILED, GONE, NOT_ANSWERING
from memviz.gui.theme import Theme

WIDTH = 340  # pixels that name, bar and the last minute want
UNREAD = (FAILED, GONE, NOT_ANSWERING)  # how the target may stand that is opened once more


class ProcessesView(QWidget):
    """All processes of the session's source; click or Enter opens one. Its focus is that of the filter."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.people = session, People()
        self.painter = RowPainter(self.people, session.theme, self.font())
        self.model = ProcessModel(self.people, self)
        self.table = ProcessTable(self.model, self.painter, self)
        self.columns, self.search, self.words = Columns(self.table), Search(self), Words(self.table, self)
        self.live = LiveLines(session, self.model, self.table, self)
        self._was_shown = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        self.setFocusProxy(self.search)
        self._connect()
        self._set_theme(session.theme)
        self._set_options(session.options)
        self.table.sortByColumn(NUMBERS[SORTED_BY], LARGE_FIRST)

    def save_state(self) -> dict[str, object]:
        """Plain values of JSON."""
        people = self.people
        return {
            **self.columns.save(), "sort": ("-" if people.large_first else "") + people.sorted_by,
            "tree": people.tree, "kernel": people.kernel_open,
        }  # fmt: skip

    def restore_state(self, state: Mapping[str, object]) -> None:
        """Takes what `save_state` gave; what makes no sense is left out."""
        self.columns.restore(state)
        name, large_first = sort_of(state.get("sort"))
        self.people.kernel_open = state.get("kernel") is True
        self.search.tree.setChecked(state.get("tree") is True)
        self.table.sortByColumn(NUMBERS[name], LARGE_FIRST if large_first else SMALL_FIRST)

    def open_line(self, line: Line) -> None:
        """Turns the session to that process, if it is another one or could not be read."""
        row, session = line.row, self.session
        if row is None:
            return
        if row.identity in self.people.census.gone:
            session.said.emit(f"{row.name} ({row.pid}) has ended.")
        elif row.identity != self.people.target or session.state.kind in UNREAD:
            session.open(row.pid, row.name, identity=row.identity)

    def reopen_line(self, line: Line) -> None:
        """The same, whoever is open."""
        if line.row is not None:
            self.session.open(line.row.pid, line.row.name, identity=line.row.identity)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, table, search = self.session, self.table, self.search
        session.theme_changed.connect(self._set_theme)
        session.options_changed.connect(self._set_options)
        search.edit.textChanged.connect(self._set_filter)
        search.tree.toggled.connect(self._set_tree)
        search.columns.clicked.connect(lambda: _popup(self.columns.menu(), _below(search.columns)))
        search.left.connect(lambda: self._enter(opening=False))
        search.entered.connect(lambda: self._enter(opening=True))
        self.columns.changed.connect(self._columns_changed)
        table.chosen.connect(self.open_line)
        table.asked.connect(self._ask)
        table.copied.connect(self._copy)
        table.typed.connect(search.take)
        table.viewport().installEventFilter(self)
        table.header().sortIndicatorChanged.connect(lambda: table.verticalScrollBar().setValue(0))
        self.live.changed.connect(lambda: self.words.tell(self.people, session.processes))
        self.words.cleared.connect(search.edit.clear)

    def _enter(self, *, opening: bool) -> None:
        """From the filter into the list."""
        if self.people.lines:
            self.table.go_to_first()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            line = self.table.current_line()
            if opening and line is not None:
                self.open_line(line)

    def _ask(self, line: Line, at: QPoint) -> None:
        _popup(process_menu(self.people, line, self.columns.shown, self.reopen_line, self), at)

    def _copy(self, line: Line) -> None:
        QGuiApplication.clipboard().setText(row_as_text(self.people, line, self.columns.shown))

    def _set_filter(self, text: str) -> None:
        self.people.filter = text
        self.live.refresh()
        self.table.verticalScrollBar().setValue(0)

    def _set_tree(self, tree: bool) -> None:
        self.people.tree = tree
        self.live.refresh()

    def _columns_changed(self) -> None:
        shown = self.columns.names
        self.painter.with_pid = "pid" not in shown
        self.people.sums_families, self.live.wants_shares = "family" in shown, "pss" in shown
        self.live.refresh(hold=self.table.holds())

    def _set_theme(self, theme: Theme) -> None:
        self.painter.set_theme(theme)
        self.words.set_theme(theme)
        self.table.viewport().update()

    def _set_options(self, options: Options) -> None:
        """Bars are of the metric, and what was sorted by them goes on being so."""
        self.painter.motion = options.motion
        before, bar = self.painter.bar, bar_of(options.metric)
        self.painter.bar = self.columns.bar = bar
        if bar != before:
            self.columns.fit()
            if self.people.sorted_by == before:
                self.table.sortByColumn(NUMBERS[bar], LARGE_FIRST)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            self.columns.fit()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.painter.set_font(self.font())
            self.columns.fit()
            self.table.scheduleDelayedItemsLayout()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.columns.fit()
        if not self._was_shown:
            self._was_shown = True
            self.search.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.live.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.live.set_shown(False)


def _popup(menu: QMenu, at: QPoint) -> None:
    """Shows a menu that is not needed again."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))
