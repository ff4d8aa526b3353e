"""How the application begins: by what name, on what process, and what it needs before Qt may be asked."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QtMsgType
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.cli.main import default_words, parse, with_command
from memviz.core.source import Source
from memviz.gui.feed.origin import origin_of
from memviz.gui.session.options import Options
from memviz.gui.shell import app as application
from memviz.gui.shell import needs
from memviz.gui.shell.app import Wish, make_window, show
from memviz.gui.shell.settings import Settings
from tests import builders
from tests.gui.fake_source import FakeSource, process

SMALL = builders.snapshot("10-14 r-xp /bin/program rss=8k", "20-30 rw-p [heap] rss=16k", start_brk=0x20000)
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No display of whoever runs the tests."""
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def without(*names: str) -> Callable[[str], bool]:
    return lambda name: name not in names


# -- what Qt needs ----------------------------------------------------------------------------------------------------


def test_that_without_a_display_there_is_no_window(clean: pytest.MonkeyPatch) -> None:
    assert needs.why_no_window() == needs.NO_DISPLAY
    clean.setenv("QT_QPA_PLATFORM", "offscreen")
    assert needs.why_no_window() == ""


def test_that_a_missing_library_is_told_by_its_package(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("DISPLAY", ":0")
    clean.setattr(needs, "_loads", without("libxcb-cursor.so.0"))
    assert needs.why_no_window() == "Qt needs system libraries that are missing (apt-get install libxcb-cursor0)"
    clean.setattr(needs, "_loads", without("libEGL.so.1", "libX11.so.6"))
    assert "apt-get install libegl1 libx11-6" in needs.why_no_window()
    assert "libegl1" in needs.why_no_picture()


def test_that_a_wayland_socket_must_have_somebody_behind_it(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setattr(needs, "_loads", lambda name: True)
    clean.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    clean.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert needs.why_no_window() == needs.NO_DISPLAY
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-9"))
        server.listen(1)
        assert needs.why_no_window() == ""


def test_that_pyside_may_be_missing(clean: pytest.MonkeyPatch) -> None:
    clean.setattr(needs.importlib.util, "find_spec", lambda name: None if name == "PySide6" else object())
    assert needs.why_no_picture().startswith("PySide6 is not installed")


def test_that_a_library_that_is_not_there_does_not_load() -> None:
    assert not needs._loads("libno-such-thing-at-all.so.9")
    assert needs._loads(ctypes.CDLL(None)._name or "libc.so.6")


# -- what words mean --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why", "means"),
    [
        ([], "", ["open"]),
        (["firefox"], "", ["open", "firefox"]),
        (["1234", "--present"], "", ["open", "1234", "--present"]),
        (["1234", "--json"], "", ["summary", "1234", "--json"]),
        ([], needs.NO_DISPLAY, ["summary", "--biggest"]),
        (["1234"], needs.NO_DISPLAY, ["summary", "1234"]),
        (["1234", "--screenshot=x.png"], needs.NO_DISPLAY, ["open", "1234", "--screenshot=x.png"]),
    ],
)
def test_that_words_without_a_command_mean_the_window_where_there_can_be_one(
    words: list[str], why: str, means: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needs, "why_no_window", lambda: why)
    assert default_words(words) == means
    told = capsys.readouterr().err
    assert told == ("memviz: no window: no display; here is the summary\n" if why and not words else "")


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--present"], ["open", "--present"]),
        (["--via", "ssh HOST", "--theme", "dark"], ["--via", "ssh HOST", "open", "--theme", "dark"]),
        (["--via=sudo", "--present"], ["--via=sudo", "open", "--present"]),
        (["ps", "--json"], ["ps", "--json"]),
        (["--version"], ["--version"]),
        ([], []),
    ],
)
def test_that_options_of_the_window_may_stand_alone(argv: list[str], expected: list[str]) -> None:
    assert with_command(argv) == expected


def test_that_the_globals_reach_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "why_no_window", lambda: "")
    module, arguments = parse(["--proc-root", "capture", "1234", "--size", "800x600"])
    assert module.__name__ == "memviz.cli.open"
    assert (arguments.proc_root, arguments.target, arguments.size) == ("capture", "1234", (800, 600))


def test_that_the_command_line_loads_no_qt() -> None:
    code = (
        "import atexit, sys; from memviz.cli.main import main\n"
        "atexit.register(lambda: print([name for name in ('PySide6', 'pyqtgraph') if name in sys.modules]))\n"
        "main(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.splitlines()[-1] == "[]"


# -- the application --------------------------------------------------------------------------------------------------


def test_that_wayland_knows_its_name(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from memviz.gui.shell.app import make_application; app = make_application();"
        "print(app.desktopFileName(), app.applicationName(), app.style().objectName(), app.windowIcon().isNull())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "memviz memviz fusion False\n"
    assert isinstance(QGuiApplication.instance(), QApplication)


def test_that_the_heaviest_process_is_taken_where_none_is_named(
    qapp: QApplication, qtbot: QtBot, source: FakeSource
) -> None:
    source.rows = [process(6, "light", private_swap=1 << 20), process(SMALL.pid, "heavy", private_swap=1 << 30)]
    source.snapshots[SMALL.pid] = SMALL
    window = make_window(source, Options(), Settings())
    show(window, Wish())
    qtbot.waitUntil(lambda: window.session.snapshot is not None, timeout=10_000)
    assert window.session.target is not None
    assert window.session.target.pid == SMALL.pid
    assert not window.session.target.chosen
    window.close()
    assert source.closed


def test_that_qt_speaks_through_us(capsys: pytest.CaptureFixture[str]) -> None:
    application._tell_of_qt(QtMsgType.QtWarningMsg, None, "something odd")  # type: ignore[arg-type]  # not looked at
    application._tell_of_qt(QtMsgType.QtWarningMsg, None, "This plugin does not support propagateSizeHints()")  # type: ignore[arg-type]  # as above
    assert capsys.readouterr().err == "memviz: Qt: something odd\n"


def test_that_a_mistake_of_ours_is_told_and_closes_nothing(
    qapp: QApplication, source: FakeSource, capsys: pytest.CaptureFixture[str]
) -> None:
    window = make_window(source, Options(), Settings())
    try:
        raise KeyError("missing")
    except KeyError as error:
        application._teller(window)(type(error), error, error.__traceback__)
    assert "KeyError" in capsys.readouterr().err
    assert "Something went wrong" in window.status.currentMessage()
    window.close()


@pytest.mark.parametrize(
    ("name", "here", "captured"),
    [("this machine", True, False), ("this machine, as administrator", True, False), ("captured tree", False, True),
     ("ssh host", False, False)],
)  # fmt: skip
def test_that_it_is_known_whose_process_numbers_they_are(name: str, here: bool, captured: bool) -> None:
    source: Source = FakeSource()
    source.name = name
    origin = origin_of(source)
    assert (origin.is_here, origin.is_captured) == (here, captured)
    assert ("runs as root" in origin.words) == (here and os.geteuid() == 0)
