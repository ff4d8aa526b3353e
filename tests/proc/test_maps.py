"""maps: what the kernel writes is what the columns say, however it arrives and whatever is in it."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc import maps
from memviz.proc.maps import HEADER_COLUMNS, MapsDecoder, Names, Raw, parse_header
from memviz.proc.smaps import SmapsDecoder
from tests.strategies import Region, chunks, decoded, expected, letters, maps_line, maps_text, mutated, tables


def decode(*pieces: bytes) -> Raw:
    decoder = MapsDecoder()
    for piece in pieces:
        decoder.feed(piece)
    return decoder.finish()


def one_by_one(lines: Sequence[bytes]) -> tuple[list[dict[str, object]], list[bytes]]:
    """The rows by the definition, and the lines that are none."""
    names, rows, odd = Names({b"": 0}), [], []
    for line in lines:
        try:
            row: dict[str, object] = dict(zip(HEADER_COLUMNS, parse_header(line, names), strict=True))
        except Malformed:
            odd.append(line)
            continue
        row["permissions"] = letters(int(str(row["permissions"])))
        row["path"] = list(names)[int(str(row.pop("path_id")))]
        rows.append(row)
    return rows, odd


@given(tables(measured=False))
def test_that_a_table_comes_back_from_its_text(regions: list[Region]) -> None:
    raw = decode(maps_text(regions))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@given(tables(word=4, measured=False))
def test_that_a_table_of_a_32_bit_kernel_comes_back_from_its_text(regions: list[Region]) -> None:
    raw = decode(maps_text(regions, word=4))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@given(tables(measured=False), st.data())
def test_that_the_pieces_in_which_a_text_arrives_make_no_difference(regions: list[Region], data: st.DataObject) -> None:
    text = maps_text(regions)
    with mock.patch.object(maps, "BATCH", data.draw(st.integers(1, 300))):
        raw = decode(*data.draw(chunks(text)))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@given(tables(measured=False), st.data())
def test_that_many_lines_at_once_are_decoded_as_one_by_one(regions: list[Region], data: st.DataObject) -> None:
    lines = [maps_line(region)[:-1] for region in regions]
    odd = st.one_of(
        st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")),
        st.sampled_from([b"", b"x", b"7f00-7f01 r--p", b"00400000-00400000 r--p 00000000 00:00 0 "]),
        *([st.sampled_from(lines).flatmap(mutated).map(lambda line: line.replace(b"\n", b""))] if lines else []),
    )
    lines = data.draw(st.permutations([*lines, *data.draw(st.lists(odd, max_size=4))]))
    raw = decode(b"".join(line + b"\n" for line in lines))
    rows, left_over = one_by_one(lines)
    assert decoded(raw) == rows
    assert raw.odd == left_over


def test_that_addresses_above_2_to_the_63_are_kept_to_the_bit() -> None:
    raw = decode(b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n")
    assert (int(raw.columns["start"][0]), int(raw.columns["end"][0])) == (0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000)
    assert raw.columns["start"].dtype == np.uint64


def test_that_a_name_is_kept_byte_for_byte_and_only_a_newline_ends_it() -> None:
    names = [
        b"/x\r7f00-7f01 r-xp 0 0:0 0",
        b"/\xe2\x80\xa8y",
        b"/\x85\x1b[31m",
        b"/a  b ",
        b"/ends (deleted)",
        b"/\xff",
    ]
    text = b"".join(
        b"%08x-%08x r--p 00000000 08:01 7 " % (0x1000 * at, 0x1000 * at + 0x1000) + b" " * 20 + name + b"\n"
        for at, name in enumerate(names, 1)
    )
    raw = decode(text)
    assert [raw.paths[path_id] for path_id in raw.columns["path_id"]] == names


def test_that_a_device_of_more_digits_and_an_inode_of_twenty_are_understood() -> None:
    raw = decode(b"00400000-00401000 r--s 00000000 103:fffff 18446744073709551615 /a\n")
    (row,) = decoded(raw)
    assert (row["device"], row["inode"]) == (0x103 << 20 | 0xFFFFF, (1 << 64) - 1)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"00400000-00401000",
        b"00401000-00400000 r--p 00000000 08:01 7 ",
        b"00400000-00401000 rw-- 00000000 08:01 7 ",
        b"00400000-00401000 r--p 00000000 08:01 18446744073709551616 /a",
        b"-00401000 r--p 00000000 08:01 7 ",
        b"12345678901234567-12345678901234568 r--p 00000000 08:01 7 ",
        b"0040000G-00401000 r--p 00000000 08:01 7 ",
        b"00400000-00401000 r--p 00000000 08:01 7/a",
    ],
)
def test_that_a_line_of_another_form_is_counted_as_odd_and_is_no_row(line: bytes) -> None:
    raw = decode(line + b"\n")
    assert (len(raw), raw.odd) == (0, [line])
    with pytest.raises(Malformed, match="not a"):
        parse_header(line, Names({b"": 0}))


def test_that_a_line_without_its_leading_zeros_is_understood() -> None:
    (row,) = decoded(decode(b"200000-919000 r--p 0 00:00 0   perfetto_unittests\n"))
    assert (row["start"], row["end"], row["offset"], row["path"]) == (0x200000, 0x919000, 0, b"perfetto_unittests")


def test_that_a_last_line_without_its_newline_is_no_row() -> None:
    whole = b"00400000-00401000 r--p 00000000 08:01 7 \n"
    raw = decode(whole, whole[:-1])
    assert (len(raw), raw.odd) == (1, [whole[:-1]])


def test_that_an_empty_file_is_an_empty_table() -> None:
    raw = decode()
    assert (len(raw), raw.odd, raw.paths) == (0, [], (b"",))


def test_that_a_column_that_is_the_same_everywhere_takes_no_room() -> None:
    raw = decode(b"".join(b"%08x-%08x r--p 00000000 08:01 7 \n" % (n << 12, n + 1 << 12) for n in range(1, 1000)))
    assert raw.columns["inode"].strides == (0,)
    assert len(raw.columns["inode"]) == 999


def test_that_a_line_without_an_end_is_not_looked_through_again_and_again() -> None:
    decoder = MapsDecoder()
    joined = 0
    for _ in range(64):
        decoder.feed(bytes(1 << 18))
        joined += decoder._size if len(decoder._waiting) == 1 else 0
    assert joined < 6 * (64 << 18)
    assert len(decoder.finish().odd) == 1


@pytest.mark.parametrize("decoder", [MapsDecoder, SmapsDecoder])
@pytest.mark.parametrize("part", [b"x", b"x\n", b"\n", b"7f0-7f1 rw-p x\n", bytes(9), b"Rss: 4 kB\n"], ids=range(6))
def test_that_what_is_no_map_is_refused_before_it_fills_the_memory(
    decoder: type[MapsDecoder | SmapsDecoder], part: bytes
) -> None:
    one, data = decoder(), part * ((1 << 18) // len(part))

    def feed() -> None:
        for _ in range(400):
            one.feed(data)

    with pytest.raises(Malformed, match="no map of a process"):
        feed()
