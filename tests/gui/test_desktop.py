"""The entry in the desktop's menu: written where it belongs, and gone again."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from memviz.assets import asset
from memviz.cli.desktop import data_folder, quoted
from memviz.cli.main import main
from memviz.gui.shell.app import DESKTOP_NAME


def test_that_it_is_installed_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desktop", "install", "--prefix", str(tmp_path)]) == 0
    entry = tmp_path / "share/applications" / f"{DESKTOP_NAME}.desktop"
    icon = tmp_path / "share/icons/hicolor/scalable/apps/memviz.svg"
    assert icon.read_bytes() == asset("memviz.svg").read_bytes()
    held = configparser.ConfigParser(interpolation=None)
    held.optionxform = str  # type: ignore[assignment,method-assign]  # keys of desktop entries have capitals
    held.read(entry)
    assert held["Desktop Entry"]["Icon"] == "memviz"
    assert held["Desktop Entry"]["Exec"].endswith("memviz")
    assert str(entry) in capsys.readouterr().out
    assert main(["desktop", "remove", "--prefix", str(tmp_path)]) == 0
    assert not entry.exists()
    assert not icon.exists()
    assert main(["desktop", "remove", "--prefix", str(tmp_path)]) == 0
    assert "nothing of memviz" in capsys.readouterr().out.splitlines()[-1]


def test_that_the_users_data_folder_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / ".local" / "share"


def test_that_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "share").write_text("a file")
    assert main(["desktop", "install", "--prefix", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "written"),
    [("/usr/bin/memviz", "/usr/bin/memviz"), ("/a b/memviz", '"/a b/memviz"'), ("/100%/memviz", '"/100%%/memviz"'),
     ("/$x/memviz", '"/\\\\$x/memviz"')],
)  # fmt: skip
def test_that_the_command_is_quoted_as_desktops_want_it(word: str, written: str) -> None:
    assert quoted(word) == written


def test_that_the_icon_can_be_drawn(qapp: QApplication) -> None:
    ElementTree.parse(asset("memviz.svg"))
    icon = QIcon(str(asset("memviz.svg")))
    if icon.isNull() or icon.pixmap(64).isNull():
        pytest.skip("this Qt has no reader of SVG")
    picture = icon.pixmap(64).toImage()
    assert picture.pixelColor(32, 32).isValid()


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="no desktop-file-validate here")
def test_that_the_entry_is_valid(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "memviz", "desktop", "install", "--prefix", str(tmp_path)], check=True)
    subprocess.run(["desktop-file-validate", str(tmp_path / "share/applications/memviz.desktop")], check=True)
