"""The minimap: the whole space at true scale; what is dragged or clicked is where the map goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from memviz.core.categories import GROUPS
from memviz.gui.map.minimap import Minimap
from memviz.gui.map.space import bits_of, has_far_page, ticks, words_at
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import show

HIGH = "7ffff0000-7ffff0100"  # pages: just below 47 bits
SNAPSHOT = builders.snapshot("20-3000 rw-p [heap] rss=16m", f"{HIGH} rw-p rss=8k", start_brk=0x20000)
FAR = builders.snapshot("20-30 rw-p [heap]", "ffffffffff600-ffffffffff601 --xp [vsyscall]", start_brk=0x20000)


@pytest.fixture
def minimap(qtbot: QtBot, session: Session) -> Minimap:
    made = Minimap(session)
    qtbot.addWidget(made)
    made.resize(1000, 30)
    return made


@pytest.mark.parametrize(("end", "bits"), [("fffff", 32), ("100001", 39), ("7ffffffff", 47), ("900000000", 48)])
def test_that_the_space_is_the_smallest_that_holds_the_process(end: str, bits: int) -> None:
    assert bits_of(builders.snapshot(f"10-{end} rw-p")) == bits


def test_that_the_kernels_page_is_no_part_of_the_line() -> None:
    assert has_far_page(FAR)
    assert bits_of(FAR) == 32
    assert not has_far_page(SNAPSHOT)


def test_that_ticks_lie_where_addresses_do() -> None:
    found = ticks(SNAPSHOT, 1000, 47)
    names = {int(at): GROUPS[int(found.group[at])].name for at in np.flatnonzero(found.group >= 0)}
    assert names == {0: "heap", 999: "anonymous"}
    assert found.filled[[0, 999]].all()


def test_that_a_region_of_many_pixels_fills_all_of_them() -> None:
    found = ticks(builders.snapshot("40000-c0000 ---p"), 100, 32)
    assert np.flatnonzero(found.group >= 0).tolist() == list(range(25, 75))
    assert not found.filled.any()


@given(st.integers(1, 3000), st.integers(0, (1 << 47) - 1))
def test_that_pixel_and_address_agree(width: int, address: int) -> None:
    pixel = address * width >> 47
    start = (0x20 << 12) if address < 1 << 20 else address // 4096 * 4096
    snapshot = builders.snapshot(f"{start >> 12:x}-{(start >> 12) + 1:x} rw-p rss=4k")
    found = ticks(snapshot, width, 47)
    taken = np.flatnonzero(found.group >= 0).tolist()
    assert taken == [min(start * width >> 47, width - 1)]
    assert abs(taken[0] - pixel) <= 1


def test_that_a_click_tells_the_address_below_it(minimap: Minimap, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT)
    with qtbot.waitSignal(minimap.wanted) as told:
        qtbot.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=QPoint(500, 8))
    assert told.args == [1 << 46]
    assert minimap.scale.x(told.args[0]) == pytest.approx(500)


def test_that_dragging_goes_on_telling_and_releasing_ends_it(minimap: Minimap, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT)
    told: list[object] = []
    minimap.wanted.connect(told.append)
    qtbot.mousePress(minimap, Qt.MouseButton.LeftButton, pos=QPoint(100, 8))
    qtbot.mouseMove(minimap, QPoint(200, 8))
    qtbot.mouseMove(minimap, QPoint(2000, 8))
    qtbot.mouseRelease(minimap, Qt.MouseButton.LeftButton, pos=QPoint(2000, 8))
    qtbot.mouseMove(minimap, QPoint(300, 8))
    assert len(told) == 3
    assert told[-1] == (1 << 47) - 1


def test_that_words_under_the_pointer_tell_address_and_what_is_there(minimap: Minimap, session: Session) -> None:
    show(session, SNAPSHOT)
    assert "1 region begins here" in words_at(SNAPSHOT, minimap.scale, 0)
    assert "nothing is mapped here" in words_at(SNAPSHOT, minimap.scale, 500)
    assert "0x4000_0000_0000" in words_at(SNAPSHOT, minimap.scale, 500)


def test_that_it_draws_with_and_without_a_process(minimap: Minimap, session: Session) -> None:
    minimap.show()
    assert not minimap.grab().isNull()
    show(session, FAR)
    minimap.show_range(0, 1 << 20)
    assert not minimap.grab().isNull()
