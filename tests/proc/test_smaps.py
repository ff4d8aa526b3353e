"""smaps: what the kernel writes is what the columns say; decoding many blocks at once is parsing each of them."""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc import smaps
from memviz.proc.maps import Names, Raw
from memviz.proc.smaps import FLAGS, SmapsDecoder, flag_bits, parse_block, snake
from tests.strategies import WIDE, Region, chunks, decoded, expected, mutated, smaps_block, smaps_text, tables

HEADER = re.compile(rb"[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][ps] ")


def decode(*pieces: bytes) -> Raw:
    decoder = SmapsDecoder()
    for piece in pieces:
        decoder.feed(piece)
    return decoder.finish()


def one_by_one(text: bytes) -> tuple[list[dict[str, object]], list[bytes]]:
    """The rows by the definition, each block by itself, and the blocks that are none."""
    blocks: list[bytes] = []
    for line in text.splitlines(keepends=True) if b"\r" not in text else re.findall(rb"[^\n]*\n|[^\n]+", text):
        if HEADER.match(line) or not blocks:
            blocks.append(b"")
        blocks[-1] += line
    names, flags = Names({b"": 0}), Names({name.encode(): bit for bit, name in enumerate(FLAGS)})
    rows: list[dict[str, object]] = []
    odd, form = [], None
    for block in blocks:
        try:
            if not block.endswith(b"\n"):
                raise Malformed("cut off")
            header, fields, bits = parse_block(block[:-1].split(b"\n"), names, flags)
            form = form or (set(fields), bits is None)
            if form != (set(fields), bits is None):
                raise Malformed("other fields")
        except Malformed:
            odd.append(block)
            continue
        start, end, permissions, offset, device, inode, path = header
        row: dict[str, object] = {"start": start, "end": end, "offset": offset, "device": device, "inode": inode}
        row |= {"permissions": permissions, "path": list(names)[path]}
        row |= {name: value for name, value in fields.items() if name != "size"}
        if bits is not None:
            row["flags"] = {name.decode() for name, bit in flags.items() if bits >> bit & 1}
        rows.append(row)
    return rows, odd


def as_rows(raw: Raw) -> list[dict[str, object]]:
    rows = decoded(raw)
    for row, bits in zip(rows, raw.columns["permissions"].tolist(), strict=True):
        row["permissions"] = bits
    return rows


@given(tables())
def test_that_a_table_comes_back_from_its_text(regions: list[Region]) -> None:
    raw = decode(smaps_text(regions))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@given(tables(word=4))
def test_that_a_table_of_a_32_bit_kernel_comes_back_from_its_text(regions: list[Region]) -> None:
    raw = decode(smaps_text(regions, word=4))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@given(tables(), st.data())
def test_that_the_pieces_in_which_a_text_arrives_make_no_difference(regions: list[Region], data: st.DataObject) -> None:
    text = smaps_text(regions)
    with mock.patch.object(smaps, "BATCH", data.draw(st.integers(1, 3000))):
        raw = decode(*data.draw(chunks(text)))
    assert decoded(raw) == [expected(region) for region in regions]
    assert not raw.odd


@settings(max_examples=300)
@given(tables(), tables(), st.data())
def test_that_many_blocks_at_once_are_decoded_as_one_by_one(
    regions: list[Region], others: list[Region], data: st.DataObject
) -> None:
    odd = st.sampled_from([b"", b"\n", b"garbage\n", b"Rss:                   4 kB\n", b"Name:           [anon:x]\n"])
    blocks = [smaps_block(region) for region in regions + others[: data.draw(st.integers(0, 2))]]
    if data.draw(st.booleans()):
        blocks = data.draw(st.permutations([*blocks, *data.draw(st.lists(odd, max_size=3))]))
    text = b"".join(blocks)
    if data.draw(st.booleans()):
        text = data.draw(mutated(text))
    with mock.patch.object(smaps, "BATCH", data.draw(st.sampled_from([1, 2000, 1 << 20]))):
        raw = decode(*data.draw(chunks(text)))
    rows, left_over = one_by_one(text)
    assert as_rows(raw) == rows
    assert raw.odd == left_over


def block(*lines: str, start: int = 0x400000, pages: int = 1) -> bytes:
    """A block with a header, Size and Rss, and these lines."""
    head = f"{start:08x}-{start + pages * 4096:08x} r--p 00000000 08:01 7 "
    return "\n".join((head, f"Size:{4 * pages:19} kB", "Rss:                   4 kB", *lines, "")).encode()


def test_that_a_reservation_of_16_tebibytes_does_not_spoil_its_neighbours() -> None:
    page = 4096
    kib = (16 << 40) >> 10
    assert kib >= WIDE
    huge = Region(1 << 44, 1 << 45, "---p", 0, (0, 0), 0, b"", (("Size", kib), ("Rss", 0)), (), ("mr",))
    small = Region(page, 2 * page, "r--p", 0, (0, 0), 0, b"", (("Size", 4), ("Rss", 4)), (), ("rd",))
    after = Region(1 << 46, (1 << 46) + page, "r--p", 0, (0, 0), 0, b"", (("Size", 4), ("Rss", 4)), (), ("rd",))
    raw = decode(smaps_text([small, huge, after]))
    assert decoded(raw) == [expected(region) for region in (small, huge, after)]


