"""What is printed, whatever the stream can take: JSON, CSV, columns, and tables as wide as the terminal."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.cli.main import COMMANDS
from memviz.cli.output import json_pieces, print_csv
from memviz.cli.table import GAP, Cells, fitting, fold_longest
from memviz.cli.terminal import LEAST, folded, width_of
from memviz.core.columns import REGION_COLUMNS, Column, column_of

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ABOUT_A_PROCESS = ("summary", "regions", "layout", "cpu")

# -- JSON and CSV -----------------------------------------------------------------------------------------------------

PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@given(PLAIN)
def test_that_json_means_what_it_was_made_of_and_is_ascii(value: Any) -> None:
    text = "".join(json_pieces(value))
    assert json.loads(text) == value
    assert text.isascii()
    assert all(char.isprintable() or char == "\n" for char in text)


def test_that_json_has_a_line_for_each_key_and_each_region() -> None:
    regions = [{"start": "0x1", "flags": ["rd", "mr"], "inner": {"a": 1}}, {"start": "0x2", "flags": None}]
    text = "".join(json_pieces({"pid": 7, "totals": {"rss": 1}, "regions": regions, "absent": {}, "none": []}))
    assert text.splitlines() == [
        "{",
        '  "pid": 7,',
        '  "totals": {',
        '    "rss": 1',
        "  },",
        '  "regions": [',
        '    {"start": "0x1", "flags": ["rd", "mr"], "inner": {"a": 1}},',
        '    {"start": "0x2", "flags": null}',
        "  ],",
        '  "absent": {},',
        '  "none": []',
        "}",
    ]


def test_that_csv_leaves_the_unknown_empty_and_quotes_what_must_be(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [column_of("start"), column_of("rss"), column_of("path")]
    print_csv(columns, [[1, 2], [None, 0], ['a "b", c', ""]])
    text = capsys.readouterr().out
    assert text == 'start,rss,path\n1,,"a ""b"", c"\n2,0,\n'
    assert list(csv.reader(io.StringIO(text)))[1] == ["1", "", 'a "b", c']


# -- streams that cannot take everything ------------------------------------------------------------------------------


def memviz(*words: object, encoding: str = "utf-8", **streams: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "memviz", *map(str, words)], cwd=REPOSITORY, check=False, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding}, **({"capture_output": True} | streams),
    )  # fmt: skip


@pytest.mark.live
@pytest.mark.parametrize("name", [*ABOUT_A_PROCESS, "system", "doctor", "ps"])
def test_that_a_stream_of_ascii_takes_everything_and_columns_stay_columns(name: str, sleeper: int) -> None:
    words = (name, sleeper) if name in ABOUT_A_PROCESS else (name,)
    done = memviz(*words, encoding="ascii")
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    text = done.stdout.decode("ascii")
    assert not re.search(r"\\u(2013|00b7|258|2713|2717|2192)", text)
    if name == "summary":
        assert "########" in text


@pytest.mark.live
def test_that_what_has_no_plain_sign_is_an_escape(tmp_path: Path) -> None:
    program = tmp_path / "größe-文"
    shutil.copy(shutil.which("sleep") or pytest.skip("no sleep here"), program)
    with subprocess.Popen([program, "60"]) as process:
        try:
            done = memviz("regions", process.pid, "--path", "größe", encoding="ascii")
        finally:
            process.kill()
    assert b"gr\\xf6\\xdfe-\\u6587" in done.stdout


def test_that_a_mistake_with_strange_letters_is_one_line_in_ascii() -> None:
    done = memviz("ps", "--sort", "größe", encoding="ascii")
    assert done.returncode == 2
    assert b"'gr\\xf6\\xdfe'" in done.stderr


PRINTING: tuple[str, ...] = (
    "--help", "--version", "help", *(f"{name} --help" for name in COMMANDS), "ps", "ps --json", "ps --csv", "ps --tree",
    "summary PID", "summary PID --json", "summary PID --report", "summary PID --tree", "summary PID --tree --json",
    "regions PID", "regions PID --json", "regions PID --csv", "regions PID --report", "regions PID --blocks",
    "regions PID --blocks --json", "regions PID --blocks --csv", "explain PID 400000", "explain PID 400000 --json",
    "layout PID", "layout PID --json", "layout PID --csv", "map PID", "map PID --json", "cpu PID --interval 0.01",
    "cpu PID --interval 0.01 --json", "cpu PID --interval 0.01 --csv", "system", "system --json", "demo", "doctor",
    "doctor --json", "desktop install --prefix DIR", "desktop remove --prefix DIR", "map PID -o -",
)  # fmt: skip


def unbuffered(env: dict[str, str], yes: bool) -> dict[str, str]:
    """With what is printed written at once, or by the block as usual."""
    rest = {key: value for key, value in env.items() if key != "PYTHONUNBUFFERED"}
    return {**rest, "PYTHONUNBUFFERED": "1"} if yes else rest


@pytest.mark.live
@pytest.mark.parametrize("line", PRINTING)
def test_that_a_full_disk_is_one_line(line: str, sleeper: int, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    words = [{"PID": str(sleeper), "DIR": str(tmp_path)}.get(word, word) for word in line.split()]
    at_once = len(line) % 2 == 0  # each is one of both kinds: twice as many would take twice as long
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "memviz", *words], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False,
            cwd=REPOSITORY, env=unbuffered(dict(os.environ), at_once),
        )  # fmt: skip
    assert done.returncode == 1
    assert [line for line in done.stderr.decode().splitlines() if "No space left on device" in line]
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.live
def test_that_a_closed_output_is_nowhere() -> None:
    line = f"{sys.executable} -m memviz ps >&-; echo $? >&2"
    done = subprocess.run(["sh", "-c", line], cwd=REPOSITORY, capture_output=True, check=False, timeout=60)
    assert done.stderr == b"0\n"


# -- tables -----------------------------------------------------------------------------------------------------------

NAME, RSS, KIND, PATH = (column_of(name) for name in ("start", "rss", "category", "path"))


@given(st.text(alphabet="ab/ 文é", max_size=40), st.integers(2, 12))
def test_that_folding_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = folded(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line) <= width for line in lines)
    assert len(lines) == 1 or all(lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("/usr/lib/locale/C.utf8/LC_CTYPE", ["/usr/lib/locale/", "C.utf8/LC_CTYPE"]),
        ("Resident pages of files", ["Resident pages of", "files"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqr", "stuvwxyz"]),
    ],
)
def test_that_a_text_isfold_longest_behind_blanks_and_slashes(text: str, lines: list[str]) -> None:
    assert folded(text, 18) == lines


def cells(column: Column, *texts: str) -> Cells:
    return Cells(column, [column.title, *texts])


def test_that_columns_are_left_out_in_order_until_the_rest_fits() -> None:
    table = [cells(NAME, "x" * 16), cells(RSS, "1.0 MiB"), cells(KIND, "program data"), cells(PATH, "/" + "y" * 99)]
    everything = 16 + 7 + 12 + LEAST + 3 * len(GAP)
    spare = {"rss": "", "category": ""}

    def names(room: int) -> list[str]:
        return [one.column.name for one in fitting(table, room, spare)]

    assert names(everything) == ["start", "rss", "category", "path"]
    assert names(everything - 1) == ["start", "category", "path"]
    assert names(40) == names(1) == ["start", "path"]
    assert [one.column.name for one in fitting(table, 1, {})] == ["start", "rss", "category", "path"]


def test_that_a_column_that_is_left_out_may_fill_the_empty_places_of_another() -> None:
    table = [cells(KIND, "program data", "malloc arena"), cells(PATH, "/bin/sleep", "")]
    (path,) = fitting(table, 5, {"category": "path"})
    assert path.texts == ["Path", "/bin/sleep", "[malloc arena]"]


def test_that_nothing_isfold_longest_where_lines_stay_too_long_all_the_same() -> None:
    table = [cells(NAME, "x" * 70), cells(PATH, "/usr/lib/locale")]
    assert fold_longest(table, 80) is table
    assert [one.texts[1:] for one in fold_longest(table, 84)] == [["x" * 70, ""], ["/usr/lib/", "locale"]]


def on_a_terminal(columns: int, *words: object) -> list[str]:
    """The lines that a person sees, without escapes."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "memviz", *map(str, words)]
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=REPOSITORY,
        env={**environment, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"},
    ) as process:  # fmt: skip
        os.close(theirs)
        written = b""
        try:
            while more := os.read(own, 1 << 16):
                written += more
        except OSError:  # how a terminal tells its end
            pass
        finally:
            os.close(own)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).replace("\r", "").splitlines()


