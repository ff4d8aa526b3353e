"""The pane: its parts follow the session and each other, nothing is cut at any size, and it is kept as a picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from memviz.errors import ProcessGone
from memviz.gui.map.chip import Chip
from memviz.gui.map.crumbs import Crumbs
from memviz.gui.map.frame import Window
from memviz.gui.map.header import Header
from memviz.gui.map.legend import Legend
from memviz.gui.map.minimap import Minimap
from memviz.gui.map.pane import MapPane
from memviz.gui.map.ribbon import Ribbon
from memviz.gui.map.search import Search
from memviz.gui.map.spot import Spot
from memviz.gui.map.status import StatusPage
from memviz.gui.session.selection import select_block, select_page, select_region
from memviz.gui.session.session import Reading, Session
from memviz.gui.session.state import EMPTY, state_of_error
from tests import builders
from tests.gui.fake_source import page_runs, sample, show

SNAPSHOT = builders.snapshot(
    "10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k", "20-3000 rw-p [heap] rss=16m",
    "7f00-7f40 r-xp /usr/lib/libc.so.6 rss=100k", "7f40-7f50 rw-p /usr/lib/libc.so.6 rss=20k",
    "8000-8100 rw-p rss=900k", "9000-9001 ---p", "a000-a100 rw-p [stack] rss=12k", "b000-b010 r--s /srv/data rss=40k",
    start_code=0x10000, start_brk=0x20000, start_stack=0xA0F0000,
)  # fmt: skip
RUNS = page_runs("10-12 f", "14-15 a", "20-1020 a", "7f00-7f19 f", "7f40-7f45 a", "8000-80e1 a")
DENIED = builders.snapshot(errno=13)
SIZES = [(700, 400), (1256, 560), (2536, 1300)]


@pytest.fixture
def pane(qtbot: QtBot, session: Session) -> MapPane:
    made = MapPane(session)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


def _settle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(session.jobs.is_idle)


def _is_on_map(pane: MapPane) -> bool:
    return pane.view.isVisible() and not pane.page.isVisible()


def test_that_without_a_process_one_sentence_says_what_to_do(pane: MapPane) -> None:
    assert pane.page.isVisible()
    assert pane.page.state.kind == EMPTY
    assert not pane.header.isVisible()


def test_that_reading_shows_itself_only_after_a_while_and_can_be_cancelled(
    pane: MapPane, session: Session, qtbot: QtBot
) -> None:
    show(session, SNAPSHOT, RUNS)
    session.open(8, "other")
    assert _is_on_map(pane)
    qtbot.waitUntil(pane.page.progress.isVisible)
    pane.page.button.click()
    assert session.target is None
    assert pane.page.state.kind == EMPTY


def test_that_a_snapshot_brings_everything(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT, RUNS)
    _settle(qtbot, session)
    assert _is_on_map(pane)
    for part in (pane.header, pane.legend, pane.minimap, pane.search, pane.crumbs):
        assert part.isVisible()
    assert len(pane.legend.chips) == len(SNAPSHOT.groups)


def test_that_what_may_not_be_read_is_a_lock_with_the_numbers_that_are_known(pane: MapPane, session: Session) -> None:
    show(session, DENIED)
    assert pane.page.lock.isVisible()
    assert pane.page.remedy.text()
    assert pane.header.isVisible()
    assert not pane.legend.isVisible()


def test_that_a_process_that_ends_leaves_its_map_with_a_ribbon(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT, RUNS)
    session.set_state(state_of_error(ProcessGone("it has ended")))
    assert _is_on_map(pane)
    qtbot.waitUntil(pane.ribbon.isVisible)
    session.open(8)
    qtbot.waitUntil(lambda: not pane.ribbon.isVisible())


def test_that_measuring_is_handed_on(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    show(session, builders.snapshot("10-14 r-xp /bin/program", measured=False))
    qtbot.waitUntil(pane.ribbon.isVisible)
    with qtbot.waitSignal(pane.measure_wanted):
        pane.ribbon.button.click()


def test_that_the_map_tells_scale_and_range_to_header_and_minimap(pane: MapPane, session: Session) -> None:
    show(session, SNAPSHOT, RUNS)
    pane.view.view_changed.emit(Window(0x20000, 0x3000000, 65536.0, 0.5, 4096, False))
    assert "1 px = 64 KiB" in pane.header.counts.text_in_full


def test_that_a_crumb_takes_the_map_there(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT, RUNS)
    _settle(qtbot, session)
    session.select(select_page(SNAPSHOT, 0x21000))
    with qtbot.waitSignal(pane.view.view_changed):
        pane.crumbs.wanted.emit(select_block(SNAPSHOT, 1))


def test_that_enter_in_the_search_box_selects_the_next_hit(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    show(session, SNAPSHOT, RUNS)
    _settle(qtbot, session)
    pane.search.edit.setText("libc")
    pane.search.edit.stepped.emit(1)
    assert session.selection == select_region(SNAPSHOT, 3)
    pane.search.edit.stepped.emit(1)
    assert session.selection == select_region(SNAPSHOT, 4)


def test_that_the_card_comes_and_goes_with_the_pointer(pane: MapPane, session: Session) -> None:
    show(session, SNAPSHOT, RUNS)
    pane.view.hovered.emit(Spot(SNAPSHOT, 0x21000, 2, 1, "heap", None, None, False, 1.0))
    assert pane.card.isVisible()
    assert pane.rect().contains(pane.card.geometry())
    pane.view.hovered.emit(None)
    assert not pane.card.isVisible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_that_nothing_is_cut_or_lies_on_another_part(
    pane: MapPane, session: Session, qtbot: QtBot, size: tuple[int, int], scale: float
) -> None:
    session.set_options(text_scale=scale)
    show(session, SNAPSHOT, RUNS)
    session.set_filter("libc")
    session.set_paused(True)
    pane.resize(*size)
    _settle(qtbot, session)
    qtbot.wait(20)
    parts: list[QWidget] = [
        pane.header, pane.ribbon, pane.legend, pane.minimap, pane.search, pane.view, pane.crumbs,
    ]  # fmt: skip
    rects = [part.rect().translated(part.mapTo(pane, part.rect().topLeft())) for part in parts]
    assert all(pane.rect().contains(rect) for rect in rects)
    assert not any(a.intersects(b) for at, a in enumerate(rects) for b in rects[at + 1 :])
    for chip in pane.findChildren(Chip):
        assert chip.isHidden() or chip.width() >= chip.sizeHint().width()


def test_that_presenting_leaves_the_map_and_its_words(pane: MapPane, session: Session) -> None:
    show(session, SNAPSHOT, RUNS)
    pane.set_present(True)
    assert not pane.crumbs.isVisible()
    assert not pane.search.isVisible()
    assert pane.header.isVisible()
    session.show_reading(Reading(SNAPSHOT, RUNS))
    assert not pane.search.isVisible()
    pane.set_present(False)
    assert pane.crumbs.isVisible()


@pytest.mark.parametrize("size", [None, (900, 500)])
def test_that_the_pane_is_kept_as_a_picture(
    pane: MapPane, session: Session, qtbot: QtBot, tmp_path: Path, size: tuple[int, int] | None
) -> None:
    show(session, SNAPSHOT, RUNS)
    _settle(qtbot, session)
    pane.view.hovered.emit(Spot(SNAPSHOT, 0x21000, 2, 1, "heap", None, None, False, 1.0))
    pane.save_picture(tmp_path / "pane.png", size, 2.0)
    assert not pane.card.isVisible()
    image = QImage(str(tmp_path / "pane.png"))
    assert image.size() == (QSize(*size) if size else pane.size()) * 2
    heap = session.theme.group("heap").rgb()
    colours = {
        image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(image.height() // 2, image.height(), 7)
    }
    assert heap in colours


def test_that_an_svg_has_its_words_as_words(pane: MapPane, session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    show(session, SNAPSHOT, RUNS)
    _settle(qtbot, session)
    pane.save_picture(tmp_path / "pane.svg")
    text = (tmp_path / "pane.svg").read_text()
    assert "in memory" in text
    assert "<image" in text


def test_that_a_file_that_cannot_be_written_is_an_error(pane: MapPane, session: Session, tmp_path: Path) -> None:
    show(session, SNAPSHOT, RUNS)
    for name in ("nowhere/pane.png", "nowhere/pane.svg", "pane.nothing"):
        with pytest.raises((OSError, ValueError)):
            pane.save_picture(tmp_path / name)


def test_that_theme_and_colours_change_without_a_process_and_with_one(pane: MapPane, session: Session) -> None:
    for shown in (None, SNAPSHOT):
        if shown is not None:
            show(session, shown, RUNS)
        for name in ("light", "dark"):
            session.set_options(theme=name)
            for mode in ("permission", "sharing", "change", "group"):
                session.set_options(colour_by=mode)
                assert not pane.grab().isNull()


def test_that_no_ribbon_flashes_up_while_measuring_has_begun(pane: MapPane, session: Session, qtbot: QtBot) -> None:
    gate = threading.Event()
    unmeasured = builders.snapshot("10-14 r-xp /bin/program", measured=False)
    session.snapshot_changed.connect(
        lambda _: session.jobs.run("snapshot", gate.wait, lambda _: None, lambda _: None, waits=True)
    )
    show(session, unmeasured)
    qtbot.wait(20)
    assert not pane.ribbon.isVisible()
    qtbot.waitUntil(lambda: pane.ribbon.isVisible() and "Measuring" in pane.ribbon.word.text)
    gate.set()


@pytest.mark.parametrize("part", [Header, Legend, Minimap, Search, Crumbs, Ribbon, StatusPage])
def test_that_a_part_that_is_gone_hears_nothing_more(
    part: Callable[[Session], QWidget], session: Session, qtbot: QtBot
) -> None:
    made = part(session)
    made.show()
    show(session, SNAPSHOT, RUNS)
    session.set_filter("libc")
    _settle(qtbot, session)
    shiboken6.delete(made)
    session.open(8)
    show(session, SNAPSHOT, RUNS)
    session.set_filter("group:heap")
    session.set_options(theme="light", text_scale=1.2, colour_by="sharing", metric="pss")
    session.set_mark(SNAPSHOT)
    session.select(select_region(SNAPSHOT, 0))
    session.set_paused(True)
    _settle(qtbot, session)
    session.leave()
    assert not shiboken6.isValid(made)


def test_that_a_pane_that_is_gone_leaves_its_session_living(session: Session, qtbot: QtBot) -> None:
    """Lambdas that listened to the session would outlive their widgets, thirty times over."""
    show(session, SNAPSHOT, RUNS)
    for number in range(30):
        made = MapPane(session)
        made.resize(600 + number, 400)
        made.show()
        if number % 3:
            _settle(qtbot, session)  # every third one goes while its map is still being made
        shiboken6.delete(made)
    _settle(qtbot, session)
    emit_everything(session)
    _settle(qtbot, session)
    assert not shiboken6.isValid(made)


def emit_everything(session: Session) -> None:
    """Every signal of the session, each with what it usually carries."""
    for signal, value in (
        (session.source_changed, session.source), (session.processes_changed, session.processes),
        (session.target_changed, session.target), (session.snapshot_changed, SNAPSHOT),
        (session.outline_changed, None), (session.sampled, sample()), (session.taken, SNAPSHOT),
        (session.state_changed, session.state), (session.selection_changed, select_region(SNAPSHOT, 0)),
        (session.mark_changed, SNAPSHOT), (session.difference_changed, None), (session.filter_changed, "libc"),
        (session.paused_changed, True), (session.visible_changed, False), (session.options_changed, session.options),
        (session.theme_changed, session.theme), (session.said, "a word"), (session.jobs.busy_changed, ()),
    ):  # fmt: skip
        signal.emit(value)
