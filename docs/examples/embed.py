"""memviz inside another Qt application: a tab of its window."""

import os
import sys

from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QTabWidget

from memviz.gui import MemoryAnalysisGUI


def make_window() -> QMainWindow:
    """Your own window; only the lines with `memory` are about memviz."""
    window = QMainWindow()
    window.setWindowTitle("An application of yours")
    tabs = QTabWidget(window)
    window.setCentralWidget(tabs)
    tabs.addTab(QLabel("What your application is about.", tabs), "Work")

    memory = MemoryAnalysisGUI(tabs)
    memory.open_process(os.getpid())
    tabs.addTab(memory, "Memory")

    tabs.setCurrentWidget(memory)
    window.resize(1000, 640)
    return window


if __name__ == "__main__":
    app = QApplication(sys.argv)
    window = make_window()
    window.show()
    sys.exit(app.exec())
