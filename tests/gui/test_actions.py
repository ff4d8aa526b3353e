"""What the window can be told to do: each by menu, key and name, none twice, and no key that is text elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from memviz.gui.session.options import Options
from memviz.gui.shell import actions, keys
from memviz.gui.shell.actions import ACTIONS, MENUS, Action
from memviz.gui.shell.app import make_window
from memviz.gui.shell.choices import CHOICES
from memviz.gui.shell.panels import PANELS
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.window import MainWindow
from tests import builders
from tests.gui.fake_source import FakeSource, show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)


@pytest.fixture
def window(qapp: QApplication, source: FakeSource) -> Iterator[MainWindow]:
    made = make_window(source, Options(), Settings())
    yield made
    made.close()
    made.deleteLater()


def actions_in(menu: QMenu) -> list[QAction]:
    """Those of its submenus as well."""
    found = []
    for action in menu.actions():
        inner = action.menu()
        found += actions_in(inner) if isinstance(inner, QMenu) else [action]
    return found


def test_that_no_key_does_two_things() -> None:
    pairs = [key for each in ACTIONS for key in each.keys]
    pairs += [key for panel in PANELS for key in (panel.key, f"Shift+{panel.key}")]
    pairs += [letter for each in ACTIONS for letter in each.letters]
    normal = Counter(QKeySequence(key).toString() for key in pairs)
    assert [key for key, count in normal.items() if count > 1] == []
    assert "" not in normal


def test_that_keys_that_work_everywhere_are_no_text() -> None:
    for each in ACTIONS:
        for key in each.keys:
            combination = QKeySequence(key)[0]
            is_text = combination.key() < Qt.Key.Key_Escape and not combination.keyboardModifiers() & (
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            )
            assert not is_text, f"{each.name}: {key}"


@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.name)
def test_that_each_is_declared_whole(each: Action) -> None:
    assert each.menu in MENUS
    assert each.title.strip()
    assert each.tip.endswith((".", "…"))


def test_that_every_action_is_in_its_menu_and_can_be_triggered(window: MainWindow) -> None:
    titles = {menu.title().replace("&", ""): menu for menu in window.menuBar().findChildren(QMenu) if menu.title()}
    for each in ACTIONS:
        assert window.actions_by_name[each.name] in actions_in(titles[each.menu])


@pytest.mark.parametrize("name", [each.name for each in ACTIONS if each.name not in ("quit", "picture", "keep-layout")])
def test_that_each_runs_without_a_process_and_with_one(window: MainWindow, name: str) -> None:
    action = window.actions_by_name[name]
    action.trigger()
    show(window.session, SMALL)
    action.trigger()
    action.trigger()
    for dialog in QApplication.topLevelWidgets():
        if dialog.isModal():
            dialog.close()


def test_that_what_cannot_be_done_is_grey(window: MainWindow) -> None:
    by_name = window.actions_by_name
    assert not by_name["mark"].isEnabled()
    assert not by_name["pause"].isEnabled()
    show(window.session, SMALL)
    assert by_name["mark"].isEnabled()
    assert not by_name["unmark"].isEnabled()
    by_name["mark"].trigger()
    assert by_name["unmark"].isEnabled()
    assert window.session.mark is SMALL
    by_name["pause"].trigger()
    assert window.session.paused
    assert by_name["pause"].text() == "&Resume"
    window.session.set_paused(False)
    assert by_name["pause"].text() == "&Pause"


def test_that_the_action_tells_that_a_mark_is_set_and_how_long_ago(window: MainWindow) -> None:
    mark = window.actions_by_name["mark"]
    later = replace(SMALL, time=SMALL.time + 125)
    show(window.session, SMALL)
    assert mark.text() == "Set a &mark"
    mark.trigger()
    show(window.session, later)
    assert mark.text() == "Set the &mark anew"
    assert "2 min 5 s ago" in mark.toolTip()
    window.actions_by_name["unmark"].trigger()
    assert (mark.text(), mark.toolTip()) == ("Set a &mark", next(each.tip for each in ACTIONS if each.name == "mark"))


def test_that_letters_work_in_the_map_and_are_text_elsewhere(window: MainWindow, qtbot: QtBot) -> None:
    show(window.session, SMALL)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.centre.setFocus()
    qtbot.keyClick(window.centre, Qt.Key.Key_P)
    assert window.session.paused
    field = window.tools.field
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, "pm?")
    assert field.text() == "pm?"
    assert window.session.paused
    assert window.session.mark is None


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.option)
def test_that_each_choice_sets_its_option_and_shows_it(window: MainWindow, choice) -> None:  # noqa: ANN001  # one of CHOICES
    menu = next(each for each in window.choices if each.choice is choice)
    for value in choice.values():
        menu._actions[value.value].trigger()
        assert getattr(window.session.options, choice.option) == value.value
        assert menu._actions[value.value].isChecked()
        assert all(value.short in button.text() for button in menu._buttons)


def test_that_the_page_of_keys_names_every_action_that_has_one() -> None:
    page = keys.as_html()
    for each in ACTIONS:
        if each.keys:
            assert each.tip.split(":")[0].split("<")[0][:20] in page
    assert "Ctrl+2" in page


def test_that_a_new_action_is_in_menu_and_keys_by_being_declared(
    qapp: QApplication, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    made_up = replace(
        ACTIONS[0],
        name="made-up",
        title="Made up",
        tip="Made up.",
        keys=("Ctrl+Alt+9",),
        run=lambda w: seen.append("x"),
    )
    for module in (actions, keys):
        monkeypatch.setattr(module, "ACTIONS", (*ACTIONS, made_up))
    monkeypatch.setattr("memviz.gui.shell.window.ACTIONS", (*ACTIONS, made_up))
    window = make_window(source, Options(), Settings())
    window.actions_by_name["made-up"].trigger()
    assert seen == ["x"]
    assert "Made up." in keys.as_html()
    window.close()
    window.deleteLater()
