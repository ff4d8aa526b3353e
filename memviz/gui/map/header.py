"""The first thing that is read: one sentence about the process, what it costs, and three bars."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from memviz import units
from memviz.core.diff import Difference
from memviz.core.headline import headline
from memviz.core.snapshot import Snapshot
from memviz.gui.map import words
from memviz.gui.map.bars import Bars
from memviz.gui.map.line import Line
from memviz.gui.session.session import Session, Target
from memviz.gui.theme import Theme

LARGE, LARGER, SMALL = 1.5, 1.75, 0.94  # times the usual size of text: the sentence, presented, what stands below
WIDE = 64  # times the height of a line of text: from this width on the bars stand beside the sentence


class Header(QWidget):
    """Shows the session's snapshot; `show_scale` tells it how many bytes a pixel of the map is."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._bytes_per_pixel = 0.0
        self.sentence = Line(self, LARGE, bold=True, shrinks=True)
        self.change, self.cost, self.counts = Line(self, SMALL, bold=True), Line(self, SMALL), Line(self, SMALL)
        self.bars = Bars(session, self)
        self.change.hide()
        self.counts.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for line in (self.change, self.counts):
            line.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._second = QWidget(self)
        second = QHBoxLayout(self._second)
        second.setContentsMargins(0, 0, 0, 0)
        second.setSpacing(14)
        for line in (self.change, self.cost, self.counts):
            second.addWidget(line, 1 if line is self.cost else 0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)  # below 4 captions of bars touch the letters above
        self._is_wide: bool | None = None
        self._arrange(is_wide=False)
        session.snapshot_changed.connect(self.show_snapshot)
        session.target_changed.connect(self._turn)
        session.difference_changed.connect(self._show_difference)
        session.options_changed.connect(self.bars.refresh)
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)
        self.show_snapshot(session.snapshot)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        self.bars.show_snapshot(snapshot)
        if snapshot is None:
            self._turn(self.session.target)
            return
        own, rss = snapshot.private_swap, words.resident(snapshot)
        exact = [f"resident: {units.number(rss)} bytes"] if rss is not None else []
        exact += [f"private + swap: {units.number(own)} bytes"] if own is not None else []
        sentence = headline(snapshot)
        short = sentence.partition(", spread over ")[0].removesuffix(".") + "."
        shortest = sentence.partition(";")[0].removesuffix(".") + "."
        self.sentence.say(sentence, short, shortest, tip="\n".join(exact))
        self.cost.say(*words.costs(snapshot), tip="\n".join(exact))
        self._show_counts()
        self._show_difference(self.session.difference)

    def show_scale(self, bytes_per_pixel: float) -> None:
        if bytes_per_pixel != self._bytes_per_pixel:
            self._bytes_per_pixel = bytes_per_pixel
            self._show_counts()

    def set_short(self, is_short: bool) -> None:
        """Only words, where there is little height."""
        self.bars.setVisible(not is_short)

    def set_present(self, presents: bool) -> None:
        self.sentence.resize_text(LARGER if presents else LARGE)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _turn(self, target: Target | None) -> None:
        """Another process of which nothing is known yet."""
        if self.session.snapshot is not None:
            return
        self.bars.show_snapshot(None)
        self.sentence.say(f"{target.name or 'Process'} ({target.pid})".strip() if target is not None else "")
        self.cost.say("")
        self.counts.say("")
        self._show_difference(None)

    def _show_counts(self) -> None:
        snapshot = self.session.snapshot
        if snapshot is not None:
            self.counts.say(*words.counts(snapshot, self._bytes_per_pixel))
            self._share_out()

    def _show_difference(self, difference: Difference | None) -> None:
        mark = self.session.mark
        if difference is None or mark is None:
            self.change.hide()
            return
        self.change.say(words.since(difference, mark), tip="What changed since the mark: private memory and swap.")
        self.change.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(is_wide=self.width() >= WIDE * self.fontMetrics().height())
        self._share_out()

    def _share_out(self) -> None:
        """Cost goes before counts where both have one line."""
        whole = (
            self.width() if self._is_wide else max(self.width() - self.cost.sizeHint().width(), self.width() * 2 // 5)
        )
        self.counts.take_of(whole)

    def _arrange(self, *, is_wide: bool) -> None:
        """Bars beside the words, or below them in one line."""
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        for widget in (self.sentence, self._second, self.counts, self.bars):
            self._grid.removeWidget(widget)
        self.bars.set_in_line(not is_wide)
        if is_wide:
            self._grid.addWidget(self._second, 1, 0)
            self._grid.addWidget(self.counts, 2, 0)
            self._grid.addWidget(self.bars, 0, 1, 3, 1)
        else:
            second = self._second.layout()
            if second is not None:
                second.addWidget(self.counts)
            self._grid.addWidget(self._second, 1, 0)
            self._grid.addWidget(self.bars, 2, 0)
        self._grid.addWidget(self.sentence, 0, 0)
        self._grid.setColumnStretch(0, 1)

    def _take_theme(self, theme: Theme) -> None:
        self.sentence.colour(theme.text)
        self.change.colour(theme.accent)
        for line in (self.cost, self.counts):
            line.colour(theme.dim)
