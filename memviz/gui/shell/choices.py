"""The options that the user chooses from a list: one menu each, in the menu bar and in the toolbar alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from memviz.gui.map.modes import MODES
from memviz.gui.session.options import Options
from memviz.gui.session.session import Session


@dataclass(frozen=True, slots=True)
class Value:
    """One of the values of an option: what menus call it, what the toolbar shows of it, and what it means."""

    value: object
    title: str
    short: str
    tip: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`option` is a field of Options."""

    option: str
    title: str
    tip: str
    values: Callable[[], tuple[Value, ...]]


METRIC_VALUES = (
    Value(
        "private_swap", "Private + swap", "private + swap",
        "What it alone keeps: it would be free if it ended. Lists of processes have anonymous + swap: cheap to read.",
    ),
    Value("rss", "RSS", "RSS", "Everything of it that is in memory, shared pages counted in full."),
    Value("pss", "PSS", "PSS", "What is in memory, each shared page divided among those who share it."),
    Value("uss", "USS", "USS", "Private pages in memory, without swap."),
)  # fmt: skip
LAYOUT_VALUES = (
    Value("rows", "Rows", "rows", "The address space wraps like text, low addresses first."),
    Value("column", "Column", "column", "The picture of textbooks: one column, high addresses on top."),
)
RATE_VALUES = tuple(
    Value(rate, f"{rate} Hz", f"{rate} Hz", f"Looks {'once' if rate == 1 else f'{rate} times'} a second.")
    for rate in (1, 2, 5, 10)
)
THEME_VALUES = (
    Value("system", "As the desktop", "as the desktop", "Light or dark as the desktop is."),
    Value("light", "Light", "light", "Dark on white."),
    Value("dark", "Dark", "dark", "Light on black."),
)


def _colour_values() -> tuple[Value, ...]:
    return tuple(Value(mode.name, mode.title, mode.title.lower(), mode.explanation) for mode in MODES)


CHOICES = (
    Choice("metric", "Metric", "By which number processes and blocks are ranked.", lambda: METRIC_VALUES),
    Choice("colour_by", "Colour", "What the colours of the map mean.", _colour_values),
    Choice("layout", "Layout", "How the address space is laid out.", lambda: LAYOUT_VALUES),
    Choice("rate", "Rate", "How often the process is looked at.", lambda: RATE_VALUES),
    Choice("theme", "Theme", "Light or dark.", lambda: THEME_VALUES),
)


class ChoiceMenu(QObject):
    """The menu of one choice; what is chosen stands in the session's options."""

    def __init__(self, choice: Choice, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.choice, self._session = choice, session
        self.menu = QMenu(choice.title, parent)
        self.menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self._actions: dict[object, QAction] = {}
        self._buttons: list[QToolButton] = []
        self._values = choice.values()
        for value in self._values:
            action = QAction(value.title, self._group)
            action.setCheckable(True)
            action.setToolTip(value.tip)
            action.triggered.connect(lambda _=False, chosen=value.value: session.set_options(**{choice.option: chosen}))
            self.menu.addAction(action)
            self._actions[value.value] = action
        session.options_changed.connect(self._show)
        self._show(session.options)

    @property
    def has_choice(self) -> bool:
        return len(self._values) > 1

    def button(self, parent: QWidget) -> QToolButton:
        """A button that shows what is chosen and opens the menu."""
        button = QToolButton(parent)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        button.setToolTip(self.choice.tip)
        button.setAccessibleName(self.choice.title)
        self._buttons.append(button)
        self._show(self._session.options)
        return button

    def tell_now(self, words: str) -> None:
        """What the choice comes to at the moment, beside what it means."""
        for button in self._buttons:
            button.setToolTip(f"{self.choice.tip}\n{words}")

    def _show(self, options: Options) -> None:
        chosen = getattr(options, self.choice.option)
        if chosen in self._actions:
            self._actions[chosen].setChecked(True)
        short = next((value.short for value in self._values if value.value == chosen), str(chosen))
        for button in self._buttons:
            button.setText(f"{self.choice.title}: {short}")
