"""Where the selection is: process, block, region, page, each a step to click; and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from memviz import units
from memviz.core.pages import PRESENT
from memviz.core.part import Part
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.map.line import Line
from memviz.gui.session.selection import (
    GROUP,
    NOTHING,
    PAGE,
    RANGE,
    REGION,
    Selection,
    block_of,
    rows_of,
    select_block,
    select_region,
)
from memviz.gui.session.session import Session
from memviz.gui.tables.menu import selection_menu
from memviz.gui.theme import Theme

LEAST = 5  # characters that a crumb keeps when there is little room


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step: what a click selects."""

    text: str
    selection: Selection
    tip: str


def crumbs_of(snapshot: Snapshot, selection: Selection) -> list[Crumb]:
    """From the process down to what is selected."""
    steps = [Crumb(snapshot.name or f"pid {snapshot.pid}", Selection(), "The whole process")]
    if selection.kind == GROUP:
        return [*steps, Crumb(selection.group, selection, "All regions of this group")]
    if selection.kind == RANGE:
        text = f"{units.address(selection.start)} to {units.address(selection.end)}"
        return [*steps, Crumb(text, selection, "A range of addresses")]
    block, row = block_of(selection, snapshot), snapshot.regions.find(selection.start)
    if block is None or row is None:
        return steps
    steps.append(Crumb(snapshot.blocks.name(block), select_block(snapshot, block), "Block: a thing in memory"))
    if selection.kind in (REGION, PAGE):
        region = snapshot.regions[row]
        text = f"{units.address(region.start)} {region.permissions}"
        steps.append(Crumb(text, select_region(snapshot, row), "Region: one mapping of the kernel (VMA)"))
    if selection.kind == PAGE:
        steps.append(Crumb(f"page {units.address(selection.start)}", selection, "One page"))
    return steps


def sum_in_words(snapshot: Snapshot, pages: PageRuns | None, selection: Selection) -> str:
    """`3 regions · 12.4 MiB · 8.1 MiB resident`; of a range or page what lies inside, page by page."""
    if selection.kind == NOTHING:
        return ""
    rows = rows_of(selection, snapshot)
    if not len(rows):
        return "not mapped" if selection.kind in (PAGE, RANGE) else "gone"
    part = Part(snapshot, rows)
    size, rss = part.size, part.total("rss")
    words = [f"{units.number(len(rows))} region{'' if len(rows) == 1 else 's'}"]
    if selection.kind in (PAGE, RANGE):
        low, high = np.uint64(selection.start), np.uint64(selection.end)
        start = np.maximum(snapshot.regions["start"][rows], low)
        size = int((np.minimum(snapshot.regions["end"][rows], high) - start).sum())
        whole = size == part.size
        rss = rss if whole and rss is not None else present_in(pages, selection.start, selection.end)
    words.append(units.size(size))
    words.append(f"{units.size(rss) if rss is not None else units.DASH} resident")
    return " · ".join(words)


def present_in(runs: PageRuns | None, start: int, end: int) -> int | None:
    """Bytes of [start, end) that are in memory; None where the runs do not tell."""
    if runs is None or (runs.rest is not None and end > runs.rest):
        return None
    low, high = np.maximum(runs.start, np.uint64(start)), np.minimum(runs.end, np.uint64(end))
    there = (high > low) & ((runs.bits & np.uint64(PRESENT)) != 0)
    return int((high[there] - low[there]).sum())


class Crumbs(QWidget):
    """`wanted` tells which step was clicked, for the map to go there."""

    wanted = Signal(object)  # Selection

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._steps: list[Crumb] = []
        self._buttons: list[QToolButton] = []
        self._between: list[QLabel] = []
        self.sum = Line(self, 0.94)
        self.sum.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.sum.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName("Where the selection is")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)
        self._layout.addWidget(self.sum)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for signal in (session.snapshot_changed, session.selection_changed, session.target_changed):
            signal.connect(self.refresh)
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)
        self.refresh()

    def refresh(self, changed: object = None) -> None:
        if self.isHidden():
            return
        snapshot, selection = self.session.snapshot, self.session.selection
        steps = crumbs_of(snapshot, selection) if snapshot is not None else []
        words = sum_in_words(snapshot, self.session.pages, selection) if snapshot is not None else ""
        self.sum.say(words, words.partition(" · ")[2] or words, words.rpartition(" · ")[2])
        if steps != self._steps:
            self._steps = steps
            self._rebuild()
        self._fit()

    def texts(self) -> list[str]:
        """The steps in full."""
        return [step.text for step in self._steps]

    # -- inside -------------------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        while len(self._buttons) < len(self._steps):
            self._add()
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(self._steps))
            self._between[place].setVisible(0 < place < len(self._steps))
            if place < len(self._steps):
                step = self._steps[place]
                button.setToolTip(f"{step.tip}: {step.text}".replace("<", "‹"))
                button.setAccessibleName(f"{step.tip}: {step.text}")

    def _add(self) -> None:
        place = len(self._buttons)
        arrow, button = QLabel("›", self), QToolButton(self)
        for widget in (arrow, button):
            widget.setFont(self.font())
        button.setAutoRaise(True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self._go)
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(self._open_menu)
        self._layout.insertWidget(2 * place, arrow)
        self._layout.insertWidget(2 * place + 1, button)
        self._between.append(arrow)
        self._buttons.append(button)

    def _go(self) -> None:
        step = self._steps[self._clicked()].selection
        self.session.select(step)
        self.wanted.emit(step)

    def _clicked(self) -> int:
        button = self.sender()
        assert isinstance(button, QToolButton)
        return self._buttons.index(button)

    def _open_menu(self, where: QPoint) -> None:
        place = self._clicked()
        button = self._buttons[place]
        selection_menu(self.session, self._steps[place].selection, button).popup(button.mapToGlobal(where))

    def _fit(self) -> None:
        """The steps share the room that the sum leaves; the longest gives way first."""
        metrics = QFontMetricsF(self.font())
        em = metrics.averageCharWidth()
        lengths = [metrics.horizontalAdvance(step.text) for step in self._steps]
        room = self.width() - len(self._steps) * 4 * em
        self.sum.take_of(max(room - sum(lengths), self.width() * 0.25))
        limit = _limit(lengths, room - self.sum.width())
        for step, button in zip(self._steps, self._buttons, strict=False):
            text = metrics.elidedText(step.text, Qt.TextElideMode.ElideMiddle, max(limit, LEAST * em))
            if button.text() != text.replace("&", "&&"):
                button.setText(text.replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _take_theme(self, theme: Theme) -> None:
        self.sum.colour(theme.dim)


def _limit(lengths: list[float], room: float) -> float:
    """The length that none may exceed so that together they fit."""
    left, count = room, len(lengths)
    for length in sorted(lengths):
        if length * count <= left:
            left, count = left - length, count - 1
        else:
            return left / count
    return max(lengths, default=0.0) + 1
