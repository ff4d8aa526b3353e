"""A process number that is used again while its process is open: what was read of the old one stays, and nothing of the
new one gets among it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.connect import open_host, open_source
from memviz.core.facts import Identity
from memviz.core.snapshot import Snapshot
from memviz.core.standing import Distance
from memviz.gui.feed.feed import Feed
from memviz.gui.live.tracks import Tracks
from memviz.gui.session.session import Session
from memviz.gui.session.state import GONE, READY, State
from memviz.gui.shell.toolbar import ProcessField
from memviz.gui.system.machine import Machine, read_machine
from tests import builders
from tests.gui.fake_source import FakeSource, sample, show

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")
PATIENCE = 15_000
OLD = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
OTHER = Identity("b", 99, 7, 501)


def another(snapshot: Snapshot) -> Snapshot:
    """The same map, of somebody else who has the number now."""
    facts = snapshot.facts._replace(identity=OTHER)
    return Snapshot(snapshot.time, facts, snapshot.regions, snapshot.categories, snapshot.absent)


# -- who is who -------------------------------------------------------------------------------------------------------


def test_that_an_inode_that_one_reader_could_not_tell_decides_nothing() -> None:
    known, unknown = Identity("b", 5, 7, 500), Identity("b", 0, 7, 500)
    assert known.may_be(unknown)
    assert unknown.may_be(known)
    assert known.may_be(known)
    for other in (known._replace(inode=6), known._replace(start_ticks=501), known._replace(boot_id="c")):
        assert not known.may_be(other)
    assert not unknown.may_be(unknown._replace(pid=8))


# -- the session and its feed -----------------------------------------------------------------------------------------


@pytest.fixture
def feed(session: Session) -> Iterator[Feed]:
    made = Feed(session)
    yield made
    made.stop()


def test_that_who_is_chosen_is_not_who_has_the_number_by_now(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = another(OLD)
    session.open(7, "program", identity=OLD.identity)
    qtbot.waitUntil(lambda: session.state.kind == GONE)
    assert session.state.sentence == "program (7) has ended; another process has its number."
    assert session.snapshot is None


def test_that_whose_sample_came_first_is_whose_regions_are_shown(session: Session, feed: Feed) -> None:
    session.open(7, "program")
    session.show_sample(sample())
    assert session.target is not None
    assert session.target.identity == sample().identity
    assert feed._is_another(OTHER)
    assert session.state.kind == GONE


def test_that_a_change_of_the_map_is_not_that_of_another(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = OLD
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is not None and session.jobs.is_idle())
    source.snapshots[7] = another(builders.snapshot("50-60 rw-p"))
    assert session.target is not None
    feed._read_outline(session.target, OLD)
    qtbot.waitUntil(session.jobs.is_idle)
    assert session.outline is None
    assert session.state.kind == GONE


def test_that_another_source_of_the_same_host_still_means_the_same_process(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = OLD
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is not None and session.jobs.is_idle())
    later = FakeSource()
    later.snapshots[7] = another(OLD)
    session.replace_source(later)
    qtbot.waitUntil(lambda: session.state.kind == GONE)
    assert "another process has its number" in session.state.sentence


def test_that_a_reader_that_tells_an_inode_goes_on_where_one_did_not(
    qtbot: QtBot, session: Session, source: FakeSource, feed: Feed
) -> None:
    source.snapshots[7] = OLD
    session.open(7)
    qtbot.waitUntil(lambda: session.snapshot is not None and session.jobs.is_idle())
    told = OLD.identity._replace(inode=1234)
    later = FakeSource()
    later.snapshots[7] = Snapshot(
        OLD.time, OLD.facts._replace(identity=told), OLD.regions, OLD.categories, OLD.absent
    )  # fmt: skip
    session.replace_source(later)
    qtbot.waitUntil(lambda: session.snapshot is not None and session.state.kind == READY)
    assert session.target is not None
    assert session.target.identity == told, "whoever looks for it in a list of that reader must find it"


# -- the views --------------------------------------------------------------------------------------------------------


def test_that_the_plots_begin_anew_with_the_first_snapshot_of_another(qtbot: QtBot, session: Session) -> None:
    tracks = Tracks(session)
    show(session, OLD)
    session.show_sample(sample())
    qtbot.waitUntil(session.jobs.is_idle)
    before = tracks.current
    assert before is not None
    assert len(before.snapshots) == 1
    session.open(7)
    show(session, another(OLD))
    qtbot.waitUntil(session.jobs.is_idle)
    assert len(before.snapshots) == 1
    assert tracks.current is not before


def test_that_the_number_typed_again_opens_who_has_it_now(qtbot: QtBot, session: Session) -> None:
    field = ProcessField(session)
    qtbot.addWidget(field)
    show(session, OLD)
    opened: list[object] = []
    session.target_changed.connect(opened.append)
    field._take("7")
    assert not opened, "it is open"
    session.set_state(State(GONE, "It has ended."))
    field._take("7")
    assert len(opened) == 1


def of_group(machine: Machine) -> list[Distance]:
    assert machine.standing is not None
    return [limit for limit in machine.standing.limits if limit.section == "group"]


@pytest.mark.live
def test_that_no_limits_of_another_are_told() -> None:
    host = open_host()
    snapshot = host.snapshot(os.getpid())
    before = snapshot.identity._replace(start_ticks=1)
    gone = Snapshot(
        snapshot.time, snapshot.facts._replace(identity=before), snapshot.regions, snapshot.categories, snapshot.absent
    )
    now, found = read_machine(host, snapshot), read_machine(host, gone)
    host.close()
    if not of_group(now):
        pytest.skip("no limits of a control group here")
    assert not of_group(found)


# -- the real kernel --------------------------------------------------------------------------------------------------


def start_as(pid: int, command: list[str]) -> subprocess.Popen[bytes]:
    LAST_PID.write_text(str(pid - 1))
    return subprocess.Popen(command)


def replaced(old: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Ends a process and starts another one, a heavy one, under its number."""
    command = [sys.executable, "-c", "x = bytearray(30 << 20)\nimport time; time.sleep(60)"]
    old.kill()
    old.wait()
    for _ in range(40):
        new = start_as(old.pid, command)
        if new.pid == old.pid:
            return new
        new.kill()
        new.wait()
    pytest.skip("the kernel gave no pid twice")


