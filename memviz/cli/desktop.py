"""`memviz desktop`: an entry in the desktop's menu, with an icon; and away with it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

HELP = "put memviz into the desktop's menu, or take it out again"
EXAMPLE = "memviz desktop install"
ENTRY, ICON = "applications/memviz.desktop", "icons/hicolor/scalable/apps/memviz.svg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("install", "remove"), help="put it there, or take it away")
    parser.add_argument(
        "--prefix", type=Path, metavar="DIR", help="below DIR/share instead of the user's own data folder"
    )


def run(arguments: argparse.Namespace) -> int:
    from memviz.errors import MemvizError
    from memviz.text import shown

    folder = arguments.prefix / "share" if arguments.prefix else data_folder()
    try:
        places = install(folder) if arguments.what == "install" else remove(folder)
    except OSError as error:
        raise MemvizError(f"{shown(str(error.filename or folder))}: {error.strerror}") from None
    for place in places:
        print(f"{'wrote' if arguments.what == 'install' else 'removed'} {shown(str(place))}")
    if not places:
        print(f"there is nothing of memviz in {shown(str(folder))}")
    return 0


def data_folder() -> Path:
    """XDG_DATA_HOME; a relative one is to be ignored, says its specification."""
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if os.path.isabs(given) else Path.home() / ".local" / "share"


def install(folder: Path) -> list[Path]:
    """The files that were written."""
    from memviz.assets import asset, asset_text
    from memviz.files import write_file

    entry = asset_text("memviz.desktop").replace("Exec=memviz", f"Exec={quoted(command())}")
    for name, text in ((ENTRY, entry), (ICON, asset("memviz.svg").read_text(encoding="utf-8"))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / name, text)
    return [folder / ENTRY, folder / ICON]


def remove(folder: Path) -> list[Path]:
    """The files that were there."""
    there = [folder / name for name in (ENTRY, ICON) if (folder / name).exists()]
    for file in there:
        file.unlink()
    return there


def command() -> str:
    """What starts this memviz: a desktop knows nothing of the PATH of a shell."""
    beside = Path(sys.executable).with_name("memviz")
    return str(beside) if beside.exists() else shutil.which("memviz") or "memviz"


def quoted(word: str) -> str:
    """As the desktop entry specification wants an argument: quoted where it has a reserved character. The file's own
    escapes come on top."""
    if not any(letter in word for letter in " \t\n\"'\\><~|&;$*?#()`%"):
        return word
    inner = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word.replace("%", "%%"))
    return f'"{inner}"'.replace("\\", "\\\\")
