"""The address space counted in pages, every number from what the kernel reports, never from assumed shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memviz.core.readings import DERIVED, MEASURED
from memviz.core.regions import RegionTable
from memviz.core.snapshot import Snapshot
from memviz.proc.maps import EXECUTE, READ, WRITE


@dataclass(frozen=True, slots=True)
class PageCount:
    """`bytes_of` gives the bytes that are counted, None where the kernel did not tell them."""

    name: str
    title: str
    how: str
    explanation: str
    bytes_of: Callable[[RegionTable], int | None]


def _sum(*names: str) -> Callable[[RegionTable], int | None]:
    return lambda t: sum(t.total(name) for name in names) if all(name in t for name in names) else None


def _permitted(bits: int, column: str = "size") -> Callable[[RegionTable], int | None]:
    def count(table: RegionTable) -> int | None:
        return int(table.counted(column)[table.permits(bits)].sum(dtype=np.uint64)) if column in table else None

    return count


def _untouched(table: RegionTable) -> int | None:
    if "rss" not in table or "swap" not in table:
        return None
    used = ("rss", "swap", "shared_hugetlb", "private_hugetlb")
    return table.total("size") - sum(table.total(name) for name in used if name in table)


PAGE_COUNTS = (
    PageCount("virtual", "Virtual", DERIVED, "All mapped pages: sum of the regions.", _sum("size")),
    PageCount("resident", "Resident", MEASURED, "Pages in physical memory.", _sum("rss")),
    PageCount("swapped", "Swapped", MEASURED, "Pages written to swap.", _sum("swap")),
    PageCount("shared", "Shared", DERIVED, "Resident pages that other processes map too.", _sum("shared_clean", "shared_dirty")),
    PageCount("private", "Private", DERIVED, "Resident pages that only this process maps.", _sum("uss")),
    PageCount("dirty", "Dirty", DERIVED, "Resident pages that were written.", _sum("shared_dirty", "private_dirty")),
    PageCount("readable", "Readable", DERIVED, "Mapped pages that may be read.", _permitted(READ)),
    PageCount("writable", "Writable", DERIVED, "Mapped pages that may be written.", _permitted(WRITE)),
    PageCount("executable", "Executable", DERIVED, "Mapped pages that may be executed.", _permitted(EXECUTE)),
    PageCount("readable_resident", "Readable, resident", DERIVED, "Resident pages of readable regions.", _permitted(READ, "rss")),
    PageCount("writable_resident", "Writable, resident", DERIVED, "Resident pages of writable regions.", _permitted(WRITE, "rss")),
    PageCount("executable_resident", "Executable, resident", DERIVED, "Resident pages of executable regions.", _permitted(EXECUTE, "rss")),
    PageCount("untouched", "Untouched", DERIVED, "Mapped pages neither in memory, nor in swap, nor of the hugetlb pool.", _untouched),
)  # fmt: skip


def count_pages(snapshot: Snapshot) -> dict[str, int | None]:
    """Every page count by name; None where the regions, or their residency, could not be read."""
    if "regions" in snapshot.absent:
        return {count.name: None for count in PAGE_COUNTS}
    values = {count.name: count.bytes_of(snapshot.regions) for count in PAGE_COUNTS}
    return {name: value // snapshot.page_size if value is not None else None for name, value in values.items()}
