"""Large type and nothing but the map: for a projector, and for eyes that want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

SMALLEST, LARGEST = 0.7, 2.5
PRESENTED = 1.5  # times the text size of everyday


def scale_text(window: MainWindow, factor: float) -> None:
    """Larger or smaller by a factor; 0 is back to the usual size."""
    scale = window.session.options.text_scale * factor if factor else 1.0
    window.session.set_options(text_scale=round(min(max(scale, SMALLEST), LARGEST), 2))


def apply_text_scale(window: MainWindow, scale: float) -> None:
    """Widgets that have no font of their own follow the window's."""
    font = QApplication.font()
    font.setPointSizeF(max(font.pointSizeF(), 6.0) * scale)
    window.setFont(font)
    window.menuBar().setFont(font)


def set_present(window: MainWindow, presents: bool, *, full_screen: bool = True) -> None:
    """Panels, menus and toolbar go and come back as they were."""
    if presents == window.presents:
        return
    window.presents = presents
    options, pane = window.session.options, window.centre
    if presents:
        window.everyday = window.everyday_state()
        for dock in window.panels.docks.values():
            dock.hide()
        window.session.set_options(text_scale=min(options.text_scale * PRESENTED, LARGEST))
    for part in (window.menuBar(), window.tools, window.statusBar()):
        part.setVisible(not presents)
    pane.set_present(presents)
    if presents and full_screen:
        window.showFullScreen()
    elif not presents:
        window.back_to_everyday()
    pane.setFocus()
    window.refresh()
