"""The map in the terminal: every line as wide as it may be, colours for who has them, letters for who has not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.cli.map import LETTERS, _level, as_letters
from memviz.core.categories import GROUPS
from memviz.gui.map.cells import FOLD, NOTHING, make_cells
from memviz.gui.map.inks import Inks
from tests import builders
from tests.cli.conftest import Run, answer

SMALL = builders.snapshot(
    "400-410 r-xp /bin/program rss=64k",
    "500-600 rw-p [heap] rss=1024k",
    "7f0000-7f0010 rw-p rss=0k",
    start_brk=0x500000,
)  # fmt: skip


def test_that_every_group_has_a_letter_of_its_own() -> None:
    assert set(LETTERS) == {group.name for group in GROUPS}
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_that_a_cell_tells_group_and_fill() -> None:
    cells = make_cells(SMALL, None, 40, 6)
    text = "".join(as_letters(cells))
    assert "T" in text
    assert "H" in text
    assert "┊" in text
    assert text.count("H") > 5 * text.count("T")
    assert cells.start[0] == 0x400000


@given(width=st.integers(1, 90), lines=st.integers(1, 40))
def test_that_the_picture_keeps_to_its_room(width: int, lines: int) -> None:
    cells = make_cells(SMALL, None, width, lines)
    assert cells.group.shape == cells.fill.shape == cells.own.shape == (len(cells.start), width)
    assert len(cells.start) <= lines
    assert [len(row) for row in cells.letters] == [width] * len(cells.start)
    assert list(cells.start) == sorted(cells.start)
    assert ((cells.fill >= 0) & (cells.fill <= 1) & (cells.own >= 0) & (cells.own <= 1)).all()
    assert (cells.fill[(cells.group == FOLD) | (cells.group == NOTHING)] == 0).all()
    assert set(np.unique(cells.group)) <= {FOLD, NOTHING, *range(len(GROUPS))}


def test_that_a_little_in_memory_shows() -> None:
    assert _level(0.0) == 0
    assert _level(1e-9) == 1
    assert _level(1.0) == 8


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_every_cell_has_ink_that_differs_from_its_ground(theme: str) -> None:
    inks = Inks.of(theme)
    for group in range(len(GROUPS)):
        for own in (0.0, 1.0):
            ink, ground = inks.cell(group, own)
            assert re.fullmatch(r"#[0-9a-f]{6}", ink)
            assert ink != ground


@pytest.mark.live
def test_that_it_is_printed_as_letters_into_a_pipe(run: Run, sleeper: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    status, out, err = run("map", sleeper)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines()[3:-3])) <= 100
    assert "A cell is " in out


@pytest.mark.live
def test_that_json_has_rows_and_their_meaning(run: Run, sleeper: int) -> None:
    told = answer(run, "map", sleeper, "--json", "--lines", "5")
    assert len(told["rows"]) <= 5
    assert told["letters"]["heap"] == "h"
    assert told["bytes_per_cell"] > 0
    assert told["pid"] == sleeper


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--size", "100x100"), 2, "-o FILE"), (("-o", "x.png", "--plain"), 2, "for the terminal"),
        (("--lines", "0"), 2, "no number of lines"), (("--theme", "pink"), 2, "invalid choice"),
    ],
)  # fmt: skip
def test_that_what_makes_no_sense_is_told(run: Run, words: tuple[str, ...], status: int, says: str) -> None:
    found, out, err = run("map", "1", *words)
    assert (found, out) == (status, "")
    assert says in err


def at_a_terminal(*words: object, **environment: str) -> str:
    """What a terminal gets."""
    ours, theirs = os.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLORTERM")}
    process = subprocess.Popen(
        [sys.executable, "-m", "memviz", *map(str, words)], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL,
        env={**clean, "TERM": "xterm-256color", "COLUMNS": "90", "LINES": "30", **environment},
    )  # fmt: skip
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 1 << 16):
            text += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0, text
    return text.decode()


@pytest.mark.live
@pytest.mark.parametrize(
    ("environment", "sign"),
    [({"COLORTERM": "truecolor"}, "[38;2;"), ({}, "[38;5;"), ({"NO_COLOR": "1"}, ""), ({"TERM": "dumb"}, "")],
)  # fmt: skip
def test_that_a_terminal_gets_the_colours_it_has(sleeper: int, environment: dict[str, str], sign: str) -> None:
    text = at_a_terminal("map", sleeper, **environment)
    if sign:
        assert f"\x1b{sign}" in text
        assert "█" in text
    else:
        assert "\x1b" not in text
        assert " · " in text


@pytest.mark.live
def test_that_plain_is_plain_on_a_terminal(sleeper: int) -> None:
    assert "\x1b" not in at_a_terminal("map", sleeper, "--plain", COLORTERM="truecolor")


@pytest.mark.live
def test_that_no_line_is_wider_than_the_terminal(sleeper: int) -> None:
    text = at_a_terminal("map", sleeper, COLORTERM="truecolor")
    for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines():
        assert len(line.rstrip()) <= 90, line


@pytest.mark.live
def test_that_nothing_of_qt_is_loaded_for_it(sleeper: int) -> None:
    code = (
        "import sys; from memviz.cli.main import main; main(['map', sys.argv[1]]);"
        "print([name for name in sys.modules if name.startswith(('PySide6', 'pyqtgraph'))], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(sleeper)], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.live
def test_that_a_file_gets_a_picture(sleeper: int, tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    done = subprocess.run(
        [sys.executable, "-m", "memviz", "map", str(sleeper), "-o", str(file), "--size", "800x500"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_bytes().startswith(b"\x89PNG")
