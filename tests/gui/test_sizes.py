"""Geometry settles: no size of the window, text scale or font makes widgets resize each other again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from memviz.gui.inspector.view import Inspector
from memviz.gui.session.options import Options
from memviz.gui.session.selection import Selection, select_block, select_group, select_page, select_range, select_region
from memviz.gui.shell.app import make_application, make_window
from memviz.gui.shell.settings import Settings
from memviz.gui.shell.window import MainWindow
from memviz.gui.tabs import TABS
from tests.builders import snapshot
from tests.gui.fake_source import FakeSource, show
from tests.runs import page_runs

MOST = 12  # resizes of one widget for one change of the window; a feedback makes hundreds
ROUNDS = 20  # of events until nothing is resized any more; a change of the font takes four
RUNAWAY = 60  # from here on resizes are swallowed, so that a feedback fails the test instead of ending the process
SCALES = (1.0, 1.5)
MANY = snapshot(
    "10-14 r-xp /bin/program rss=8k shared_clean=8k flags=rd,ex,mr", "20-30 rw-p [heap] rss=16k anonymous=16k",
    "7f0-7f8 r-xp /usr/lib/x86_64-linux-gnu/a-library-with-a-rather-long-name.so.6 rss=8k shared_clean=8k",
    "7f8-7fc rw-p /usr/lib/x86_64-linux-gnu/a-library-with-a-rather-long-name.so.6 rss=8k anonymous=8k",
    "800-900 rw-s /dev/shm/segment rss=64k shared_dirty=64k", "7ff0-7ff8 rw-p [stack] rss=12k anonymous=12k",
    start_code=0x10000, start_brk=0x20000,
)  # fmt: skip
PAGES = page_runs("10-12 f", "20-24 a", "28-2a s")
SELECTIONS = (
    Selection(), select_group("heap"), select_block(MANY, 2), select_region(MANY, 2), select_page(MANY, 0x29000),
    select_range(0x10000, 0x30000),
)  # fmt: skip


class Resizes(QObject):
    """Counts the resize events of every widget of the application."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.application = application
        self.counts: Counter[QObject] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Resize or not isinstance(watched, QWidget):
            return False
        self.counts[watched] += 1
        return self.counts[watched] > RUNAWAY

    def flaws(self, change: Callable[[], None]) -> list[str]:
        """Make the change and let everything settle; give the widgets that were resized too often for it."""
        self.counts.clear()
        change()
        for _ in range(ROUNDS):
            before = self.counts.total()
            self.application.processEvents()
            if self.counts.total() == before:
                break
        else:
            return ["it does not settle"]
        return [f"{name_of(widget)}: {count} times" for widget, count in self.counts.items() if count > MOST]


def name_of(widget: QObject) -> str:
    parent = widget.parent()
    return type(widget).__name__ if parent is None else f"{type(widget).__name__} in {name_of(parent)}"


@pytest.fixture
def resizes(qapp: QApplication) -> Iterator[Resizes]:
    made = Resizes(qapp)
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)
    made.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, source: FakeSource) -> MainWindow:
    make_application()
    made = make_window(source, Options(theme="dark"), Settings())
    made.remembers = False
    qtbot.addWidget(made)
    show(made.session, MANY, PAGES)
    made.session.select(SELECTIONS[2])
    made.show()
    QApplication.processEvents()
    return made


def flaws_of_sizes(window: MainWindow, resizes: Resizes, sizes: list[tuple[int, int]]) -> dict[str, list[str]]:
    flaws = {}
    for width, height in sizes:
        found = resizes.flaws(partial(window.resize, width, height))
        if window.size() != QSize(width, height):
            found.append(f"the window is {window.width()}x{window.height()}")
        if found:
            flaws[f"{width}x{height}"] = found
    return flaws


def sizes_of_windows(count: int) -> list[tuple[int, int]]:
    """Sizes all over those of real windows: both steps are prime to their range, so that no size comes twice."""
    return [(700 + step * 397 % 1241, 500 + step * 211 % 701) for step in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.title)
def test_that_the_window_settles_at_sizes_all_over_the_screen(window: MainWindow, resizes: Resizes, tab: type) -> None:
    window.panels.show_tab(tab.title)
    flaws = {}
    for scale in SCALES:
        window.session.set_options(text_scale=scale)
        flaws.update(
            {f"{scale}: {size}": f for size, f in flaws_of_sizes(window, resizes, sizes_of_windows(40)).items()}
        )
    assert flaws == {}


def heights_near_the_content(window: MainWindow, width: int) -> list[int]:
    """Heights of the window at which the content of the inspector about fills it, with and without a scroll bar."""
    inspector = window.findChild(Inspector)
    heights = []
    for height in (400, 3000):
        window.resize(width, height)
        QApplication.processEvents()
        content = inspector.widget()
        heights.append(content.heightForWidth(content.width()) + height - inspector.height())
    return list(range(min(heights) - 8, max(heights) + 16, 4))


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda selection: selection.kind)
def test_that_the_window_settles_in_steps_of_a_few_pixels(
    window: MainWindow, resizes: Resizes, selection: Selection
) -> None:
    window.session.select(selection)
    sizes = [(width, height) for width in (1480, 1500) for height in heights_near_the_content(window, width)]
    assert flaws_of_sizes(window, resizes, sizes) == {}


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.8, 1.25, 1.5])
@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda selection: selection.kind)
def test_that_the_window_settles_in_steps_of_a_few_pixels_at_every_text_scale(
    window: MainWindow, resizes: Resizes, selection: Selection, scale: float
) -> None:
    window.session.set_options(text_scale=scale)
    window.session.select(selection)
    sizes = [(1500, height) for height in heights_near_the_content(window, 1500)]
    assert flaws_of_sizes(window, resizes, sizes) == {}


def test_that_the_window_settles_after_every_font_scale_and_theme(window: MainWindow, resizes: Resizes) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    usual, flaws = application.font(), {}
    for width, height in ((1500, 945), (760, 900)):
        window.resize(width, height)
        for points in (6, 9.5, 14, 20):
            font = QFont(usual)
            font.setPointSizeF(points)
            flaws[width, height, points] = resizes.flaws(partial(application.setFont, font))
        application.setFont(usual)
        for scale in SCALES:
            flaws[width, height, "scale", scale] = resizes.flaws(partial(window.session.set_options, text_scale=scale))
        for theme in ("light", "dark"):
            flaws[width, height, theme] = resizes.flaws(partial(window.session.set_options, theme=theme))
    assert {size: found for size, found in flaws.items() if found} == {}


def test_that_a_feedback_of_two_widgets_is_found(qtbot: QtBot, resizes: Resizes) -> None:
    """The law above can fail: here a child resizes its parent whenever the parent resizes it."""

    class Feedback(QWidget):
        def resizeEvent(self, event: QEvent) -> None:
            self.resize(self.width() ^ 1, self.height())

    widget = Feedback()
    qtbot.addWidget(widget)
    widget.show()
    assert resizes.flaws(lambda: widget.resize(300, 300)) != []
