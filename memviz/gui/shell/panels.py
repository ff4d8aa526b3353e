"""The panels around the map: processes on the left, the inspector on the right, tabs below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QTabWidget, QWidget

from memviz.gui.inspector.view import Inspector
from memviz.gui.processes.view import ProcessesView
from memviz.gui.session.session import Session
from memviz.gui.tabs import TABS

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

GRIP = 9  # pixels
LEAST_OF_TABS = (240, 100)
SPARED = 360  # pixels of the window that no panel takes a share of: what little there is belongs to the map
MOST_SHARE = 0.29  # of the window that a panel takes by itself, however large its letters
LEFT, RIGHT, BELOW = (
    Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea,
)  # fmt: skip


def _tabs(session: Session) -> QWidget:
    made = QTabWidget()
    made.setDocumentMode(True)
    made.setMinimumSize(*LEAST_OF_TABS)  # else the widest tab says how narrow the window may be
    made.setAccessibleName("Details")
    for tab in cast("tuple[Any, ...]", TABS):
        place = made.addTab(tab(session, made), tab.title)
        made.setTabToolTip(place, tab.help)
    return made


@dataclass(frozen=True, slots=True)
class Panel:
    """`share` is the part that it takes at first of the width, or height, by which the window exceeds SPARED; between
    two sizes in pixels."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    key: str
    make: Callable[[Session], QWidget]
    share: float
    least: int
    most: int


PANELS = (
    Panel("processes", "Processes", LEFT, "Ctrl+2", ProcessesView, 0.195, 216, 420),
    Panel("inspector", "Inspector", RIGHT, "Ctrl+3", Inspector, 0.20, 212, 440),
    Panel("tabs", "Details", BELOW, "Ctrl+4", _tabs, 0.36, 126, 460),
)


class Grip(QWidget):
    """Instead of a title: by this a panel is moved, and floated by a double click."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setToolTip("Drag to move this panel; a double click floats it.")
        session.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(GRIP * 10, GRIP)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, middle = QPainter(self), self.rect().center()
        for place in range(-2, 3):
            painter.fillRect(middle.x() + 6 * place, middle.y() - 1, 2, 2, self._session.theme.dim)


class Panels(QObject):
    """`docks` and `widgets` by the name of a panel; `gone_to` tells the name of one that was asked for."""

    gone_to = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.docks: dict[str, QDockWidget] = {}
        self.widgets: dict[str, QWidget] = {}
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)  # below the map only, between the two others
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        for panel in PANELS:
            widget = panel.make(window.session)
            dock = QDockWidget(panel.title, window)
            dock.setObjectName(panel.name)
            dock.setAccessibleName(panel.title)
            dock.setWidget(widget)
            window.addDockWidget(panel.area, dock)
            dock.toggleViewAction().setToolTip(f"Show or hide: {panel.title}")
            dock.toggleViewAction().setShortcut(QKeySequence(f"Shift+{panel.key}"))
            if isinstance(widget, QTabWidget):  # its tabs are title enough
                dock.setTitleBarWidget(Grip(window.session, dock))
            self.docks[panel.name], self.widgets[panel.name] = dock, widget

    def usual_sizes(self, *names: str) -> None:
        """What each panel, or each of these, takes at first of the window as it is now."""
        for panel in PANELS:
            if (dock := self.docks.get(panel.name)) is not None and (not names or panel.name in names):
                self._resize(dock, panel, self._usual(panel))

    def _usual(self, panel: Panel) -> int:
        """Pixels that a panel takes at first, with letters as large as they are now."""
        whole = self._window.height() if panel.area == BELOW else self._window.width()
        scale = self._window.session.options.text_scale
        wanted = min(max(panel.share * (whole / scale - SPARED), panel.least), panel.most) * scale
        return round(min(wanted, MOST_SHARE * whole))

    def follow_text(self, ratio: float) -> None:
        """Letters have grown or shrunk, and the panels beside the map with them, as far as it leaves the map room."""
        for panel in PANELS:
            dock = self.docks[panel.name]
            if panel.area != BELOW and not dock.isFloating():
                wanted = round(min(dock.width() * ratio, MOST_SHARE * self._window.width()))
                # it may have grown by less than the letters did, so it shrinks no further than it would be by itself
                self._resize(dock, panel, wanted if ratio > 1 else max(wanted, min(dock.width(), self._usual(panel))))

    def _resize(self, dock: QDockWidget, panel: Panel, wanted: int) -> None:
        way = Qt.Orientation.Vertical if panel.area == BELOW else Qt.Orientation.Horizontal
        self._window.resizeDocks([dock], [wanted], way)

    def go_to(self, name: str) -> None:
        """Shows a panel and gives it the keys."""
        self.docks[name].show()
        self.gone_to.emit(name)
        self.docks[name].raise_()
        self.widgets[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_tab(self, title: str) -> QWidget | None:
        """Brings a tab to the front and gives it the keys; None where there is none of that title."""
        found = self.show_tab_quietly(title)
        if found is not None:
            self.go_to("tabs")
        return found

    def show_tab_quietly(self, title: str) -> QWidget | None:
        """Brings a tab to the front of its panel, which stays as it is."""
        tabs = self.widgets["tabs"]
        assert isinstance(tabs, QTabWidget)
        place = next((place for place in range(tabs.count()) if tabs.tabText(place) == title), None)
        if place is None:
            return None
        tabs.setCurrentIndex(place)
        return tabs.widget(place)

    def current_tab(self) -> str:
        """The title of the tab in front."""
        tabs = self.widgets["tabs"]
        assert isinstance(tabs, QTabWidget)
        return tabs.tabText(tabs.currentIndex())

    def views(self) -> dict[str, QWidget]:
        """Everything whose state may be kept, by a name that stays."""
        found = dict(self.widgets)
        tabs = found.pop("tabs", None)
        if isinstance(tabs, QTabWidget):
            pairs = ((tabs.tabText(place), tabs.widget(place)) for place in range(tabs.count()))
            found |= {f"tab {title}": widget for title, widget in pairs if widget is not None}
        return found
