"""The legend: groups ranked by what is in memory, each a bar of its share; a click filters everything by it."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from memviz import units
from memviz.core.diff import Difference
from memviz.core.regions import Array
from memviz.core.snapshot import GroupSum, Snapshot
from memviz.gui.inspector.words import group_text
from memviz.gui.map import filtering, words
from memviz.gui.map.chip import Chip, Entry
from memviz.gui.map.modes import CHANGE, MODES, Mode, grown_by_entry
from memviz.gui.map.terrain import Terrain
from memviz.gui.session.selection import GROUP, Selection, select_group
from memviz.gui.session.session import Session
from memviz.gui.tables.menu import selection_menu
from memviz.gui.theme import Theme

GAP = 6
WIDEST = 1.45  # times what a chip needs, that it takes where there is room
MOST_ROWS = 3  # of short entries: where that is not enough they are names alone
HINT_ONE = "Click: show only this."
HINT = "Click: show only this, or add it to what is shown. Alt-click: this alone."


def ranked(snapshot: Snapshot) -> list[tuple[str, GroupSum]]:
    """Groups by what of them is in memory, else by their size; the order of GROUPS where that is the same."""
    return sorted(snapshot.groups.items(), key=lambda item: (item[1].rss or 0, item[1].size), reverse=True)


def entries_of(snapshot: Snapshot, theme: Theme, difference: Difference | None) -> list[Entry]:
    """One entry for each group that has a region."""
    whole = snapshot.totals["rss"] or 0
    changes = {change.name: change for change in difference.groups} if difference is not None else {}
    result = []
    for name, group in ranked(snapshot):
        rss, size = group.rss, units.size(group.size)
        own = min(group.uss or 0, rss or 0)
        change = changes[name].grown if name in changes else 0
        text = words.signed(change) if abs(change) >= words.LITTLE else ""
        value, of = (units.size(rss), size) if rss is not None else (size, "")
        share, strong = (rss or 0) / whole if whole else 0.0, own / rss if rss else 0.0
        result.append(
            Entry(
                name, theme.group(name), theme.quiet_group(name), value, of, share, strong, text, change > 0,
                tip_of(name, group), name == "reserved", f"group:{name}",
            )
        )  # fmt: skip
    return result


def entries_of_mode(mode: Mode, theme: Theme, terrain: Terrain | None, difference: Difference | None) -> list[Entry]:
    """One entry for each colour of a mode, in its own order; with numbers where the terrain is that of the map."""
    count = len(mode.entries)
    size: Array = np.zeros(count)
    rss: Array | None = None
    grown: Array = np.zeros(count)
    if terrain is not None:
        table, number = terrain.snapshot.regions, mode.number(terrain, difference)
        if mode.name == CHANGE:
            grown = grown_by_entry(difference)
        size = np.bincount(number, table.counted("size").astype(np.float64), count)
        rss = np.bincount(number, table.counted("rss").astype(np.float64), count) if "rss" in table else None
    result = []
    for at, each in enumerate(mode.entries):
        tip = f"<p><b>{html.escape(each.name)}</b><br>{html.escape(each.meaning)}</p>"
        tip += f"<p>{HINT_ONE}</p>" if each.filter else ""
        known = terrain is not None
        value = units.size(int((size if rss is None else rss)[at])) if known else ""
        if known and not size[at]:
            value = "not mapped" if grown[at] else "none"
        of = units.size(int(size[at])) if rss is not None and size[at] else ""
        share = float(rss[at] / max(rss.sum(), 1)) if rss is not None else 0.0
        colour = each.colour(theme)
        change = words.signed(int(grown[at])) if grown[at] else ""
        result.append(
            Entry(each.name, colour, colour, value, of, share, 1.0, change, grown[at] > 0, tip, filter=each.filter)
        )
    return result


def tip_of(name: str, group: GroupSum) -> str:
    """What the group is, and its exact numbers."""
    numbers = [f"{units.number(group.count)} region{'' if group.count == 1 else 's'}"]
    known = {"mapped": group.size, "resident": group.rss, "private": group.uss, "in swap": group.swap}
    numbers += [f"{units.number(value)} bytes {word}" for word, value in known.items() if value is not None]
    meaning = html.escape(group_text(name))
    return f"<p><b>{html.escape(name)}</b><br>{'<br>'.join(numbers)}</p><p>{meaning}</p><p>{HINT}</p>"


class Legend(QWidget):
    """Groups, or the colours of another mode; a click on what has a filter shows only that."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.chips: list[Chip] = []
        self.entries: list[Entry] = []
        self.is_short = False
        self.mode = MODES[0]
        self.terrain: Terrain | None = None
        self.setAccessibleName("Legend")
        self._placed = (0, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for signal in (session.snapshot_changed, session.difference_changed, session.target_changed):
            signal.connect(self.refresh)
        session.filter_changed.connect(self._follow_filter)
        session.theme_changed.connect(self._take_theme)
        self.refresh()

    def set_short(self, is_short: bool) -> None:
        """One line a chip, where there is little height."""
        if is_short != self.is_short:
            self.is_short = is_short
            self.refresh()

    def show_mode(self, mode: Mode) -> None:
        """The colours of another mode."""
        if mode is not self.mode:
            self.mode = mode
            self.refresh()

    def show_terrain(self, terrain: Terrain | None) -> None:
        """What the map draws, from which other modes than by group have their numbers."""
        if terrain is not self.terrain:
            self.terrain = terrain
            if not self.shows_groups:
                self.refresh()

    @property
    def shows_groups(self) -> bool:
        return self.mode is MODES[0]

    def refresh(self, changed: object = None) -> None:
        session = self.session
        if session.snapshot is None or "regions" in session.snapshot.absent:
            entries: list[Entry] = []
        elif not self.shows_groups:
            entries = entries_of_mode(self.mode, session.theme, self.terrain, session.difference)
        else:
            entries = self._steady(entries_of(session.snapshot, session.theme, session.difference))
        self.entries = entries
        while len(self.chips) > len(entries):
            left = self.chips.pop()
            left.hide()
            left.deleteLater()
        while len(self.chips) < len(entries):
            self.chips.append(self._new_chip())
        for chip, entry in zip(self.chips, entries, strict=True):
            chip.set_entry(entry, is_short=self.is_short)
        self._follow_filter(session.filter)
        self._place()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _steady(self, entries: list[Entry]) -> list[Entry]:
        """Nothing moves under the cursor or the keys: then the order stays, and what is new comes last."""
        busy = self.underMouse() or any(chip.hasFocus() for chip in self.chips)
        if not busy:
            return entries
        places = {entry.name: place for place, entry in enumerate(self.entries)}
        return sorted(entries, key=lambda entry: places.get(entry.name, len(places)))

    def _new_chip(self) -> Chip:
        chip = Chip(self.session.theme, self)
        chip.setFont(self.font())
        chip.clicked.connect(self._click)
        chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        chip.customContextMenuRequested.connect(self._open_menu)
        chip.show()
        return chip

    def _click(self) -> None:
        chip = self.sender()
        assert isinstance(chip, Chip)
        entry, session = chip.entry, self.session
        if entry is None or not entry.filter:
            return
        if not self.shows_groups:
            session.set_filter("" if session.filter == entry.filter else entry.filter)
            return
        name = entry.name
        change, chip.alone = (filtering.alone if chip.alone else filtering.toggled), False
        session.set_filter(change(session.filter, name))
        if name in filtering.groups_in(session.filter):
            session.select(select_group(name))
        elif session.selection.kind == GROUP and session.selection.group == name:
            session.select(Selection())

    def _open_menu(self, where: QPoint) -> None:
        chip = self.sender()
        if isinstance(chip, Chip) and chip.entry is not None and self.shows_groups:
            selection_menu(self.session, select_group(chip.entry.name), chip).popup(chip.mapToGlobal(where))

    def _follow_filter(self, text: str) -> None:
        groups = filtering.groups_in(text) if self.shows_groups else ()
        chosen = [
            entry.name.startswith(groups) if groups else not self.shows_groups and entry.filter == text != ""
            for entry in self.entries
        ]
        for chip, is_chosen in zip(self.chips, chosen, strict=True):
            chip.set_state(chosen=is_chosen, faded=any(chosen) and not is_chosen)

    def _take_theme(self, theme: Theme) -> None:
        for chip in self.chips:
            chip.theme = theme
            chip.update()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows, _, _, high, _ = self._grid(width)
        return max(rows * (high + 2) - 2, 0)

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(max(self.width(), 400)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def _grid(self, width: int) -> tuple[int, int, int, int, bool]:
        """Rows, columns, the width and height of each chip: as many columns as fit, rows of about one length; and
        whether there is room for names only, where rows would be too many."""
        if not self.chips:
            return 0, 1, 0, 0, False
        found = self._grid_of([chip.hint(bare=False) for chip in self.chips], width)
        if not self.is_short or found[0] <= MOST_ROWS:
            return *found, False
        return *self._grid_of([chip.hint(bare=True) for chip in self.chips], width), True

    def _grid_of(self, hints: list[QSize], width: int) -> tuple[int, int, int, int]:
        wide, high = max(hint.width() for hint in hints), max(hint.height() for hint in hints)
        count = len(self.chips)
        rows = -(-count // max(min((width + GAP) // (wide + GAP), count), 1))
        columns = -(-count // rows)
        return rows, columns, min((width + GAP) // columns - GAP, round(wide * WIDEST)), high

    def _place(self) -> None:
        _, columns, wide, high, is_bare = self._grid(self.width())
        for number, chip in enumerate(self.chips):
            row, column = divmod(number, columns)
            chip.set_bare(is_bare)
            chip.setGeometry(QRect(column * (wide + GAP), row * (high + 2), wide, high))
        if (columns, high, len(self.chips)) != self._placed:
            self._placed = (columns, high, len(self.chips))
            self.updateGeometry()