WORDS: tuple[Sequence[str], ...] = (
    ["regions", "PID"], ["regions", "PID", "--fast"], ["regions", "PID", "--blocks"], ["layout", "PID"], ["cpu", "PID"],
    ["summary", "PID"], ["summary", "PID", "--all"], ["summary", "PID", "--tree"], ["explain", "PID", "400000"],
    ["ps"], ["ps", "--tree"], ["system"], ["system", "--all"], ["doctor"], ["demo"],
)  # fmt: skip


@pytest.mark.live
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_that_no_line_is_longer_than_the_terminal(sleeper: int, words: Sequence[str], columns: int) -> None:
    lines = on_a_terminal(columns, *(str(sleeper) if word == "PID" else word for word in words))
    assert lines
    assert [line for line in lines if width_of(line) > columns] == []


@pytest.mark.live
def test_that_a_narrow_terminal_says_what_it_leaves_out_and_names_what_has_no_path(sleeper: int) -> None:
    narrow, wide = on_a_terminal(80, "regions", sleeper), on_a_terminal(200, "regions", sleeper)
    assert "no room here for: " in narrow[-1]
    assert "Category" in narrow[-1]
    assert any(line.endswith("]") and "[heap]" not in line for line in narrow)
    assert "no room" not in wide[-1]
    assert all(column.title in wide[0] for column in REGION_COLUMNS if column.name in ("swap", "uss", "category"))


@pytest.mark.live
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_that_help_fits_a_terminal_of_80_columns(name: str) -> None:
    lines = on_a_terminal(80, *filter(None, [name, "--help"]))
    assert [line for line in lines if len(line) > 80] == []


def test_that_equal_values_are_written_once() -> None:
    from memviz.cli.table import texts_of

    written: list[object] = []
    column = Column("x", "X", "", lambda value: written.append(value) or str(value))  # type: ignore[func-returns-value]  # counts
    assert texts_of(column, [1, None, 1, 2, 1]) == ["1", "–", "1", "2", "1"]
    assert sorted(map(str, written)) == ["1", "2"]