@pytest.mark.live
@pytest.mark.skipif(os.geteuid() != 0 or not os.access(LAST_PID, os.W_OK), reason="only root may choose the next pid")
def test_that_the_last_picture_stays_whoever_has_the_number(qtbot: QtBot, qapp: QApplication) -> None:
    process_ = subprocess.Popen(["sleep", "60"])
    session = Session(open_source())
    feed, tracks = Feed(session), Tracks(session)
    session.open(process_.pid)
    feed.start()
    qtbot.waitUntil(lambda: session.snapshot is not None and session.snapshot.regions.measured, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.sample is not None, timeout=PATIENCE)
    last = session.snapshot
    assert last is not None
    process_ = replaced(process_)
    try:
        qtbot.waitUntil(lambda: session.state.kind == GONE, timeout=PATIENCE)
        listed = {row.identity: row for row in session.source.processes() if row.pid == process_.pid}
        for _ in range(3):
            feed.measure_now()
            feed.tick()
            qtbot.waitUntil(lambda: not session.jobs.is_running("snapshot"), timeout=PATIENCE)
        assert session.state.sentence == f"sleep ({process_.pid}) has ended; another process has its number."
        assert session.snapshot is not None
        assert session.snapshot.identity == last.identity
        assert np.array_equal(session.snapshot.regions["start"], last.regions["start"])
        assert session.sample is not None
        assert session.sample.identity == last.identity
        assert tracks.current is not None
        assert tracks.current.has_ended
        assert max(tracks.current.samples.column("rss", 0, len(tracks.current.samples))) < 10 << 20
        assert last.identity not in listed
    finally:
        process_.kill()
        process_.wait()
        feed.stop()
        session.close()
