"""The centre of the window: what the process is in words and bars, the whole space, the map, and where one is in it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCursor, QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from memviz.core.snapshot import Snapshot
from memviz.files import write_file
from memviz.gui.map import picture
from memviz.gui.map.crumbs import Crumbs
from memviz.gui.map.frame import Window
from memviz.gui.map.header import Header
from memviz.gui.map.hover import HoverCard, card_of
from memviz.gui.map.legend import Legend
from memviz.gui.map.line import spread_font
from memviz.gui.map.minimap import Minimap
from memviz.gui.map.modes import mode_of
from memviz.gui.map.ribbon import Ribbon, word_of
from memviz.gui.map.search import Search
from memviz.gui.map.spot import Spot
from memviz.gui.map.status import StatusPage
from memviz.gui.map.view import MapView
from memviz.gui.session.options import Options
from memviz.gui.session.selection import GROUP, NOTHING, Selection
from memviz.gui.session.session import Session
from memviz.gui.session.state import LOADING, State

PATIENCE = 300  # milliseconds that the last picture stays before reading shows itself
ROOMY, TIGHT = 39, 21  # lines of text: below this the legend takes one line an entry; the header leaves out its bars
MARGIN = 12


class MapPane(QWidget):
    """Everything about the session's process; `measure_wanted` is for the feed."""

    measure_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._since, self._presents = time.time(), False
        self._busy: tuple[str, ...] = ()
        self.setAccessibleName("Map of the address space")
        self.header, self.ribbon = Header(session, self), Ribbon(session, self)
        self.legend, self.minimap = Legend(session, self), Minimap(session, self)
        self.search, self.crumbs = Search(session, self), Crumbs(session, self)
        self.view = MapView(session, self)
        self.page = StatusPage(session, self)
        self.card = HoverCard(session.theme, self)
        self._patience = QTimer(self, interval=PATIENCE, singleShot=True)
        self._patience.timeout.connect(self._show_reading)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._show_ribbon)
        copying = QAction("Copy as a picture", self)
        copying.triggered.connect(self.copy_picture)
        self.addAction(copying)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._lay_out()
        self._listen()
        self.setFocusProxy(self.view)
        self._take_options(session.options)
        self._show_state(session.state)
        self._refresh(session.snapshot)

    # -- what the window asks for -------------------------------------------------------------------------------------

    def focus_search(self) -> None:
        self.search.focus()

    def set_present(self, presents: bool) -> None:
        """For a projector: nothing that only whoever works with it needs."""
        self._presents = presents
        self.header.set_present(presents)
        for widget in (self.crumbs, self.search):
            widget.setVisible(not presents)
        self.crumbs.refresh()

    def save_picture(self, path: str | Path, size: QSize | tuple[int, int] | None = None, dpr: float = 1.0) -> None:
        """The whole pane as PNG or SVG, by the name's ending; raises OSError or ValueError."""
        write_file(path, self.picture_file(str(path), size, dpr))

    def picture_file(self, name: str, size: QSize | tuple[int, int] | None = None, dpr: float = 1.0) -> bytes:
        """The bytes of such a file; raises ValueError where the ending of its name is no picture's."""
        return picture.contents(self, name, QSize(*size) if isinstance(size, tuple) else size, dpr)

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setImage(picture.image(self, None, self.devicePixelRatioF()))
        self.session.said.emit("Copied: a picture of the map")

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._middle = QStackedWidget(self)
        self._middle.addWidget(self.view)
        self._middle.addWidget(self.page)
        self._strip = QWidget(self)
        strip = QHBoxLayout(self._strip)
        strip.setContentsMargins(0, 0, 0, 0)
        strip.setSpacing(14)
        strip.addWidget(self.minimap, 1)
        strip.addWidget(self.search)
        self._foot = QWidget(self)  # as high with a ribbon as without one: nothing moves when it comes
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(14)
        foot.addWidget(self.crumbs, 2)
        foot.addWidget(self.ribbon, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 8, MARGIN, 4)
        layout.setSpacing(6)
        for widget in (self.header, self.legend, self._strip):
            layout.addWidget(widget)
        layout.addWidget(self._middle, 1)
        layout.addWidget(self._foot)

    def _listen(self) -> None:
        session = self.session
        session.snapshot_changed.connect(self._refresh)
        session.target_changed.connect(self.card.forget)
        session.state_changed.connect(self._show_state)
        session.options_changed.connect(self._take_options)
        session.theme_changed.connect(self.card.take_theme)
        for signal in (session.paused_changed, session.outline_changed):
            signal.connect(self._show_ribbon)
        session.jobs.busy_changed.connect(self._take_busy)
        self.ribbon.measure_wanted.connect(self.measure_wanted)
        self.page.again_wanted.connect(self.measure_wanted)
        self.page.cancel_wanted.connect(session.leave)
        self.view.hovered.connect(self._hover)
        self.view.view_changed.connect(self._follow_view)
        self.minimap.wanted.connect(self.view.centre_on)
        self.search.stepped.connect(self.view.go_to_hit)
        self.search.left.connect(self.view.setFocus)
        self.crumbs.wanted.connect(self._go)

    def _go(self, selection: Selection) -> None:
        """To a step of the breadcrumb."""
        if selection.kind in (NOTHING, GROUP):
            self.view.fit()
        else:
            self.view.zoom_to(selection.start, selection.end)

    def _refresh(self, snapshot: Snapshot | None) -> None:
        self._show_page(snapshot is None or "regions" in snapshot.absent)
        self._soon.start()  # by then the feed has begun to measure, or will not

    def _take_busy(self, names: tuple[str, ...]) -> None:
        self._busy = names
        self._show_ribbon()

    def _show_state(self, state: State) -> None:
        self._since = time.time()
        snapshot = self.session.snapshot
        if snapshot is None and state.kind == LOADING:
            self._patience.start()  # until then the last picture stays
        else:
            self._show_page(snapshot is None or "regions" in snapshot.absent)
        self._soon.start()

    def _show_reading(self) -> None:
        self._show_page(True)

    def _show_page(self, shows: bool) -> None:
        self._patience.stop()
        if shows:
            self.page.say(self.session.state)
        self._middle.setCurrentIndex(1 if shows else 0)
        for widget in (self._strip, self.legend):
            widget.setVisible(not shows and not (self._presents and widget is self.search))
        self.header.setVisible(not shows or self.session.snapshot is not None)
        self.card.setVisible(self.card.isVisible() and not shows)

    def _show_ribbon(self, changed: object = None) -> None:
        snapshot = self.session.snapshot
        if snapshot is not None:
            self.ribbon.say(word_of(self.session, snapshot, self._since, self._busy))
        else:
            self.ribbon.hide()

    # -- what the map tells -------------------------------------------------------------------------------------------

    def _hover(self, spot: Spot | None) -> None:
        if spot is None or self.session.snapshot is None:
            self.card.hide()
        else:
            self.card.show_at(card_of(spot), self.mapFromGlobal(QCursor.pos()))

    def _follow_view(self, window: Window | None) -> None:
        frame = self.view.stage.frame
        self.legend.show_terrain(frame.terrain if frame is not None else None)
        if self.card.isVisible():  # it would speak of what was there before
            self.view.hover_again()
        if window is not None:
            self.header.show_scale(window.scale)
            self.minimap.show_range(window.start, window.end)

    # -- looks --------------------------------------------------------------------------------------------------------

    def _take_options(self, options: Options) -> None:
        font = QFont(QApplication.font())
        font.setPointSizeF(max(font.pointSizeF(), 6.0) * options.text_scale)
        self.setFont(font)
        for part in (
            self.header,
            self.ribbon,
            self.legend,
            self.minimap,
            self.search,
            self.crumbs,
            self.page,
            self.card,
        ):
            spread_font(part, font)
        self.page.say(self.page.state)
        self.legend.show_mode(mode_of(options.colour_by))
        self.legend.refresh()
        self._foot.setFixedHeight(max(self.ribbon.sizeHint().height(), self.crumbs.sizeHint().height()))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.card.hide()

    def _fit(self) -> None:
        lines = self.height() / self.fontMetrics().height()
        self.legend.set_short(lines < ROOMY)
        self.header.set_short(lines < TIGHT)
        self.minimap.set_short(lines < ROOMY)
        layout = self.layout()
        if layout is not None:
            layout.setSpacing(3 if lines < ROOMY else 6)
            layout.setContentsMargins(MARGIN, *((4, MARGIN, 2) if lines < ROOMY else (8, MARGIN, 4)))
        self.search.fit(self.width() - 2 * MARGIN)
