"""What may stand behind options: numbers, sizes and addresses as people write them, and one line about all else."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from memviz.cli.values import LONGEST, address, amount, count, number, pixels

SECONDS = number("number of seconds from 0.1 to 600", 0.1, 600)
LINES = count("number of lines from 1 to 500", 1, 500)


@pytest.mark.parametrize("text", ["0x7f12_3456_7000", "7f1234567000", "0x7F1234567000"])
def test_that_addresses_are_hexadecimal(text: str) -> None:
    assert address(text) == 0x7F1234567000


def test_that_the_edges_belong_to_what_is_allowed() -> None:
    assert (SECONDS("0.1"), SECONDS("600"), LINES("1"), LINES("500")) == (0.1, 600.0, 1, 500)
    assert (count("number of rows")("0"), amount("1.5K"), pixels("100x16384")) == (0, 1536, (100, 16384))
    assert address("f" * 16) == (1 << 64) - 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((address, text) for text in ("", "heap", "-1", "0x1_0000_0000_0000_0000", "²")),
        *((SECONDS, text) for text in ("", "0", "-3", "601", "nan", "inf", "soon")),
        *((LINES, text) for text in ("", "0", "501", "-1", "1.0", "²", "9" * 30)),
        *((amount, text) for text in ("", "much", "-1", "1E", "nan")),
        *((pixels, text) for text in ("", "12", "99x100", "100x16385", "1280x", "1280X720", "²²x²²")),
    ],
)
def test_that_what_is_none_is_refused_by_name(kind: Callable[[str], object], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^'.*' is no (address|number of|size)"):
        kind(text)


def test_that_a_long_word_is_not_said_again_as_a_whole() -> None:
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        amount("much" * 1000)
    assert len(str(raised.value)) < LONGEST + 60
