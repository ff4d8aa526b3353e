"""`MemoryAnalysisGUI`: memviz as one widget in the window of another Qt application."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.host import Host
from memviz.errors import Unsupported
from memviz.gui.feed.feed import Feed
from memviz.gui.map.pane import MapPane
from memviz.gui.processes.view import ProcessesView
from memviz.gui.report_page import REPORTS, ReportPage
from memviz.gui.session.session import Session, Target
from memviz.gui.session.state import READY, State
from memviz.gui.tabs.explained import ExplainedTab
from memviz.gui.theme import DARK, LIGHT, palette
from memviz.units import is_pid

MESSAGE_MS = 8000
HALF = 127  # of the lightness of a colour
ROOM = 8  # pixels around the parts


class MemoryAnalysisGUI(QWidget):
    """A control panel and tabbed results. `source` is what to read from (this machine without one; then it is closed
    with the widget). Everything slow is done on threads of its own, which end with the widget or its parent."""

    process_changed = Signal(object)  # pid
    report_ready = Signal(str, str)  # name of the report, its text

    def __init__(self, parent: QWidget | None = None, source: Host | None = None) -> None:
        super().__init__(parent)
        from memviz.core.connect import open_source

        first = QObject(self)  # children go in the order they came: this one tells when there is still something to end
        self.session = Session(source if source is not None else open_source(), self)
        self.feed = Feed(self.session, self)
        self._ending = Ending(self.session, self.feed, owns_source=source is None)
        first.destroyed.connect(self._ending.end)
        if not isinstance(self.session.source, Host):
            raise Unsupported("the widget needs a Linux host, a capture of one, or `source`, one that was opened")
        self._analyzer = MemoryAnalyzer(host=self.session.source)
        self._buttons: dict[str, QPushButton] = {}
        self.pid_field = QLineEdit(self)
        self.results = QTabWidget(self)
        self.results.setDocumentMode(True)
        self.map = MapPane(self.session, self)
        self.map.measure_wanted.connect(self.feed.measure_now)
        self._state = QLabel(self)
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setWordWrap(True)
        self._pages = {report.name: ReportPage(self.session, report, self) for report in REPORTS}
        self._build()
        self._dress()
        self.session.target_changed.connect(self._show_target)
        self.session.state_changed.connect(self._show_state)
        self._fade = QTimer(self, interval=MESSAGE_MS, singleShot=True)
        self._fade.timeout.connect(lambda: self._show_state(self.session.state))
        self.session.said.connect(self._mention)
        self._show_state(self.session.state)
        self.feed.start()
        window = parent.window() if parent is not None else None
        if window is not None:
            window.installEventFilter(self)  # closing it closes this: no thread outlives the host's window
        app = QGuiApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.shut)

    def open_process(self, pid: int, name: str = "") -> None:
        """Turns everything to a process."""
        self.session.open(pid, name)

    def run_report(self, name: str) -> None:
        """Writes one of REPORTS about the process in the field; `report_ready` tells when it is there."""
        word = self.pid_field.text().strip()
        if not is_pid(word):
            self._say("Type the number of a process, or choose one with Processes …")
            return
        pid = int(word)
        if self.session.target is None or self.session.target.pid != pid:
            self.open_process(pid)
        report, page = next(each for each in REPORTS if each.name == name), self._pages[name]
        self.results.setCurrentWidget(page)
        page.show_text("Reading …")
        self.session.jobs.run(
            f"report {name}", lambda: report.write(self._analyzer, pid), lambda text: self._written(name, text),
            lambda error: page.show_text(str(error)), waits=True,
        )  # fmt: skip

    def browse(self) -> QDialog:
        """Lets the user choose a process from a list."""
        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Choose a process")
        dialog.resize(520, 560)
        layout = QVBoxLayout(dialog)
        layout.addWidget(ProcessesView(self.session, dialog))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
        buttons.rejected.connect(dialog.reject)
        layout.addWidget(buttons)
        self.session.target_changed.connect(dialog.accept)
        dialog.open()
        return dialog

    def shut(self) -> None:
        """Ends everything that runs; what is shown stays."""
        self._ending.end()

    # -- what Qt tells ------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self.window():
            # asked after the window has answered: it may refuse to close
            QTimer.singleShot(0, self, self._end_with_window)
        elif event.type() == QEvent.Type.WindowStateChange and watched is self.window() and not self._ending.ended:
            self.session.set_visible(self.isVisible() and not self.window().isMinimized())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Show, QEvent.Type.Hide) and not self._ending.ended:
            self.session.set_visible(kind == QEvent.Type.Show)
        elif kind == QEvent.Type.DeferredDelete:
            self.shut()
        return super().event(event)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _end_with_window(self) -> None:
        if not self.window().isVisible():
            self.shut()

    def _build(self) -> None:
        self.pid_field.setPlaceholderText("PID")
        self.pid_field.setAccessibleName("Process number")
        self.pid_field.setMaximumWidth(120)
        self.pid_field.returnPressed.connect(lambda: self.run_report("quick"))
        panel = QHBoxLayout()
        panel.addWidget(QLabel("Process", self))
        panel.addWidget(self.pid_field)
        for report in REPORTS:
            button = QPushButton(report.title, self)
            button.setToolTip(report.tip)
            button.clicked.connect(lambda _=False, name=report.name: self.run_report(name))
            self._buttons[report.name] = button
            panel.addWidget(button)
        browse = QPushButton("Processes …", self)
        browse.setToolTip("Choose the process from a list.")
        browse.clicked.connect(self.browse)
        panel.addWidget(browse)
        panel.addStretch(1)
        self.results.addTab(self.map, "Map")
        for report in REPORTS:
            self.results.addTab(self._pages[report.name], report.title)
        self.results.addTab(ExplainedTab(self.session, self), "Explained")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(ROOM, ROOM, ROOM, ROOM)
        layout.addLayout(panel)
        layout.addWidget(self.results, 1)
        layout.addWidget(self._state)

    def _dress(self) -> None:
        """Light or dark as the application is that it lives in."""
        light = self.palette().window().color().lightness() > HALF
        self.session.set_options(theme=LIGHT if light else DARK)
        self.setPalette(palette(self.session.theme))
        self.setAutoFillBackground(True)

    def _written(self, name: str, text: str) -> None:
        self._pages[name].show_text(text)
        self.report_ready.emit(name, text)

    def _show_target(self, target: Target | None) -> None:
        if target is not None:
            self.pid_field.setText(str(target.pid))
            self.process_changed.emit(target.pid)

    def _show_state(self, state: State) -> None:
        self._say("" if state.kind == READY else " ".join(filter(None, (state.sentence, state.remedy))))

    def _mention(self, words: str) -> None:
        """A word that is of no interest a while later."""
        self._say(words)
        self._fade.start()

    def _say(self, words: str) -> None:
        self._state.setText(words)
        self._state.setVisible(bool(words))


class Ending:
    """Ends what runs, once; it outlives the widget."""

    def __init__(self, session: Session, feed: Feed, *, owns_source: bool) -> None:
        self._session, self._feed, self._owns_source, self.ended = session, feed, owns_source, False

    def end(self, *_: object) -> None:
        if self.ended:
            return
        self.ended = True
        self._feed.stop()
        if self._owns_source:
            self._session.close()
        else:
            self._session.jobs.close()
