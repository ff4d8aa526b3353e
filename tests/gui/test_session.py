"""The session: one target, one selection, one mark, and what a pause holds back."""

import dataclasses

from memviz.core.snapshot import Absence
from memviz.gui.session.selection import Selection, select_region
from memviz.gui.session.session import Reading, Session
from memviz.gui.session.state import GONE
from tests import builders
from tests.gui.fake_source import show

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
ZOMBIE = dataclasses.replace(builders.snapshot(), absent={"regions": Absence("gone", "it has ended")})
GROWN = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=32k", start_brk=0x20000)


def test_that_going_back_and_forward_walks_through_what_was_selected(session: Session) -> None:
    show(session, SMALL)
    first, second = select_region(SMALL, 0), select_region(SMALL, 1)
    session.select(first)
    session.select(second)
    session.walk()
    assert session.selection == first
    session.walk(forward=True)
    assert session.selection == second
    session.walk(forward=True)
    assert session.selection == second


def test_that_a_pause_holds_the_picture_and_resuming_shows_the_newest(session: Session) -> None:
    show(session, SMALL)
    session.set_paused(True)
    session.show_reading(Reading(GROWN))
    assert session.snapshot is SMALL
    session.set_paused(False)
    assert session.snapshot is GROWN


def test_that_the_last_picture_of_a_process_stays_when_only_its_zombie_is_left(session: Session) -> None:
    show(session, SMALL)
    session.set_paused(True)
    session.show_reading(Reading(GROWN))
    session.show_reading(Reading(ZOMBIE))
    assert session.state.kind == GONE
    assert session.snapshot is SMALL
    session.set_paused(False)
    assert session.snapshot is GROWN
    session.show_reading(Reading(ZOMBIE))
    assert session.snapshot is GROWN


def test_that_of_a_process_that_was_a_zombie_from_the_start_what_is_known_is_shown(session: Session) -> None:
    show(session, ZOMBIE)
    assert session.snapshot is ZOMBIE
    assert session.state.kind == GONE


def test_that_after_a_mark_the_difference_is_worked_out(session: Session, qtbot) -> None:  # noqa: ANN001  # pytest-qt's fixture
    show(session, SMALL)
    session.set_mark(SMALL)
    with qtbot.waitSignal(session.difference_changed):
        session.show_reading(Reading(GROWN))
    assert session.difference is not None
    assert session.difference.totals.rss == 16 << 10


def test_that_another_target_forgets_mark_and_selection(session: Session) -> None:
    show(session, SMALL)
    session.set_mark(SMALL)
    session.select(select_region(SMALL, 0))
    session.open(8)
    assert session.mark is None
    assert session.selection == Selection()
    assert session.snapshot is None


def test_that_leaving_forgets_where_the_user_was_and_holds_nothing(session: Session) -> None:
    show(session, SMALL)
    session.select(select_region(SMALL, 0))
    session.set_paused(True)
    session.leave()
    assert not session.paused
    session.walk()
    assert session.selection == Selection()


def test_that_another_process_is_not_seen_through_the_filter_of_the_last(session: Session) -> None:
    session.set_filter("size:>10M")  # as it comes from the settings
    show(session, SMALL)
    assert session.filter == "size:>10M"
    session.open(SMALL.pid)
    assert session.filter == "size:>10M"
    session.open(8)
    assert session.filter == ""
