"""The widget for other applications: it lives in their window, and leaves nothing behind when that closes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from memviz.core.host import Host
from memviz.gui import MemoryAnalysisGUI
from memviz.gui.embed import REPORTS
from memviz.gui.report_page import Report

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 15_000


@pytest.fixture
def window(qapp: QApplication) -> Iterator[QMainWindow]:
    """Somebody else's."""
    made = QMainWindow()
    made.resize(700, 500)
    yield made
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def widget(window: QMainWindow, host: Host) -> MemoryAnalysisGUI:
    made = MemoryAnalysisGUI(window, host)
    window.setCentralWidget(made)
    window.show()
    return made


@pytest.mark.live
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_that_each_button_writes_its_report(
    widget: MemoryAnalysisGUI, qtbot: QtBot, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget.pid_field.setText(str(os.getpid()))
    with qtbot.waitSignal(widget.report_ready, timeout=PATIENCE) as ready:
        qtbot.mouseClick(widget._buttons[report.name], Qt.MouseButton.LeftButton)
    assert ready.args is not None
    name, text = ready.args
    assert name == report.name
    assert f"PID {os.getpid()}" in text
    page = widget.results.currentWidget()
    assert page is widget._pages[report.name]
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == text
    assert widget._state.text() == "Copied: the report"
    for file, words in ((tmp_path / "report.txt", "Saved "), (tmp_path, "Not saved: ")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, file=file: (str(file), ""))
        with qtbot.waitSignal(widget.session.said, check_params_cb=lambda said, words=words: said.startswith(words)):
            page.save_button.click()
        assert widget._state.text().startswith(words)
    assert (tmp_path / "report.txt").read_text() == text
    assert widget._state.isVisible()
    widget._fade.timeout.emit()
    assert not widget._state.isVisible()


@pytest.mark.live
def test_that_the_two_reports_are_those_of_the_library(widget: MemoryAnalysisGUI, qtbot: QtBot) -> None:
    widget.pid_field.setText(str(os.getpid()))
    with qtbot.waitSignal(widget.report_ready, timeout=PATIENCE):
        widget.run_report("comprehensive")
    text = widget._pages["comprehensive"].text.toPlainText()
    assert text.startswith(f"Process Memory Analysis for PID {os.getpid()}\n{'=' * 50}\n\nMemory Usage:\n- RSS")
    assert f"\nMemory Regions Analysis for PID {os.getpid()}\n{'=' * 50}\n\nTotal Regions: " in text


def test_that_what_is_no_number_is_told(widget: MemoryAnalysisGUI) -> None:
    for word in ("", "abc", "-1", "9" * 30):
        widget.pid_field.setText(word)
        widget.run_report("quick")
        assert "number of a process" in widget._state.text()


@pytest.mark.live
def test_that_a_process_that_is_not_there_is_told(widget: MemoryAnalysisGUI, qtbot: QtBot) -> None:
    widget.pid_field.setText("4194304")
    widget.run_report("quick")
    page = widget._pages["quick"]
    qtbot.waitUntil(lambda: "does not exist" in page.text.toPlainText(), timeout=PATIENCE)
    assert not page.copy_button.isEnabled()


@pytest.mark.live
def test_that_a_process_is_chosen_from_the_list(widget: MemoryAnalysisGUI, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(widget.session.processes.rows), timeout=PATIENCE)
    dialog = widget.browse()
    assert isinstance(dialog, QDialog)
    with qtbot.waitSignal(dialog.accepted):
        widget.session.open(os.getpid())
    assert widget.pid_field.text() == str(os.getpid())


@pytest.mark.live
@pytest.mark.parametrize("way", ["window closed", "widget deleted", "window deleted"])
def test_that_no_thread_and_no_reader_is_left(qapp: QApplication, qtbot: QtBot, way: str) -> None:
    before = threading.active_count()
    window = QMainWindow()
    widget = MemoryAnalysisGUI(window)
    window.setCentralWidget(widget)
    link = widget.session.source.link  # type: ignore[attr-defined]  # a host has one
    widget.open_process(os.getpid())
    window.show()
    session = widget.session
    qtbot.waitUntil(lambda: session.snapshot is not None, timeout=PATIENCE)
    if way == "window closed":
        window.close()
        qtbot.waitUntil(lambda: link.has_failed, timeout=PATIENCE)
    elif way == "widget deleted":
        widget.deleteLater()
    window.close()
    window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert link.has_failed
    qtbot.waitUntil(lambda: threading.active_count() <= before, timeout=PATIENCE)


@pytest.mark.live
def test_that_the_source_of_somebody_else_is_left_open(window: QMainWindow, host: Host) -> None:
    widget = MemoryAnalysisGUI(window, host)
    widget.shut()
    assert host.sample(os.getpid()).rss


@pytest.mark.live
def test_that_the_example_of_the_documentation_runs() -> None:
    code = (
        "import runpy, sys; from PySide6.QtCore import QTimer; from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([]); found = runpy.run_path(sys.argv[1]); window = found['make_window'](); window.show()\n"
        "QTimer.singleShot(2500, window.close); app.exec()\n"
        "widget = window.centralWidget().currentWidget()\n"
        "print(widget.session.snapshot.pid == __import__('os').getpid())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(REPOSITORY / "docs/examples/embed.py")], capture_output=True, text=True,
        timeout=60, env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_that_importing_the_package_imports_no_qt() -> None:
    code = "import sys, memviz.gui; print('PySide6' in sys.modules, hasattr(memviz.gui, 'nonsense'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout == "False False\n"


@pytest.mark.live
def test_that_it_rests_while_the_hosts_window_is_minimised(
    window: QMainWindow, widget: MemoryAnalysisGUI, qtbot: QtBot
) -> None:
    window.show()
    qtbot.waitUntil(lambda: widget.session.visible)
    window.showMinimized()
    qtbot.waitUntil(lambda: not widget.session.visible)
    window.showNormal()
    qtbot.waitUntil(lambda: widget.session.visible)
