"""Rows written into files and onto the clipboard: every form, whatever stands in the cells."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from memviz.core.columns import REGION_COLUMNS
from memviz.core.snapshot import Snapshot
from memviz.gui.session.session import Session
from memviz.gui.tables.columns import COLUMNS
from memviz.gui.tables.frames import frames_of
from memviz.gui.tables.model import MemoryModel
from memviz.gui.tables.order import FLAT, TREE, Arrangement, arrange
from memviz.gui.tables.saving import ask_and_save, form_of, rows_of_lines, save
from memviz.gui.tables.written import FORMS, Form, Rows, as_csv, as_json, as_markdown, as_text
from memviz.text import from_spreadsheet, shown
from tests.made_snapshots import snapshots

TEXTS = st.text(max_size=8).map(shown)
NUMBERS = st.none() | st.integers(0, (1 << 64) - 1)
SIZE, PATH = (next(column for column in REGION_COLUMNS if column.name == name) for name in ("size", "path"))
ROWS = st.lists(st.tuples(NUMBERS, TEXTS), max_size=5).map(
    lambda rows: Rows((SIZE, PATH), ([size for size, _ in rows], [path for _, path in rows]))
)


@given(ROWS)
def test_that_csv_reads_back_as_it_was(rows: Rows) -> None:
    head, *body = csv.reader(io.StringIO(as_csv(rows)))
    assert head == ["size", "path"]
    texts = [[size, from_spreadsheet(path)] for size, path in body]
    assert texts == [["" if size is None else str(size), path] for size, path in zip(*rows.values, strict=True)]


@given(ROWS)
def test_that_json_reads_back_as_it_was(rows: Rows) -> None:
    found = json.loads(as_json(rows))
    assert found == [{"size": size, "path": path} for size, path in zip(*rows.values, strict=True)]


@given(ROWS)
def test_that_text_and_markdown_have_a_line_a_row(rows: Rows) -> None:
    count = len(rows.values[0])
    assert as_text(rows).count("\n") == count
    assert as_markdown(rows).count("\n") == count + 2


@given(snapshots(), st.sampled_from([FLAT, TREE]))
def test_that_saved_values_are_those_of_the_table(snapshot: Snapshot, mode: str) -> None:
    model = MemoryModel()
    frames = frames_of(snapshot)
    model.wanted = Arrangement(mode, "rss", unfolded=frozenset(frames.blocks.keys.tolist()))
    model.show(frames)
    rows = rows_of_lines(frames, arrange(frames, model.wanted), mode, list(COLUMNS), None)
    for column, values in zip(COLUMNS, rows.values, strict=True):
        assert values == [model.value(line, column.name) for line in range(model.rowCount())]
        assert all(value is None or type(value) in (int, str) for value in values)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_that_a_file_gets_what_its_ending_says(session: Session, qtbot: QtBot, tmp_path: Path, form: Form) -> None:
    rows = Rows((SIZE, PATH), ([4096, None], ["/a", "/b|c"]))
    with qtbot.waitSignal(session.said) as said:
        save(session, lambda: rows, tmp_path / f"rows.{form.suffix}")
    assert "Saved" in said.args[0]
    assert (tmp_path / f"rows.{form.suffix}").read_text(encoding="utf-8") == form.write(rows)


def test_that_a_file_that_cannot_be_written_is_told(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(session.said) as said:
        save(session, lambda: Rows((), ()), tmp_path / "nowhere" / "rows.csv")
    assert "Not saved" in said.args[0]


def test_that_a_name_without_ending_gets_that_of_the_form(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(session.said):
        save(session, lambda: Rows((SIZE,), ([1],)), tmp_path / "rows", "JSON (*.json)")
    assert json.loads((tmp_path / "rows.json").read_text()) == [{"size": 1}]
    assert form_of(Path("x")).name == "csv"


def test_that_leaving_the_dialog_saves_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: ("", ""))
    ask_and_save(session, lambda: Rows((), ()), None)  # type: ignore[arg-type]  # no window
    assert session.jobs.is_idle()
