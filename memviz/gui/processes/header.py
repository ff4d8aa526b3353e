"""Which columns the list shows, how wide, in which order; kept as plain values."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeView

from memviz.gui.processes.columns import LIST_COLUMNS, NUMBERS, SORTED_BY, ListColumn, columns_for

NARROWEST, WIDEST = 24, 2000
NARROW, SIZE = 280, "1,023 MiB"  # a list of this width has room for numbers, and not for their title
BESIDE, LITTLE_BESIDE = 14, 8  # pixels that a cell wants beside its text, usually and in a narrow list
NAME_AT_LEAST = 96
USUAL_HEIGHT = 14  # pixels of a line of text for which the widths in LIST_COLUMNS were chosen
FIXED, FREE = QHeaderView.ResizeMode.Fixed, QHeaderView.ResizeMode.Interactive


class Columns(QObject):
    """The header of a table of LIST_COLUMNS. One column, the command where it is shown and else the name, takes what
    the others leave. `changed` carries nothing: other columns are shown now."""

    changed = Signal()

    def __init__(self, table: QTreeView) -> None:
        super().__init__(table)
        self._table, self._header = table, table.header()
        self._by_hand: list[str] | None = None  # None while the width decides
        self._widths: dict[str, int] = {}  # what the user has set
        self._busy = False
        self.bar = SORTED_BY  # the column that bars are drawn of: one of those that always show
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._ask)
        self._header.sectionResized.connect(self._resized)

    @property
    def names(self) -> list[str]:
        """The columns that show, from left to right."""
        header = self._header
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        return [LIST_COLUMNS[number].name for number in order if not header.isSectionHidden(number)]

    @property
    def shown(self) -> list[ListColumn]:
        return [LIST_COLUMNS[NUMBERS[name]] for name in self.names]

    def fit(self) -> None:
        """To the width of the table, or to another font."""
        if self._busy:
            return
        self._busy, before = True, self.names
        room = self._table.viewport().width()
        metrics = QFontMetrics(self._table.font())
        width = self._table.width() * USUAL_HEIGHT // metrics.height()
        shown = {"name", *(columns_for(width, self.bar) if self._by_hand is None else self._by_hand)}
        beside = LITTLE_BESIDE if width < NARROW else BESIDE
        rest = "command" if "command" in shown else "name"
        for number, column in enumerate(LIST_COLUMNS):
            self._header.setSectionHidden(number, column.name not in shown)
            self._header.setSectionResizeMode(number, FIXED if column.name == rest else FREE)
            if column.name in shown and column.name != rest:
                widest = SIZE if column.name == self.bar and width < NARROW else column.widest
                wanted = self._widths.get(column.name) or metrics.horizontalAdvance(widest) + beside
                self._header.resizeSection(number, wanted)
                room -= wanted
        self._header.resizeSection(NUMBERS[rest], max(room, NAME_AT_LEAST * metrics.height() // USUAL_HEIGHT))
        self._busy = False
        if self.names != before:
            self.changed.emit()

    def show_only(self, names: list[str]) -> None:
        """What the user chose."""
        self._by_hand = [name for name in names if name in NUMBERS]
        self.fit()

    def menu(self, parent: QTreeView | None = None) -> QMenu:
        """A check mark for each column; whoever shows it deletes it."""
        menu, shown = QMenu(parent or self._table), self.names
        menu.setToolTipsVisible(True)
        for column in LIST_COLUMNS:
            if column.name != "name":
                action = menu.addAction(column.title)
                action.setCheckable(True)
                action.setChecked(column.name in shown)
                action.setToolTip(column.explanation)
                action.toggled.connect(lambda on, name=column.name: self._toggle(name, on))
        menu.addSeparator()
        menu.addAction("As many as fit", self.reset)
        return menu

    def reset(self) -> None:
        """Back to what the width decides."""
        self._by_hand, self._widths = None, {}
        for number in range(len(LIST_COLUMNS)):
            self._header.moveSection(self._header.visualIndex(number), number)
        self.fit()

    def save(self) -> dict[str, object]:
        """Plain values; `restore` takes them back."""
        header = self._header
        order = [LIST_COLUMNS[header.logicalIndex(visual)].name for visual in range(header.count())]
        return {"columns": self._by_hand, "order": order, "widths": dict(self._widths)}

    def restore(self, state: Mapping[str, object]) -> None:
        """What makes no sense is left out."""
        columns, order, widths = state.get("columns"), state.get("order"), state.get("widths")
        if isinstance(columns, list):
            self._by_hand = [name for name in columns if isinstance(name, str) and name in NUMBERS]
        if isinstance(widths, dict):
            self._widths = {
                name: min(max(width, NARROWEST), WIDEST) for name, width in widths.items()
                if name in NUMBERS and type(width) is int
            }  # fmt: skip
        if isinstance(order, list):
            known = list(dict.fromkeys(name for name in order if isinstance(name, str) and name in NUMBERS))
            for visual, name in enumerate(known):
                self._header.moveSection(self._header.visualIndex(NUMBERS[name]), visual)
        self.fit()

    def _toggle(self, name: str, on: bool) -> None:
        shown = self.names
        self.show_only([*shown, name] if on else [other for other in shown if other != name])

    def _resized(self, section: int, before: int, now: int) -> None:
        if not self._busy and now:
            self._widths[LIST_COLUMNS[section].name] = now
            self.fit()

    def _ask(self, at: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._header.mapToGlobal(at))


def sort_of(text: object) -> tuple[str, bool]:
    """`-rss`: the large ones first; the usual order for anything that is no column."""
    if isinstance(text, str) and text.removeprefix("-") in NUMBERS:
        return text.removeprefix("-"), text.startswith("-")
    return SORTED_BY, True
