"""Numbers out of kernel text, many at a time: eight characters are one uint64, decoded with a few array operations.

All functions take `words(text)[positions]` (little-endian, so the first character is the lowest byte) and give the
values with a boolean array that tells which of them were well formed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]
Index = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]


def _every(byte: int) -> np.uint64:
    return np.uint64(byte * 0x0101010101010101)


LOW, ONES, SIX, ZEROS, SPACES = _every(0x0F), _every(0x01), _every(0x06), _every(0x30), _every(0x20)
FOUR, EIGHT, SIXTEEN, THIRTY_TWO = np.uint64(4), np.uint64(8), np.uint64(16), np.uint64(32)
BYTES, PAIRS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)


def words(text: bytes | bytearray) -> U64:
    """Every run of eight bytes of `text` (at least eight long) as a number: element i starts at byte i; a view."""
    return np.ndarray((len(text) - 7,), "<u8", text, strides=(1,))


def _fold_decimal(digits: U64) -> U64:
    digits = (digits * np.uint64(2561)) >> EIGHT
    digits = ((digits & BYTES) * np.uint64(6553601)) >> SIXTEEN
    return ((digits & PAIRS) * np.uint64(42949672960001)) >> THIRTY_TWO


def padded_decimal(word: U64) -> tuple[U64, Bools]:
    """Eight characters: spaces, then at least one decimal digit (`%8lu`)."""
    digits = word & LOW
    is_digit = (word >> FOUR) & ONES
    well_formed = (digits | (is_digit << FOUR) | SPACES) == word
    # no letter-like nibble, nothing but zero bits in a space, no space behind a digit, a digit at the end
    wrong = ((digits + SIX) >> FOUR) & ONES
    wrong |= ((digits + LOW) >> FOUR) & ~is_digit & ONES
    wrong |= is_digit & ~((is_digit >> EIGHT) | np.uint64(1 << 56))
    well_formed &= (wrong == 0) & (is_digit >= np.uint64(1 << 56))
    return _fold_decimal(digits), well_formed


def decimal(text: U64, end: Index, width: Index) -> tuple[U64, Bools]:
    """Decimal numbers of `width` (1 to 16) characters that end before `end`."""
    low, good = _decimal8(text, end, np.minimum(width, 8))
    good &= (width >= 1) & (width <= 16)
    long = np.flatnonzero(width > 8)
    if long.size:
        high, fine = _decimal8(text, end[long] - 8, np.minimum(width[long] - 8, 8))
        low[long] += high * np.uint64(100_000_000)
        good[long] &= fine
    return low, good


def _decimal8(text: U64, end: Index, width: Index) -> tuple[U64, Bools]:
    word = text[np.maximum(end - 8, 0)]
    foreign = np.minimum(8 - width, 7).astype(np.uint64) * EIGHT
    mask = (np.uint64(1) << foreign) - np.uint64(1)
    word = (word & ~mask) | (ZEROS & mask)
    digits = word & LOW
    good = ((digits + ZEROS) == word) & (((digits + SIX) & ~LOW) == 0)
    return _fold_decimal(digits), good


def hexadecimal(text: U64, start: Index, width: Index) -> tuple[U64, Bools]:
    """Lower-case hexadecimal numbers of `width` (8 to 16) characters that begin at `start`."""
    low, good = _hex8(text[np.minimum(start + width - 8, len(text) - 1)])
    good &= (width >= 8) & (width <= 16)
    long = np.flatnonzero(width > 8)
    if long.size:
        high, fine = _hex8(text[start[long]])
        shift = (np.clip(16 - width[long], 0, 8) * 4).astype(np.uint64)
        low[long] |= (high >> shift) << THIRTY_TWO
        good[long] &= fine
    return low, good


def _hex8(word: U64) -> tuple[U64, Bools]:
    digits = (word & LOW) + ((word >> np.uint64(6)) & ONES) * np.uint64(9)
    above_nine = ((digits + SIX) >> FOUR) & ONES
    # g to o would count as 16 to 24
    good = ((digits + ZEROS + above_nine * np.uint64(0x27)) == word) & ((digits & ~LOW) == 0)
    digits = ((digits << FOUR) | (digits >> EIGHT)) & BYTES
    digits = ((digits << EIGHT) | (digits >> SIXTEEN)) & PAIRS
    return ((digits << SIXTEEN) | (digits >> THIRTY_TWO)) & np.uint64(0xFFFFFFFF), good


def find(text: U8, at: Index, byte: int, least: int, most: int) -> Index:
    """For each position a place `least` to `most` characters further on that holds `byte`; -1 where there is none.

    Rows of one file look alike: where the first row has it is tried for all before anything is searched.
    """
    last = len(text) - 1
    guess = least
    if at.size:
        window = text[at[0] + least : at[0] + most + 1]
        hits = np.flatnonzero(window == byte)
        guess += int(hits[0]) if hits.size else 0
    found = np.minimum(at + guess, last)
    wrong = text[found] != byte
    if guess > least:
        wrong |= text[found - 1] == byte  # it began before: what is here only fills the line up
    missed = np.flatnonzero(wrong)
    for step in range(least, most + 1):
        if not missed.size:
            return found
        found[missed] = np.minimum(at[missed] + step, last)
        missed = missed[text[found[missed]] != byte]
    found[missed] = -1
    return found