def test_that_a_block_of_64_kibibyte_pages_and_one_of_a_hugetlb_page_are_rows_like_others() -> None:
    fields = (("Size", 64), ("KernelPageSize", 64), ("MMUPageSize", 64), ("Rss", 64))
    regions = [
        Region(1 << 16, 2 << 16, "rw-p", 0, (0, 0), 0, b"", fields, (), ("rd",)),
        Region(
            1 << 30, 2 << 30, "rw-s", 0, (0, 15), 9, b"/anon_hugepage (deleted)",
            (("Size", 1 << 20), ("KernelPageSize", 1 << 20), ("MMUPageSize", 1 << 20), ("Rss", 0)), (), ("rd", "ht"),
        ),
    ]  # fmt: skip
    raw = decode(smaps_text(regions))
    assert decoded(raw) == [expected(region) for region in regions]


def test_that_the_name_on_a_line_of_its_own_becomes_the_path() -> None:
    raw = decode(block("Name:           [anon:libc_malloc]"), block(start=0x500000))
    assert [raw.paths[number] for number in raw.columns["path_id"]] == [b"[anon:libc_malloc]", b""]
    assert not raw.odd


def test_that_a_line_that_a_later_kernel_may_add_is_kept_when_it_is_a_number_and_passed_over_when_it_is_text() -> None:
    raw = decode(block("Brand_New:             8 kB", "Colour:                blue", "VmFlags: rd zz ?? ?? "))
    (row,) = decoded(raw)
    assert row["brand_new"] == 8192
    assert row["flags"] == {"rd", "zz", "??"}
    assert "colour" not in row


def test_that_a_block_with_other_fields_than_the_first_is_odd_and_the_rest_stays() -> None:
    other = block("Swap:                  0 kB", start=0x500000)
    raw = decode(block(), other, block(start=0x600000))
    assert raw.columns["start"].tolist() == [0x400000, 0x600000]
    assert raw.odd == [other]


def test_that_tabs_before_a_number_are_understood_at_once_as_one_by_one() -> None:
    blocks = [block("THPeligible:\t\t1", "VmFlags: rd ", start=start << 16) for start in (1, 2, 3)]
    with mock.patch.object(SmapsDecoder, "_one", side_effect=AssertionError("one by one")):
        raw = decode(*blocks)
    assert [row["thp_eligible"] for row in decoded(raw)] == [1, 1, 1]


@pytest.mark.parametrize(
    "line",
    [
        "Swap:                 4x kB",
        "Swap                  4 kB",
        "Swap:\t\t4 MB",
        "Rss:                   4 kB",
        "Swap:  18014398509481984 kB",
        "VmFlags: abc ",
        ": 1 kB",
        "",
    ],
)
def test_that_a_block_with_a_line_of_another_form_is_odd(line: str) -> None:
    raw = decode(block(line))
    assert (len(raw), len(raw.odd)) == (0, 1)


def test_that_blocks_of_uneven_length_are_told_apart_also_where_the_lines_add_up() -> None:
    more = block("Name:           [anon:x]", "Swap:                  0 kB", "VmFlags: rd ", start=0x500000)
    less = block("VmFlags: rd ", start=0x600000)
    blocks = [block("Swap:                  0 kB", "VmFlags: rd ", start=start << 20) for start in (4, 7)]
    raw = decode(blocks[0], more, less, blocks[1])
    assert raw.columns["start"].tolist() == [0x400000, 0x500000, 0x700000]
    assert raw.odd == [less]


def test_that_a_block_whose_size_is_not_that_of_its_range_is_odd() -> None:
    wrong = block(pages=2).replace(b"Size:                  8 kB", b"Size:                  4 kB")
    raw = decode(block(), wrong, block(start=0x600000))
    assert (len(raw), raw.odd) == (2, [wrong])


def test_that_a_file_that_ends_in_the_middle_of_a_block_gives_the_blocks_before() -> None:
    raw = decode(block(), block(start=0x500000)[:-9])
    assert (len(raw), len(raw.odd)) == (1, 1)


def test_that_more_kinds_of_flags_than_64_bits_hold_are_refused_and_not_wrapped_around() -> None:
    flags = Names()
    for number in range(64):
        flag_bits(f"{number:02x}".encode(), flags)
    assert flag_bits(b"00 3f", flags) == 1 | 1 << 63
    with pytest.raises(Malformed):
        flag_bits(b"zz", flags)


@pytest.mark.live
def test_that_blocks_of_the_kernel_here_are_decoded_at_once_and_not_one_by_one() -> None:
    text = Path("/proc/self/smaps").read_bytes()
    slow = AssertionError("one by one")
    with (
        mock.patch.object(SmapsDecoder, "_decode_singly", side_effect=slow),
        mock.patch.object(SmapsDecoder, "_one", side_effect=slow),
    ):
        raw = decode(text)
    assert len(raw) == text.count(b"\nVmFlags: ")
    assert not raw.odd


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("Rss", "rss"), ("Pss_Dirty", "pss_dirty"), ("KernelPageSize", "kernel_page_size"), ("KSM", "ksm"),
        ("MMUPageSize", "mmu_page_size"), ("AnonHugePages", "anon_huge_pages"), ("SwapPss", "swap_pss"),
        ("THPeligible", "thp_eligible"), ("ShmemPmdMapped", "shmem_pmd_mapped"), ("LazyFree", "lazy_free"),
        ("Private_Hugetlb", "private_hugetlb"), ("ProtectionKey", "protection_key"),
    ],
)  # fmt: skip
def test_that_a_field_has_a_column_in_lower_case_words(field: str, column: str) -> None:
    assert snake(field) == column
