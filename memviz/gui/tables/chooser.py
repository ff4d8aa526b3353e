"""Where columns are chosen: a list that stays open while one tries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from memviz.gui.tables.columns import is_difference
from memviz.gui.tables.header import Header

NAME = int(Qt.ItemDataRole.UserRole)
HEIGHT = 420


class ColumnChooser(QFrame):
    """A popup with every column that can be shown now."""

    def __init__(self, header: Header, usual: Iterable[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.header, self.usual = header, tuple(usual)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Columns")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Columns to show")
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("Columns: drag their heads to move them", self))
        layout.addWidget(self.list)
        back = QPushButton("Back to the usual ones", self)
        back.setToolTip("Shows the columns that memviz starts with, at their usual widths.")
        back.clicked.connect(self._reset)
        layout.addWidget(back)
        self._fill()
        self.list.itemChanged.connect(self._toggle)
        self.resize(300, HEIGHT)

    def open_at(self, point: QPoint) -> None:
        screen = self.screen().availableGeometry()
        x = min(point.x(), screen.right() - self.width())
        y = min(point.y(), screen.bottom() - self.height())
        self.move(max(x, screen.left()), max(y, screen.top()))
        self.show()
        self.list.setFocus()

    def _fill(self) -> None:
        shown = set(self.header.layout.names)
        self._each(lambda name: name in shown)

    def _each(self, is_on: Callable[[str], bool]) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for column in self.header.model.columns:
            name = column.name
            if name == self.header.first or not self.header.is_there(name):
                continue
            item = QListWidgetItem(column.title, self.list)
            item.setData(NAME, name)
            item.setToolTip(column.explanation)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if is_on(name) else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)

    def _toggle(self, item: QListWidgetItem) -> None:
        name, names = item.data(NAME), list(self.header.layout.names)
        if item.checkState() == Qt.CheckState.Checked:
            names = names if name in names else with_name(names, name)
        else:
            names = [other for other in names if other != name]
        self.header.set_names(names)

    def _reset(self) -> None:
        self.header.layout.widths.clear()
        self.header.set_names(self.usual)
        self._fill()


def with_name(names: list[str], name: str) -> list[str]:
    """One column more: differences after the first number, others before the path, which takes the room that is
    left."""
    at = names.index("path") if "path" in names else len(names)
    at = min(at, 2) if is_difference(name) else at
    return [*names[:at], name, *names[at:]]
