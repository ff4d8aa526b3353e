"""The legend: ranked by what is in memory, whole at every width, and a click filters everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from memviz.core.categories import GROUPS
from memviz.core.query import parse
from memviz.gui.map import filtering
from memviz.gui.map.legend import Legend
from memviz.gui.map.modes import MODES, Mode
from memviz.gui.map.terrain import make_terrain
from memviz.gui.session.selection import select_group
from memviz.gui.session.session import Reading, Session
from tests import builders
from tests.gui.fake_source import page_runs, show

LINES = (
    "10-14 r-xp /bin/program rss=8k", "14-15 rw-p /bin/program rss=4k", "20-3000 rw-p [heap] rss={}",
    "7f00-7f40 r-xp /usr/lib/libc.so.6 rss=100k", "7f40-7f50 rw-p /usr/lib/libc.so.6 rss=20k",
    "8000-8100 rw-p rss=900k", "9000-9001 ---p", "a000-a100 rw-p [stack] rss=12k", "b000-b010 r--s /srv/data rss=40k",
)  # fmt: skip


def _snapshot(heap: str = "16m") -> builders.Snapshot:
    lines = (line.format(heap) for line in LINES)
    return builders.snapshot(*lines, start_code=0x10000, start_brk=0x20000, start_stack=0xA0F0000)


SNAPSHOT = _snapshot()
GROUP_NAMES = st.sampled_from([group.name for group in GROUPS])


@pytest.fixture
def legend(qtbot: QtBot, session: Session) -> Legend:
    made = Legend(session)
    qtbot.addWidget(made)
    made.resize(900, 40)
    made.show()
    show(session, SNAPSHOT)
    return made


def test_that_groups_are_ranked_by_what_is_in_memory(legend: Legend) -> None:
    names = [entry.name for entry in legend.entries]
    sizes = [SNAPSHOT.groups[name].rss or 0 for name in names]
    assert sizes == sorted(sizes, reverse=True)
    assert set(names) == set(SNAPSHOT.groups)
    assert names[0] == "heap"


def test_that_an_entry_tells_resident_of_mapped(legend: Legend) -> None:
    heap = legend.entries[0]
    assert (heap.value, heap.of) == ("16.0 MiB", "47.9 MiB")
    assert heap.strong == 1.0


@pytest.mark.parametrize("is_short", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1.8])
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_that_nothing_is_clipped_at_any_width(legend: Legend, is_short: bool, scale: float, mode: Mode) -> None:
    font = legend.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    legend.setFont(font)
    legend.set_short(is_short)
    legend.show_mode(mode)
    legend.show_terrain(make_terrain(SNAPSHOT, page_runs()))
    for width in (500, 676, 900, 1256, 2536):
        legend.resize(width, legend.heightForWidth(width))
        for chip in legend.chips:
            assert legend.rect().contains(chip.geometry())
            assert chip.width() >= chip.sizeHint().width()
            assert chip.height() >= chip.sizeHint().height()
        pairs = [(a, b) for a in legend.chips for b in legend.chips if a is not b]
        assert not any(a.geometry().intersects(b.geometry()) for a, b in pairs)


def _chip(legend: Legend, name: str):  # noqa: ANN202  # a chip
    return next(chip for chip in legend.chips if chip.entry is not None and chip.entry.name == name)


def test_that_clicks_add_groups_to_the_filter_and_take_them_away(legend: Legend, session: Session) -> None:
    _chip(legend, "heap").click()
    assert session.filter == "group:heap"
    assert session.selection == select_group("heap")
    _chip(legend, "stack").click()
    assert session.filter == "group:heap,stack"
    assert [chip.chosen for chip in legend.chips].count(True) == 2
    _chip(legend, "heap").click()
    _chip(legend, "stack").click()
    assert session.filter == ""
    assert not session.selection


def test_that_alt_click_shows_one_alone(legend: Legend, session: Session, qtbot: QtBot) -> None:
    session.set_filter("group:heap,stack")
    qtbot.mouseClick(_chip(legend, "library"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier)
    assert session.filter == "group:library"


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_that_keys_click_too(legend: Legend, session: Session, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(_chip(legend, "heap"), key)
    assert session.filter == "group:heap"


def test_that_a_filter_from_elsewhere_shows_in_the_legend(legend: Legend, session: Session) -> None:
    session.set_filter("libc group:heap")
    assert _chip(legend, "heap").chosen
    assert _chip(legend, "stack").faded


def test_that_a_mark_puts_the_difference_beside_each_group(legend: Legend, session: Session, qtbot: QtBot) -> None:
    session.set_mark(SNAPSHOT)
    with qtbot.waitSignal(session.difference_changed):
        session.show_reading(Reading(_snapshot("20m")))
    qtbot.waitUntil(lambda: legend.entries[0].change == "+4.0 MiB")
    assert all(not entry.change for entry in legend.entries[1:])


def test_that_nothing_moves_while_the_keys_are_in_the_legend(legend: Legend, session: Session, qtbot: QtBot) -> None:
    before = [entry.name for entry in legend.entries]
    legend.activateWindow()
    legend.chips[1].setFocus()
    qtbot.waitUntil(legend.chips[1].hasFocus)
    session.show_reading(Reading(_snapshot("8k")))
    assert [entry.name for entry in legend.entries] == before


@pytest.mark.parametrize("mode", MODES[1:], ids=lambda mode: mode.name)
def test_that_other_modes_have_their_colours_with_numbers_that_sum_to_the_whole(
    legend: Legend, session: Session, mode: Mode
) -> None:
    legend.show_mode(mode)
    assert [entry.name for entry in legend.entries] == [entry.name for entry in mode.entries]
    assert all(not entry.value for entry in legend.entries)
    legend.show_terrain(make_terrain(SNAPSHOT, page_runs()))
    assert sum(entry.share for entry in legend.entries) == pytest.approx(1.0)
    for chip in [chip for chip in legend.chips if chip.entry is not None and chip.entry.filter]:
        chip.click()
        assert chip.entry is not None
        assert session.filter == chip.entry.filter
        assert chip.chosen
        chip.click()
        assert session.filter == ""


@given(st.lists(GROUP_NAMES, unique=True, max_size=4), st.sampled_from(["", "libc", '"a group:b c" >1M']), GROUP_NAMES)
def test_that_toggling_twice_gives_the_filter_back_and_all_can_be_read(groups: list[str], rest: str, name: str) -> None:
    text = filtering.with_groups(rest, tuple(groups))
    once = filtering.toggled(text, name)
    parse(once)
    assert (name in filtering.groups_in(once)) != (name in groups)
    assert set(filtering.groups_in(filtering.toggled(once, name))) == set(groups)
    assert all(word in once for word in rest.split())


@given(st.lists(GROUP_NAMES, unique=True, max_size=4), GROUP_NAMES)
def test_that_alone_leaves_one_group_or_none(groups: list[str], name: str) -> None:
    left = filtering.groups_in(filtering.alone(filtering.with_groups("libc", tuple(groups)), name))
    assert left == (() if groups == [name] else (name,))
