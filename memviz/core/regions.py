"""The region table: one row a VMA, one read-only numpy column a field. `table[i]` is a view of a row, never a second
store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from memviz.proc.maps import EXECUTE, MINOR_BITS, READ, SHARED, WRITE, Raw, compact
from memviz.text import shown

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
TOP_HALF = np.uint64(1 << 63)  # from here on addresses are the kernel's: only [vsyscall] shows there

# Columns in bytes that may be added up over regions
SUMS = (
    "size", "rss", "pss", "uss", "swap", "pss_dirty", "shared_clean", "shared_dirty", "private_clean", "private_dirty",
    "referenced", "anonymous", "ksm", "lazy_free", "anon_huge_pages", "shmem_pmd_mapped", "file_pmd_mapped",
    "shared_hugetlb", "private_hugetlb", "swap_pss", "locked",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class RegionTable:
    """Columns of equal length: start, end, permissions (bits), offset, device, inode, path_id, and, where smaps
    could be
    read, its fields in bytes and `flags` (bits named by `flag_names`). `size` and `uss` are derived on access."""

    columns: dict[str, Array]
    paths: tuple[bytes, ...]
    flag_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Raw) -> RegionTable:
        return cls(dict(raw.columns), raw.paths, raw.flag_names)

    def __len__(self) -> int:
        return len(self.columns["start"])

    def __repr__(self) -> str:
        return f"<RegionTable of {len(self)} regions: {', '.join(self.columns)}>"

    @overload
    def __getitem__(self, key: str) -> Array: ...
    @overload
    def __getitem__(self, key: int) -> Region: ...
    def __getitem__(self, key: str | int) -> Array | Region:
        if isinstance(key, str):
            return self._column(key)
        row = key + len(self) if key < 0 else key
        if not 0 <= row < len(self):
            raise IndexError(key)
        return Region(self, row)

    def __contains__(self, name: object) -> bool:
        if name == "uss":
            return "private_clean" in self.columns and "private_dirty" in self.columns
        return name == "size" or name in self.columns

    def __iter__(self) -> Iterator[Region]:
        return (Region(self, row) for row in range(len(self)))

    def _column(self, name: str) -> Array:
        if name == "size":
            size: Array = self.columns["end"] - self.columns["start"]
            return size
        if name == "uss" and name in self:
            uss: Array = self.columns["private_clean"] + self.columns["private_dirty"]
            return uss
        return self.columns[name]

    @property
    def measured(self) -> bool:
        """Whether residency is known (smaps), not only the regions themselves (maps)."""
        return "rss" in self.columns

    @property
    def fields(self) -> tuple[str, ...]:
        """Every smaps field of this kernel, also the ones memviz has no words for."""
        header = {
            "start",
            "end",
            "permissions",
            "offset",
            "device",
            "inode",
            "path_id",
            "flags",
            "category",
            "block",
            "sure",
            "deleted",
        }
        return tuple(name for name in self.columns if name not in header)

    def counted(self, name: str) -> Array:
        """A column for adding up: 0 for [vsyscall], which is the kernel's page and no part of the process's size."""
        column = self[name]
        if len(self) and self.columns["start"][-1] >= TOP_HALF:
            column = np.where(self.columns["start"] < TOP_HALF, column, np.uint64(0))
        return column

    def total(self, name: str) -> int:
        """The exact sum of a column."""
        return int(self.counted(name).sum(dtype=np.uint64))

    def where(self, mask: Mask) -> RegionTable:
        """The rows where `mask` holds, in order."""
        columns = {name: compact(column[mask]) for name, column in self.columns.items()}
        return RegionTable(columns, self.paths, self.flag_names)

    def with_columns(self, **columns: Array) -> RegionTable:
        """The same table with further columns."""
        for column in columns.values():
            column.flags.writeable = False
        return RegionTable({**self.columns, **columns}, self.paths, self.flag_names)

    def permits(self, bits: int) -> Mask:
        """Where all these permission bits are set."""
        mask: Mask = (self.columns["permissions"] & np.uint8(bits)) == bits
        return mask

    def flagged(self, name: str) -> Mask:
        """Where VmFlags has this flag; nowhere if the kernel told no flags."""
        if "flags" not in self.columns or name not in self.flag_names:
            return np.zeros(len(self), np.bool_)
        bit = np.uint64(1 << self.flag_names.index(name))
        mask: Mask = (self.columns["flags"] & bit) != 0
        return mask

    def find(self, address: int) -> int | None:
        """The row that holds an address; None where none does, or where it is no address."""
        if not 0 <= address < 1 << 64:
            return None
        row = int(np.searchsorted(self.columns["start"], np.uint64(address), "right")) - 1
        return row if row >= 0 and address < int(self.columns["end"][row]) else None

    def gaps(self) -> tuple[Array, Array]:
        """Start and size of the unmapped ranges between regions ([vsyscall] left out)."""
        below = self.columns["start"] < TOP_HALF
        start, end = self.columns["start"][below], self.columns["end"][below]
        size = start[1:] - end[:-1]
        chosen = size > 0
        return end[:-1][chosen], size[chosen]


@dataclass(frozen=True, slots=True)
class Region:
    """One row, for people: every column by name, text where people want text."""

    table: RegionTable
    row: int

    def __repr__(self) -> str:
        return f"<Region {self.start:#x}-{self.end:#x} {self.permissions} {self.path}>"

    def __getattr__(self, name: str) -> int:
        if name not in self.table:
            raise AttributeError(name)
        return int(self.table[name][self.row])

    def get(self, name: str) -> int | None:
        """A number, or None where this kernel or this reader does not tell it."""
        return int(self.table[name][self.row]) if name in self.table else None

    @property
    def raw_path(self) -> bytes:
        """The path as the kernel wrote it."""
        return self.table.paths[int(self.table.columns["path_id"][self.row])]

    @property
    def path(self) -> str:
        """The path with everything that would not show as escapes."""
        return shown(self.raw_path)

    @property
    def permissions(self) -> str:
        """`r-xp`"""
        return permission_text(int(self.table.columns["permissions"][self.row]))

    @property
    def device(self) -> str:
        """`fe:00`, as maps writes it."""
        return device_text(int(self.table.columns["device"][self.row]))

    @property
    def flags(self) -> list[str] | None:
        """VmFlags in the kernel's order; None where it told none."""
        if "flags" not in self.table.columns:
            return None
        return flag_names(int(self.table.columns["flags"][self.row]), self.table.flag_names)


def permission_text(bits: int) -> str:
    """Permission bits as maps writes them."""
    letters = (char if bits & bit else "-" for char, bit in (("r", READ), ("w", WRITE), ("x", EXECUTE)))
    return "".join(letters) + ("s" if bits & SHARED else "p")


def device_text(number: int) -> str:
    """A device number as maps writes it."""
    return f"{number >> MINOR_BITS:02x}:{number & (1 << MINOR_BITS) - 1:02x}"


def flag_names(bits: int, names: tuple[str, ...]) -> list[str]:
    """The names of the bits that are set."""
    return [name for bit, name in enumerate(names) if bits >> bit & 1]
