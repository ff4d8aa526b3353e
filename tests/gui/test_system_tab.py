"""The machine's memory and the process's part of it."""

from __future__ import annotations

import dataclasses
import itertools
import os

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from memviz.core.host import Host
from memviz.core.readings import Readings
from memviz.core.snapshot import Absence, Snapshot
from memviz.core.system import System
from memviz.errors import Unsupported
from memviz.gui.session.session import Session
from memviz.gui.system.machine import (
    Machine,
    as_text,
    closest_limits,
    headline,
    limit_words,
    parts_of,
    pressure_words,
    read_machine,
    shares_of,
    swap_words,
)
from memviz.gui.system.picture import LEAST, MemoryPicture, spread
from memviz.gui.system.trend import Trend
from memviz.gui.tabs.system import SystemTab
from memviz.gui.theme import theme
from tests.builders import snapshot
from tests.gui.fake_source import FakeSource, show

GIB, MIB = 1 << 30, 1 << 20
MEMINFO = {
    "MemTotal": 8 * GIB, "MemFree": 5 * GIB, "MemAvailable": 6 * GIB, "AnonPages": GIB, "Cached": GIB + 64 * MIB,
    "Shmem": 64 * MIB, "Buffers": 16 * MIB, "SReclaimable": 200 * MIB, "SUnreclaim": 50 * MIB, "PageTables": 20 * MIB,
    "KernelStack": 2 * MIB, "Percpu": MIB, "VmallocUsed": 10 * MIB, "VmallocChunk": 0, "Hugetlb": 0,
    "SwapTotal": 2 * GIB, "SwapFree": GIB,
}  # fmt: skip
NONE = Absence("denied", "no", "root")


def machine(seen: Snapshot | None = None, **facts: float) -> Machine:
    """A machine of 8 GiB; `waited` is how long tasks waited for memory, in percent."""
    told: dict[str, int | float | str] = {f"meminfo:{key}": value for key, value in MEMINFO.items()}
    told |= {f"meminfo:{key}": value for key, value in facts.items() if key in MEMINFO}
    if "waited" in facts:
        told |= {"pressure_memory:some.avg10": facts["waited"], "pressure_memory:full.avg10": facts.get("all", 0.0)}
    return Machine(System(10.0, "this machine", Readings(told, {}), ()), None)


def process() -> Snapshot:
    made = snapshot("10-14 r-xp /bin/program rss=16k", "20-30 rw-p rss=32k anonymous=32k")
    status = {"RssAnon": 512 * MIB, "RssFile": 100 * MIB, "VmPTE": MIB, "VmSwap": 256 * MIB}
    return dataclasses.replace(made, facts=made.facts._replace(status=status))


SEEN = process()


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> SystemTab:
    made = SystemTab(session)
    qtbot.addWidget(made)
    made.resize(1280, 260)
    return made


def test_that_the_first_sentence_tells_of_the_machine_and_the_process() -> None:
    told = headline(machine(), SEEN)
    assert told == (
        "This machine has 8.0 GiB; 6.0 GiB of it (75 %) are available to programs."
        " program has 48.0 KiB (PSS), < 0.1 % of all."
    )
    assert headline(machine(), None).endswith("programs.")


def test_that_the_parts_add_up_to_all_memory() -> None:
    assert sum(part.size or 0 for part in parts_of(machine().system)) == 8 * GIB


def test_that_every_stretch_lies_beside_the_one_before_and_can_be_seen() -> None:
    stretches = spread(parts_of(machine().system), shares_of(SEEN), 10.0, 500.0)
    assert stretches[0].left == 10.0
    for before, after in itertools.pairwise(stretches):
        assert after.left == pytest.approx(before.left + before.width)
    assert stretches[-1].left + stretches[-1].width == pytest.approx(510.0)
    assert all(stretch.width >= LEAST for stretch in stretches)


def test_that_the_part_of_the_process_is_told_where_it_lies() -> None:
    shares = shares_of(SEEN)
    assert {name: share.size for name, share in shares.items()} == {
        "anonymous": 512 * MIB, "page_cache": 100 * MIB, "page_tables": MIB,
    }  # fmt: skip
    assert shares_of(None) == {}


@pytest.mark.parametrize(
    ("waited", "all_", "expected"),
    [
        (0.0, 0.0, "No task had to wait for memory in the last 10 s."),
        (0.4, 0.0, "Hardly any waiting: in 0.4 % of the last 10 s at least one task waited for memory."),
        (5.0, 0.0, "Some waiting: in 5.0 % of the last 10 s at least one task waited for memory."),
        (32.0, 12.0, ("Memory is short: in 32.0 % of the last 10 s at least one task waited for memory,"
         " in 12.0 % all of them.")),
    ],
)  # fmt: skip
def test_that_pressure_is_told_in_words(waited: float, all_: float, expected: str) -> None:
    assert pressure_words(machine(waited=waited, all=all_).system) == expected


