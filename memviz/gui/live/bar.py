"""The row above the plots: which plots, how long, pinned processes, copying, and the way back to live."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QToolButton, QWidget

from memviz.gui.live.charts import CHARTS
from memviz.gui.live.flow import Flow
from memviz.gui.live.pens import PINNED, Pens, colour, tip
from memviz.gui.live.track import Track
from memviz.gui.live.window import CHOICES, Window


class Bar(QWidget):
    """Says what the user wants; shows what is."""

    charts_chosen = Signal(object)  # set of names
    window_chosen = Signal(object)  # Window
    pin_wanted = Signal()
    unpin_wanted = Signal(object)  # pid
    back_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = Flow(self, space=2)
        self.charts = {chart.name: self._toggle(chart.title, chart.explanation) for chart in CHARTS}
        layout.addWidget(_line(self))
        self.lengths = {choice.seconds: self._toggle(choice.title, choice.explanation) for choice in CHOICES}
        layout.addWidget(_line(self))
        self.pin = self._toggle("Pin", "Keep the lines of this process when another one is opened.", checks=False)
        self.more = self._toggle("More", "How axes are drawn; copying and saving values and pictures.", checks=False)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chips: list[QToolButton] = []
        self.word, self.back = QLabel(self), QPushButton("Back to live", self)
        self.back.setToolTip("Go on with the newest values (End).")
        for widget in (self.word, self.back):
            layout.addWidget(widget)
            widget.hide()
        self._connect()

    def show_charts(self, names: set[str]) -> None:
        for name, button in self.charts.items():
            button.setChecked(name in names)

    def show_window(self, window: Window) -> None:
        for seconds, button in self.lengths.items():
            button.setChecked(seconds == window.seconds)

    def show_word(self, text: str, *, can_go_back: bool) -> None:
        """What is to be known of what is seen: nothing while all is live."""
        self.word.setText(text)
        self.word.setVisible(bool(text))
        self.back.setVisible(can_go_back)

    def show_pins(self, tracks: Iterable[Track], current: Track | None, pens: Pens, *, can_pin: bool) -> None:
        """A chip for each pinned process; clicking it lets go of it."""
        self.pin.setEnabled(can_pin)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for track in tracks:
            chip = self._toggle(f"{track.title}  ×".replace("&", "&&"), f"Let go of {track.title}.", checks=False)
            if track is not current:  # whose lines have the colours of their series
                chip.setIcon(_swatch(colour(pens.theme, PINNED[track.pin])))
                chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setFont(pens.font)
            chip.clicked.connect(lambda checked=False, pid=track.pid: self.unpin_wanted.emit(pid))
            self.chips.append(chip)

    def set_pens(self, pens: Pens) -> None:
        theme = pens.theme
        line, selected, ground = theme.line.name(), theme.selected.name(), theme.raised.name()
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.dim.name()}; border: 1px solid transparent; border-radius: 4px;"
            f" padding: 1px 4px; }}"
            f"QToolButton::menu-indicator {{ width: 0px; }}"
            f"QToolButton:hover {{ border-color: {line}; background: {ground}; }}"
            f"QToolButton:checked {{ color: {theme.text.name()}; background: {selected}; }}"
            f"QToolButton:focus {{ border-color: {theme.accent.name()}; }}"
            f"QToolButton:disabled {{ color: {line}; }}"
            f"QLabel {{ color: {theme.warn.name()}; }} QFrame#line {{ background: {line}; }}"
        )
        for widget in self.findChildren(QWidget):
            widget.setFont(pens.font)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        for button in self.charts.values():
            button.clicked.connect(lambda: self.charts_chosen.emit(self._chosen_charts()))
        for seconds, button in self.lengths.items():
            button.clicked.connect(lambda checked=False, seconds=seconds: self.window_chosen.emit(Window(seconds)))
        self.pin.clicked.connect(self.pin_wanted)
        self.back.clicked.connect(self.back_wanted)

    def _chosen_charts(self) -> set[str]:
        return {name for name, button in self.charts.items() if button.isChecked()}

    def _toggle(self, title: str, words: str, *, checks: bool = True) -> QToolButton:
        button = QToolButton(self)
        button.setText(title)
        button.setToolTip(tip([words]))
        button.setAccessibleName(title)
        button.setAccessibleDescription(words)
        button.setCheckable(checks)
        button.setAutoRaise(True)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(button)
        return button


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setObjectName("line")
    line.setFixedSize(1, 16)
    return line


def _swatch(of: QColor) -> QIcon:
    pixmap = QPixmap(10, 10)
    pixmap.fill(of)
    return QIcon(pixmap)
