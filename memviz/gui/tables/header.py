"""Which columns a table shows, in which order and how wide: by name, so that it outlives columns that come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

from memviz.core.columns import Column
from memviz.gui.tables.model import ColumnModel

NARROWEST, WIDEST = 24, 4000  # pixels that a saved width is believed


@dataclass
class Layout:
    """`names` of the columns that are wanted, in order; `widths` in pixels of those that the user has changed."""

    names: list[str]
    widths: dict[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        return {"columns": list(self.names), "widths": dict(self.widths)}


def layout_from(value: object, usual: Iterable[str]) -> Layout:
    """A layout of plain values as they were saved; what cannot be meant is left out."""
    given = value if isinstance(value, dict) else {}
    names, widths = given.get("columns"), given.get("widths")
    good = list(dict.fromkeys(name for name in names if isinstance(name, str))) if isinstance(names, list) else []
    sizes = widths.items() if isinstance(widths, dict) else ()
    fit = {
        name: width
        for name, width in sizes
        if isinstance(name, str) and type(width) is int and NARROWEST <= width <= WIDEST
    }
    return Layout(good or list(usual), fit)


class Header(QObject):
    """Keeps the columns of one view as the layout says, and the layout as the user moves them. Clicks on heads are
    `clicked` with the name of the column."""

    clicked = Signal(str)
    moved = Signal()  # other columns, or another order of them
    asked_chooser = Signal(object)  # where: QPoint

    def __init__(
        self, view: QTableView, model: ColumnModel, layout: Layout, is_there: Callable[[str], bool],
    ) -> None:  # fmt: skip
        super().__init__(view)
        self.view, self.model, self.layout, self.is_there = view, model, layout, is_there
        self.first = model.columns[0].name  # always shown, and first
        self._applying = False
        bar = view.horizontalHeader()
        bar.setSectionsMovable(True)
        bar.setFirstSectionMovable(False)
        bar.setSectionsClickable(True)
        bar.setHighlightSections(False)
        bar.setSortIndicatorShown(True)
        bar.setStretchLastSection(True)
        bar.setMinimumSectionSize(NARROWEST)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        bar.customContextMenuRequested.connect(self._ask)
        bar.sectionClicked.connect(lambda section: self.clicked.emit(model.columns[section].name))
        bar.sectionMoved.connect(self._moved)
        bar.sectionResized.connect(self._resized)
        model.modelReset.connect(self.apply)
        self.apply()

    def apply(self) -> None:
        """Shows the columns of the layout."""
        bar, columns = self.view.horizontalHeader(), self.model.columns
        wanted = [self.first, *(name for name in self.layout.names if name != self.first)]
        shown = [name for name in wanted if self.model.place(name) >= 0 and self.is_there(name)]
        if shown == self._shown() and bar.count() == len(columns) and self._applied == self.layout.widths:
            return
        self._applying = True
        for at, column in enumerate(columns):
            bar.setSectionHidden(at, column.name not in shown)
            if column.name in shown:
                bar.resizeSection(at, self.layout.widths.get(column.name, self._usual(column)))
        for visual, name in enumerate(shown):
            bar.moveSection(bar.visualIndex(self.model.place(name)), visual)
        self._applied = dict(self.layout.widths)
        self._applying = False
        self.moved.emit()

    _applied: dict[str, int] | None = None

    def need(self, name: str) -> None:
        """A column that has to be there: it comes right after the first where it is not."""
        if name not in self.layout.names:
            self.layout.names.insert(1, name)
            self.apply()

    def set_names(self, names: Iterable[str]) -> None:
        """Other columns."""
        self.layout.names = list(names)
        self.apply()

    def set_layout(self, layout: Layout) -> None:
        self.layout, self._applied = layout, None
        self.apply()

    def set_sort(self, name: str, descending: bool) -> None:
        """Points the arrow."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(self.model.place(name), order)

    def shown_columns(self) -> list[Column]:
        """What is shown, from left to right."""
        return [self.model.columns[self.model.place(name)] for name in self._shown()]

    def _shown(self) -> list[str]:
        bar, columns = self.view.horizontalHeader(), self.model.columns
        if bar.count() != len(columns):
            return []
        order = (bar.logicalIndex(visual) for visual in range(bar.count()))
        return [columns[at].name for at in order if not bar.isSectionHidden(at)]

    def _usual(self, column: Column) -> int:
        """Wide enough for its head and what usually stands there."""
        metrics = QFontMetrics(self.view.font())
        sample = {"name": "x" * 26, "path": "x" * 40, "category": "x" * 16, "block": "x" * 20, "flags": "x" * 26,
                  "permissions": "rw-p", "device": "fe:00"}  # fmt: skip
        wide = "0x7f12_3456_7000_" if column.name in ("start", "end") else "+999.9 MiB"
        text = sample.get(column.name, wide if column.numeric else "anonymous")
        return max(metrics.horizontalAdvance(text) + 16, metrics.horizontalAdvance(column.title) + 34)

    def _moved(self, section: int, before: int, after: int) -> None:
        if self._applying:
            return
        shown = self._shown()
        absent = [name for name in self.layout.names if name not in shown]  # differences while there is no mark
        for name in absent:
            shown.insert(min(self.layout.names.index(name), len(shown)), name)
        self.layout.names = shown

    def _resized(self, section: int, before: int, width: int) -> None:
        bar = self.view.horizontalHeader()
        is_last = section == next(
            (bar.logicalIndex(v) for v in reversed(range(bar.count())) if not bar.isSectionHidden(bar.logicalIndex(v))),
            -1,
        )
        if not self._applying and width and not is_last and not bar.isSectionHidden(section):
            self.layout.widths[self.model.columns[section].name] = width
            self._applied = dict(self.layout.widths)

    def _ask(self, point: QPoint) -> None:
        self.asked_chooser.emit(self.view.horizontalHeader().mapToGlobal(point))
