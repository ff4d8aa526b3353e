"""CSV: no text in it is computed by a spreadsheet, every text can be had back, and numbers stay numbers."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memviz.cli.output import print_csv
from memviz.core.columns import (
    BLOCK_COLUMNS,
    LAYOUT_COLUMNS,
    PROCESS_COLUMNS,
    REGION_COLUMNS,
    THREAD_COLUMNS,
    Column,
)
from memviz.gui.tables.written import Rows, as_csv, as_text
from memviz.text import csv_lines, for_spreadsheet, from_spreadsheet
from tests.programs import running

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "memviz"
SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−"  # noqa: RUF001  # the wide ones are meant
DROPPED = (" ", "\t", "\r", "\n", '"', "\u00a0", "\u3000", "\ufeff", "\u200b", "\0", "\x1f", '" ', ' "')
BEGINNINGS = ["\t", "\r", "\n", "\r\n", "'", *SIGNS, *map("".join, itertools.product(DROPPED, SIGNS))]
FORMULAS = [
    f"{begin}{rest}" for begin in BEGINNINGS for rest in ("", "1+1", "cmd|'/C calc'!A0", 'HYPERLINK("x")', "rw-p")
]
TEXTS = st.text(alphabet=st.characters(exclude_categories=())) | st.builds(
    "".join, st.tuples(st.sampled_from(BEGINNINGS), st.text(alphabet="=+-@'\"\t\r\n ,;1Aé文", max_size=6))
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


def is_harmless(cell: str) -> bool:
    """By the rules of OWASP and what spreadsheets drop before they look."""
    begins = cell.lstrip("".join(DROPPED))[:1]
    return cell[:1] not in ("\t", "\r", "\n") and not (begins and begins in SIGNS)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_that_every_formula_is_made_harmless_and_comes_back() -> None:
    assert len(FORMULAS) > 200
    for text in FORMULAS:
        assert is_harmless(for_spreadsheet(text)), text
        assert from_spreadsheet(for_spreadsheet(text)) == text


@given(TEXTS)
@example("")
@example("'")
@example("''=1")
def test_that_any_text_comes_back_and_is_harmless(text: str) -> None:
    cell = for_spreadsheet(text)
    assert is_harmless(cell)
    assert from_spreadsheet(cell) == text
    assert cell in (text, f"'{text}")


@pytest.mark.parametrize(
    "text", ["", "a", "/usr/bin/x", "[heap]", "–", "a=b", "a-b", "rw-p", "libc", "größe", " x", "(=)"]
)
def test_that_other_texts_stay_as_they_are(text: str) -> None:
    assert for_spreadsheet(text) == text


@given(st.lists(TEXTS, min_size=1, max_size=4), st.data())
def test_that_a_table_reads_back_and_only_numbers_begin_with_a_sign(names: list[str], data: st.DataObject) -> None:
    cell = st.none() | NUMBERS | TEXTS
    rows = data.draw(st.lists(st.lists(cell, min_size=len(names), max_size=len(names)), max_size=4))
    head, *body = read("".join(csv_lines(names, rows)))
    assert [from_spreadsheet(name) for name in head] == names
    assert all(map(is_harmless, head))
    assert len(body) == len(rows)
    for found, wanted in zip(body, rows, strict=True):
        for text, value in zip(found, wanted, strict=True):
            if isinstance(value, str):
                assert (is_harmless(text), from_spreadsheet(text)) == (True, value)
            else:
                assert text == ("" if value is None else str(value))


@given(st.integers(max_value=-1) | st.floats(max_value=-1e-9, allow_infinity=False))
def test_that_a_negative_number_stays_a_number(value: float) -> None:
    ((_,), (text,)) = read("".join(csv_lines(["change"], [[value]])))
    assert type(value)(text) == value


@pytest.mark.parametrize("columns", [REGION_COLUMNS, BLOCK_COLUMNS, PROCESS_COLUMNS, THREAD_COLUMNS, LAYOUT_COLUMNS])
def test_that_every_table_of_every_command_is_harmless(
    columns: tuple[Column, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    values = [[-7] * len(FORMULAS) if column.numeric else FORMULAS for column in columns]
    print_csv(columns, values)
    rows = Rows(columns, values)
    text = capsys.readouterr().out
    assert text == as_csv(rows)
    for row, formula in zip(read(text)[1:], FORMULAS, strict=True):
        for cell, column in zip(row, columns, strict=True):
            assert cell == "-7" if column.numeric else is_harmless(cell) and from_spreadsheet(cell) == formula


def test_that_rows_copied_as_text_are_harmless() -> None:
    texts = [text for text in FORMULAS if not set(text) & set("\t\r\n")]  # names have escapes for these
    (column,) = (column for column in REGION_COLUMNS if column.name == "path")
    lines = as_text(Rows([column], [texts])).split("\n")
    assert lines == [*map(for_spreadsheet, texts), ""]


def test_that_csv_is_written_in_one_place() -> None:
    found = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Import) and any(alias.name == "csv" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "csv")
    ]  # fmt: skip
    assert found == ["text.py"]


# -- a process that attacks whoever opens its numbers in a spreadsheet ------------------------------------------------

ATTACKER = """
import ctypes, mmap, os, sys, threading
libc = ctypes.CDLL(None)
os.chdir(sys.argv[1])
kept = []
def map_file(fd):
    os.ftruncate(fd, 4096)
    kept.append(mmap.mmap(fd, 4096))
    kept[-1][0] = 1
