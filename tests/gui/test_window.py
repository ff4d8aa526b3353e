"""The window: its parts stand together, what it is told to do it does, and it comes back as it was left."""

from __future__ import annotations

import base64
import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from memviz.core.privilege import Way
from memviz.errors import AccessDenied
from memviz.gui.session.options import Options
from memviz.gui.session.selection import Selection, select_group, select_range, select_region
from memviz.gui.session.state import DENIED, GONE, state_of_error
from memviz.gui.shell import layouts, present
from memviz.gui.shell.app import make_window
from memviz.gui.shell.settings import Settings, load, settings_file
from memviz.gui.shell.window import MainWindow
from tests import builders
from tests.gui.fake_source import FakeSource, page_runs, process, sample, show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
Make = Callable[..., MainWindow]


@pytest.fixture
def make(qapp: QApplication, source: FakeSource) -> Iterator[Make]:
    """Windows on the made-up source, closed at the end."""
    made: list[MainWindow] = []

    def make_one(settings: Settings | None = None, **options: object) -> MainWindow:
        chosen = Options(**options)  # type: ignore[arg-type]  # names of fields
        window = make_window(source, chosen, settings or Settings())
        made.append(window)
        return window

    yield make_one
    for window in made:
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(make: Make) -> MainWindow:
    return make()


def test_that_every_part_is_named_for_those_who_cannot_see_it(window: MainWindow) -> None:
    for dock in window.panels.docks.values():
        assert dock.accessibleName()
    for button in window.tools.findChildren(QToolButton):
        if button.isVisibleTo(window.tools) and button.objectName() != "qt_toolbar_ext_button":
            assert button.accessibleName() or button.text()
    assert window.tools.field.accessibleName()


def test_that_the_title_names_the_process(window: MainWindow) -> None:
    assert window.windowTitle() == "memviz"
    show(window.session, SMALL)
    assert window.windowTitle() == f"{SMALL.name} ({SMALL.pid}) · memviz"


def test_that_hidden_and_minimised_it_asks_for_next_to_nothing(window: MainWindow, qtbot: QtBot) -> None:
    seen: list[bool] = []
    window.session.visible_changed.connect(seen.append)
    window.show()
    assert window.session.visible
    window.setWindowState(Qt.WindowState.WindowMinimized)
    assert seen[-1:] == [False]
    window.setWindowState(Qt.WindowState.WindowNoState)
    assert seen[-1:] == [True]
    window.hide()
    assert seen[-1:] == [False]
    assert not window.status._beat.isActive()


def test_that_it_comes_back_as_it_was_left(make: Make) -> None:
    first = make()
    first.show()
    first.resize(733, 655)
    name = next(iter(first.panels.docks))
    first.panels.docks[name].hide()
    first.session.set_options(metric="rss", theme="light")
    first.panels.show_tab_quietly("System")
    layouts.keep(first, "narrow")
    first.close()
    settings, wrong = load(settings_file())
    assert wrong == []
    assert settings.options["metric"] == "rss"
    second = make(settings)
    second.show()
    assert (second.width(), second.height()) == (733, 655)
    assert second.panels.docks[name].isHidden()
    assert second.panels.current_tab() == "System"
    layouts.reset(second)
    assert not second.panels.docks[name].isHidden()
    layouts._take(second, "narrow")
    assert second.panels.docks[name].isHidden()


