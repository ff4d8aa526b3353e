"""What may stand behind an option or in place of a word: argparse calls these, and says in one line what is wrong."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from memviz.text import clipped
from memviz.units import parse_size

LONGEST = 40  # letters of a wrong value that are said again


def _wrong(text: str, what: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{clipped(text, LONGEST)!r} is no {what}")


def number(what: str, low: float, high: float) -> Callable[[str], float]:
    """Any number between two."""

    def value(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            raise _wrong(text, what) from None
        if not low <= found <= high:
            raise _wrong(text, what)
        return found

    return value


def count(what: str, low: int = 0, high: int | None = None) -> Callable[[str], int]:
    """A whole number, in digits."""

    def value(text: str) -> int:
        found = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
        if found < low or (high is not None and found > high):
            raise _wrong(text, what)
        return found

    return value


def amount(text: str) -> int:
    """`10M`, `1.5G`, `4096` in bytes."""
    try:
        return parse_size(text)
    except ValueError:
        raise _wrong(text, "size; write 4096, 64K, 10M or 1.5G") from None


def address(text: str) -> int:
    """`0x7f12_3456_7000`; hexadecimal also without its sign."""
    try:
        found = int(text, 16)
    except ValueError:
        found = -1
    if not 0 <= found < 1 << 64:
        raise _wrong(text, "address of 64 bits; write 0x7f12_3456_7000")
    return found


def pixels(text: str) -> tuple[int, int]:
    """Width and height of a picture: `1280x720`."""
    found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text, re.ASCII)
    numbers = tuple(map(int, found.groups())) if found else ()
    if len(numbers) != 2 or not all(100 <= each <= 16384 for each in numbers):
        raise _wrong(text, "size; write 1280x720")
    return numbers[0], numbers[1]
