"""The window as a process of its own, off the screen: `first`, `gap`, `stuck` or `cost`; prints what it measured."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

TICK = 1  # milliseconds between two looks of the GUI thread at the clock
SETTLING = 3.0  # seconds after the first complete picture
SIZE = (1920, 1080)


def bare() -> None:
    """A window of PySide6 with nothing in it, pyqtgraph imported."""
    import pyqtgraph  # noqa: F401  # that it is imported is the point
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Bare(QMainWindow):
        def paintEvent(self, event: object) -> None:  # noqa: N802  # Qt calls it
            print("painted", flush=True)
            os._exit(0)

    app = QApplication([])
    window = Bare()
    window.resize(*SIZE)
    window.show()
    app.exec()


def first(what: str, pid: str) -> None:
    """Up to the first paint, or up to the first picture that has everything in it."""
    if what == "bare":
        bare()
    from memviz.core.connect import open_link, open_source

    link = open_link()  # starts while Qt is being loaded, as on the command line
    from memviz.gui.session.options import Options
    from memviz.gui.shell.app import Wish, make_application, make_window, show
    from memviz.gui.shell.settings import Settings
    from memviz.gui.shell.window import MainWindow

    def painted(window: MainWindow, event: object) -> None:
        session = window.session
        if what == "paint" or (session.snapshot is not None and session.processes.rows):
            print("painted", flush=True)
            os._exit(0)

    app = make_application()
    window = make_window(open_source(link=link), Options(), Settings())
    MainWindow.paintEvent = painted  # type: ignore[method-assign]  # is told of the end of the wait
    show(window, Wish(int(pid), size=SIZE))
    if what == "useful":
        window.session.snapshot_changed.connect(lambda _: window.update())
        window.session.processes_changed.connect(lambda _: window.update())
    app.exec()


def running(pid: int, seconds: str, then: Callable[[object], None], source: object = None) -> None:
    """A window on a process; `then` is called when it has been measured and drawn, and has settled."""
    from PySide6.QtCore import QTimer

    from memviz.core.connect import open_source
    from memviz.gui.session.options import Options
    from memviz.gui.shell.app import Wish, make_application, make_window, show
    from memviz.gui.shell.settings import Settings

    app = make_application()
    window = make_window(source or open_source(), Options(), Settings())  # type: ignore[arg-type]  # a source
    window.remembers = False
    waiting = QTimer(window, interval=100)

    def look() -> None:
        snapshot = window.session.snapshot
        if source is not None or (snapshot is not None and snapshot.regions.measured):
            waiting.stop()
            QTimer.singleShot(int(min(SETTLING, float(seconds)) * 1000), window, lambda: then(window))

    waiting.timeout.connect(look)
    show(window, Wish(pid, size=SIZE))
    waiting.start()
    app.exec()


class Gaps:
    """The longest time in which the GUI thread did not come to look at the clock."""

    def __init__(self, window: object) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.longest, self._last = 0.0, time.perf_counter()
        self._timer = QTimer(window, interval=TICK)  # type: ignore[call-overload]  # a QObject
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def gap(pid: str, seconds: str) -> None:
    """While the process is measured again and again."""
    from PySide6.QtCore import QTimer

    def then(window: object) -> None:
        gaps = Gaps(window)
        again = QTimer(window, interval=500)  # type: ignore[call-overload]  # a QObject
        again.timeout.connect(window.feed.measure_now)  # type: ignore[attr-defined]  # the main window has it
        again.start()
        QTimer.singleShot(int(float(seconds) * 1000), lambda: finish(gaps.longest))

    running(int(pid), seconds, then)


def stuck(pid: str, seconds: str) -> None:
    """While eight processes are opened in turn that never answer."""
    from PySide6.QtCore import QTimer

    from memviz.core.host import Host
    from memviz.errors import NotAnswering
    from memviz.proc.link import Link

    class Stuck(Host):
        def _never(self, pid: int, *words: object, **more: object) -> object:
            time.sleep(2)
            raise NotAnswering(f"process {pid} does not answer")

        snapshot = sample = pages = _never  # type: ignore[assignment]  # that is what they do here

    def then(window: object) -> None:
        gaps = Gaps(window)
        turns = QTimer(window, interval=200)  # type: ignore[call-overload]  # a QObject
        turns.timeout.connect(lambda: window.session.open(int(pid), "stuck"))  # type: ignore[attr-defined]  # as above
        turns.start()
        QTimer.singleShot(int(float(seconds) * 1000), lambda: finish(gaps.longest))

    running(int(pid), seconds, then, Stuck(Link()))


def cost(pid: str, seconds: str, how: str) -> None:
    """What the window and its reader use of a processor in a second."""
    from PySide6.QtCore import QTimer

    def then(window: object) -> None:
        if how == "hidden":
            window.hide()  # type: ignore[attr-defined]  # a widget
        reader = window.session.source.link.pid  # type: ignore[attr-defined]  # a host has one
        QTimer.singleShot(1000, lambda: begin(reader))

    def begin(reader: int) -> None:
        before = time.perf_counter(), time.process_time(), of(reader)

        def end() -> None:
            passed = time.perf_counter() - before[0]
            finish((time.process_time() - before[1]) / passed, (of(reader) - before[2]) / passed)

        QTimer.singleShot(int(float(seconds) * 1000), end)

    def of(reader: int) -> float:
        words = Path(f"/proc/{reader}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")

    running(int(pid), seconds, then)


def finish(*numbers: float) -> None:
    print(*numbers, flush=True)
    os._exit(0)


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    {"first": first, "gap": gap, "stuck": stuck, "cost": cost}[sys.argv[1]](*sys.argv[2:])
