"""The application: makes Qt ready, puts a session into a window, and ends when asked to."""

from __future__ import annotations

import gc
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QObject, QSocketNotifier, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QStyleFactory

from memviz import __version__, units
from memviz.assets import asset
from memviz.gui.feed.feed import Feed
from memviz.gui.session.options import Options, known_options
from memviz.gui.session.selection import select_page
from memviz.gui.session.session import Session
from memviz.gui.session.state import LOADING, State
from memviz.gui.shell.settings import Settings, load, settings_file

if TYPE_CHECKING:
    from memviz.core.source import Source
    from memviz.gui.shell.window import MainWindow

DESKTOP_NAME = "memviz"
LOADED = 3000  # milliseconds from the first picture, by which all is loaded that is loaded at once
PAGES_AROUND = 40  # that are shown on both sides of an address that is looked at


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for. Without a pid the heaviest readable process is taken; `at` is an address to
    look at, `since` the seconds over which a picture shows what changed."""

    pid: int | None = None
    name: str = ""
    presents: bool = False
    theme: str = ""
    size: tuple[int, int] | None = None
    at: int | None = None
    since: float = 0.0


def make_application() -> QApplication:
    """The one QApplication, with memviz's name, icon and style."""
    # else fonts and palettes of a window with a style sheet do not reach what is in it
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    qInstallMessageHandler(_tell_of_qt)
    app = QApplication(["memviz"])
    app.setApplicationName("memviz")
    app.setApplicationDisplayName("memviz")
    app.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName(DESKTOP_NAME)  # else Wayland shows another name and no icon
    app.setWindowIcon(QIcon(str(asset("memviz.svg"))))
    app.setStyle(QStyleFactory.create("Fusion"))
    return app


def _tell_of_qt(kind: QtMsgType, where: QMessageLogContext, message: str) -> None:
    """Qt's words go to stderr, but for what it says of every picture drawn without a display."""
    if kind != QtMsgType.QtDebugMsg and "does not support propagateSizeHints" not in message:
        print(f"memviz: Qt: {message}", file=sys.stderr)


def run(source: Source, wish: Wish) -> int:
    """Opens the window and stays until it is closed; the exit status."""
    app = make_application()
    settings, wrong = load(settings_file())
    options, odd = known_options({**settings.options, **({"theme": wish.theme} if wish.theme else {})})
    wrong += [f"{each} in the settings is not used." for each in odd]
    window = make_window(source, options, settings, ended=app.quit)
    watch = _listen_to_signals(window)
    show(window, wish)
    for word in wrong:
        print(f"memviz: {word}", file=sys.stderr)
        window.session.said.emit(word)
    sys.excepthook = _teller(window)
    spare_collector(window)
    status = app.exec()
    watch.setParent(None)
    return status


def spare_collector(window: MainWindow) -> None:
    """Keeps the garbage collector from walking through what stays as long as the window (modules, classes, widgets):
    that takes 60 to 100 ms each time. Only for a process that is memviz's own."""
    QTimer.singleShot(LOADED, window, gc.freeze)
    window.session.loaded.connect(gc.freeze)


def make_window(
    source: Source, options: Options, settings: Settings, *, ended: Callable[[], None] = lambda: None
) -> MainWindow:  # fmt: skip
    """A window on a source, not shown yet."""
    from memviz.gui.shell.window import MainWindow

    session = Session(source, options=options)
    window = MainWindow(session, Feed(session), settings, ended=ended)
    session.setParent(window)
    return window


def show(window: MainWindow, wish: Wish) -> None:
    """Shows it on the process that was wished for."""
    session = window.session

    def begin() -> None:
        """After the first paint, which would have to share the interpreter with what is read."""
        if wish.pid is not None:
            session.open(wish.pid, wish.name)
        window.feed.start()

    window.feed.takes_heaviest = wish.pid is None
    if wish.size is not None:
        window.resize(*wish.size)
    session.set_state(State(LOADING, "Reading …"))
    window.show()
    QTimer.singleShot(0, window, begin)
    if wish.at is not None:
        _look_at(window, wish.at)
    if wish.presents:
        from memviz.gui.shell.present import set_present

        set_present(window, True, full_screen=wish.size is None)


def _look_at(window: MainWindow, address: int) -> None:
    """Selects a page and goes there, as soon as the map of a measured process stands."""
    session, view = window.session, window.centre.view

    def look(shown: object) -> None:
        snapshot = session.snapshot
        if shown is None or snapshot is None or not snapshot.regions.measured:
            return
        view.view_changed.disconnect(look)
        if snapshot.regions.find(address) is None:
            session.said.emit(f"{units.address(address)} is not mapped.")
            return
        page = select_page(snapshot, address)
        session.select(page)
        around = PAGES_AROUND * snapshot.page_size
        view.zoom_to(max(page.start - around, 0), page.end + around)

    view.view_changed.connect(look)


def _listen_to_signals(window: MainWindow) -> QObject:
    """Ctrl+C and SIGTERM close the window, settings and all. Python's handlers would not run while Qt waits."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda *_: (ours.recv(64), QTimer.singleShot(0, window, window.close)))
    notifier.setProperty("sockets", (ours, theirs))  # they live as long as it does
    return notifier


def _teller(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """A mistake of ours must not be silent, and must not close the window either."""

    def tell(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        traceback.print_exception(kind, error, where)
        window.session.said.emit(f"Something went wrong in memviz: {kind.__name__}: {error}")

    return tell
