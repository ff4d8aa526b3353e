"""The table of facts: as wide as it may be, as high as it must be; the inspector around it scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPalette,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from memviz.gui.inspector.model import KNOWN, TITLE, VALUE, FactModel
from memviz.gui.inspector.subject import DIGITS, HEADING, PLAIN, Line
from memviz.gui.parts.cells import CellDelegate
from memviz.gui.parts.roles import COLOUR, FONT, Index, Look
from memviz.gui.theme import Theme, fixed_font
from memviz.text import for_spreadsheet

NARROW = 34  # average letters: a narrower table leaves to the tooltips how something is known
TITLE_SHARE, KNOWN_SHARE, WORD_SHARE = 0.38, 0.28, 0.45  # of the width at the most
SMALLER = 0.88  # letters of what is said beside a value
SAFE, BOLDER = 1.05, 1.2  # times the width of a text that surely has room, and one in bold letters
MOST_ADVANCES = 2000
MARGIN = 12  # pixels of a cell that its text does not have


class FactTable(QTableView):
    """Keyboard: arrows walk, Ctrl+C copies the value. `menu_wanted` carries the Line and the place on the screen."""

    menu_wanted = Signal(object, object)
    walked = Signal(object, object)  # top and height of the row that the keyboard went to

    def __init__(self, parent: QWidget | None = None) -> None:
        self._theme: Theme | None = None
        super().__init__(parent)
        self.facts = FactModel(self)
        self._digit_font = fixed_font()
        self.setModel(self.facts)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName("Facts")
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(4)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)  # it is a part of the page, not a field
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._room = self.width()
        self._heights: dict[str, int] = {}  # of a row of one line, by its look
        self._advances: dict[tuple[str, bool], int] = {}  # the width of a text, in usual letters or in those of digits

    def show_lines(self, lines: list[Line]) -> None:
        before = self.facts.lines
        if self.facts.show(lines):
            self.clearSpans()
            for row, line in enumerate(lines):
                if line.is_heading:
                    self.setSpan(row, TITLE, 1, 3)
        elif before == lines:
            return
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Made once: `data()` only looks up."""
        self._theme = theme
        self._heights.clear()
        self._advances.clear()
        bold, small, digits = QFont(self.font()), QFont(self.font()), self._digit_font
        bold.setBold(True)
        small.setPointSizeF(max(small.pointSizeF() * SMALLER, 5.0))
        digits.setPointSizeF(self.font().pointSizeF() * 0.95)
        usual: Look = {TITLE: {COLOUR: theme.dim}, VALUE: {COLOUR: theme.text}, KNOWN: {COLOUR: theme.dim, FONT: small}}
        self.facts.set_looks({
            PLAIN: usual,
            DIGITS: {**usual, VALUE: {COLOUR: theme.text, FONT: digits}},
            HEADING: {key: {COLOUR: theme.text, FONT: bold} for key in (TITLE, VALUE, KNOWN)},
        })  # fmt: skip
        self._fit()

    def copied_text(self) -> str:
        """The values of the selected rows, with their names where there are several: then as cells of a spreadsheet."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        lines = [self.facts.lines[row] for row in rows if not self.facts.lines[row].is_heading]
        if len(lines) == 1:
            return lines[0].raw
        return "\n".join(f"{line.title}\t{line.raw if line.is_number else for_spreadsheet(line.raw)}" for line in lines)

    def set_width(self, width: int) -> None:
        """Lay everything out for a width in pixels. The inspector tells it, from its own width: a table that followed
        its resize events would answer with a height that changes what it follows."""
        if width != self._room:
            self._room = width
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(240, self.verticalHeader().length() + 2)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        width = self._room
        has_room = width >= NARROW * self.fontMetrics().averageCharWidth()
        known = min(self._widest(KNOWN, SMALLER), round(width * KNOWN_SHARE)) if has_room else 0
        word = min(self._widest(VALUE, 1.0, whole=False), round(width * WORD_SHARE))
        room = max(width - known - max(self._digits(), word), self._widest(TITLE, 1.0, whole=False))
        title = min(self._widest(TITLE, 1.0), round(width * (TITLE_SHARE if has_room else WORD_SHARE)), room)
        self.setColumnHidden(KNOWN, not has_room)
        for column, size in ((TITLE, title), (KNOWN, known), (VALUE, width - title - known)):
            self.setColumnWidth(column, size)
        too_narrow = width - title - known < self._digits()
        self.facts.fold_addresses(too_narrow and not has_room)  # else they have the place beside them
        self._let_run(addresses=too_narrow)
        self._fit_rows((title, width - title - known, known))
        self.setFixedHeight(self.verticalHeader().length() + 2)

    def _fit_rows(self, widths: tuple[int, int, int]) -> None:
        """As `resizeRowsToContents`, which asks each cell for everything: rows of one line are as high as another."""
        header = self.verticalHeader()
        least = header.sectionSizeHint(0) if self.facts.lines else 0
        for row, line in enumerate(self.facts.lines):
            if not self._is_one_line(row, line, widths):
                header.resizeSection(row, max(self.sizeHintForRow(row), least))
                continue
            if line.look not in self._heights:
                self._heights[line.look] = max(self.sizeHintForRow(row), least)
            header.resizeSection(row, self._heights[line.look])

    def _is_one_line(self, row: int, line: Line, widths: tuple[int, int, int]) -> bool:
        """Whether each of its texts has clearly room on one line."""
        title, value, known = widths
        if line.is_heading:
            return self._advance(line.title) * BOLDER + MARGIN <= sum(widths)
        if self.columnSpan(row, VALUE) == 2:
            value, known = value + known, 0
        return (
            self._advance(line.title) * SAFE + MARGIN <= title
            and self._advance(line.text, digits=line.look == DIGITS) * SAFE + MARGIN <= value
            and (not known or self._advance(line.known) * SAFE + MARGIN <= known)
        )

    def _let_run(self, *, addresses: bool) -> None:
        """What says nothing of how it is known has its place too; so have addresses where they do not fit, since the
        tooltip tells it as well."""
        for row, line in enumerate(self.facts.lines):
            columns = 2 if not line.known or (addresses and line.look == DIGITS) else 1
            if not line.is_heading and self.columnSpan(row, VALUE) != columns:
                self.setSpan(row, VALUE, 1, columns)

    def _widest(self, column: int, scale: float, *, whole: bool = True) -> int:
        """How much room the texts of a column want, as a whole or folded between words; what runs on wants none."""
        lines = [line for line in self.facts.lines if not line.is_heading and (column != VALUE or line.known)]
        texts = [{TITLE: line.title, VALUE: line.text, KNOWN: line.known}[column] for line in lines]
        if not whole:
            texts = [word for text in texts for word in text.split()]
        return round(max(map(self._advance, texts), default=0) * scale) + MARGIN

    def _digits(self) -> int:
        """The room that addresses want: they are not folded while names can be."""
        texts = (line.text for line in self.facts.lines if line.look == DIGITS)
        return max((self._advance(text, digits=True) for text in texts), default=0) + 10

    def _advance(self, text: str, *, digits: bool = False) -> int:
        """How wide a text is on one line, in pixels. It is kept: each is asked for several times in each resize."""
        key = (text, digits)
        if key not in self._advances:
            if len(self._advances) > MOST_ADVANCES:
                self._advances.clear()
            letters = QFontMetrics(self._digit_font) if digits else self.fontMetrics()
            self._advances[key] = letters.horizontalAdvance(text)
        return self._advances[key]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._theme is not None:
            self.set_theme(self._theme)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            box = self.visualRect(current)
            self.walked.emit(box.top(), box.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied_text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
        line = self.facts.lines[index.row()] if index.isValid() else None
        self.menu_wanted.emit(line, event.globalPos())
