"""The window's process opens nothing under /proc or /sys: that is the reader's, which can be left behind when the
kernel keeps it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 60

# Opens, samples, filters, selects, is looked at in a picture, and quits: everything a user does. The module that the
# interpreter runs first is ours, so that no import escapes.
PROGRAM = """
import json, os, sys
opened = []
PLACES = ("open", "os.listdir", "os.scandir", "os.readlink")
def look(event, arguments):
    if event in PLACES and arguments and isinstance(arguments[0], (str, bytes)):
        opened.append(os.fsdecode(arguments[0]))
sys.addaudithook(look)
from PySide6.QtCore import QTimer
from memviz.core.connect import open_source
from memviz.gui.shell.app import Wish, make_application, make_window, show
from memviz.gui.session.options import Options
from memviz.gui.session.selection import select_region
from memviz.gui.shell.settings import Settings

app = make_application()
window = make_window(open_source(), Options(), Settings(), ended=app.quit)
show(window, Wish(int(sys.argv[1])))
session = window.session
steps = [
    lambda: session.set_filter("perm:rw"), lambda: session.select(select_region(session.snapshot, 0)),
    lambda: session.set_mark(session.snapshot), lambda: session.set_options(theme="light", metric="pss"),
    *[lambda place=place: window.panels.widgets["tabs"].setCurrentIndex(place) for place in range(5)],
    lambda: window.feed.measure_now(), lambda: window.status._own._look(), lambda: window.grab().save(sys.argv[2]),
    window.close,
]
timer = QTimer(interval=250)
def step():
    if session.snapshot is not None and session.snapshot.regions.measured:
        steps.pop(0)()
        if not steps:
            timer.stop()
timer.timeout.connect(step)
timer.start()
app.exec()
measured, rows = session.snapshot.regions.measured, len(session.processes.rows)
print(json.dumps({"measured": measured, "rows": rows, "opened": opened}))
print(os.getpid(), file=sys.stderr)
sys.stdout.flush()
os._exit(0)
"""
OPENED = re.compile(r'open(?:at2?)?\((?:[^,"]*, )?"([^"]*)"')
KERNEL = re.compile(r"^/(proc|sys)(/|$)")


def environment(settings: Path) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MEMVIZ_CONFIG": str(settings)}


@pytest.mark.live
def test_that_the_window_opens_nothing_of_the_kernels(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(os.getpid()), str(picture)], env=environment(tmp_path),
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["measured"]
    assert told["rows"] > 1
    assert picture.stat().st_size > 10_000
    assert str(picture) not in told["opened"]  # written by Qt: what it opens, the next test sees
    assert (tmp_path / "settings.json").exists()
    assert any("settings" in name for name in told["opened"])
    assert [name for name in told["opened"] if KERNEL.match(name)] == []


# What Qt and the C library open by themselves, none of it about a process that is looked at. malloc asks for
# overcommit_memory before it gives memory of a thread's arena back.
NOT_OURS = re.compile(
    r"^/proc/(self/(maps|auxv|exe|task/\d+/comm)|cpuinfo|meminfo|filesystems|sys/vm/overcommit_memory)$"
    r"|^/sys/devices/system/cpu/"
)


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_that_not_even_qt_looks_at_a_process(tmp_path: Path, tell) -> None:  # noqa: ANN001  # a fixture
    """Audit hooks see what Python opens; strace sees everything, thread by thread, and not the reader."""
    log = tmp_path / "strace"
    done = subprocess.run(
        ["strace", "-ff", "-e", "trace=open,openat,openat2,clone,clone3", "-o", str(log),
         sys.executable, "-c", PROGRAM, str(os.getpid()), str(tmp_path / "window.png")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=3 * PATIENCE,
    )  # fmt: skip
    if "Operation not permitted" in done.stderr:
        pytest.skip("strace may not look here")
    assert done.returncode == 0, done.stderr
    opened: set[str] = set()
    for file in threads_of(int(done.stderr.split()[-1]), tmp_path):
        opened |= {name for name in OPENED.findall(file.read_text(errors="replace")) if KERNEL.match(name)}
    tell(f"under /proc and /sys the window's libraries open: {', '.join(sorted(opened)) or 'nothing'}")
    assert sorted(name for name in opened if not NOT_OURS.match(name)) == []


def threads_of(pid: int, folder: Path) -> Iterator[Path]:
    """What strace wrote of a process, a file a thread; what it forked is somebody else."""
    waiting = [pid]
    while waiting:
        file = folder / f"strace.{waiting.pop()}"
        yield file
        waiting += map(int, re.findall(r"clone3?\(.*CLONE_THREAD.* = (\d+)$", file.read_text(errors="replace"), re.M))