@given(
    text=st.text(max_size=40) | st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode()),
    views=st.dictionaries(st.sampled_from(["map", "processes", "inspector", "tab Blocks and regions"]), st.dictionaries(
        st.text(max_size=8), st.none() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=3),
        max_size=4)),
)  # fmt: skip
@configured(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_no_settings_keep_it_from_opening(make: Make, text: str, views: dict[str, dict[str, object]]) -> None:
    window = make(Settings(geometry=text, docks=text, layouts={"x": text}, views=views))
    layouts._take(window, "x")
    window.close()


def test_that_a_view_that_cannot_use_its_settings_is_told_of(
    make: Make, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = make()
    name, view = next(iter(window.panels.widgets.items()))
    monkeypatch.setattr(type(view), "restore_state", lambda self, state: state["missing"], raising=False)
    window.settings.views[name] = {"a": 1}
    from memviz.gui.shell.remembering import recall

    with qtbot.waitSignal(window.session.said, check_params_cb=lambda word: name in word):
        recall(window)


def test_that_presenting_leaves_the_map_alone_and_comes_back(window: MainWindow) -> None:
    window.show()
    docks = [dock for dock in window.panels.docks.values() if dock.isVisible()]
    assert docks
    present.set_present(window, True, full_screen=False)
    assert not any(dock.isVisible() for dock in docks)
    assert not window.tools.isVisible()
    assert not window.menuBar().isVisible()
    assert window.session.options.text_scale == present.PRESENTED
    present.set_present(window, False)
    assert all(dock.isVisible() for dock in docks)
    assert window.tools.isVisible()
    assert window.session.options.text_scale == 1.0


def test_that_closing_while_it_presents_remembers_the_everyday(make: Make) -> None:
    window = make()
    window.show()
    present.set_present(window, True, full_screen=False)
    window.close()
    settings, _ = load(settings_file())
    assert settings.options["text_scale"] == 1.0
    again = make(settings)
    again.show()
    assert any(dock.isVisible() for dock in again.panels.docks.values())


def test_that_text_grows_within_limits(window: MainWindow) -> None:
    usual = window.font().pointSizeF()
    for _ in range(30):
        present.scale_text(window, 1.1)
    assert window.session.options.text_scale == present.LARGEST
    assert window.font().pointSizeF() == pytest.approx(usual * present.LARGEST)
    present.scale_text(window, 0)
    assert window.font().pointSizeF() == pytest.approx(usual)


def test_that_the_status_bar_says_what_could_not_be_read(window: MainWindow) -> None:
    from dataclasses import replace

    from memviz.core.snapshot import Absence

    cell = window.status._cells["missing"]
    show(window.session, SMALL)
    assert cell.isHidden()
    show(window.session, replace(SMALL, absent={"numa_maps": Absence("denied", "not yours", "be root")}))
    assert not cell.isHidden()
    assert "numa_maps" in cell.text()
    assert "be root" in cell.toolTip()


def test_that_the_status_bar_sums_up_what_is_selected(window: MainWindow) -> None:
    cell = window.status._cells["selected"]
    show(window.session, SMALL, page_runs("10-11 a", "20-24 a", "24-26 s"))
    assert cell.isHidden()
    window.session.select(select_region(SMALL, 1))
    assert cell.text() == "selected 64.0 KiB · 16.0 KiB in memory"
    window.session.select(select_range(0x10000, 0x26000))
    assert cell.text() == "selected 40.0 KiB · 20.0 KiB in memory · 2 regions"
    window.session.select(select_group("heap"))
    assert cell.text() == "selected 64.0 KiB · 16.0 KiB in memory"
    window.session.select(Selection())
    assert cell.isHidden()


def test_that_the_denied_offer_what_would_help(
    window: MainWindow, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    source.name = "this machine"
    other = window.centre.page.other
    window.administrator._ways = (Way("env", "Asking …", "/usr/bin/python3"),)
    window.refresh()
    assert other.isHidden()
    window.session.open(7)
    window.session.set_state(state_of_error(AccessDenied("only root may read that")))
    assert not other.isHidden()
    assert "administrator" in other.text()
    window.administrator._ways = ()
    window.refresh()
    assert other.isHidden()


@pytest.mark.parametrize("state", [DENIED, GONE])
def test_that_a_state_is_said_in_the_status_bar(window: MainWindow, state: str) -> None:
    session = window.session
    session.set_state(state_of_error(AccessDenied("only root may read that")))
    assert window.status.currentMessage() == "Only root may read that."


def test_that_a_process_is_opened_by_number_and_by_name(window: MainWindow, qtbot: QtBot) -> None:
    from memviz.gui.session.session import ProcessList

    session, field = window.session, window.tools.field
    rows = (process(1, "init"), process(40, "python", private_swap=5), process(41, "python", private_swap=9))
    session.show_processes(ProcessList(rows, 1.0))
    field.setText("py")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.target is not None
    assert session.target.pid == 41
    field.setText("1")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.target.pid == 1
    with qtbot.waitSignal(session.said):
        field.setText("<b>nobody</b>")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.target.pid == 1


def test_that_its_own_cost_is_told(window: MainWindow) -> None:
    window.status._own._tell(())
    assert window.status._cells["own"].text().startswith("memviz ")
    window.status._own._tell((sample(1, rss=50 << 20), sample(2)))
    assert "50.0 MiB" in window.status._cells["own"].text()


def test_that_foreign_text_is_not_markup(window: MainWindow) -> None:
    for label in window.status._cells.values():
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_that_settings_on_disk_are_plain_json(make: Make, own_settings: Path) -> None:
    make().close()
    held = json.loads((own_settings / "settings.json").read_text())
    assert set(held) == {"options", "geometry", "docks", "layouts", "views"}


def test_that_what_nobody_chose_is_called_the_heaviest_only_where_it_could_be_read(window: MainWindow) -> None:
    for shot, expected in ((SMALL, True), (builders.snapshot(errno=errno.EACCES), False)):
        window.session.open(shot.pid, shot.name, chosen=False)
        show(window.session, shot)
        texts = [label.text() for label in window.status.findChildren(QLabel)]
        assert any("the heaviest that can be read" in text for text in texts) is expected