def test_that_a_kernel_without_pressure_numbers_is_told_apart_from_no_pressure() -> None:
    told = pressure_words(machine().system)
    assert told.startswith("How long tasks wait for memory is not known (unsupported")


def test_that_swap_is_none_used_or_unknown() -> None:
    assert swap_words(machine().system) == "1.0 GiB of 2.0 GiB in use"
    assert swap_words(machine(SwapTotal=0, SwapFree=0).system) == "none: anonymous memory cannot leave"
    empty = System(0.0, "x", Readings({}, {"meminfo": NONE}), None)
    assert swap_words(empty) == "– (denied)"
    assert headline(Machine(empty, None), None) == "How much memory this machine has is not known."


def test_that_all_of_it_can_be_told_in_words() -> None:
    text = as_text(machine(), SEEN)
    assert "Anonymous: 1.0 GiB; of this process 512 MiB" in text
    assert "Swap: 1.0 GiB of 2.0 GiB in use" in text


@pytest.mark.parametrize("size", [(1200, 240), (500, 400), (240, 150)])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_pointing_at_a_part_tells_what_it_is(qtbot: QtBot, size: tuple[int, int], name: str) -> None:
    picture = MemoryPicture(theme(name))
    qtbot.addWidget(picture)
    picture.resize(*size)
    picture.show_machine(machine(), SEEN)
    picture.grab()
    tips = {spot.tip.split(":")[0] for spot in picture._spots}
    assert {"Anonymous", "Free", "Page cache of files", "Swap"} <= tips
    first = picture._spots[0]
    told = picture.spot_at(first.box.center())
    assert "1,073,741,824 bytes" in told
    assert "program: 512 MiB, its anonymous pages in memory." in told
    assert picture.spot_at(QPointF(-5, -5)) == ""
    assert picture.accessibleDescription() == as_text(machine(), SEEN)


def test_that_a_source_without_a_machine_says_so(tab: SystemTab, session: Session, qtbot: QtBot) -> None:
    with pytest.raises(Unsupported):
        read_machine(FakeSource(), None)
    tab.show()
    qtbot.waitUntil(lambda: "processes only" in tab._headline.text())
    assert not tab._picture.isVisible()


def test_that_nothing_is_read_while_nobody_looks(tab: SystemTab, session: Session, qtbot: QtBot) -> None:
    assert not tab._timer.isActive()
    tab.show()
    assert tab._timer.isActive()
    tab.hide()
    assert not tab._timer.isActive()


def test_that_it_rests_while_the_window_is_minimised(tab: SystemTab, session: Session) -> None:
    tab.show()
    session.set_visible(False)
    assert not tab._timer.isActive()
    session.set_visible(True)
    assert tab._timer.isActive()


def test_that_an_answer_about_the_process_before_is_not_shown_for_this_one(
    tab: SystemTab, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[Snapshot | None] = []
    shown: list[Machine] = []

    def read(source: object, seen: Snapshot | None) -> Machine:
        asked.append(seen)
        return machine(seen)

    monkeypatch.setattr("memviz.gui.tabs.system.read_machine", read)
    monkeypatch.setattr(tab, "_show", shown.append)
    show(session, SEEN)
    tab.show()
    session.open(8)
    qtbot.waitUntil(lambda: bool(shown))
    assert asked[-1] is None
    assert len(shown) == 1


def test_that_the_curve_remembers_how_long_tasks_waited(qtbot: QtBot) -> None:
    trend = Trend(theme("dark"))
    qtbot.addWidget(trend)
    for time, value in ((0.0, 1.0), (60.0, 4.0), (120.0, 2.0), (120.0, 99.0)):
        trend.add(time, value)
    assert trend.words() == "Waiting for memory over 2 min: 4.0 % at most."
    trend.grab()


def test_that_another_process_does_not_inherit_what_was_told_of_one(tab: SystemTab, session: Session) -> None:
    tab.show()
    show(session, SEEN)
    tab._show(machine())
    assert "program has" in tab._headline.text()
    session.open(8, "other")
    assert "program" not in tab._headline.text().split("programs.")[1]


def test_that_the_machine_can_be_copied_as_text_and_as_a_picture(tab: SystemTab, session: Session) -> None:
    tab.show()
    show(session, SEEN)
    tab._show(machine())
    text, picture = tab.actions()
    text.trigger()
    assert QGuiApplication.clipboard().text() == as_text(machine(), SEEN)
    picture.trigger()
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.live
def test_that_this_machine_is_read_with_a_process_in_it(host: Host, session: Session, qtbot: QtBot) -> None:
    seen = host.snapshot(os.getpid())
    found = read_machine(host, seen)
    assert found.system.memory_total
    assert found.standing is not None
    assert all(limit_words(limit).startswith(limit.title) for limit in closest_limits(found))
    made = SystemTab(session)
    qtbot.addWidget(made)
    made.show()
    show(session, seen)
    made._show(found)
    assert any("PSS" in label.text() for label in made.findChildren(QLabel))
