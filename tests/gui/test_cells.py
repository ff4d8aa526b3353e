"""Cells are painted as Qt would paint them, from texts that are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView
from pytestqt.qtbot import QtBot

from memviz.core.regions import Array
from memviz.gui.parts.cells import CellDelegate
from memviz.gui.parts.roles import ALIGN, COLOUR, DISPLAY, FONT, LEFT, RIGHT, ROOT, Index

TOP_LEFT = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
TOP_RIGHT = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
TEXTS = [
    "libc.so.6", "12.3 MiB", "0x7fa1_f78a_f000", "", "a name that is longer than any column of a table may be",
    "/usr/lib/\u200bx86_64/\u200blibsome\u200b-thing/\u200bthat/\u200bmay/\u200bbe/\u200bfolded.so", "両方 é – ﬁ",
    "<b>1 &amp; 2</b>", "one\nand two",
]  # fmt: skip
ALIGNS = [None, LEFT, RIGHT, TOP_LEFT, TOP_RIGHT]


class Cells(QAbstractTableModel):
    """Each text in each alignment."""

    def __init__(self, is_bold: bool, colour: QBrush | QColor | None) -> None:
        super().__init__()
        self.font, self.colour = bold() if is_bold else None, colour

    def rowCount(self, parent: Index = ROOT) -> int:
        return len(TEXTS)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(ALIGNS)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        answers = {
            DISPLAY: TEXTS[index.row()], ALIGN: ALIGNS[index.column()], FONT: self.font, COLOUR: self.colour,
        }  # fmt: skip
        return answers.get(role)


class Both(CellDelegate):
    """Ours, or that of Qt."""

    is_ours = True
    painted = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.painted += 1
        (super() if self.is_ours else super(CellDelegate, self)).paint(painter, option, index)


def ink(view: QTableView) -> Array:
    """How far each pixel is from the colour of the ground."""
    image: QImage = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3]
    return np.abs(pixels.astype(int) - 255).sum(axis=2)


def edges(mask: Array) -> Array:
    """The first and last row and column that have ink; -1 for none."""
    found = [np.flatnonzero(mask.any(axis=axis)) for axis in (0, 1)]
    return np.array([each[[0, -1]] if each.size else (-1, -1) for each in found])


def bold() -> QFont:
    font = QFont()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.2)
    return font


@pytest.fixture
def view(qtbot: QtBot) -> QTableView:
    made = QTableView()
    qtbot.addWidget(made)
    made.setStyleSheet("QTableView { background: white; color: black; gridline-color: white; }")
    made.resize(900, 700)
    made.horizontalHeader().hide()
    made.verticalHeader().hide()
    return made


@pytest.mark.parametrize("width", [20, 61, 90, 130, 171])
@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("is_bold", [False, True])
@pytest.mark.parametrize("colour", [None, QBrush(QColor("#204080")), QColor("#206040")])
def test_that_texts_stand_where_qt_would_paint_them(
    view: QTableView, width: int, wraps: bool, is_bold: bool, colour: QBrush | QColor | None
) -> None:
    model, both = Cells(is_bold, colour), Both(view)
    view.setModel(model)
    view.setItemDelegate(both)
    view.setWordWrap(wraps)
    for column in range(len(ALIGNS)):
        view.setColumnWidth(column, width)
    for row in range(len(TEXTS)):
        view.setRowHeight(row, 80)
    view.show()
    first, again = ink(view), ink(view)
    both.is_ours = False
    theirs = ink(view)
    assert both.painted
    assert np.array_equal(first, again)
    for row in range(len(TEXTS)):
        for column in range(len(ALIGNS)):
            box = view.visualRect(model.index(row, column))
            cut = np.s_[box.top() : box.bottom(), box.left() : box.right()]
            our, their = first[cut] > 60, theirs[cut] > 60
            moved = np.abs(edges(our) - edges(their)).max()
            assert moved <= 1, (row, column)  # by a part of a pixel, rounded
            assert abs(int(our.sum()) - int(their.sum())) <= 0.1 * their.sum() + 8, (row, column)


def test_that_a_selected_cell_is_qts(view: QTableView) -> None:
    both = Both(view)
    view.setModel(Cells(False, None))
    view.setItemDelegate(both)
    view.show()
    view.selectAll()
    ours = ink(view)
    both.is_ours = False
    assert np.array_equal(ours, ink(view))
    assert (ours > 0).mean() > 0.2, "a selection has a ground of its own"


def test_that_other_letters_of_the_view_are_seen_at_once(view: QTableView) -> None:
    both = Both(view)
    view.setModel(Cells(False, None))
    view.setItemDelegate(both)
    view.show()
    small = ink(view)
    view.setFont(bold())
    large = ink(view)
    assert not np.array_equal(small, large)
    both.is_ours = False
    assert (np.abs(large - ink(view)) > 200).mean() < 0.01
