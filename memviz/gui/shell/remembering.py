"""What a window keeps from one run to the next, and takes up again."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from memviz.gui.shell import layouts
from memviz.gui.shell.folding import BESIDE
from memviz.gui.shell.settings import save, settings_file

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

TABS = "tabs"


def recall(window: MainWindow) -> None:
    """Geometry, panels and what each view had; what cannot be taken up is left and told."""
    settings = window.settings
    if settings.geometry:
        window.restoreGeometry(layouts.as_bytes(settings.geometry))
    if settings.docks and not layouts.arrange(window, settings.docks):
        settings.docks = ""
    window.panels.show_tab_quietly(str(settings.views.get(TABS, {}).get("current", "")))
    opened = settings.views.get(TABS, {}).get("opened")
    window.folding.opened = {name for name in BESIDE if isinstance(opened, list) and name in opened}
    for name, view in views(window).items():
        held, restore = settings.views.get(name), getattr(view, "restore_state", None)
        if held and restore is not None:
            try:
                restore(held)
            except Exception as error:  # whatever a file holds, the window opens
                window.session.said.emit(f"The settings of {name} are not used: {error}")


def remember(window: MainWindow) -> None:
    """Writes the settings; a window that presents is remembered as it was before."""
    settings = window.settings
    if not window.remembers:
        return
    options = asdict(window.session.options)
    if window.presents:
        options["text_scale"] = window.everyday.text_scale
        settings.docks = layouts.as_text(window.everyday.docks)
    else:
        window.folding.unfold()  # that a window was narrow is nobody's choice
        settings.docks = layouts.arrangement(window)
        settings.geometry = layouts.as_text(window.saveGeometry())
    settings.options = options
    for name, view in views(window).items():
        if (state := getattr(view, "save_state", None)) is not None:
            settings.views[name] = state()
    settings.views[TABS] = {"current": window.panels.current_tab(), "opened": sorted(window.folding.opened)}
    if why := save(settings_file(), settings):
        window.session.said.emit(why)
        print(f"memviz: {why}", file=sys.stderr)  # the window is about to close


def views(window: MainWindow) -> dict[str, QWidget]:
    return {"map": window.centre, **window.panels.views()}
