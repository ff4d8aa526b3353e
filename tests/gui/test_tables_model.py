"""The model of blocks and regions through random churn, and what its cells say."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QFont
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from memviz import units
from memviz.core.diff import diff
from memviz.core.query import parse
from memviz.core.snapshot import Snapshot
from memviz.gui.tables.changes import frames_beside
from memviz.gui.tables.columns import COLUMNS
from memviz.gui.tables.frames import frames_of
from memviz.gui.tables.looks import Looks
from memviz.gui.tables.model import ALIGN, DECORATION, FONT, FOREGROUND, HORIZONTAL, RIGHT, TIP, MemoryModel
from memviz.gui.tables.order import FLAT, TREE
from memviz.gui.theme import theme
from tests import builders
from tests.made_snapshots import snapshots

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
SMALL = builders.snapshot(
    "10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k", "20-30 rwxp [heap] rss=16k swap=4k",
    start_brk=0x20000,
)  # fmt: skip


@pytest.fixture
def model(qapp: QApplication) -> Iterator[MemoryModel]:
    made = MemoryModel()
    made.set_looks(Looks(theme("dark"), QFont()))
    tester = QAbstractItemModelTester(made, FATAL)
    yield made
    assert tester is not None


def told(model: MemoryModel, name: str) -> list[str]:
    """The texts of a column, from top to bottom."""
    column = model.place(name)
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def show(model: MemoryModel, snapshot: Snapshot, **wanted: object) -> None:
    model.wanted = dataclasses.replace(model.wanted, **wanted)  # type: ignore[arg-type]  # names of fields
    model.show(frames_of(snapshot))


STEPS = st.one_of(
    st.tuples(st.just("snapshot"), snapshots(6), st.booleans()),
    st.tuples(st.just("mark"), snapshots(6)),
    st.tuples(st.just("query"), st.sampled_from(["", "perm:w", ">8K", "libc", "-group:heap", "rss:>4K"]).map(parse)),
    st.tuples(st.just("column"), st.sampled_from([column.name for column in COLUMNS]), st.booleans()),
    st.tuples(st.just("mode"), st.sampled_from([TREE, FLAT])),
    st.tuples(st.just("fold"), st.integers(0, 20)),
    st.tuples(st.just("nothing")),
)


def step(model: MemoryModel, last: Snapshot, mark: Snapshot | None, what: tuple) -> tuple[Snapshot, Snapshot | None]:  # type: ignore[type-arg]  # of STEPS
    match what:
        case ("snapshot", snapshot, hold):
            last = snapshot
            beside = frames_beside(mark, last, diff(mark, last)) if mark is not None else frames_of(last)
            model.show(beside, hold=hold)
        case ("mark", snapshot):
            mark = snapshot
            model.show(frames_beside(mark, last, diff(mark, last)))
        case ("query", query):
            model.arrange(dataclasses.replace(model.wanted, query=query))
        case ("column", name, descending):
            model.arrange(dataclasses.replace(model.wanted, column=name, descending=descending))
        case ("mode", mode):
            model.arrange(dataclasses.replace(model.wanted, mode=mode))
        case ("fold", number) if model.rowCount():
            line = number % model.rowCount()
            model.arrange(dataclasses.replace(model.wanted, unfolded=model.wanted.unfolded ^ {int(model.keys[line])}))
        case ("nothing",):
            model.show(None)
    return last, mark


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=12))
def test_that_the_model_stays_sound_through_churn(qapp: QApplication, steps: list[tuple]) -> None:  # type: ignore[type-arg]  # of STEPS
    model = MemoryModel()
    model.set_looks(Looks(theme("light"), QFont()))
    tester = QAbstractItemModelTester(model, FATAL)
    last, mark = SMALL, None
    for what in steps:
        last, mark = step(model, last, mark, what)
        assert model.rowCount() == len(model.lines) == len(model.keys)
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                index = model.index(row, column)
                assert isinstance(index.data(), str)
                assert isinstance(index.data(TIP), str)
                index.data(FONT), index.data(FOREGROUND), index.data(DECORATION)  # must not raise
    assert tester is not None


def test_that_blocks_unfold_into_their_regions(model: MemoryModel) -> None:
    show(model, SMALL, column="start", descending=False)
    assert told(model, "name") == ["program", "heap (brk)"]
    model.arrange(dataclasses.replace(model.wanted, unfolded=frozenset({0x10000})))
    assert told(model, "name") == ["program", "program code", "program data", "heap (brk)"]
    assert told(model, "rss") == ["12.0 KiB", "8.0 KiB", "4.0 KiB", "16.0 KiB"]
    assert told(model, "regions") == ["2", "", "", "1"]
    assert told(model, "permissions") == ["", "r-xp", "rw-p", ""]


def test_that_the_same_keys_change_values_and_other_keys_reset(model: MemoryModel, qtbot) -> None:  # noqa: ANN001  # pytest-qt's fixture
    show(model, SMALL, mode=FLAT)
    grown = builders.snapshot(
        "10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k", "20-30 rwxp [heap] rss=20k"
    )
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show(frames_of(grown))
    assert "20.0 KiB" in told(model, "rss")
    with qtbot.waitSignal(model.modelReset):
        model.show(frames_of(builders.snapshot("10-14 r-xp /bin/program rss=8k")))


def test_that_what_is_not_known_is_a_dash_with_its_reason_and_never_0(model: MemoryModel) -> None:
    show(model, builders.snapshot("10-14 r-xp /bin/program", measured=False), mode=FLAT)
    cell = model.index(0, model.place("rss"))
    assert cell.data() == units.DASH
    assert "not known" in cell.data(TIP)
    assert "unsupported" in cell.data(TIP)
    assert model.index(0, model.place("size")).data() == "16.0 KiB"


def test_that_a_tooltip_gives_exact_bytes_and_what_the_column_means(model: MemoryModel) -> None:
    show(model, SMALL, mode=FLAT, column="start", descending=False)
    tip = model.index(0, model.place("rss")).data(TIP)
    assert "8,192 bytes" in tip
    assert "Resident set size" in tip
    assert "Resident set size" in model.headerData(model.place("rss"), HORIZONTAL, TIP)


def test_that_foreign_names_are_never_markup(model: MemoryModel) -> None:
    show(model, builders.snapshot("10-14 r--p /<b>bold</b> rss=4k"), mode=FLAT)
    for column in range(model.columnCount()):
        assert "<b>" not in model.index(0, column).data(TIP)
    assert "<b>" in model.index(0, model.place("path")).data()


def test_that_numbers_stand_right_and_addresses_have_one_width(model: MemoryModel) -> None:
    show(model, SMALL, mode=FLAT)
    assert model.index(0, model.place("rss")).data(ALIGN) == RIGHT
    assert model.index(0, model.place("path")).data(ALIGN) != RIGHT
    assert model.data(model.index(0, model.place("start")), FONT) is model.looks.fixed  # type: ignore[union-attr]  # is set
    assert model.index(0, model.place("rss")).data(FONT) is None


def test_that_writable_and_executable_memory_alarms(model: MemoryModel) -> None:
    show(model, SMALL, mode=FLAT, column="start", descending=False)
    inks = [model.data(model.index(row, model.place("permissions")), FOREGROUND) for row in range(3)]
    assert [ink is model.looks.alarm for ink in inks] == [False, False, True]  # type: ignore[union-attr]  # is set


def test_that_what_is_gone_is_struck_out_and_says_so(model: MemoryModel) -> None:
    after = builders.snapshot("10-14 r-xp /bin/program rss=8k", "14-18 rw-p /bin/program rss=4k")
    model.wanted = dataclasses.replace(model.wanted, column="rss_change", descending=False)
    model.show(frames_beside(SMALL, after, diff(SMALL, after)))
    assert told(model, "state")[0] == "gone"
    assert told(model, "rss_change")[0] == "-16.0 KiB"
    assert model.index(0, 0).data(FONT).strikeOut()
    assert "gone" in model.index(0, 0).data(TIP)


def test_that_the_kernels_highest_page_is_a_line_like_others(model: MemoryModel) -> None:
    show(model, builders.snapshot("10-14 r-xp /bin/x", "ffffffffff600-ffffffffff601 --xp [vsyscall]"), mode=FLAT)
    assert "0xffff_ffff_ff60_0000" in told(model, "start")
    assert np.uint64(0xFFFFFFFFFF600000 + 2) in model.keys


def test_that_cells_have_no_children(model: MemoryModel) -> None:
    show(model, SMALL)
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.columnCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 2
