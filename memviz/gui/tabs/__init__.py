"""The tabs below the map, in order: a tab is a widget with `title`, `help` and `__init__(session, parent=None)`."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from memviz.gui.tabs.explained import ExplainedTab
from memviz.gui.tabs.live import LiveTab
from memviz.gui.tabs.regions import RegionsTab
from memviz.gui.tabs.system import SystemTab
from memviz.gui.tabs.why import WhyTab

TABS: tuple[type[QWidget], ...] = (RegionsTab, LiveTab, SystemTab, WhyTab, ExplainedTab)
