"""The window's looks: text of any size reaches everything, and a theme that is switched while it is open."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from memviz.gui.session.options import Options
from memviz.gui.shell.app import make_application, make_window
from memviz.gui.shell.present import set_present
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.window import MainWindow
from memviz.gui.theme import theme
from tests import builders
from tests.gui.fake_source import FakeSource, show

HEAP = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)


@pytest.fixture
def window(qtbot: QtBot, source: FakeSource) -> MainWindow:
    make_application()
    made = make_window(source, Options(theme="dark"), Settings())
    made.remembers = False
    qtbot.addWidget(made)
    show(made.session, HEAP)
    made.resize(1280, 800)
    made.show()
    QApplication.processEvents()
    return made


def sizes(window: QWidget) -> dict[str, float]:
    """The size of letters of every visible text, by where it is."""
    parts = [part for kind in (QLabel, QLineEdit, QToolButton) for part in window.findChildren(kind)]
    return {f"{type(p).__name__} {n}": p.font().pointSizeF() for n, p in enumerate(parts) if p.isVisible()}


def test_that_larger_text_reaches_every_part(window: MainWindow) -> None:
    before = sizes(window)
    window.session.set_options(text_scale=1.5)
    QApplication.processEvents()
    after = sizes(window)
    same = [name for name in before if name in after and after[name] <= before[name] > 0]
    assert len(before) > 10
    assert same == []


def test_that_panels_grow_with_the_text_and_leave_the_map_room(window: MainWindow) -> None:
    before = {name: dock.width() for name, dock in window.panels.docks.items()}
    window.session.set_options(text_scale=1.4)
    QApplication.processEvents()
    for name in ("processes", "inspector"):
        assert window.panels.docks[name].width() > before[name]
    assert window.centre.width() > window.width() * 0.35


def test_that_a_theme_switched_while_open_is_kept_by_what_has_colours_of_its_own(window: MainWindow) -> None:
    for name in ("light", "dark", "light"):
        window.session.set_options(theme=name)
        QApplication.processEvents()
        shown = window.centre.grab().toImage()
        ground = theme(name).ground
        near = shown.pixelColor(2, shown.height() - 2)
        assert abs(near.lightness() - ground.lightness()) < 12
        header = window.centre.header.palette().windowText().color()
        assert abs(header.lightness() - theme(name).text.lightness()) < 60


def widths(window: MainWindow) -> dict[str, int]:
    QApplication.processEvents()
    return {name: window.panels.docks[name].width() for name in ("processes", "inspector")}


def test_that_panels_are_as_wide_as_before_when_text_is_as_large_as_before(window: MainWindow) -> None:
    before = widths(window)
    for name in ("larger", "larger", "usual"):
        window.actions_by_name[name].trigger()
    assert widths(window) == pytest.approx(before, abs=6)


def test_that_panels_are_as_wide_as_before_after_presenting(window: MainWindow) -> None:
    before = widths(window)
    for presents in (True, False):
        set_present(window, presents, full_screen=False)
        QApplication.processEvents()
    assert widths(window) == pytest.approx(before, abs=6)
