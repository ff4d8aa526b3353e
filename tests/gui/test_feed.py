"""The feed: what is asked for when, and what becomes of answers and refusals."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from memviz.core.snapshot import Snapshot
from memviz.errors import AccessDenied, NotAnswering, ProcessGone
from memviz.gui.feed.feed import Feed, counters, has_moved, walk_cost
from memviz.gui.feed.heaviest import Candidates, heaviest
from memviz.gui.session.selection import select_region
from memviz.gui.session.session import ProcessList, Session
from memviz.gui.session.state import DENIED, GONE, NOT_ANSWERING, READY
from tests import builders
from tests.gui.fake_source import FakeSource, page_runs, process, sample

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
REFUSED = builders.snapshot(errno=13)


@pytest.fixture
def feed(session: Session) -> Iterator[Feed]:
    made = Feed(session)
    yield made
    made.stop()


def until(qtbot: QtBot, feed: Feed, holds: Callable[[], bool]) -> None:
    """Beats until something holds."""

    def beat() -> bool:
        feed.tick()
        return holds()

    qtbot.waitUntil(beat)


def test_that_a_process_that_is_opened_comes_with_its_pages(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7], source.runs = SMALL, page_runs("10-12 f", "20-24 a")
    session.open(7)
    until(qtbot, feed, lambda: session.pages is not None)
    assert session.snapshot is SMALL
    assert session.state.kind == READY


def test_that_without_permission_for_pages_the_reason_is_kept(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7], source.runs = SMALL, AccessDenied("pagemap may not be read")
    session.open(7)
    until(qtbot, feed, lambda: session.reading is not None and session.reading.pages_absent is not None)
    assert session.reading is not None
    assert str(session.reading.pages_absent) == "denied: pagemap may not be read"


def test_that_a_process_that_ends_leaves_its_last_picture(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    until(qtbot, feed, lambda: session.state.kind == READY)
    source.snapshots[7] = ProcessGone("process 7 has ended")
    until(qtbot, feed, lambda: session.state.kind == GONE)
    assert session.snapshot is SMALL
    assert session.state.sentence == "Process 7 has ended."


def test_that_a_process_that_does_not_answer_is_told_of_and_comes_back(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    until(qtbot, feed, lambda: session.state.kind == READY)
    source.snapshots[7] = NotAnswering("process 7 does not answer")
    until(qtbot, feed, lambda: session.state.kind == NOT_ANSWERING)
    source.snapshots[7] = SMALL
    until(qtbot, feed, lambda: session.state.kind == READY)


def test_that_a_process_whose_map_is_stuck_is_called_so_though_its_counters_can_be_read(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memviz.gui.feed.feed.RETRY", 0.05)
    feed = Feed(session)
    source.snapshots[7] = NotAnswering("process 7 does not answer")
    source.sample = lambda pid: sample(pid)  # type: ignore[method-assign]  # stat and statm take no lock
    session.open(7)
    until(qtbot, feed, lambda: session.state.kind == NOT_ANSWERING and session.sample is not None)
    kinds: list[str] = []
    session.state_changed.connect(lambda state: kinds.append(state.kind))
    for _ in range(3):
        feed.tick()
        qtbot.wait(20)
    assert kinds == []
    source.snapshots[7] = SMALL
    until(qtbot, feed, lambda: session.state.kind == READY)


def test_that_another_process_of_the_same_number_is_not_taken_for_it(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed, other: Snapshot
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    until(qtbot, feed, lambda: session.state.kind == READY)
    session.select(select_region(SMALL, 0))
    source.snapshots[7] = other
    feed.measure_now()
    qtbot.waitUntil(lambda: session.state.kind == GONE)
    assert session.snapshot is SMALL
    assert "another process has its number" in session.state.sentence


@pytest.fixture
def other() -> Snapshot:
    import dataclasses

    identity = SMALL.identity._replace(start_ticks=999)
    return dataclasses.replace(SMALL, facts=SMALL.facts._replace(identity=identity))


def test_that_the_heaviest_process_that_may_be_read_is_shown_first(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.rows = [process(6, private_swap=50 << 20), process(7, private_swap=9 << 20), process(8, private_swap=1)]
    source.snapshots = {6: AccessDenied("no"), 7: SMALL, 8: SMALL}
    feed.takes_heaviest = True
    until(qtbot, feed, lambda: session.snapshot is not None)
    assert session.target is not None
    assert (session.target.pid, session.target.chosen) == (7, False)


def test_that_a_refusal_of_what_the_user_chose_is_shown(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = REFUSED
    session.open(7)
    until(qtbot, feed, lambda: session.state.kind == DENIED)
    assert session.state.remedy


def test_that_memviz_kernel_threads_and_the_dead_are_not_the_heaviest() -> None:
    rows = [
        process(1, private_swap=90), process(2, private_swap=80, is_kernel_thread=True),
        process(3, private_swap=70, state="Z"), process(4, private_swap=None, rss=60), process(5, private_swap=50),
    ]  # fmt: skip
    assert [row.pid for row in heaviest(rows, {1})] == [4, 5]


def test_that_what_nobody_chose_and_is_dear_is_not_walked_unasked(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    giant = process(7, rss=200 << 30, private_swap=200 << 30)
    assert walk_cost(giant) > 1
    source.rows, source.runs = [giant], page_runs("10-12 f", "20-24 a")
    asked: list[bool] = []

    def snapshot(pid: int, *, measured: bool = True) -> Snapshot:
        asked.append(measured)
        return SMALL if measured else builders.snapshot("10-14 r-xp /bin/program", measured=False)

    source.snapshot = snapshot  # type: ignore[method-assign]  # it keeps count
    feed.takes_heaviest = True
    until(qtbot, feed, lambda: session.snapshot is not None)
    for _ in range(3):
        feed.tick()
    assert asked == [False]
    feed.measure_now()
    qtbot.waitUntil(lambda: asked == [False, True])


def test_that_a_hidden_window_asks_for_no_process(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    until(qtbot, feed, lambda: session.sample is not None)
    qtbot.waitUntil(lambda: not session.jobs.is_running("sample") and not session.jobs.is_running("snapshot"))
    session.set_visible(False)
    feed.tick()
    assert not session.jobs.is_running("sample")
    assert not session.jobs.is_running("snapshot")


def test_that_a_target_dear_to_measure_tells_what_changed_meanwhile(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    grown = builders.snapshot("10-14 r-xp /bin/program", "20-30 rw-p [heap]", "40-50 rw-p", measured=False)
    source.snapshot = lambda pid, *, measured=True: SMALL if measured else grown  # type: ignore[method-assign,assignment]  # a slow one
    source.sample = lambda pid: sample(pid, vms=99 << 20)  # type: ignore[method-assign]  # its size has changed
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is SMALL and not session.jobs.is_running("snapshot"))
    feed._measure.cost = 60.0
    until(qtbot, feed, lambda: session.outline is not None)
    assert session.outline is not None
    assert session.outline.new.tolist() == [[0x40000, 0x50000]]
    assert not len(session.outline.gone)


@pytest.mark.parametrize("field", ["rss", "vms", "swap", "minor_faults", "major_faults"])
def test_that_a_target_rests_only_while_none_of_its_counters_moves(field: str) -> None:
    before, later = sample(time=1.0), sample(time=2.0, cpu_seconds=9.0)
    assert counters(before) == counters(later)
    assert counters(later._replace(**{field: 12345})) != counters(before)


def test_that_much_more_or_less_in_memory_is_a_reason_to_measure_sooner() -> None:
    known = sample(rss=100 << 20)
    assert not has_moved(known, known)
    assert not has_moved(sample(rss=100 << 20 | 4096), known)
    assert has_moved(sample(rss=102 << 20), known)
    assert has_moved(sample(rss=98 << 20), known)
    assert has_moved(sample(rss=4096), sample(rss=0))


def test_that_nothing_starts_a_feed_that_was_stopped(session: Session, feed: Feed) -> None:
    feed.start()
    feed.stop()
    session.set_visible(False)
    session.set_options(rate=5)
    session.set_visible(True)
    assert not feed._timer.isActive()


def test_that_a_picture_that_is_held_takes_up_no_change(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is SMALL and not session.jobs.is_running("snapshot"))
    session.show_sample(sample(vms=99 << 20))
    feed._measure.cost = 60.0
    session.set_paused(True)
    feed.tick()
    assert not session.jobs.is_running("outline")
    session.set_paused(False)
    feed.tick()
    assert session.jobs.is_running("outline")


def test_that_a_target_whose_counters_come_again_is_not_called_silent_until_it_is_measured(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is SMALL and not session.jobs.is_running("snapshot"))
    feed._measure.cost = feed._outline.cost = 60.0
    feed._outline.begin(time.monotonic())
    source.snapshots[7] = NotAnswering("the reader does not answer")
    until(qtbot, feed, lambda: session.state.kind == NOT_ANSWERING)
    source.snapshots[7] = SMALL
    until(qtbot, feed, lambda: session.state.kind == READY)
    assert not session.jobs.is_running("snapshot")


def test_that_measuring_can_be_asked_for_while_the_regions_are_still_read(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    plain = builders.snapshot("10-14 r-xp /bin/program", measured=False)
    source.snapshot = lambda pid, *, measured=True: SMALL if measured else plain  # type: ignore[method-assign]  # a slow one
    session.show_processes(ProcessList((process(7, rss=200 << 30),), 1.0))
    session.open(7, chosen=False)
    assert session.jobs.is_running("snapshot")
    feed.measure_now()
    qtbot.waitUntil(lambda: session.snapshot is SMALL)


def test_that_what_changes_while_it_is_measured_is_seen_afterwards(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = SMALL
    session.open(7)
    session.show_sample(sample(vms=10 << 20))
    qtbot.waitUntil(lambda: session.snapshot is not None and not session.jobs.is_running("snapshot"))
    feed.measure_now()
    session.show_sample(sample(vms=99 << 20))
    qtbot.waitUntil(lambda: not session.jobs.is_running("snapshot"))
    feed._measure.cost = 60.0
    feed.tick()
    assert session.jobs.is_running("outline")


def test_that_memviz_itself_is_not_the_heaviest_and_numbers_of_another_host_are_not_memvizs(
    session: Session, source: FakeSource
) -> None:
    rows = [process(os.getpid(), private_swap=90), process(7, private_swap=80)]
    candidates = Candidates(session)
    for name, pid in (("this machine", 7), ("ssh example", os.getpid())):
        source.name = name
        candidates.begin(rows)
        candidates.open_next()
        assert session.target is not None
        assert session.target.pid == pid
