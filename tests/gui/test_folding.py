"""Small windows: the panels beside the map stay away at first, come when asked for, and nobody's choice is lost."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QToolButton

from memviz.gui.session.options import Options
from memviz.gui.shell import extension, present
from memviz.gui.shell.app import make_application, make_window
from memviz.gui.shell.folding import BESIDE, NARROW
from memviz.gui.shell.settings import Settings, load, settings_file
from memviz.gui.shell.window import MainWindow
from tests import builders
from tests.gui.fake_source import FakeSource, show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qapp: QApplication, source: FakeSource) -> Iterator[Make]:
    """Windows of a size, shown and laid out; closed at the end."""
    make_application()
    made: list[MainWindow] = []

    def make_one(width: int, height: int = 500, settings: Settings | None = None, text_scale: float = 1) -> MainWindow:
        window = make_window(source, Options(text_scale=text_scale), settings or Settings())
        made.append(window)
        show(window.session, SMALL)
        window.resize(width, height)
        window.show()
        for _ in range(3):
            qapp.processEvents()
        return window

    yield make_one
    for window in made:
        window.close()
        window.deleteLater()
    qapp.processEvents()


def away(window: MainWindow) -> set[str]:
    return {name for name in BESIDE if window.panels.docks[name].isHidden()}


@pytest.mark.parametrize(
    ("width", "scale", "folds"), [(NARROW - 1, 1, True), (NARROW, 1, False), (1280, 1.5, True), (1280, 0.7, False)]
)
def test_that_a_narrow_window_begins_with_the_map_alone(make: Make, width: int, scale: float, folds: bool) -> None:
    assert away(make(width, text_scale=scale)) == (set(BESIDE) if folds else set())


def test_that_they_come_when_there_is_room(make: Make, qapp: QApplication) -> None:
    window = make(700)
    window.resize(1280, 720)
    qapp.processEvents()
    assert away(window) == set()


def test_that_one_that_is_asked_for_comes_and_is_there_again_next_time(make: Make) -> None:
    window = make(700)
    window.panels.go_to("inspector")
    assert away(window) == {"processes"}
    window.close()
    settings, wrong = load(settings_file())
    assert wrong == []
    assert away(make(700, settings=settings)) == {"processes"}
    assert away(make(1400, settings=settings)) == set()


def test_that_a_narrow_window_is_nobodys_choice(make: Make) -> None:
    make(700).close()
    settings, _ = load(settings_file())
    assert away(make(700, settings=settings)) == set(BESIDE)
    settings.geometry = ""
    assert away(make(1400, settings=settings)) == set()


def test_that_one_that_the_user_closed_stays_closed(make: Make, qapp: QApplication) -> None:
    window = make(1280)
    window.panels.docks["processes"].toggleViewAction().trigger()
    window.resize(700, 500)
    window.resize(1300, 720)
    qapp.processEvents()
    assert away(window) == {"processes"}


def test_that_presenting_a_narrow_window_brings_none_of_them(make: Make, qapp: QApplication) -> None:
    window = make(700)
    present.set_present(window, True, full_screen=False)
    window.resize(1600, 900)
    qapp.processEvents()
    assert away(window) == set(BESIDE)
    window.resize(700, 500)
    present.set_present(window, False)
    assert away(window) == set(BESIDE)


def test_that_tools_without_room_are_behind_a_button_that_can_be_seen(make: Make) -> None:
    button = make(700).tools.findChild(QToolButton, extension.NAME)
    assert button is not None
    assert button.isVisible()
    assert not button.icon().isNull()
    assert button.accessibleName()


def test_that_letters_are_as_large_as_they_were_left_from_the_start(make: Make) -> None:
    usual, large = make(1280), make(1280, text_scale=1.5)
    assert large.tools.field.font().pointSizeF() == pytest.approx(usual.tools.field.font().pointSizeF() * 1.5)


def test_that_the_map_has_three_tenths_of_a_usual_window(make: Make) -> None:
    window = make(1280, 720)
    view = window.centre.view
    assert view.width() * view.height() >= 0.29 * 1280 * 720
