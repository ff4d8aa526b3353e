"""Pictures of the window without a display: of living processes and of captured ones, and why there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

PATIENCE = 90
CAPTURED = ("stat", "statm", "status", "cmdline", "maps", "smaps", "smaps_rollup", "limits", "io", "oom_score")


def memviz(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "memviz", *map(str, words)], env={**clean, **environment}, capture_output=True,
        text=True, timeout=PATIENCE,
    )  # fmt: skip


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder with this very process in it."""
    root, pid = tmp_path_factory.mktemp("captured"), os.getpid()
    (root / "proc" / str(pid)).mkdir(parents=True)
    for name in CAPTURED:
        (root / "proc" / str(pid) / name).write_bytes(Path(f"/proc/{pid}/{name}").read_bytes())
    for name in ("meminfo", "stat", "vmstat", "uptime"):
        (root / "proc" / name).write_bytes(Path(f"/proc/{name}").read_bytes())
    return root, pid


@pytest.mark.live
def test_that_a_picture_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    done = memviz(os.getpid(), "--screenshot", file, "--size", "900x600", "--theme", "light")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    image = QImage(str(file))
    assert (image.width(), image.height()) == (900, 600)
    assert image.pixelColor(450, 8).lightness() > 200  # light
    assert colours(image) > 20


@pytest.mark.live
def test_that_a_scale_gives_so_many_pixels_for_each(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    assert memviz(os.getpid(), "--screenshot", file, "--size", "800x500", "--scale", "2").returncode == 0
    image = QImage(str(file))
    assert (image.width(), image.height()) == (1600, 1000)
    assert image.pixelColor(600, 16).lightness() < 100  # dark, where nothing else is asked for


def test_that_two_pictures_of_a_capture_are_the_same(captured: tuple[Path, int], tmp_path: Path) -> None:
    root, pid = captured
    for name in ("one.png", "two.png"):
        done = memviz("--proc-root", root, pid, "--screenshot", tmp_path / name)
        assert (done.returncode, done.stderr) == (0, "")
    one, two = (QImage(str(tmp_path / name)) for name in ("one.png", "two.png"))
    differing = [(x, y) for y in range(one.height()) for x in range(one.width()) if one.pixel(x, y) != two.pixel(x, y)]
    assert differing == []


@pytest.mark.live
def test_that_presenting_can_be_pictured(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    assert memviz(os.getpid(), "--present", "--screenshot", file).returncode == 0
    assert QImage(str(file)).width() == 1280


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("4194304", "--screenshot", "x.png"), 3, "does not exist"),
        (("4194304", "--screenshot", "x.png", "--size", "12"), 2, "no size"),
        (("4194304", "--screenshot", "x.png", "--scale", "9"), 2, "no scale"),
        (("open", "4194304", "--scale", "2"), 2, "for pictures"),
        (("no-such-process-at-all", "--screenshot", "x.png"), 3, "no process is called"),
    ],
)
def test_that_what_cannot_be_pictured_is_one_line(
    words: tuple[str, ...], status: int, says: str, tmp_path: Path
) -> None:
    done = memviz(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not Path("x.png").exists()


@pytest.mark.live
def test_that_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = memviz(os.getpid(), "--screenshot", tmp_path / "missing" / "x.png")
    assert done.returncode == 1
    assert "x.png: No such file or directory" in done.stderr
    assert done.stderr.count("\n") == 1


def colours(image: QImage) -> int:
    """How many different ones a coarse look finds."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 3)})
