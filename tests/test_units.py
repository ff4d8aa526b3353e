from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz import units

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
COUNTS = st.one_of(
    st.integers(0, (1 << 64) - 1),
    # next to where the unit changes, as far away as a decimal can be rounded
    st.builds(
        lambda step, away: max(0, (1 << 10 * step) + away * (1 << 10 * step) // 4000),
        st.integers(1, 6),
        st.integers(-4, 4),
    ),
    st.builds(lambda step, away: (1 << 10 * step) + away, st.integers(1, 6), st.integers(-3, 3)),
)


def value_and_unit(text: str) -> tuple[float, str]:
    number, _, unit = text.replace(",", "").partition(" ")
    return float(number), unit


@given(COUNTS)
def test_that_a_unit_is_never_counted_to_1024_where_there_is_a_larger_one(count: int) -> None:
    for text in (units.size(count), units.report_size(count)):
        value, unit = value_and_unit(text)
        assert value < 1024 or unit in ("EiB", "TB")


@given(COUNTS)
def test_that_a_size_is_right_to_its_last_digit(count: int) -> None:
    value, unit = value_and_unit(units.size(count))
    step = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB, "TiB": 1 << 40, "PiB": 1 << 50, "EiB": 1 << 60}[unit]
    last = 1 if "." not in units.size(count) else 0.1
    assert abs(value - count / step) <= last * 0.501


@given(COUNTS)
def test_that_a_size_below_zero_is_the_same_with_a_sign(count: int) -> None:
    assert units.size(-count) == (f"-{units.size(count)}" if count else "0 B")


@given(COUNTS)
def test_that_a_difference_has_its_sign_unless_there_is_none(count: int) -> None:
    assert units.signed(count) == ("+" if count else "") + units.size(count)
    assert units.signed(-count) == units.size(-count)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (102_297, "99.9 KiB"),
        (102_400, "100 KiB"),
        (MIB - 1, "1.0 MiB"),
        (1023 * KIB, "1,023 KiB"),
        (1023 * KIB + 511, "1,023 KiB"),
        (1023 * KIB + 513, "1.0 MiB"),
        (GIB - 1, "1.0 GiB"),
        (47_395_635, "45.2 MiB"),
        ((1 << 64) - 1, "16.0 EiB"),
        (1 << 71, "2,048 EiB"),
    ],
)
def test_that_a_size_has_one_decimal_below_100(count: int, text: str) -> None:
    assert units.size(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0.0 B"),
        (1023, "1023.0 B"),
        (1023.96, "1.0 KB"),
        (MIB - 1, "1.0 MB"),
        (1023 * KIB, "1023.0 KB"),
        (GIB - 1, "1.0 GB"),
        (47_395_635, "45.2 MB"),
        (-(MIB - 1), "-1.0 MB"),
        (1 << 40, "1.0 TB"),
        (1 << 51, "2048.0 TB"),
    ],
)
def test_that_the_reports_write_every_size_with_one_decimal(count: float, text: str) -> None:
    assert units.report_size(count) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [("4096", 4096), ("64K", 65536), ("10M", 10 * MIB), ("1.5GiB", 3 * GIB // 2), ("2 tb", 2 << 40), ("0", 0)],
)
def test_that_a_size_is_understood(text: str, count: int) -> None:
    assert units.parse_size(text) == count


@pytest.mark.parametrize("text", ["", "K", "much", "-1", "nan", "inf", "1e30", "10Q", "1..2"])
def test_that_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        units.parse_size(text)


def test_that_a_share_is_never_rounded_to_nothing() -> None:
    assert units.percent(1, 0) == units.DASH
    assert units.percent(0, 5) == "0 %"
    assert units.percent(1, 1 << 40) == "< 0.1 %"
    assert units.percent(-1, 1 << 40) == "> -0.1 %"
    assert units.percent(3, 1000) == "0.3 %"
    assert units.percent(62, 100) == "62 %"


@given(st.floats(0, 1e9))
def test_that_a_duration_has_two_units_at_most(seconds: float) -> None:
    text = units.duration(seconds)
    assert re.fullmatch(r"(< )?[\d.]+ (s|min|h|d)( \d+ (s|min|h))?", text)
    assert not re.search(r"\b60 (s|min)", text)
    assert (text == "0 s") == (seconds == 0), "what took time is never said to have taken none"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1.9e-60, "< 0.001 s"),
        (0.25, "0.25 s"),
        (59.99, "1 min 0 s"),
        (252, "4 min 12 s"),
        (4 * 3600 + 3 * 86400, "3 d 4 h"),
    ],
)
def test_that_a_duration_is_written_as_people_say_it(seconds: float, text: str) -> None:
    assert units.duration(seconds) == text


def test_that_numbers_and_addresses_are_grouped() -> None:
    assert units.number(65_054) == "65,054"
    assert units.address(0x7F1234567000) == "0x7f12_3456_7000"


def test_that_one_thing_is_not_counted_as_several() -> None:
    words = [units.counted(count, "region") for count in (0, 1, 65054)]
    assert words == ["0 regions", "1 region", "65,054 regions"]
    assert units.counted(2, "process", "es") == "2 processes"
