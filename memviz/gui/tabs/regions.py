"""The tab "Blocks and regions": filter, table, sums."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from memviz.gui.session.session import Session
from memviz.gui.session.state import LOADING, READY
from memviz.gui.tables.chooser import ColumnChooser
from memviz.gui.tables.columns import USUAL
from memviz.gui.tables.filter import FilterEdit, FilterHelp
from memviz.gui.tables.frames import Frames
from memviz.gui.tables.header import layout_from
from memviz.gui.tables.line import Line
from memviz.gui.tables.notice import Notice
from memviz.gui.tables.order import FLAT, TREE
from memviz.gui.tables.row_menu import copy_selected, row_menu, shown_rows
from memviz.gui.tables.saving import ask_and_save
from memviz.gui.tables.sums import sum_of
from memviz.gui.tables.table import MemoryTable
from memviz.gui.theme import Theme

MODES = (
    (TREE, "Blocks", "Things in memory, each unfolding into its regions."),
    (FLAT, "Regions", "Every region (mapping of the kernel) in a line of its own."),
)
LOW = 150  # pixels; below that the sums give way to rows


class RegionsTab(QWidget):
    """Everything in memory as rows: blocks that unfold into regions, or the regions themselves."""

    title = "Blocks and regions"
    help = "Every block and region with its numbers: filter, sort, compare with the mark, copy."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.table = MemoryTable(session, self)
        self.filter = FilterEdit(session, self)
        self.notice = Notice(self)
        self.footer = Line(
            "The sum of what is shown; with a filter, of the regions that fit it, in so many blocks.", self
        )
        self.chosen = Line("The sum of what is selected.", self)
        self.modes = QButtonGroup(self)
        self.stack = QStackedLayout()
        self._lay_out()
        self._connect()
        self._dress(session.theme)
        self._tell()

    def _lay_out(self) -> None:
        layout, top, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        layout.setContentsMargins(4, 4, 4, 2)
        layout.setSpacing(3)
        top.setSpacing(4)
        for number, (mode, title, help_) in enumerate(MODES):
            button = self._button(title, help_, checkable=True)
            button.setChecked(mode == self.table.model.wanted.mode)
            self.modes.addButton(button, number)
            top.addWidget(button)
        top.addWidget(self.filter, 1)
        top.addWidget(FilterHelp(self.filter, self))
        self.columns_button = self._button("Columns", "Which columns are shown")
        self.save_button = self._button("Save…", "Writes what is shown into a file: CSV, JSON, Markdown or text")
        top.addWidget(self.columns_button)
        top.addWidget(self.save_button)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.notice)
        below.setSpacing(16)
        below.addWidget(self.footer)
        below.addStretch(1)
        below.addWidget(self.chosen)
        layout.addLayout(top)
        layout.addLayout(self.stack, 1)
        layout.addLayout(below)
        self.setTabOrder(self.filter, self.table.view)

    def _button(self, text: str, help_: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(help_)
        button.setCheckable(checkable)
        return button

    def _connect(self) -> None:
        session, table, view = self.session, self.table, self.table.view
        self.modes.idClicked.connect(lambda number: table.set_mode(MODES[number][0]))
        self.columns_button.clicked.connect(lambda: self.choose_columns(self._below(self.columns_button)))
        self.save_button.clicked.connect(lambda: ask_and_save(session, shown_rows(table, None), self))
        self.filter.left.connect(self.go_to_table)
        self.filter.wrong.connect(self._tell)
        view.typed.connect(self.filter.add)
        table.shown.connect(self._tell)
        table.picked.connect(self._tell_chosen)
        table.asked_menu.connect(self.open_menu)
        table.header.asked_chooser.connect(self.choose_columns)
        session.state_changed.connect(self._tell)
        session.theme_changed.connect(self._dress)
        for keys, do in (
            ("Ctrl+F", self.go_to_filter),
            ("/", self.go_to_filter),
            (QKeySequence.StandardKey.Copy, lambda: copy_selected(table)),
        ):
            shortcut = QShortcut(QKeySequence(keys), view, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(do)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.maker.catch_up()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is room for a few rows only, they have it."""
        super().resizeEvent(event)
        roomy = event.size().height() >= LOW
        for line in (self.footer, self.chosen):
            line.setVisible(roomy)
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if roomy else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.table.view.setHorizontalScrollBarPolicy(policy)

    def _dress(self, theme: Theme) -> None:
        for button in self.modes.buttons():
            button.setStyleSheet(f"QToolButton:checked {{ background: {theme.selected.name()}; }}")

    # -- what the user does -------------------------------------------------------------------------------------------

    def go_to_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def go_to_table(self) -> None:
        view = self.table.view
        view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not view.currentIndex().isValid() and len(self.table.model.lines):
            view.selectRow(0)

    def choose_columns(self, point: QPoint) -> None:
        ColumnChooser(self.table.header, USUAL, self).open_at(point)

    def open_menu(self, point: QPoint) -> None:
        row_menu(self.table, self).popup(point)

    # -- what is told -------------------------------------------------------------------------------------------------

    def _tell(self, changed: object = None) -> None:
        """Sums, or in words why there is nothing."""
        model = self.table.model
        for number, (mode, *_) in enumerate(MODES):
            self.modes.button(number).setChecked(mode == model.wanted.mode)
        palette, why = QPalette(), self.filter.why
        if why:
            palette.setColor(QPalette.ColorRole.WindowText, self.session.theme.alarm)
        self.footer.setPalette(palette)
        has_rows = len(model.lines) > 0
        self.save_button.setEnabled(has_rows)
        self.stack.setCurrentIndex(0 if has_rows else 1)
        if not has_rows:
            self._explain()
        self.footer.say(why or (self._sum(model.frames) if model.frames is not None and has_rows else ""))
        self._tell_chosen()

    def _sum(self, frames: Frames) -> str:
        model, query = self.table.model, self.table.model.wanted.query
        if not query.text.strip():
            return f"Shown: {sum_of(frames, model.lines).words()}"
        found = sum_of(frames, model.lines, fitting=frames.mask(query, "unfolded"))
        return f"Fits: {found.words()}"

    def _explain(self) -> None:
        session, frames = self.session, self.table.model.frames
        state = session.state
        if frames is not None and len(frames.regions):
            unknown = self.table.model.wanted.query.unknown(frames.snapshot)
            words = f" ({', '.join(unknown)} is not known here)" if unknown else ""
            self.notice.say(
                f"Nothing fits the filter “{session.filter}”{words}.",
                "",
                "Show everything",
                lambda: session.set_filter(""),
            )
        elif state.kind == READY and (session.snapshot is None or frames is None):
            self.notice.say("Making the table …")
        elif state.kind in (READY, LOADING) and frames is not None:
            self.notice.say("This process has no regions.")
        else:
            self.notice.say(state.sentence, state.remedy)

    def _tell_chosen(self) -> None:
        model, lines = self.table.model, self.table.view.chosen_lines()
        if not len(lines) or model.frames is None:
            self.chosen.say("")
        else:
            self.chosen.say(f"Selected: {sum_of(model.frames, model.lines, lines).words()}")

    def _below(self, widget: QWidget) -> QPoint:
        return widget.mapToGlobal(widget.rect().bottomLeft())

    # -- what is kept -------------------------------------------------------------------------------------------------

    def save_state(self) -> dict[str, object]:
        """Plain values: columns, widths, order."""
        wanted = self.table.model.wanted
        return {
            "mode": wanted.mode, "sort": wanted.column, "descending": wanted.descending,
            **self.table.header.layout.plain(),
        }  # fmt: skip

    def restore_state(self, state: dict[str, object]) -> None:
        """What `save_state` gave; what cannot be meant is left as it is."""
        given: dict[str, object] = state if isinstance(state, dict) else {}  # type: ignore[redundant-expr]  # a file's
        wanted = self.table.model.wanted
        mode, column, descending = given.get("mode"), given.get("sort"), given.get("descending")
        self.table.header.set_layout(layout_from(given, USUAL))
        self.table.arrange(
            mode=mode if mode in (TREE, FLAT) else wanted.mode,
            column=column if isinstance(column, str) and column.isidentifier() else wanted.column,
            descending=descending if isinstance(descending, bool) else wanted.descending,
        )