for name in ("=1+1.so", "@SUM(1)", "+x", "-rw", "'quoted"):
    map_file(os.open(name, os.O_RDWR | os.O_CREAT, 0o600))
    map_file(os.memfd_create(name))
    area = mmap.mmap(-1, 4096)
    kept.append(area)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    libc.prctl(0x53564d41, 0, ctypes.c_ulong(start), ctypes.c_ulong(4096), name.encode() + b"\\0")
def wait(name):
    libc.prctl(15, name.encode(), 0, 0, 0)
    started.release()
    threading.Event().wait()
started = threading.Semaphore(0)
for name in ("=A1", "@cmd", "+1", "-1", "'a", "=1,2"):
    threading.Thread(target=wait, args=(name,), daemon=True).start()
    started.acquire()
libc.prctl(15, b"=cmd|' /C'!A0", 0, 0, 0)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def attacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("attacker")
    shell = shutil.which("sh") or pytest.skip("no shell here")
    with (
        running([sys.executable, "-S", "-c", ATTACKER, str(folder)], "ready") as (pid, _),
        subprocess.Popen(["=cmd", "-c", "read line"], executable=shell, stdin=subprocess.PIPE) as other,
    ):
        yield pid
        other.kill()


COMMANDS = (
    (PROCESS_COLUMNS, ["ps", "--columns", "all", "--kernel"]),
    (REGION_COLUMNS, ["regions", "PID", "--columns", "all"]),
    (BLOCK_COLUMNS, ["regions", "PID", "--blocks", "--columns", "all"]),
    (THREAD_COLUMNS, ["cpu", "PID", "--interval", "0.05"]),
    (LAYOUT_COLUMNS, ["layout", "PID"]),
)


@pytest.mark.live
@pytest.mark.parametrize(("columns", "words"), COMMANDS, ids=[words[0] + words[-1] for _, words in COMMANDS])
def test_that_no_cell_of_any_command_is_computed(attacker: int, columns: tuple[Column, ...], words: list[str]) -> None:
    command = [sys.executable, "-m", "memviz", *(str(attacker) if word == "PID" else word for word in words), "--csv"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60)
    head, *rows = read(done.stdout)
    texts = {column.name for column in columns if not column.numeric}
    cells = [cell for row in rows for name, cell in zip(head, row, strict=True) if name in texts]
    assert [cell for cell in cells if not is_harmless(cell)] == []
    if words[0] != "layout":
        assert any(cell.startswith("'") for cell in cells)
    for row in rows:
        for name, cell in zip(head, row, strict=True):
            assert name in texts or not cell or float(cell) is not None
