"""The reports that the embedded widget writes, each declared once, and the page that shows one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from memviz.core.analyzer import MemoryAnalyzer
from memviz.gui.parts.taking import copy_text, save_made
from memviz.gui.session.session import Session
from memviz.units import DASH


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


class ReportPage(QWidget):
    """A report as text, to copy or to save."""

    def __init__(self, session: Session, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._report = session, report
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(f"Report: {report.title}")
        self.text.setPlaceholderText(f"{report.tip} Press {report.title}.")
        self.copy_button, self.save_button = QPushButton("Copy", self), QPushButton("Save …", self)
        self.copy_button.clicked.connect(lambda: copy_text(session, self.text.toPlainText(), "the report"))
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

    def _ask_to_save(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, "Save the report", f"{self._report.name}.txt", "Text (*.txt)")
        if file:
            text = self.text.toPlainText()
            save_made(self._session, Path(file), lambda: text)
