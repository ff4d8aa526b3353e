"""The tab "Why does top say something else?"."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication, QKeySequence, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from memviz import units
from memviz.core.why import NOTES, Line, as_text, scale_of, why
from memviz.gui.parts.cells import CellDelegate
from memviz.gui.parts.label import words
from memviz.gui.parts.roles import COLOUR, FONT, Look
from memviz.gui.session.options import Options
from memviz.gui.session.session import Session
from memviz.gui.theme import Theme
from memviz.gui.why.bars import StepBars
from memviz.gui.why.model import BAR, CALLED, SENTENCE, SIZE, TITLE, StepModel

LEAST_BAR, LEAST_SENTENCE = 14, 68  # letters; with less room the sentences, then the names stand in the tooltips only

STEP_OF_METRIC = {"rss": "res"}  # the others are called alike


class WhyTab(QWidget):
    """From what one tool shows to what another one shows, step by step and to the byte."""

    title = "Why does top say something else?"
    help = "The arithmetic from the number of one tool to the number of another, for this process."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._is_made = False
        super().__init__(parent)
        self.session = session
        self._is_stale = True
        self._model = StepModel(self)
        self._bars = StepBars(session.theme, self)
        self._headline = words(self, marked=True)
        self._notes = words(self, "\n".join(f"{note.tool} {note.sentence}" for note in NOTES), marked=True)
        self._notes.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._table = StepTable(self._model, self._bars, self)
        self._copy = QPushButton("Copy all lines", self)
        self._copy.setToolTip("All steps with exact bytes, as text.")
        self._copy.clicked.connect(self._table.copy_all)
        top = QHBoxLayout()
        top.addWidget(self._headline, 1)
        top.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addLayout(top)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._notes)
        for signal in (session.snapshot_changed, session.target_changed, session.state_changed):
            signal.connect(self._look_again)
        session.theme_changed.connect(self._paint)
        session.options_changed.connect(self._set_options)
        self._is_made = True
        self._set_options(session.options)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._look()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._is_made:
            self._paint(self.session.theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._notes.setVisible(self.height() >= 420)

    def _look_again(self, changed: object = None) -> None:
        self._is_stale = True
        if self.isVisible():
            self._look()

    def _look(self) -> None:
        self._is_stale = False
        snapshot = self.session.snapshot
        lines = why(snapshot) if snapshot is not None else ()
        self._bars.set_scale(scale_of(lines))
        self._model.show(lines)
        self._headline.setText(headline(lines, snapshot.name) if snapshot is not None else self.session.state.sentence)
        self._copy.setVisible(bool(lines))
        self._table.setVisible(bool(lines))

    def _set_options(self, options: Options) -> None:
        self._model.set_metric(STEP_OF_METRIC.get(options.metric, options.metric))
        self._paint(self.session.theme)

    def _paint(self, theme: Theme) -> None:
        self._bars.set_theme(theme)
        bold = QFont(self._table.font())
        bold.setBold(True)
        part: Look = {TITLE: {COLOUR: theme.text}, SIZE: {COLOUR: theme.text},
                CALLED: {COLOUR: theme.text}, SENTENCE: {COLOUR: theme.dim}}  # fmt: skip
        total = {**part, TITLE: {COLOUR: theme.text, FONT: bold}, SIZE: {COLOUR: theme.text, FONT: bold}}
        self._model.set_looks(total, part)
        self._table.fit()
        self._look_again()


class StepTable(QTableView):
    """The steps, in columns that fit the width; Ctrl+C copies the selected ones."""

    def __init__(self, model: StepModel, bars: StepBars, parent: QWidget) -> None:
        super().__init__(parent)
        self._steps = model
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setItemDelegateForColumn(BAR, bars)
        self.setAccessibleName("The arithmetic, step by step")
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        model.modelReset.connect(self.fit)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for text, do in (("Copy the selected lines", self.copy_selected), ("Copy all lines", self.copy_all)):
            action = QAction(text, self)
            action.triggered.connect(do)
            self.addAction(action)
        self.actions()[0].setShortcut(QKeySequence.StandardKey.Copy)
        self.actions()[0].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def fit(self) -> None:
        """Columns by what is in them; bar and sentence share the rest."""
        letters = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(letters.height() + 6)
        width = self.viewport().width()
        sizes = {TITLE: 0, SIZE: 0, CALLED: 0}
        for column in sizes:
            texts = [str(self._steps.index(row, column).data() or "") for row in range(len(self._steps.lines))]
            wide = max((letters.horizontalAdvance(text) for text in texts), default=0)
            sizes[column] = round(wide * 1.08) + 16
        rest, letter = width - sizes[TITLE] - sizes[SIZE], letters.averageCharWidth()
        is_slim = rest - sizes[CALLED] < LEAST_BAR * letter
        rest -= 0 if is_slim else sizes[CALLED]
        is_narrow = rest < (LEAST_BAR + LEAST_SENTENCE) * letter
        self.setColumnHidden(CALLED, is_slim)
        self.setColumnHidden(SENTENCE, is_narrow)
        sizes[BAR] = max(rest if is_narrow else min(rest * 4 // 10, rest - LEAST_SENTENCE * letter), 80)
        sizes[SENTENCE] = max(rest - sizes[BAR], 40)
        for column, size in sizes.items():
            self.setColumnWidth(column, size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def copy_selected(self) -> None:
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if rows:
            QGuiApplication.clipboard().setText(as_text(tuple(self._steps.lines[row] for row in rows)))

    def copy_all(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._steps.lines))


def headline(lines: tuple[Line, ...], name: str) -> str:
    """`top says 403 MiB (RES) …`"""
    sizes = {line.name: line.size for line in lines}
    res, own, virtual = sizes.get("res"), sizes.get("private_swap"), sizes.get("virt")
    if res is None or virtual is None:
        return f"What {name} has in memory could not be read."
    words = f"For {name}, top says {units.size(virtual)} (VIRT) and {units.size(res)} (RES)"
    if own is None:
        return f"{words}; what of it is its own is not known."
    return (
        f"{words}; by itself it costs {units.size(own)} (private + swap). All are right: they count different things."
    )
