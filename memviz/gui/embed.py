"""`MemoryAnalysisGUI`: memviz as one widget in the window of another Qt application."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.host import Host
from memviz.errors import Unsupported
from memviz.gui.feed import Feed
from memviz.gui.map.pane import MapPane
from memviz.gui.processes.view import ProcessesView
from memviz.gui.session import Session, Target
from memviz.gui.state import READY, State
from memviz.gui.tabs.explained import ExplainedTab
from memviz.gui.theme import DARK, LIGHT, palette
from memviz.units import DASH

HALF = 127  # of the lightness of a colour
ROOM = 8  # pixels around the parts


@dataclass(frozen=True, slots=True)
class Report:
    """A button of the control panel: what it makes of a process, and how its tab is called."""

    name: str
    title: str
    tip: str
    write: Callable[[MemoryAnalyzer, int], str]


def _comprehensive(analyzer: MemoryAnalyzer, pid: int) -> str:
    return analyzer.get_process_memory_summary(pid) + "\n" + analyzer.get_memory_regions_report(pid)


def _cpu(analyzer: MemoryAnalyzer, pid: int) -> str:
    found = analyzer.analyze_cpu_behavior(pid)
    lines = [f"CPU Behavior for PID {pid}", "=" * 50, ""]
    for name, value in found.items():
        if isinstance(value, list | dict):
            value = len(value)
        lines.append(f"- {name.replace('_', ' ')}: {DASH if value is None else value}")
    return "\n".join(lines) + "\n"


REPORTS = (
    Report("quick", "Quick", "Sizes, groups of regions and CPU in a few lines.",
           MemoryAnalyzer.get_process_memory_summary),
    Report("comprehensive", "Comprehensive", "All of it: the summary, then every region.", _comprehensive),
    Report("regions", "Regions", "Every region with size, permissions and address.",
           MemoryAnalyzer.get_memory_regions_report),
    Report("cpu", "CPU", "Use of processors, threads, priority.", _cpu),
)  # fmt: skip


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
        self.feed = Feed(self.session, {os.getpid()}, self)
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
        self._pages = {report.name: ReportPage(report, self) for report in REPORTS}
        self._build()
        self._dress()
        self.session.target_changed.connect(self._show_target)
        self.session.state_changed.connect(self._show_state)
        self.session.said.connect(self._say)
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
        if not (word.isascii() and word.isdecimal() and len(word) <= 10):
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
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Show, QEvent.Type.Hide) and not self._ending.ended:
            self.feed.set_visible(kind == QEvent.Type.Show)
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


class ReportPage(QWidget):
    """A report as text, to copy or to save."""

    def __init__(self, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(f"Report: {report.title}")
        self.text.setPlaceholderText(f"{report.tip} Press {report.title}.")
        self.copy_button, self.save_button = QPushButton("Copy", self), QPushButton("Save …", self)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.save_button.clicked.connect(self._ask_to_save)
        for button in (self.copy_button, self.save_button):
            button.setEnabled(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addLayout(buttons)

    def show_text(self, text: str) -> None:
        self.text.setPlainText(text)
        for button in (self.copy_button, self.save_button):
            button.setEnabled("\n" in text)

    def save(self, file: str) -> str:
        """What went wrong, or an empty text."""
        try:
            Path(file).write_text(self.text.toPlainText(), encoding="utf-8")
        except OSError as error:
            return f"{file}: {error.strerror}"
        return ""

    def _ask_to_save(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, "Save the report", f"{self._report.name}.txt", "Text (*.txt)")
        if file and (why := self.save(file)):
            self.text.setPlaceholderText(why)
