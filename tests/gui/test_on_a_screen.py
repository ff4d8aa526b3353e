"""The real window on a real screen, which nobody sees: Xvfb, with Qt's platform for X."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import memviz

PATIENCE = 90
AS_NOBODY = ("setpriv", "--reuid=65534", "--clear-groups")
PYTHONS = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")  # ours may stand in root's own folder
pytestmark = [
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb here"),
]

# Opens on a process, types a filter where keys go, clicks into the map, goes back; tells what it saw.
PROGRAM = """
import json, os, sys
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from memviz.core.connect import open_source
from memviz.gui.shell.app import Wish, make_application, make_window, show
from memviz.gui.session.options import Options
from memviz.gui.shell.settings import Settings

app = make_application()
window = make_window(open_source(), Options(theme="dark"), Settings(), ended=app.quit)
window.remembers = False
show(window, Wish(int(sys.argv[1]), size=(1280, 720)))
session, told = window.session, {"platform": QGuiApplication.platformName()}

def wait(done, seconds=20.0):
    for _ in range(int(seconds * 50)):
        if done():
            return True
        QTest.qWait(20)
    return False

def begin():
    window.activateWindow()
    def is_read():
        return session.snapshot is not None and session.snapshot.regions.measured
    wait(lambda: is_read() or session.state.kind == "denied")
    told["read"], told["state"], told["remedy"] = is_read(), session.state.kind, session.state.remedy
    told["active"] = wait(lambda: QGuiApplication.focusWindow() is not None, 3)
    QTest.qWait(500)
    window.search()
    field = app.focusWidget()
    QTest.keyClicks(field, "group:heap")
    told["filter"] = wait(lambda: session.filter == "group:heap", 3)
    field.clear()
    told["unfiltered"] = wait(lambda: session.filter == "", 3)
    view = window.centre.view
    target = view.viewport() if hasattr(view, "viewport") else view
    for place in ((0.5, 0.3), (0.4, 0.5), (0.6, 0.6), (0.3, 0.2), (0.5, 0.1)):
        spot = QPoint(int(target.width() * place[0]), int(target.height() * place[1]))
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        if wait(lambda: bool(session.selection), 1):
            break
    told["selected"] = session.selection.kind
    QTest.keyClick(target, Qt.Key.Key_P)
    told["paused"] = session.paused
    told["saved"] = window.grab().save(sys.argv[2])
    print(json.dumps(told), flush=True)
    window.close()

QTimer.singleShot(0, begin)
app.exec()
os._exit(0)
"""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of our own."""
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"], pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        os.close(write)
        with os.fdopen(read) as stream:
            number = stream.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        yield f":{number}"
        server.terminate()


def environment(display: str, settings: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
    return {**clean, "DISPLAY": display, "MEMVIZ_CONFIG": str(settings)}


def test_that_it_opens_is_filtered_and_clicked(display: str, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(os.getpid()), str(picture)], env=environment(display, tmp_path),
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["platform"] == "xcb"
    assert told["read"]
    assert told["filter"]
    assert told["unfiltered"]
    assert told["selected"] in ("block", "region", "page")
    assert told["paused"]
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1280, 720)


def test_that_a_name_alone_opens_the_window_and_a_signal_closes_it(display: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "memviz", str(os.getpid())], env=environment(display, tmp_path),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, "", "")


def test_that_a_screen_that_lets_nobody_in_leads_to_the_summary(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memviz", str(os.getpid())], env=environment(":4242", tmp_path), capture_output=True,
        text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0
    assert f"pid {os.getpid()}" in done.stdout
    assert done.stderr == "memviz: no window: the display :4242 does not let us in; here is the summary\n"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for everybody: nobody else gets into `tmp_path`."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_that_somebody_without_rights_has_a_window_too(display: str, open_folder: Path) -> None:
    """Their own processes only; everything else says what would help."""
    theirs = {
        **environment(display, open_folder), "HOME": str(open_folder),
        "PYTHONPATH": os.pathsep.join([str(Path(memviz.__file__).parents[1]), *site.getsitepackages()]),
    }  # fmt: skip
    python = next(filter(partial(_can_be_run, theirs, open_folder), PYTHONS), "")
    if not python:
        pytest.skip("others can run no Python of this version, or not write into a folder of their own")
    done = subprocess.run(
        [*AS_NOBODY, python, "-c", PROGRAM, str(os.getpid()), str(open_folder / "x.png")], env=theirs,
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["read"], told["state"]) == (False, "denied")
    assert told["remedy"]
    assert told["saved"]


def _can_be_run(theirs: dict[str, str], folder: Path, python: str) -> bool:
    """By somebody without rights: it, what it finds (that a memviz which is broken fails is not asked here), and it
    once more as the reader."""
    probe = (
        "import subprocess, sys; from importlib.util import find_spec; import PySide6.QtWidgets, pyqtgraph;"
        f"assert find_spec('memviz'); open({str(folder / 'probe')!r}, 'w').close();"
        "subprocess.run([sys.executable, '-I', '-S', '-c', ''], check=True)"
    )
    words = [*AS_NOBODY, python, "-c", probe]
    return subprocess.run(words, env=theirs, capture_output=True, timeout=PATIENCE, check=False).returncode == 0
