"""The menu of anything selected, and every copy that it offers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from memviz.core.query import parse
from memviz.core.snapshot import Snapshot
from memviz.gui.session.selection import (
    Selection,
    rows_of,
    select_block,
    select_group,
    select_page,
    select_range,
    select_region,
)  # fmt: skip
from memviz.gui.session.session import Session
from memviz.gui.tables.copying import COPIES, selected
from memviz.gui.tables.menu import filters_of, selection_menu
from memviz.gui.tables.row_menu import copy_selected, row_menu
from memviz.gui.tabs.regions import RegionsTab
from tests import builders
from tests.gui.fake_source import show
from tests.made_snapshots import snapshots

# offscreen there is nothing that a popup could be raised above, or grab keys from
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
SMALL = builders.snapshot(
    "10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k", "20-40 rw-p [heap] rss=64k", "40-41 ---p",
    start_brk=0x20000,
)  # fmt: skip
KINDS = {
    "group": select_group("heap"), "block": select_block(SMALL, 0), "region": select_region(SMALL, 2),
    "page": select_page(SMALL, 0x21234), "range": select_range(0x12000, 0x22000),
    "gone": Selection("region", 0x9000, 0xA000), "nothing": Selection(),
}  # fmt: skip


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def entry(menu: QMenu, text: str) -> QAction:
    found = [action for action in menu.findChildren(QAction) if action.text().startswith(text)]
    return found[0]


def press(menu: QMenu, text: str) -> None:
    """The menu lives as long as this does."""
    entry(menu, text).trigger()


def copied(name: str, selection: Selection, snapshot: Snapshot = SMALL) -> str | None:
    return next(copy for copy in COPIES if copy.name == name).make(selected(snapshot, selection))


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_entry_of_a_menu_does_something(session: Session, qtbot: QtBot, kind: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    show(session, SMALL)
    session.select(KINDS[kind])
    count = len(selection_menu(session, KINDS[kind], parent).findChildren(QAction))
    for number in range(count):
        menu = selection_menu(session, KINDS[kind], parent)
        actions = menu.findChildren(QAction)
        if number < len(actions) and actions[number].menu() is None and not actions[number].isSeparator():
            assert actions[number].isEnabled()
            assert actions[number].toolTip()
            actions[number].trigger()


def test_that_the_menu_of_nothing_sets_a_mark_only(session: Session) -> None:
    assert texts(selection_menu(session, Selection(), None)) == []
    show(session, SMALL)
    assert texts(selection_menu(session, Selection(), None)) == ["Set a mark"]


def test_that_the_mark_is_set_and_taken_away(session: Session) -> None:
    show(session, SMALL)
    press(selection_menu(session, Selection(), None), "Set a mark")
    assert session.mark is SMALL
    press(selection_menu(session, Selection(), None), "Remove the mark")
    assert session.mark is None


def test_that_a_filter_from_the_menu_is_set_and_taken_away(session: Session) -> None:
    show(session, SMALL)
    press(selection_menu(session, KINDS["region"], None), "Show only group:heap")
    assert session.filter == "group:heap"
    press(selection_menu(session, KINDS["region"], None), "Show everything")
    assert session.filter == ""


def test_that_the_menu_leads_from_a_page_to_its_region_and_block(session: Session) -> None:
    show(session, SMALL)
    press(selection_menu(session, KINDS["page"], None), "Select its region")
    assert session.selection == select_region(SMALL, 2)
    press(selection_menu(session, KINDS["page"], None), "Select its block")
    assert session.selection == select_block(SMALL, 1)


@given(snapshots(), st.data())
def test_that_what_a_filter_of_the_menu_shows_holds_what_was_selected(snapshot: Snapshot, data: st.DataObject) -> None:
    if not len(snapshot.regions):
        return
    row = data.draw(st.integers(0, len(snapshot.regions) - 1))
    for text in filters_of(selected(snapshot, select_region(snapshot, row))):
        assert parse(text).regions(snapshot)[row]


CSV = """\
start,end,size,permissions,rss,pss,uss,swap,category,block,path
131072,262144,131072,rw-p,65536,65536,65536,0,brk heap,heap (brk),[heap]
"""
CELLS = "0x2_0000,0x4_0000,128 KiB,rw-p,64.0 KiB,64.0 KiB,64.0 KiB,0 B,brk heap,heap (brk),[heap]\n"
COPIED = {
    "name": ("block", "program"), "address": ("region", "0x20000"), "range": ("page", "0x21000-0x22000"),
    "path": ("block", "/bin/program"), "gdb-x": ("page", "x/16gx 0x21000"),
    "gdb-dump": ("range", "dump memory 7-12000.bin 0x12000 0x18000\ndump memory 7-20000.bin 0x20000 0x22000"),
    "csv": ("region", CSV),
    "text": ("region", CELLS.replace(",", "\t")),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIED)
def test_that_a_copy_is_what_its_name_says(name: str) -> None:
    kind, text = COPIED[name]
    assert copied(name, KINDS[kind]) == text


def test_that_json_has_exact_bytes_and_null_for_what_is_not_known() -> None:
    regions = json.loads(copied("json", KINDS["block"]) or "")
    assert [region["rss"] for region in regions] == [8192, 4096]
    assert regions[0]["start"] == "0x10000"
    unmeasured = builders.snapshot("10-14 r-xp /bin/program", measured=False)
    assert json.loads(copied("json", select_region(unmeasured, 0), unmeasured) or "")[0]["rss"] is None


def test_that_markdown_keeps_its_columns_whatever_a_path_holds() -> None:
    odd = builders.snapshot("10-14 r--p /a|b\\c")
    lines = (copied("markdown", select_region(odd, 0), odd) or "").splitlines()
    assert len({line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines}) == 1


def test_that_a_scattered_block_has_no_range() -> None:
    apart = builders.snapshot("10-14 r-xp /bin/x", "18-19 rw-p /other", "20-24 r--p /bin/x")
    assert copied("range", select_group("text"), apart) is None
    assert copied("address", select_group("text"), apart) is None


@given(snapshots(), st.data())
def test_that_every_copy_of_everything_is_text_or_nothing(snapshot: Snapshot, data: st.DataObject) -> None:
    address = data.draw(st.integers(0, 500)) * builders.PAGE
    kinds = [select_range(address, address + 65536), select_page(snapshot, address), select_group("heap")]
    kinds += [select_block(snapshot, index) for index in range(len(snapshot.blocks))]
    kinds += [select_region(snapshot, row) for row in range(len(snapshot.regions))]
    for selection in kinds:
        for copy in COPIES:
            text = copy.make(selected(snapshot, selection))
            assert text is None or text
            if copy.name == "json" and text is not None:
                assert len(json.loads(text)) == len(rows_of(selection, snapshot))


def test_that_the_table_copies_cells_and_rows_as_they_stand(session: Session, qtbot: QtBot) -> None:
    tab = RegionsTab(session)
    qtbot.addWidget(tab)
    tab.show()
    show(session, SMALL)
    qtbot.waitUntil(lambda: len(tab.table.model.lines) > 0 and not session.jobs.is_running("table"))
    tab.table.header.set_names(["name", "rss"])
    tab.table.view.selectRow(0)
    clipboard = QGuiApplication.clipboard()
    press(row_menu(tab.table, tab), "Copy “heap (brk)”")
    assert clipboard.text() == "heap (brk)"
    rows = next(menu for menu in row_menu(tab.table, tab).findChildren(QMenu) if menu.title().startswith("Copy row"))
    with qtbot.waitSignal(session.said):
        entry(rows, "JSON").trigger()
    assert json.loads(clipboard.text()) == [{"name": "heap (brk)", "private_swap": 65536, "rss": 65536}]
    tab.table.view.selectAll()
    with qtbot.waitSignal(session.said):
        copy_selected(tab.table)
    assert [line.split("\t")[0] for line in clipboard.text().splitlines()] == ["heap (brk)", "program", "reserved"]
