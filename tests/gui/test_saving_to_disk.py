"""What the window and `memviz map -o` save, on disks that end at any byte: all of it, or the old file and a word."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.columns import REGION_COLUMNS
from memviz.files import write_file
from memviz.gui.live.copying import as_csv
from memviz.gui.map.pane import MapPane
from memviz.gui.parts.taking import save_made
from memviz.gui.session.jobs import Jobs
from memviz.gui.session.session import Session
from memviz.gui.session.task_queue import TaskQueue
from memviz.gui.tables.written import FORMS, Rows
from tests import builders
from tests.quota import largest_file

OLD = b"the old contents\n"
SNAPSHOT = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-60 rw-p [heap] rss=100k", "7f00-7f80 rw-p rss=12k")


def sizes(length: int) -> list[int]:
    """Limits in bytes from none to more than a file needs."""
    return sorted({*range(0, length, max(length // 200, 1)), length - 1, length, length + 1})


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_that_a_picture_is_whole_or_the_old_one_stays(
    ending: str, exists: bool, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = MapPane(session)
    qtbot.addWidget(pane)
    file = tmp_path / f"pane.{ending}"
    pane.save_picture(file, (320, 200))
    length, failures = len(file.read_bytes()), 0
    for size in sizes(length)[:: 1 if ending == "svg" else 2]:
        file.write_bytes(OLD)
        if not exists:
            file.unlink()
        with largest_file(size):
            try:
                pane.save_picture(file, (320, 200))
            except OSError:
                failures += 1
                left = {OLD} if exists else set()
                assert {each.read_bytes() for each in tmp_path.iterdir()} == left
                assert size <= length + 2000  # a picture of another moment differs by some bytes
            else:
                (only,) = tmp_path.iterdir()
                assert len(only.read_bytes()) > length - 2000
    assert failures >= 90


TEXTS: dict[str, Callable[[], str]] = {
    form.name: lambda form=form: form.write(Rows(REGION_COLUMNS[:2], [[*range(400)], [*range(400)]])) for form in FORMS
} | {"live csv": lambda: as_csv([]) * 30}


@pytest.mark.parametrize("name", TEXTS)
def test_that_a_table_is_whole_or_the_old_one_stays(name: str, session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    session.said.connect(said.append)
    file, text = tmp_path / "table", TEXTS[name]().encode()
    for size in sizes(len(text)):
        file.write_bytes(OLD)
        with largest_file(size):
            save_made(session, file, TEXTS[name])
            qtbot.waitUntil(lambda: bool(said), timeout=60_000)
        fits = size >= len(text)
        assert said == [f"Saved {file}" if fits else f"Not saved: {file}: File too large"]
        assert file.read_bytes() == (text if fits else OLD)
        assert list(tmp_path.iterdir()) == [file]
        said.clear()


def test_that_all_files_that_are_saved_at_once_are_written(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    session.said.connect(said.append)
    for number in range(20):
        save_made(session, tmp_path / f"{number % 7}", partial(str, number))
    session.jobs.cancel_all()  # as when another source is opened
    qtbot.waitUntil(lambda: len(said) == 20, timeout=60_000)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        str(number % 7): str(number) for number in range(13, 20)
    }


def test_that_closing_waits_for_files_and_tells_what_was_not_saved(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = Jobs(TaskQueue(qapp), qapp)
    answered: list[object] = []

    def fail() -> None:
        while not jobs._closed:
            time.sleep(0.01)
        raise OSError("no room")

    jobs.save(fail, answered.append, answered.append)
    for number in range(5):
        jobs.save(partial(write_file, tmp_path / f"{number}", "x"), answered.append, answered.append)
    jobs.close()
    qapp.processEvents()
    assert len(list(tmp_path.iterdir())) == 5
    assert answered == []
    assert capsys.readouterr().err == "memviz: not saved: no room\n"


@pytest.mark.live
@pytest.mark.parametrize("size", [4096])
@pytest.mark.parametrize(
    "words", [["map", "-o", "x.png"], ["map", "-o", "x.svg"], ["open", "--screenshot", "x.png"]], ids=" ".join
)
def test_that_a_picture_of_the_command_line_is_whole_or_an_error(words: list[str], size: int, tmp_path: Path) -> None:
    file = tmp_path / words[-1]
    file.write_bytes(OLD)
    done = subprocess.run(
        [sys.executable, "-m", "memviz", words[0], str(os.getpid()), *words[1:-1], str(file)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"memviz: {file}: File too large\n")
    assert file.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [file]
