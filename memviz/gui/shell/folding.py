"""The panels beside the map stay folded where a window begins too narrow for them, and come out when it has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

NARROW = 1000  # pixels of width, in letters of the usual size, below which the map alone begins
BESIDE = ("processes", "inspector")


class Folding(QObject):
    """`folded` are panels that nobody closed: they are kept as open. `opened` are those that the user wants although
    the window is narrow."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.folded: set[str] = set()
        self.opened: set[str] = set()
        for name in BESIDE:
            action = window.panels.docks[name].toggleViewAction()
            action.triggered.connect(lambda shown, name=name: self._follow_user(name, shown))
        window.panels.gone_to.connect(lambda name: self._follow_user(name, True))

    @property
    def is_narrow(self) -> bool:
        return self._window.width() < NARROW * self._window.session.options.text_scale

    def begin(self) -> None:
        """Folds what a narrow window has no room for."""
        if self._window.presents or not self.is_narrow:
            return
        for name in BESIDE:
            dock = self._window.panels.docks[name]
            if name not in self.opened and not dock.isHidden() and not dock.isFloating():
                dock.hide()
                self.folded.add(name)

    def follow_size(self) -> None:
        """There may be room now."""
        if self.folded and not self._window.presents and not self.is_narrow:
            self.unfold()
            self._window.settle()

    def unfold(self) -> None:
        """Everything as the user left it."""
        for name in sorted(self.folded):
            self._window.panels.docks[name].show()
        self.folded.clear()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _follow_user(self, name: str, shown: bool) -> None:
        """By the menu, a key or a button of its own."""
        if shown and name in self.folded:
            self.opened.add(name)
            self._window.panels.usual_sizes(name)
        elif not shown:
            self.opened.discard(name)
        self.folded.discard(name)
