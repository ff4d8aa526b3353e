from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.text import clipped, shown


@given(st.one_of(st.binary(), st.text()))
def test_that_nothing_that_is_shown_can_act_on_a_terminal(text: bytes | str) -> None:
    told = shown(text)
    assert not [char for char in told if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"]
    told.encode("utf-8")  # and no surrogate is left
    assert shown(told) == told


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_that_plain_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == shown(text.encode()) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "caf\\xe9"),
        (b"a\x1b[2J\n\x7f", "a\\x1b[2J\\x0a\\x7f"),
        ("a\u202eb\u2028", "a\\u202eb\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\xff"),
        ("文 \xa0", "文 \xa0"),
    ],
)
def test_that_what_would_not_show_is_an_escape(text: bytes | str, told: str) -> None:
    assert shown(text) == told


@given(st.text(), st.integers(1, 60))
def test_that_a_clipped_text_keeps_both_ends(text: str, width: int) -> None:
    told = clipped(text, width)
    if len(text) <= width:
        assert told == text
        return
    head, _, tail = told.partition("…")
    assert len(told) == width
    assert text.startswith(head)
    assert text.endswith(tail) or "…" in text
