"""Names that somebody chose in order to be taken for something else stay names, wherever they are written."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memviz.core.columns import REGION_COLUMNS
from memviz.gui.session.options import Options
from memviz.gui.shell.app import make_window
from memviz.gui.shell.settings import Settings
from memviz.gui.tables.written import Rows, as_markdown
from tests.gui.fake_source import FakeSource

PATH = next(column for column in REGION_COLUMNS if column.name == "path")
LOOKS_LIKE = re.compile(r"(?<!\\)(?:\\\\)*[`*~&<\[]")  # what no backslash stands before


@pytest.mark.parametrize(
    "name",
    [
        "/tmp/<img src=https://example.org/x.png>", "/tmp/![x](https://example.org/x.png)", "/tmp/[click](//evil)",
        "/tmp/`id`", "/tmp/**bold**", "/tmp/~~gone~~", "/tmp/&lt;b&gt;", "[heap]", "/tmp/\\<b>", "/tmp/\\\\[x](y)",
    ],
)  # fmt: skip
def test_that_a_name_in_markdown_is_no_picture_link_or_html(name: str) -> None:
    line = as_markdown(Rows((PATH,), ([name],))).splitlines()[2]
    cell = line.removeprefix("| ").removesuffix(" |")
    assert not LOOKS_LIKE.search(cell)
    assert re.sub(r"\\([^0-9A-Za-z])", r"\1", cell) == name, "as Markdown shows it"


def test_that_a_pipe_begins_no_other_cell() -> None:
    line = as_markdown(Rows((PATH,), (["/tmp/a|b\\|c"],))).splitlines()[2]
    assert re.findall(r"(?<!\\)(?:\\\\)*\|", line[1:-1]) == []


def test_that_addresses_stay_readable_and_dunders_are_not_bold() -> None:
    assert "| 0x7f00_1000 |" in as_markdown(Rows((PATH,), (["0x7f00_1000"],)))
    assert "\\_\\_init\\_\\_.py" in as_markdown(Rows((PATH,), (["/x/__init__.py"],)))


@pytest.mark.parametrize(("name", "shown"), [("a[*]b", "a[*]b (7) · memviz"), ("<b>&x", "<b>&x (7) · memviz")])
def test_that_the_title_says_the_name_as_it_is(
    qtbot: QtBot, qapp: QApplication, source: FakeSource, name: str, shown: str
) -> None:
    window = make_window(source, Options(), Settings())
    qtbot.addWidget(window)
    window.show()
    window.session.open(7, name)
    qapp.processEvents()
    handle = window.windowHandle()
    assert handle is not None
    assert handle.title() == shown, "as it is on the screen"
    window.close()
