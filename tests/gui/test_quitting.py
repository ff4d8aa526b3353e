"""Quitting takes two seconds at most, whatever the reader, the source or the target does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.demos.driver import start_demo

LONGEST = 2.0
OF_THE_PROCESS = 1.5  # seconds that an interpreter may take to hear a signal and to go, on a busy machine
PATIENCE = 40.0

HANGING = """
import os, subprocess, sys, threading
from tests.gui.fake_source import FakeSource, process
from memviz.gui.shell.app import Wish, run

class Hanging(FakeSource):
    def hang(self, *words, **more):
        os.write(1, b"hangs\\n")  # of several threads at once
        subprocess.run(["sleep", "60"])
    processes = sample = snapshot = pages = close = hang

os._exit(run(Hanging(), Wish(pid=7)))
"""


@contextmanager
def window(settings: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A window of its own process, off the screen."""
    environment = {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "MEMVIZ_CONFIG": str(settings), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it started sleeps on
            process.wait(PATIENCE)


def closed(process: subprocess.Popen[str]) -> float:
    """How long it takes to go when it is told to."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    return time.monotonic() - begun


def wait_until_it_works(process: subprocess.Popen[str]) -> None:
    """Gives the window time to be in the middle of things."""
    time.sleep(2.5)
    assert process.poll() is None, process.communicate()


def test_that_a_source_that_never_answers_does_not_keep_the_window(own_settings: Path) -> None:
    with window(own_settings, "-c", HANGING) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hangs\n"
        time.sleep(1)
        assert closed(process) < LONGEST + OF_THE_PROCESS
        assert process.returncode == 0
    assert (own_settings / "settings.json").exists()


@pytest.mark.live
def test_that_ctrl_c_closes_the_window_and_keeps_its_settings(own_settings: Path) -> None:
    with window(own_settings, "-m", "memviz", "open", str(os.getpid())) as process:
        wait_until_it_works(process)
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        assert process.returncode == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert (own_settings / "settings.json").exists()


@pytest.mark.live
def test_that_a_stopped_reader_does_not_keep_the_window(own_settings: Path) -> None:
    """The reader gets no processor: it neither answers nor ends."""
    with window(own_settings, "-m", "memviz", "open", str(os.getpid())) as process:
        wait_until_it_works(process)
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGSTOP)
        time.sleep(1.5)
        assert closed(process) < LONGEST + OF_THE_PROCESS
        assert process.returncode == 0


@pytest.mark.fault
@pytest.mark.live
def test_that_a_stuck_target_does_not_keep_the_window(own_settings: Path) -> None:
    with start_demo("stuck") as demo:
        target = int(demo.step()["target"])
        demo.step()
        assert demo.step()["stuck"] == 1
        with window(own_settings, "-m", "memviz", "open", str(target)) as process:
            wait_until_it_works(process)
            assert closed(process) < LONGEST + OF_THE_PROCESS
            assert process.returncode == 0
        demo.step()
