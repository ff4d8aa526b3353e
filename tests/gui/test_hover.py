"""The hover card: plain words about one place, beside the cursor and never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from memviz.core.pages import PAGE_STATES, PageState, state_of
from memviz.gui.map.hover import Card, HoverCard, card_of, place_beside
from memviz.gui.map.spot import Spot
from memviz.gui.theme import theme
from tests import builders

SNAPSHOT = builders.snapshot(
    "10-14 r-xp /usr/lib/lib<b>x<b>.so.6 rss=8k", "20-30 rw-p [heap] rss=16k swap=4k", "100-200 ---p",
    "7f00-7f40 rw-p rss=4k", start_brk=0x20000,
)  # fmt: skip


def _spot(address: int, state: PageState | None = None, **values: object) -> Spot:
    row = SNAPSHOT.regions.find(address)
    block = int(SNAPSHOT.regions["block"][row]) if row is not None else None
    kind = int(SNAPSHOT.regions["category"][row]) if row is not None else 0
    group = SNAPSHOT.categories[kind].group if row is not None else ""
    usual: dict[str, object] = {"fold": None, "wider": False, "page_pixels": 1.0}
    return Spot(SNAPSHOT, address, row, block, group, state, **{**usual, **values})  # type: ignore[arg-type]  # fields


def _texts(card: Card) -> str:
    return "\n".join(line.text for line in card.lines)


def test_that_it_tells_block_address_region_and_page() -> None:
    card = card_of(_spot(0x21000, state_of(8)))
    text = _texts(card)
    for words in ("heap (brk)", "0x2_1000", "64.0 KiB, rw-p, 25 % in memory", "4.0 KiB of it are in swap"):
        assert words in text
    assert "this page: private, in memory" in text
    assert card.group == "heap"


@pytest.mark.parametrize("state", PAGE_STATES, ids=lambda state: state.name)
def test_that_every_page_state_is_named_and_explained(state: PageState) -> None:
    text = _texts(card_of(_spot(0x21000, state)))
    assert state.name in text
    assert state.explanation in text


def test_that_a_gap_tells_what_is_around_it() -> None:
    text = _texts(card_of(_spot(0x18000)))
    assert "nothing is mapped here" in text
    assert "above" in text


def test_that_a_fold_tells_what_it_is_and_how_large() -> None:
    inside = _texts(card_of(_spot(0x110000, fold=(0x100000, 0x200000))))
    assert "1.0 MiB of reserved, folded" in inside
    between = _texts(card_of(_spot(0x300000, fold=(0x200000, 0x7F00000))))
    assert "of unused addresses, folded" in between
    assert "Click to unfold." in between


def test_that_the_kernels_half_is_said_in_words_and_does_not_unfold() -> None:
    spot = _spot(0x7F0000300000, fold=(0x7F0000200000, 0xFFFFFFFFFF600000))
    said = _texts(card_of(spot))
    assert "the kernel's half of all addresses" in said
    assert "EiB" not in said
    assert "unfold" not in said
    assert not spot.can_unfold


def test_that_a_region_narrower_than_a_pixel_confesses_it() -> None:
    assert "narrower than a pixel" in _texts(card_of(_spot(0x21000, state_of(8), wider=True)))


def test_that_names_of_files_are_shown_as_they_are(qtbot: QtBot) -> None:
    card = card_of(_spot(0x11000))
    assert "lib<b>x<b>" in card.lines[0].text


@given(
    st.integers(300, 2560), st.integers(200, 1440), st.integers(50, 290), st.integers(20, 190), st.floats(0, 1),
    st.floats(0, 1),
)  # fmt: skip
def test_that_it_is_never_cut_and_never_below_the_cursor(
    width: int, height: int, card_width: int, card_height: int, x: float, y: float
) -> None:
    inside, size = QRect(0, 0, width, height), QSize(card_width, card_height)
    cursor = QPoint(round(x * (width - 1)), round(y * (height - 1)))
    placed = QRect(place_beside(cursor, size, inside), size)
    assert not placed.contains(cursor)
    if width > 2 * (card_width + 20) or height > 2 * (card_height + 20):
        assert inside.contains(placed)


def test_that_the_card_is_as_large_as_its_words(qtbot: QtBot) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.resize(800, 500)
    pane.show()
    card = HoverCard(theme("dark"), pane)
    card.show_at(card_of(_spot(0x21000, state_of(8))), QPoint(790, 490))
    assert card.isVisible()
    assert pane.rect().contains(card.geometry())
    large = card.height()
    card.show_at(card_of(_spot(0x18000)), QPoint(10, 10))
    assert card.height() < large
    assert not card.grab().isNull()
    card.show_at(Card(), QPoint(10, 10))
    assert card.isHidden()
