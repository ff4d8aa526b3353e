"""A table of very many regions: sorted or filtered, and painted anew."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks.record import Measurement, Setting
from benchmarks.targets import host, many_regions
from benchmarks.timing import alternate, same

if TYPE_CHECKING:  # other benchmarks do without Qt
    from memviz.core.snapshot import Snapshot

WIDTH, HEIGHT = 1280, 480
COLUMNS = ("rss", "size", "start", "pss")  # sorted by one after the other
FILTERS = ("perm:w", "")
VALUE = 0x0100  # Qt.ItemDataRole.UserRole


def of_sorting(setting: Setting, rounds: int) -> Measurement:
    """By another column each time, beside QSortFilterProxyModel over the same model."""
    with _tables(setting) as (ours, theirs):

        def agree(one: str, other: str) -> None:
            values = ours.model.frames.regions.column(one).tolist()  # rows of equal value stand as they stood before
            same(f"order by {one}", [values[row] for row in ours.rows()], [values[row] for row in theirs.rows()])

        mine, peer = cycle(COLUMNS), cycle(COLUMNS)
        return alternate(setting, rounds, lambda: ours.sort(next(mine)), lambda: theirs.sort(next(peer)), agree)


def of_filtering(setting: Setting, rounds: int) -> Measurement:
    """What is writable, and all again, in sorted tables; beside the proxy with its filter on the same column."""
    with _tables(setting) as (ours, theirs):
        ours.sort("rss")
        theirs.sort("rss")

        def agree(one: list[int], other: list[int]) -> None:
            same("number of rows that fit each filter", one, other)
            same("rows that fit the last", sorted(ours.rows()), sorted(theirs.rows()))

        return alternate(setting, rounds, lambda: _each(ours.filter), lambda: _each(theirs.filter), agree)


def at_all(setting: Setting, rounds: int) -> Measurement:
    """Every way to sort and filter in turn."""
    with _tables(setting) as (ours, _):
        times = []
        for _ in range(rounds):
            for work, argument in (
                *((ours.sort, name) for name in COLUMNS),
                *((ours.filter, text) for text in FILTERS),
            ):
                begun = time.perf_counter()
                work(argument)
                times.append(time.perf_counter() - begun)
        return Measurement(tuple(times))


def _each(filter_: Callable[[str], int]) -> list[int]:
    return [filter_(text) for text in FILTERS]


@contextlib.contextmanager
def _tables(setting: Setting) -> Iterator[tuple[_Ours, _Theirs]]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    with many_regions(setting.regions) as pid, host() as here:
        snapshot = here.snapshot(pid)
    ours, theirs = _Ours(snapshot), _Theirs(snapshot)
    application.processEvents()
    yield ours, theirs
    for table in (ours, theirs):
        table.view.close()
        table.view.deleteLater()


class _Ours:
    def __init__(self, snapshot: Snapshot) -> None:
        from memviz.gui.tables.frames import frames_of
        from memviz.gui.tables.model import MemoryModel
        from memviz.gui.tables.order import FLAT, Arrangement
        from memviz.gui.tables.view import MemoryView

        self.snapshot, self.frames_of, self.arrangement = snapshot, frames_of, Arrangement
        self.model = MemoryModel()
        self.model.wanted = Arrangement(FLAT, "start", False)
        self.view = MemoryView(self.model)
        self.view.resize(WIDTH, HEIGHT)
        self.view.show()
        self.model.show(frames_of(snapshot))

    def sort(self, name: str) -> str:
        self.model.frames = self.frames_of(self.snapshot)  # nothing that was sorted before is kept
        self._arrange(column=name, descending=name != "start")
        return name

    def filter(self, text: str) -> int:
        from memviz.core.query import parse

        self._arrange(query=parse(text))
        return self.model.rowCount()

    def _arrange(self, **changes: object) -> None:
        import dataclasses

        self.model.arrange(dataclasses.replace(self.model.wanted, **changes))  # type: ignore[arg-type]  # its fields
        self.view.viewport().repaint()

    def rows(self) -> list[int]:
        """What is shown, from top to bottom."""
        return self.model.lines.rows.tolist()


class _Theirs:
    def __init__(self, snapshot: Snapshot) -> None:
        from PySide6.QtCore import QSortFilterProxyModel, Qt
        from PySide6.QtWidgets import QTableView

        from memviz.gui.tables.frames import frames_of
        from memviz.gui.tables.model import MemoryModel
        from memviz.gui.tables.order import FLAT, Arrangement

        class Valued(MemoryModel):
            """The same model, which also tells numbers to sort by."""

            def data(self, index: Any, role: int = 0) -> Any:
                if role != VALUE:
                    return super().data(index, role)
                value = self.value(index.row(), self.columns[index.column()].name)
                # one kind of number: Qt does not order small integers, large ones and floats among each other
                return float(value) if isinstance(value, int) else value

        self.orders = {False: Qt.SortOrder.AscendingOrder, True: Qt.SortOrder.DescendingOrder}
        self.model = Valued()
        self.model.wanted = Arrangement(FLAT, "start", False)
        self.model.show(frames_of(snapshot))
        self.proxy = QSortFilterProxyModel()
        self.proxy.setSortRole(VALUE)
        self.proxy.setFilterKeyColumn(self.model.place("permissions"))
        self.proxy.setSourceModel(self.model)
        self.view = QTableView()
        self.view.setModel(self.proxy)
        self.view.resize(WIDTH, HEIGHT)
        self.view.show()

    def sort(self, name: str) -> str:
        self.proxy.sort(self.model.place(name), self.orders[name != "start"])
        self.view.viewport().repaint()
        return name

    def filter(self, text: str) -> int:
        self.proxy.setFilterRegularExpression("^.w" if text else "")
        self.view.viewport().repaint()
        return self.proxy.rowCount()

    def rows(self) -> list[int]:
        """What is shown, from top to bottom."""
        proxy = self.proxy
        return [proxy.mapToSource(proxy.index(row, 0)).row() for row in range(proxy.rowCount())]
