"""The main window: puts the parts together; what they show and do is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from memviz.gui.feed.feed import Feed
from memviz.gui.feed.pace import pace_of
from memviz.gui.inspector.view import Inspector
from memviz.gui.map.pane import MapPane
from memviz.gui.session.options import Options
from memviz.gui.session.session import Session
from memviz.gui.shell import layouts, present, remembering, style
from memviz.gui.shell.actions import ACTIONS, HELP, MENUS, VIEW, add_actions, refresh
from memviz.gui.shell.choices import CHOICES, ChoiceMenu
from memviz.gui.shell.folding import Folding
from memviz.gui.shell.panels import PANELS, Panels
from memviz.gui.shell.privileged import Administrator
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.statusbar import StatusBar
from memviz.gui.shell.toolbar import ToolBar
from memviz.gui.tabs.explained import ExplainedTab
from memviz.gui.theme import Theme, palette

USUAL_SIZE = (1360, 840)
LEAST_OF_MAP = (280, 200)


@dataclass(frozen=True, slots=True)
class Everyday:
    """What presenting puts away and brings back."""

    docks: QByteArray
    text_scale: float
    state: Qt.WindowState


class MainWindow(QMainWindow):
    """`ended` is called when the window has been closed and nothing of it runs any more. What presenting puts away
    is in `everyday`; `remembers` is False where nothing of the user's is to be written."""

    session: Session
    feed: Feed
    settings: Settings
    presents: bool
    remembers: bool
    everyday: Everyday
    centre: MapPane
    panels: Panels
    folding: Folding
    administrator: Administrator
    tools: ToolBar

    def __init__(
        self, session: Session, feed: Feed, settings: Settings | None = None, *,
        ended: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.session, self.feed, self._ended = session, feed, ended
        self.settings = settings or Settings()
        self.presents, self.remembers = False, True
        self._text_scale = session.options.text_scale
        self.everyday = Everyday(QByteArray(), 1.0, Qt.WindowState.WindowNoState)
        self.setWindowTitle("memviz")
        self.setAnimated(False)
        self._dress(session.theme)
        session.theme_changed.connect(self._dress)  # before the views: what they set for themselves stays
        self.centre = MapPane(session, self)
        self.centre.measure_wanted.connect(feed.measure_now)
        self.centre.setMinimumSize(*LEAST_OF_MAP)  # else all that is in it says how small the window may be
        self.setCentralWidget(self.centre)
        self.panels = Panels(self)
        self.folding = Folding(self)
        self.administrator = Administrator(session, self)
        self.choices = [menu for choice in CHOICES if (menu := ChoiceMenu(choice, session, self)).has_choice]
        self.actions_by_name = add_actions(self)
        self.centre.addAction(self.actions_by_name["picture"])  # for the menu of the map
        shown = [self.actions_by_name[each.name] for each in ACTIONS if each.in_toolbar]
        self.tools = ToolBar(session, self.choices, shown, self)
        self.addToolBar(self.tools)
        self.status = StatusBar(session, feed, self)
        self.setStatusBar(self.status)
        self._fill_menus()
        self._add_panel_keys()
        self._listen()
        self._take_size()
        self.usual_layout = layouts.arrangement(self)
        remembering.recall(self)
        present.apply_text_scale(self, self._text_scale)
        self.refresh()

    # -- what actions ask for -----------------------------------------------------------------------------------------

    def search(self) -> None:
        """Puts the keys where regions are searched for."""
        self.centre.focus_search()

    def everyday_state(self) -> Everyday:
        self.folding.unfold()
        return Everyday(self.saveState(layouts.VERSION), self.session.options.text_scale, self.windowState())

    def back_to_everyday(self) -> None:
        self.setWindowState(self.everyday.state)
        self.show()
        self.restoreState(self.everyday.docks, layouts.VERSION)
        self._text_scale = self.everyday.text_scale  # the panels are back as they were
        self.session.set_options(text_scale=self.everyday.text_scale)
        self.folding.begin()

    def refresh(self, *_: object) -> None:
        """What can be done now, and the title."""
        refresh(self, self.actions_by_name)
        target = self.session.target
        title = f"{target.name} ({target.pid}) · memviz".lstrip() if target is not None else "memviz"
        self.setWindowTitle(title.replace("[*]", "[*][*]"))  # else Qt takes it for where a changed file has its star

    # -- what Qt tells ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.folding.follow_size()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._look()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Whatever the reader or a target does, this takes two seconds at most."""
        remembering.remember(self)
        self.feed.stop()
        self.status.set_visible_work(False)
        self.administrator.close()
        self.session.close()
        super().closeEvent(event)
        self._ended()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _fill_menus(self) -> None:
        for title in MENUS:
            menu = self.menuBar().addMenu(title if title == HELP else f"&{title}")
            menu.setToolTipsVisible(True)
            for each in ACTIONS:
                if each.menu == title:
                    if each.starts_section:
                        menu.addSeparator()
                    menu.addAction(self.actions_by_name[each.name])
            if title == VIEW:
                self._add_submenus(menu)

    def _add_submenus(self, menu: QMenu) -> None:
        menu.addSeparator()
        for choice in self.choices:
            menu.addMenu(choice.menu)
        panels, kept = menu.addMenu("Panels"), menu.addMenu("Kept layouts")
        panels.addActions([dock.toggleViewAction() for dock in self.panels.docks.values()])
        menu.aboutToShow.connect(lambda: layouts.fill_menu(self, kept))

    def _add_panel_keys(self) -> None:
        for panel in PANELS:
            shortcut = QShortcut(QKeySequence(panel.key), self)
            shortcut.activated.connect(lambda name=panel.name: self.panels.go_to(name))

    def _explain(self, topic: str) -> None:
        tab = self.panels.show_tab(ExplainedTab.title)
        if isinstance(tab, ExplainedTab):
            tab.show_topic(topic)

    def _listen(self) -> None:
        session, feed = self.session, self.feed
        for signal in (session.target_changed, session.snapshot_changed, session.paused_changed, session.mark_changed):
            signal.connect(self.refresh)
        inspector = self.panels.widgets["inspector"]
        assert isinstance(inspector, Inspector)
        inspector.explain_wanted.connect(self._explain)
        self.centre.page.offer(self.actions_by_name["administrator"])
        self.administrator.changed.connect(self.refresh)
        for menu in self.choices:
            if menu.choice.option == "rate":
                session.snapshot_changed.connect(lambda _, menu=menu: menu.tell_now(pace_of(feed).explanation()))
        session.source_changed.connect(lambda _: self.status.show_source())
        session.source_changed.connect(self.refresh)
        session.options_changed.connect(self._take_options)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: session.set_options())

    def _take_options(self, options: Options) -> None:
        ratio, self._text_scale = options.text_scale / self._text_scale, options.text_scale
        present.apply_text_scale(self, options.text_scale)
        if ratio != 1.0 and not self.presents:
            self.panels.follow_text(ratio)
        self.refresh()

    def _dress(self, theme: Theme) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(palette(theme))
        self.setStyleSheet(style.sheet(theme))

    def _take_size(self) -> None:
        screen = self.screen().availableSize()
        self.resize(min(USUAL_SIZE[0], screen.width()), min(USUAL_SIZE[1], screen.height()))
        QTimer.singleShot(0, self, self.settle)
        self.session.snapshot_changed.connect(self.settle, Qt.ConnectionType.SingleShotConnection)

    def settle(self, *_: object) -> None:
        """Panels have their sizes once the window has one, and keep them when the first picture wants room."""
        self.folding.begin()
        if not self.settings.docks:
            QTimer.singleShot(0, self.panels, self.panels.usual_sizes)

    def _look(self) -> None:
        """Next to nothing is done while nobody looks."""
        visible = self.isVisible() and not self.isMinimized()
        self.session.set_visible(visible)
        self.status.set_visible_work(visible)
