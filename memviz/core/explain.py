"""One address in plain words: its region, block, neighbours and place in the file."""

from __future__ import annotations

from dataclasses import dataclass

from memviz import units
from memviz.core.categories import ALIKE, SCATTERED
from memviz.core.regions import Region
from memviz.core.snapshot import Snapshot

LAST_ADDRESS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """`row` is the region that holds the address or None; `sentence` says it all; neighbours are rows or None."""

    address: int
    row: int | None
    block: int | None
    below: int | None
    above: int | None
    offset_in_file: int | None
    sentence: str
    meaning: str


def explain(snapshot: Snapshot, address: int) -> Explanation:
    """Where an address lies; an address outside every region is explained by its neighbours."""
    table = snapshot.regions
    row = table.find(address)
    if row is None:
        return _between(snapshot, address)
    region = table[row]
    block = int(table["block"][row])
    category = snapshot.categories[int(table["category"][row])]
    offset = region.offset + address - region.start if region.raw_path.startswith(b"/") else None
    return Explanation(
        address, row, block, row - 1 if row else None, row + 1 if row + 1 < len(table) else None, offset,
        _sentence(snapshot, region, block, address, offset), category.explanation,
    )  # fmt: skip


def _sentence(snapshot: Snapshot, region: Region, block: int, address: int, offset: int | None) -> str:
    category = snapshot.categories[int(snapshot.regions["category"][region.row])]
    name = snapshot.blocks.name(block)
    what = f"{name}: {category.name}" if name != category.name and category.label != name else category.name
    words = [f"{units.address(address)} is {_within(snapshot, region, block, address)}{what}"]
    if offset is not None:
        words.append(f"byte {offset:#x} of {region.path}")
    words.append(f"a region of {units.size(region.size)} with permissions {region.permissions}")
    if "rss" in snapshot.regions:
        private = region.uss if "uss" in snapshot.regions else 0
        huge = sum(region.get(name) or 0 for name in ("shared_hugetlb", "private_hugetlb"))
        state = "nothing of it is in memory"
        if huge:
            state = f"{units.size(huge)} of it are in memory, from the hugetlb pool"
        elif region.rss:
            state = f"{units.percent(region.rss, region.size)} of it is in memory"
            state += ", all private" if private == region.rss else ", nothing private" if not private else ""
        words.append(state)
        if region.get("swap"):
            words.append(f"{units.size(region.swap)} are in swap")
    return ", ".join(words) + ("." if category.sure else " (most likely).")


def _within(snapshot: Snapshot, region: Region, block: int, address: int) -> str:
    """How far into a block, where that means something: a scattered one has no beginning to count from."""
    blocks = snapshot.blocks
    if blocks.category(block).blocks in (SCATTERED, ALIKE) and int(blocks.counts[block]) > 1:
        return "in "
    return f"{units.size(address - int(snapshot.regions['start'][blocks.first[block]]))} into "


def _between(snapshot: Snapshot, address: int) -> Explanation:
    import numpy as np

    table = snapshot.regions
    if not 0 <= address <= LAST_ADDRESS:
        text = f"{address:#x} is no address: addresses have 64 bits."
        return Explanation(address, None, None, None, None, None, text, "")
    above = int(np.searchsorted(table["start"], np.uint64(address), "right"))
    low, high = above - 1 if above else None, above if above < len(table) else None
    if high is not None and _grows_to(snapshot, address, high):
        below = units.size(table[high].start - address)
        text = (
            f"{units.address(address)} is not mapped yet: it lies {below} below the main stack, which grows to hold it"
        )
        return Explanation(address, None, None, low, high, None, text + " when it is used.", "")
    words = []
    if low is not None:
        region = table[low]
        words.append(f"{units.size(address - region.end)} above {_called(snapshot, low)}")
    if high is not None:
        words.append(f"{units.size(table[high].start - address)} below {_called(snapshot, high)}")
    near = " and ".join(words) or "and the process has no regions"
    text = f"{units.address(address)} is not mapped: it lies {near}."
    text += " Using it would end the process with a segmentation fault."
    return Explanation(address, None, None, low, high, None, text, "")


def _grows_to(snapshot: Snapshot, address: int, row: int) -> bool:
    """Whether the region above is a stack that the kernel extends downwards (VmFlag gd), and its limit allows it."""
    table = snapshot.regions
    limit = snapshot.facts.limits.get("Max stack size", 0)
    grows = bool(table.flagged("gd")[row]) or table[row].raw_path == b"[stack]"
    return grows and (limit is None or table[row].end - address <= limit)


def _called(snapshot: Snapshot, row: int) -> str:
    block = int(snapshot.regions["block"][row])
    return f"{snapshot.blocks.name(block)} ({snapshot.regions[row].permissions})"
