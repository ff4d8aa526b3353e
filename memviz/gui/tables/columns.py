"""The columns of blocks and regions in one table: those of core, and what only makes sense beside others."""

from __future__ import annotations

from memviz import units
from memviz.core.columns import BLOCK_COLUMNS, REGION_COLUMNS, Column, column_of
from memviz.core.snapshot import Snapshot

CHANGED = ("private_swap", "rss", "pss", "uss", "size", "swap")  # of which the difference to the mark has columns
CHANGE = "_change"  # how their names end
STATE = "state"
NAME = "name"
FIXED = frozenset({"start", "end", "offset", "permissions", "flags", "device", "inode"})  # written in one width


def _difference(value: object) -> str:
    """`+38.0 MiB`; what stays the same is 0."""
    if not isinstance(value, int):
        return units.DASH
    return units.signed(value) if value else "0"


def _text(value: object) -> str:
    return str(value)


_REGION = {column.name: column for column in REGION_COLUMNS}
_REGIONS = next(column for column in BLOCK_COLUMNS if column.name == "regions")
_OWN = Column("private_swap", "Private + swap", "USS + swap: what it costs by itself.")
_CHANGED = {name: _REGION.get(name, _OWN) for name in CHANGED}
_FIRST = (
    Column(NAME, "Name", "A thing in memory, or the kind of region that is a part of it.", _text, False),
    _OWN,
    *(_REGION[name] for name in ("rss", "pss", "uss", "size", "swap")),
    Column(
        STATE,
        "Since the mark",
        "New, gone or changed since the mark was set. Shared differently: only its PSS is another, "
        "since other processes have come to share its pages or no longer do.",
        _text,
        False,
    ),
    *(
        Column(name + CHANGE, f"{column.title} Δ", f"{column.title} now minus at the mark.", _difference)
        for name, column in _CHANGED.items()
    ),
    _REGIONS,
    *(_REGION[name] for name in ("permissions", "start", "group", "category", "path")),
)
COLUMNS = (*_FIRST, *(column for column in REGION_COLUMNS if column not in _FIRST))
USUAL = (
    NAME, "private_swap", "private_swap_change", "rss", "rss_change", "pss", "size", "size_change", "swap", STATE,
    "permissions", "regions", "start", "path",
)  # fmt: skip


def columns_for(snapshot: Snapshot | None) -> tuple[Column, ...]:
    """All of them, and further fields of this kernel's smaps that memviz has no words for."""
    known = {column.name for column in COLUMNS}
    further = [name for name in snapshot.regions.fields if name not in known] if snapshot is not None else []
    return (*COLUMNS, *(column_of(name) for name in further))


def is_difference(name: str) -> bool:
    """Whether a column is there only beside a mark."""
    return name == STATE or name.endswith(CHANGE)


def why_unknown(snapshot: Snapshot, name: str) -> str:
    """Why a snapshot does not tell a column."""
    why = snapshot.absent.get("regions") or snapshot.absent.get("residency")
    if why is not None and not snapshot.regions.measured:
        return str(why)
    if is_difference(name):
        return "not told both now and at the mark"
    return "this kernel does not tell it"
