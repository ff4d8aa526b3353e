"""Pictures without a display: waits until everything is read, measured and drawn, then keeps what is on the screen."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from memviz.errors import MemvizError, NotAnswering, error_of
from memviz.files import write_file
from memviz.gui.parts.pictures import encoded
from memviz.gui.session.options import Options
from memviz.gui.session.session import Session
from memviz.gui.session.state import DENIED, ENDING, FAILED, GONE, NOT_ANSWERING, READY
from memviz.gui.shell.app import Wish, make_application, make_window, show
from memviz.gui.shell.settings import Settings

if TYPE_CHECKING:
    from memviz.core.source import Source
    from memviz.gui.shell.window import MainWindow

USUAL_SIZE = (1280, 720)
LOOK = 50  # milliseconds between two looks whether everything is there
QUIET = 4  # such looks in a row without any work under way
LONGEST = 60.0  # seconds after which what is there has to do


class Settled(QObject):
    """Calls `then` once nothing is under way any more, with a word on what went wrong or an empty one."""

    def __init__(self, session: Session, then: Callable[[MemvizError | None], None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._then = session, then
        self._until, self._quiet = time.monotonic() + LONGEST, 0
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        state, snapshot = self._session.state, self._session.snapshot
        error = None
        if state.kind in (DENIED, ENDING, GONE, NOT_ANSWERING, FAILED):
            words = filter(None, (state.sentence.rstrip("."), state.remedy[:1].lower() + state.remedy[1:]))
            error = error_of(state.kind)(": ".join(words))
        elif time.monotonic() <= self._until:
            known = snapshot is not None and (snapshot.regions.measured or "residency" in snapshot.absent)
            ready = state.kind == READY and known and bool(self._session.processes.rows)
            self._quiet = self._quiet + 1 if ready and self._session.jobs.is_idle() else 0
            if self._quiet < QUIET:
                return
        elif snapshot is None:
            error = NotAnswering("nothing was read in time")
        self._timer.stop()
        self._then(error)


def draw_window(source: Source, wish: Wish, file: str) -> int:
    """The whole window as a PNG; the exit status."""
    return _draw(source, wish, file, lambda window: encoded(window.grab().toImage(), file))


def draw_map(source: Source, wish: Wish, file: str) -> int:
    """The map alone, with its headline and legend, as PNG or SVG; the exit status."""

    def draw(window: MainWindow) -> bytes:
        return window.centre.picture_file(file, window.centre.size(), window.devicePixelRatioF())

    return _draw(source, wish, file, draw, only_map=True)


def _draw(source: Source, wish: Wish, file: str, draw: Callable[[MainWindow], bytes], *, only_map: bool = False) -> int:
    app = make_application()
    options = Options(theme=wish.theme or "dark", motion=False)
    window = make_window(source, options, Settings(), ended=app.quit)
    window.remembers = False
    if only_map:
        for around in (*window.panels.docks.values(), window.menuBar(), window.tools, window.statusBar()):
            around.hide()
    outcome: list[MemvizError | bytes] = []

    def keep(error: MemvizError | None) -> None:
        """One more round of events: what came last is painted too, and no cursor blinks."""
        window.feed.stop()
        window.status.freeze()
        if (focus := window.focusWidget()) is not None:
            focus.clearFocus()
        QTimer.singleShot(0, window, lambda: end(error))

    def end(error: MemvizError | None) -> None:
        try:
            QApplication.processEvents()
            window.session.tasks.finish()
            outcome.append(error or draw(window))
        except ValueError as failed:
            outcome.append(MemvizError(str(failed)))
        finally:
            window.close()

    def wait(error: MemvizError | None) -> None:
        """Sets the mark and lets the process go on for a while."""
        if error is not None:
            keep(error)
            return
        window.session.set_mark(window.session.snapshot)
        QTimer.singleShot(round(wish.since * 1000), window, window.feed.measure_now)
        QTimer.singleShot(round(wish.since * 1000) + LOOK, window, lambda: Settled(window.session, keep, window))

    Settled(window.session, wait if wish.since else keep, window)
    show(window, dataclasses.replace(wish, size=wish.size or USUAL_SIZE))
    app.exec()
    if not outcome:
        return 1
    if isinstance(outcome[0], MemvizError):
        raise outcome[0]
    write_file(file, outcome[0])
    return 0
