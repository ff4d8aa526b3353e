"""The dock of the processes: filter, list, and a line that sums up what is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from memviz.core.facts import Identity
from memviz.gui.options import Options
from memviz.gui.processes.columns import NUMBERS, SORTED_BY
from memviz.gui.processes.header import Columns, sort_of
from memviz.gui.processes.menu import process_menu
from memviz.gui.processes.model import LARGE_FIRST, SMALL_FIRST, ProcessModel
from memviz.gui.processes.own import own_processes
from memviz.gui.processes.paint import RowPainter
from memviz.gui.processes.people import People, Share
from memviz.gui.processes.query import HELP
from memviz.gui.processes.shares import Shares
from memviz.gui.processes.table import ProcessTable
from memviz.gui.processes.tree import Line
from memviz.gui.processes.words import Words
from memviz.gui.session import ProcessList, Session, Target
from memviz.gui.state import FAILED, GONE, NOT_ANSWERING
from memviz.gui.theme import Theme

BEAT, SLOW_BEAT = 80, 500  # milliseconds between pictures of what fades, and looks at what is to leave


class ProcessesView(QWidget):
    """All processes of the session's source; click or Enter opens one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.people = People()
        self.painter = RowPainter(self.people, session.theme, self.font())
        self.model = ProcessModel(self.people, self)
        self.table = ProcessTable(self.model, self.painter, self)
        self.columns = Columns(self.table)
        self.shares = Shares(session, self)
        self.edit, self.tree_button, self.columns_button = QLineEdit(self), QToolButton(self), QToolButton(self)
        self.words = Words(self.table, self)
        self._beat, self._was_shown = QTimer(self), False
        self._lay_out()
        self._connect()
        self.set_theme(session.theme)
        self._set_options(session.options)
        self._turn(session.target)
        self.table.sortByColumn(NUMBERS[SORTED_BY], LARGE_FIRST)

    # -- for the window -----------------------------------------------------------------------------------------------

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
        self.table.sortByColumn(NUMBERS[name], LARGE_FIRST if large_first else SMALL_FIRST)
        self.people.kernel_open = state.get("kernel") is True
        self.tree_button.setChecked(state.get("tree") is True)
        self.refresh()

    # -- what comes ---------------------------------------------------------------------------------------------------

    def take(self, found: ProcessList) -> None:
        """A new list, shown if anybody looks."""
        if not self.isVisible():
            return
        self.words.tell_failure(found.why)
        if not found.why:
            own = own_processes(self.session.source, found.rows)
            self.painter.own = own.marked
            self.people.take([row for row in found.rows if row.identity not in own.left_out], time.monotonic())
            self._follow_target()
        self.refresh(hold=self.table.holds())

    def refresh(self, *, hold: bool = False) -> None:
        """Makes lines of what is known."""
        people, target = self.people, self.painter.target
        keep = people.census.gone.keys() if hold else {target} if target is not None else set()
        people.census.forget(time.monotonic(), set(keep))
        anchor = self.table.anchor()
        self.model.show(people.lines_now(hold=hold))
        if not hold:
            self.table.restore(anchor)
        self.words.tell(people, bool(self.session.processes.time))
        self._want_shares()
        self._pace()

    def set_theme(self, theme: Theme) -> None:
        self.painter.set_theme(theme)
        self.words.set_theme(theme)
        self.table.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.columns.fit()
        if not self._was_shown:
            self._was_shown = True
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.session.processes.time or self.session.processes.why:
            self.take(self.session.processes)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.people.census.pause()
        self._beat.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.painter.set_font(self.font())
            self.columns.fit()

    # -- what the user does -------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the filter that are meant for the list, and the width of the list."""
        if watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            self.columns.fit()
        if watched is self.edit and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) and self.people.lines:
                self.table.go_to_first()
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self.edit.text():
                self.edit.clear()
                return True
        return super().eventFilter(watched, event)

    def open_line(self, line: Line) -> None:
        """Turns the session to that process, if it is another one or could not be read."""
        if line.row is None:
            return
        if line.key in self.people.census.gone:
            self.session.said.emit(f"{line.row.name} ({line.row.pid}) has ended.")
            return
        unread = self.session.state.kind in (FAILED, GONE, NOT_ANSWERING)
        if line.key != self.painter.target or unread:
            self.session.open(line.row.pid, line.row.name)

    def _open_first(self) -> None:
        if self.people.lines:
            self.table.go_to_first()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            line = self.table.current_line()
            if line is not None:
                self.open_line(line)

    def _typed(self, text: str) -> None:
        """Keys in the list go on in the filter; an empty text clears it."""
        if text:
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edit.insert(text)
        else:
            self.edit.clear()

    def _ask(self, at: QPoint) -> None:
        line = self.model.line_at(self.table.indexAt(at).row())
        if line is not None and line.row is not None:
            self.table.touch()
            menu = process_menu(self.people, line, self.columns.shown, self.open_line, self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.viewport().mapToGlobal(at))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.edit.setPlaceholderText("Filter: name, user, pid …")
        self.edit.setToolTip(HELP)
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName("Filter processes")
        self.tree_button.setText("Tree")
        self.tree_button.setCheckable(True)
        self.tree_button.setToolTip("Children below their parents")
        self.columns_button.setText("Columns")
        self.columns_button.setToolTip("Which columns are shown (also: right click on the header)")
        row = QHBoxLayout()
        row.setContentsMargins(4, 4, 4, 0)
        row.setSpacing(4)
        for widget, stretch in ((self.edit, 1), (self.tree_button, 0), (self.columns_button, 0)):
            row.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        self.setFocusProxy(self.edit)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Processes")

    def _connect(self) -> None:
        session = self.session
        session.processes_changed.connect(self.take)
        session.target_changed.connect(self._turn)
        session.snapshot_changed.connect(lambda snapshot: self._follow_target())
        session.theme_changed.connect(self.set_theme)
        session.options_changed.connect(self._set_options)
        self.edit.textChanged.connect(self._set_filter)
        self.edit.returnPressed.connect(self._open_first)
        self.edit.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        self.tree_button.toggled.connect(self._set_tree)
        self.columns_button.clicked.connect(self._choose_columns)
        self.columns.chosen.connect(self._columns_chosen)
        self.table.chosen.connect(self.open_line)
        self.table.typed.connect(self._typed)
        self.table.released.connect(self.refresh)
        self.table.customContextMenuRequested.connect(self._ask)
        self.table.verticalScrollBar().valueChanged.connect(lambda value: self._want_shares())
        self.shares.came.connect(self._shares_came)
        self.words.cleared.connect(self.edit.clear)
        self._beat.timeout.connect(self._fade)

    def _set_options(self, options: Options) -> None:
        self.painter.motion = options.motion

    def _set_filter(self, text: str) -> None:
        self.people.filter = text
        self.refresh()
        self.table.verticalScrollBar().setValue(0)

    def _set_tree(self, tree: bool) -> None:
        self.people.tree = tree
        self.refresh()

    def _choose_columns(self) -> None:
        menu = self.columns.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.columns_button.mapToGlobal(QPoint(0, self.columns_button.height())))

    def _columns_chosen(self) -> None:
        shown = self.columns.names
        self.people.sums_families, self.painter.with_pid = "family" in shown, "pid" not in shown
        self.refresh()

    def _turn(self, target: Target | None) -> None:
        self.painter.target, self.painter.target_pid = None, target.pid if target is not None else -1
        self._follow_target()

    def _follow_target(self) -> None:
        """Who is open: the same one also after it has gone and its number was used again."""
        target, found = self.session.target, self.painter.target
        if target is not None and target.identity is not None:
            found = target.identity
        elif target is not None and found is None:
            found = next((who for who in self.people.census.known if who.pid == target.pid), None)
        self.painter.target = found
        self.table.viewport().update()

    def _want_shares(self) -> None:
        if "pss" in self.columns.names and self.isVisible():
            rows = [line.row for line in self.table.lines_in_sight() if line.row is not None]
            gone = self.people.census.gone
            self.shares.want([row for row in rows if row.identity not in gone], self.people.shares)

    def _shares_came(self, found: dict[Identity, Share]) -> None:
        self.people.shares.update(found)
        self.model.shares_came()

    def _pace(self) -> None:
        census = self.people.census
        leaving = any(who != self.painter.target for who in census.gone)
        if not census.fresh and not leaving:
            self._beat.stop()
        elif not self._beat.isActive():
            self._beat.start(BEAT if self.painter.motion else SLOW_BEAT)

    def _fade(self) -> None:
        """Flashes fade, and who has gone long enough leaves."""
        census, now = self.people.census, time.monotonic()
        self.table.repaint_lines(census.fresh)
        census.fresh = {who: since for who, since in census.fresh.items() if now - since < 2}
        if not self.table.holds() and any(
            now - gone.since >= 3 for who, gone in census.gone.items() if who != self.painter.target
        ):
            self.refresh()
        self._pace()
