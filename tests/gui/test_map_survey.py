"""The closer look at what is in sight asks only for what a process may map."""

from pytestqt.qtbot import QtBot

from memviz.errors import NotAnswering
from memviz.gui.map.frame import Window
from memviz.gui.map.survey import PAGES_JOB, Survey, _span
from memviz.gui.map.terrain import make_terrain
from memviz.gui.session.session import Session
from tests import builders
from tests.gui.fake_source import sample, show
from tests.runs import page_runs


def window(start: int, end: int) -> Window:
    return Window(start, end, 256.0, 1.0, builders.PAGE, True)


def test_that_nobody_asks_the_kernel_for_pages_beyond_the_last_region() -> None:
    lines = ("10-14 r-xp /bin/program rss=8k", "20-30 rw-p rss=16k", "ffffffffff600-ffffffffff601 --xp [vsyscall]")
    snapshot = builders.snapshot(*lines)
    terrain = make_terrain(snapshot, page_runs("10-12 f"))
    assert _span(terrain, window(0x10000, 1 << 64)) == (0x10000, 0x30000)


def test_that_nothing_is_asked_where_only_the_kernels_page_is_in_sight() -> None:
    snapshot = builders.snapshot("ffffffffff600-ffffffffff601 --xp [vsyscall]")
    assert _span(make_terrain(snapshot, page_runs()), window(0, 1 << 64)) is None


def test_that_pages_in_sight_are_not_read_while_the_window_is_minimised(session: Session, qtbot: QtBot) -> None:
    survey = Survey(session, session)
    show(session, builders.snapshot("10-14 r-xp /bin/program rss=8k"), page_runs("10-12 f"))
    qtbot.waitUntil(lambda: survey.terrain is not None)
    survey.window = window(0x10000, 0x14000)
    session.set_visible(False)
    survey._look_closer()
    assert not session.jobs.is_running(PAGES_JOB)
    session.set_visible(True)
    survey._look_closer()
    assert session.jobs.is_running(PAGES_JOB)


def test_that_pages_in_sight_are_looked_at_again_only_when_something_may_have_changed(
    session: Session, qtbot: QtBot
) -> None:
    survey = Survey(session, session)
    show(session, builders.snapshot("10-14 r-xp /bin/program rss=8k"), page_runs("10-12 f"))
    qtbot.waitUntil(lambda: survey.terrain is not None)

    def looks() -> bool:
        survey._look_closer()
        asked = session.jobs.is_running(PAGES_JOB)
        qtbot.waitUntil(lambda: not session.jobs.is_running(PAGES_JOB))
        return asked

    survey.window = window(0x10000, 0x14000)
    assert looks(), "nothing is known of its counters"
    assert looks()
    session.show_sample(sample())
    assert looks()
    assert not looks()
    session.show_sample(sample(minor_faults=1))
    assert looks(), "a page may have come"
    survey.window = window(0x10000, 0x12000)
    assert looks(), "other pages are in sight"
    assert not looks()
    session.source.runs = NotAnswering("process 7 does not answer")  # type: ignore[attr-defined]  # a fake source's
    session.show_sample(sample(minor_faults=2))
    assert looks()
    assert looks(), "the last look has seen nothing"
