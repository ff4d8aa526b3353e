"""Whole-array decoding of numbers, against Python's own int()."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.proc.digits import decimal, find, hexadecimal, padded_decimal, words

CHARACTERS = st.text("0123456789", max_size=8) | st.text(" 0129af:AF-/\n\0", max_size=8)


@given(st.lists(CHARACTERS.map(lambda text: text.rjust(8)[-8:]), min_size=1))
def test_that_a_right_aligned_number_is_decoded_if_and_only_if_it_is_one(texts: list[str]) -> None:
    data = "".join(texts).encode()
    values, good = padded_decimal(words(data)[np.arange(0, len(data), 8)])
    assert good.tolist() == [re.fullmatch(r" *\d+", text) is not None for text in texts]
    for text, value, is_number in zip(texts, values.tolist(), good.tolist(), strict=True):
        assert not is_number or value == int(text)


@given(st.integers(0, 10**8 - 1))
def test_that_every_number_that_fits_is_decoded_as_the_kernel_pads_it(number: int) -> None:
    values, good = padded_decimal(words(f"{number:8}".encode())[np.zeros(1, np.intp)])
    assert (values.tolist(), good.tolist()) == ([number], [True])


@given(st.lists(st.text("0123456789", min_size=1, max_size=18) | st.text("09af :/", min_size=1, max_size=18)))
def test_that_decimals_are_decoded_up_to_sixteen_digits(texts: list[str]) -> None:
    if not texts:
        return
    data = (" " * 8 + " ".join(texts) + " ").encode()
    widths = np.array([len(text) for text in texts])
    ends = 8 + np.cumsum(widths + 1) - 1
    values, good = decimal(words(data + bytes(16)), ends, widths)
    assert good.tolist() == [re.fullmatch(r"\d{1,16}", text) is not None for text in texts]
    assert all(value == int(text) for value, text, fine in zip(values.tolist(), texts, good, strict=True) if fine)


@given(
    st.lists(st.text("0123456789abcdef", min_size=7, max_size=17) | st.text("09afgAF `:/@", min_size=7, max_size=17))
)
def test_that_hexadecimals_are_decoded_from_eight_to_sixteen_lower_case_digits(texts: list[str]) -> None:
    if not texts:
        return
    data = (" ".join(texts) + " ").encode()
    widths = np.array([len(text) for text in texts])
    starts = np.cumsum(widths + 1) - widths - 1
    values, good = hexadecimal(words(data + bytes(16)), starts, widths)
    assert good.tolist() == [re.fullmatch(r"[0-9a-f]{8,16}", text) is not None for text in texts]
    assert all(value == int(text, 16) for value, text, fine in zip(values.tolist(), texts, good, strict=True) if fine)


@given(
    st.binary(min_size=1, max_size=60), st.lists(st.integers(0, 59), min_size=1), st.integers(0, 4), st.integers(0, 9)
)
def test_that_a_place_within_reach_is_found_where_there_is_one(
    data: bytes, places: list[int], least: int, more: int
) -> None:
    at = np.array([place % len(data) for place in places])
    wanted = data[-1]
    found = find(np.frombuffer(data, np.uint8), at, wanted, least, least + more)
    for place, result in zip(at.tolist(), found.tolist(), strict=True):
        # beyond the end the last byte counts again: the caller pads
        reach = [min(place + step, len(data) - 1) for step in range(least, least + more + 1)]
        hits = [position for position in reach if data[position] == wanted]
        assert (result in hits) if hits else result == -1


@pytest.mark.parametrize("place", range(8))
def test_that_of_all_characters_only_the_kernels_hexadecimal_digits_are_taken(place: int) -> None:
    texts = [b"00001000"[:place] + bytes([byte]) + b"00001000"[place + 1 :] for byte in range(256)]
    text = b"".join(texts)
    start = np.arange(0, len(text), 8)
    values, good = hexadecimal(words(text), start, np.full(256, 8))
    assert bytes(np.flatnonzero(good).tolist()) == b"0123456789abcdef"
    assert values[good].tolist() == [int(texts[byte], 16) for byte in b"0123456789abcdef"]


@pytest.mark.parametrize("place", range(8))
def test_that_of_all_characters_only_decimal_digits_are_taken(place: int) -> None:
    texts = [b"11111111"[:place] + bytes([byte]) + b"11111111"[place + 1 :] for byte in range(256)]
    text = b"".join(texts)
    end = np.arange(8, len(text) + 1, 8)
    _, good = decimal(words(text), end, np.full(256, 8))
    assert bytes(np.flatnonzero(good).tolist()) == b"0123456789"
    _, padded = padded_decimal(words(text)[end - 8])
    assert bytes(np.flatnonzero(padded).tolist()) == (b" 0123456789" if place == 0 else b"0123456789")
