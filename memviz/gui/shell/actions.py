"""Everything that the window can be told to do: menus, toolbar, shortcuts and the page of keys loop over ACTIONS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut

from memviz import units
from memviz.gui.shell import asking, layouts, present
from memviz.gui.shell.clipboard import copy_selection

if TYPE_CHECKING:
    from memviz.gui.shell.window import MainWindow

PROCESS, VIEW, GO, HELP = MENUS = ("Process", "View", "Go", "Help")


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` work everywhere; `letters` while the map has the focus, since elsewhere they are text. An action that
    has `on` is a switch; `able` tells whether there is anything to do now; `says` gives other words for title and tip
    where they hang on how things are."""

    name: str
    title: str
    menu: str
    tip: str
    run: Callable[[MainWindow], object]
    keys: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    on: Callable[[MainWindow], bool] | None = None
    able: Callable[[MainWindow], bool] | None = None
    says: Callable[[MainWindow], tuple[str, str] | None] | None = None
    in_toolbar: bool = False
    starts_section: bool = False


def _has_target(window: MainWindow) -> bool:
    return window.session.target is not None


def _has_snapshot(window: MainWindow) -> bool:
    return window.session.snapshot is not None


def _says_of_mark(window: MainWindow) -> tuple[str, str] | None:
    snapshot, mark = window.session.snapshot, window.session.mark
    if snapshot is None or mark is None:
        return None
    age = units.duration(max(round(snapshot.time - mark.time), 0))
    return "Set the &mark anew", f"Everything shows what changed since the mark, {age} ago. Sets it to this moment."


def _says_of_pause(window: MainWindow) -> tuple[str, str] | None:
    return ("&Resume", "Back to the picture of now.") if window.session.paused else None


ACTIONS: tuple[Action, ...] = (
    Action(
        "open", "&Open a process …", PROCESS, "Choose the process by name or number.",
        lambda window: window.tools.ask_process(), ("Ctrl+O", "Ctrl+L"),
    ),
    Action(
        "measure", "&Measure now", PROCESS, "Read all of the process at once, whatever it costs.",
        lambda window: window.feed.measure_now(), ("F5", "Ctrl+R"), able=_has_target,
    ),
    Action(
        "administrator", "Read as &administrator …", PROCESS,
        "Have root run the reader program of this memviz, through pkexec or sudo. The window itself gets no rights.",
        lambda window: window.administrator.start(), able=lambda window: window.administrator.is_possible,
    ),
    Action(
        "picture", "&Save a picture …", PROCESS, "Keep the map as PNG or SVG.",
        asking.save_picture, ("Ctrl+S",), able=_has_snapshot, starts_section=True,
    ),
    Action(
        "copy", "&Copy the selection", PROCESS, "The selected regions as text; tables copy what is chosen in them.",
        lambda window: copy_selection(window.session), (), ("Ctrl+C",), able=_has_snapshot,
    ),
    Action("quit", "&Quit", PROCESS, "End memviz.", lambda window: window.close(), ("Ctrl+Q",), starts_section=True),
    Action(
        "pause", "&Pause", VIEW, "Hold the picture still; sampling goes on.",
        lambda window: window.session.set_paused(not window.session.paused), ("Ctrl+P", "Pause"), ("P",),
        able=_has_target, says=_says_of_pause, in_toolbar=True,
    ),
    Action(
        "mark", "Set a &mark", VIEW, "From now on everything shows what changed since this moment.",
        lambda window: window.session.set_mark(window.session.snapshot), ("Ctrl+M",), ("M",),
        able=_has_snapshot, says=_says_of_mark, in_toolbar=True,
    ),
    Action(
        "unmark", "&Remove the mark", VIEW, "No differences any more.",
        lambda window: window.session.set_mark(None), ("Ctrl+Shift+M",), ("Shift+M",),
        able=lambda window: window.session.mark is not None,
    ),
    Action(
        "larger", "&Larger text", VIEW, "Everything is written larger.",
        lambda window: present.scale_text(window, 1.1), ("Ctrl++", "Ctrl+="), starts_section=True,
    ),
    Action(
        "smaller", "&Smaller text", VIEW, "Everything is written smaller.",
        lambda window: present.scale_text(window, 1 / 1.1), ("Ctrl+-",),
    ),
    Action(
        "usual", "&Usual text", VIEW, "The size of text that the desktop asks for.",
        lambda window: present.scale_text(window, 0), ("Ctrl+0",),
    ),
    Action(
        "motion", "&Motion", VIEW, "Whether what is new flashes, and the map glides.",
        lambda window: window.session.set_options(motion=not window.session.options.motion),
        on=lambda window: window.session.options.motion,
    ),
    Action(
        "present", "P&resent", VIEW, "The map alone and large type, for a projector.",
        lambda window: present.set_present(window, not window.presents), ("F11", "Ctrl+Shift+P"),
        on=lambda window: window.presents,
    ),
    Action(
        "keep-layout", "&Keep this layout …", VIEW, "Give the arrangement of panels a name.",
        layouts.ask_to_keep, starts_section=True,
    ),
    Action("reset-layout", "Usual la&yout", VIEW, "Panels where they were at first.", layouts.reset),
    Action(
        "back", "&Back", GO, "To what was selected before.",
        lambda window: window.session.walk(), ("Alt+Left",), in_toolbar=False,
    ),
    Action(
        "forward", "&Forward", GO, "And forth again.",
        lambda window: window.session.walk(forward=True), ("Alt+Right",),
    ),
    Action(
        "search", "&Search", GO, "Find regions by name, address, permission or size: perm:wx, >10M, 0x7f…",
        lambda window: window.search(), ("Ctrl+F",), ("/",), starts_section=True,
    ),
    Action(
        "map", "&Map", GO, "To the map.", lambda window: window.centre.setFocus(), ("Ctrl+1",), starts_section=True,
    ),
    Action("keys", "&Keys", HELP, "What the keys do.", asking.show_keys, ("F1", "Ctrl+/"), ("?",)),
    Action("about", "&About memviz", HELP, "Version, and where things are kept.", asking.show_about),
)  # fmt: skip


def add_actions(window: MainWindow) -> dict[str, QAction]:
    """A QAction for each, by name, with its shortcuts; menus hold them."""
    result = {}
    for each in ACTIONS:
        action = QAction(each.title, window)
        action.setToolTip(each.tip)
        action.setStatusTip(each.tip)
        action.setShortcuts([QKeySequence(key) for key in each.keys])
        action.setCheckable(each.on is not None)
        action.triggered.connect(lambda _=False, run=each.run: run(window))
        for letter in each.letters:
            shortcut = QShortcut(QKeySequence(letter), window.centre)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action.trigger)
        result[each.name] = action
    window.addActions(list(result.values()))
    return result


def refresh(window: MainWindow, actions: dict[str, QAction]) -> None:
    """What can be done, and what is switched on, now."""
    for each in ACTIONS:
        if each.on is not None:
            actions[each.name].setChecked(each.on(window))
        if each.able is not None:
            actions[each.name].setEnabled(each.able(window))
        if each.says is not None:
            title, tip = each.says(window) or (each.title, each.tip)
            actions[each.name].setText(title)
            actions[each.name].setToolTip(tip)
            actions[each.name].setStatusTip(tip)


def written(keys: tuple[str, ...]) -> str:
    """`Ctrl+F, /` as this platform writes it."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
