"""Captures that lack a file, or were put together from several processes: the window says so, and calls none ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.connect import open_source
from memviz.errors import Unsupported
from memviz.gui.feed.feed import Feed, read_target
from memviz.gui.session.session import Session
from memviz.gui.session.state import FAILED
from tests import builders

STAT = builders.STAT % (0, 0, 0)
LINES = ("10-20 rw-p rss=8k", "30-40 r--p")


def capture(folder: Path, pid: int, **files: bytes) -> Path:
    home = folder / "proc" / str(pid)
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_bytes(text)
    return folder


def test_that_without_statm_nothing_is_said_to_have_ended(tmp_path: Path) -> None:
    source = open_source(proc_root=str(capture(tmp_path, 7, stat=STAT, maps=builders.maps_text(*LINES))))
    with pytest.raises(Unsupported, match="statm is not in the captured tree"):
        source.sample(7)
    source.close()


def test_that_smaps_does_for_maps(tmp_path: Path) -> None:
    source = open_source(proc_root=str(capture(tmp_path, 7, stat=STAT, smaps=builders.smaps_text(*LINES))))
    reading = read_target(source, 7, measured=False)
    assert len(reading.snapshot.regions) == 2
    source.close()


def test_that_files_of_another_process_are_told(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    root = capture(tmp_path, 8, stat=STAT, statm=b"1000 100 50 10 0 200 0\n", maps=builders.maps_text(*LINES))
    session = Session(open_source(proc_root=str(root)))
    feed = Feed(session)
    session.open(8)
    feed.start()
    qtbot.waitUntil(lambda: session.state.kind == FAILED, timeout=10_000)
    assert "process 7" in session.state.sentence
    feed.stop()
    session.close()


def test_that_what_will_never_be_measured_is_not_asked_for_at_once_again(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    root = capture(tmp_path, 7, stat=STAT, maps=builders.maps_text(*LINES))
    session = Session(open_source(proc_root=str(root)))
    feed = Feed(session)
    shown: list[object] = []
    session.snapshot_changed.connect(shown.append)
    session.open(7)
    feed.start()
    qtbot.waitUntil(lambda: len(shown) == 2, timeout=10_000)  # regions; and that nothing more is to be had
    qtbot.waitUntil(session.jobs.is_idle, timeout=10_000)
    assert not session.jobs.is_running("snapshot")
    feed.stop()
    session.close()
