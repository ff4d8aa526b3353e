from __future__ import annotations

import pytest

from memviz.core.regions import RegionTable
from tests.builders import regions


def test_that_a_row_tells_what_the_kernel_wrote() -> None:
    table = regions("7f0-7f4 r-xs /lib/x\\ y offset=2000 device=fe:10 inode=77 rss=12k flags=rd,ex,sh")
    region = table[0]
    assert (region.start, region.end, region.size) == (0x7F0000, 0x7F4000, 0x4000)
    assert (region.permissions, region.offset, region.device, region.inode) == ("r-xs", 0x2000, "fe:10", 77)
    assert (region.path, region.rss, region.flags) == ("/lib/x y", 12288, ["rd", "ex", "sh"])


def test_that_a_field_the_kernel_does_not_tell_is_absent_and_not_zero() -> None:
    table = regions("7f0-7f4 rw-p")
    assert "protection_key" not in table
    assert table[0].get("protection_key") is None
    with pytest.raises(AttributeError):
        _ = table[0].protection_key
    with pytest.raises(KeyError):
        table["protection_key"]


def test_that_columns_cannot_be_changed() -> None:
    table = regions("7f0-7f4 rw-p", "7f8-7fa rw-p rss=4k")
    for name in table.columns:
        with pytest.raises(ValueError, match="read-only"):
            table[name][0] = 1


def test_that_rows_count_from_the_end_and_end_somewhere() -> None:
    table = regions("7f0-7f4 rw-p", "7f8-7fa rw-p")
    assert table[-1].start == 0x7F8000
    assert [region.start for region in table] == [0x7F0000, 0x7F8000]
    with pytest.raises(IndexError):
        table[2]


def test_that_an_address_is_found_in_its_half_open_range() -> None:
    table = regions("7f0-7f4 rw-p", "7f8-7fa rw-p")
    found = [table.find(page << 12) for page in (0x7EF, 0x7F0, 0x7F3, 0x7F4, 0x7F8, 0x7FA)]
    assert found == [None, 0, 0, None, 1, None]


def test_that_gaps_lie_between_regions_and_not_before_vsyscall() -> None:
    start, size = regions(
        "10-12 rw-p", "12-14 r--p", "20-21 rw-p", "ffffffffff600-ffffffffff601 --xp [vsyscall]"
    ).gaps()
    assert start.tolist() == [0x14000]
    assert size.tolist() == [0xC000]


def test_that_flags_the_kernel_may_add_are_kept() -> None:
    table = regions("7f0-7f4 rw-p flags=rd,zz")
    assert table[0].flags == ["rd", "zz"]
    assert table.flagged("zz").all()
    assert not table.flagged("qq").any()


def test_that_an_empty_table_can_be_asked() -> None:
    table: RegionTable = regions()
    assert len(table) == 0
    assert table.find(0) is None
    assert table.total("size") == 0
