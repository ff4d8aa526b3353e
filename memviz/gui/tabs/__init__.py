"""The tabs below the map, in order: a tab is a widget with `title`, `help` and `__init__(session, parent=None)`."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from memviz.gui.tabs.regions import RegionsTab

TABS: tuple[type[QWidget], ...] = (RegionsTab,)
