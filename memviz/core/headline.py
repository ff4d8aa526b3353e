"""The first sentence about a process: true, with numbers, in plain words."""

from __future__ import annotations

import numpy as np

from memviz import units
from memviz.core.categories import ALIKE, SCATTERED
from memviz.core.snapshot import Snapshot

WORDS = {
    "text": "code", "data": "program data", "library": "library data", "file": "mapped files",
    "anonymous": "anonymous memory", "shared": "shared memory",
}  # fmt: skip
LARGE = 0.2  # of the resident memory: from here on one block is worth naming, else the largest group is


def headline(snapshot: Snapshot) -> str:
    """`node keeps 311 MiB in memory; 81 % of it is the V8 heap, spread over 60 TiB.`"""
    name, rss = snapshot.name, snapshot.totals["rss"]
    if rss is None:
        return _without_residency(snapshot)
    if not rss and snapshot.no_memory is None:
        pool = snapshot.facts.status.get("HugetlbPages")
        return f"{name} keeps {f'{units.size(pool)} of the hugetlb pool' if pool else 'nothing'} in memory."
    blocks = snapshot.blocks
    resident = blocks.sums("rss")
    index = int(resident.argmax())
    part, what = int(resident[index]), blocks.name(index)
    if what in snapshot.groups and (snapshot.groups[what].rss or 0) > part:
        what = f"one {what} block"  # of several that have no better name: together they are more
    likely = "" if blocks.category(index).sure else "most likely "
    if part < LARGE * rss:
        group, sums = max(snapshot.groups.items(), key=lambda item: item[1].rss or 0)
        part, what, likely = sums.rss or 0, WORDS.get(group, group), ""
    elif blocks.category(index).blocks in (SCATTERED, ALIKE) and int(blocks.counts[index]) > 1:
        rows = blocks.rows(index)
        spread = int(np.max(snapshot.regions["end"][rows])) - int(snapshot.regions["start"][rows[0]])
        what += f", spread over {units.size(spread)}" if spread > 4 * int(blocks.sums("size")[index]) else ""
    return f"{name} keeps {units.size(rss)} in memory; {units.percent(part, rss)} of it is {likely}{what}."


def cost(snapshot: Snapshot) -> str:
    """What the process costs this machine, and what of its memory others share; an empty text where that is not
    known."""
    own, rss, uss = snapshot.private_swap, snapshot.totals["rss"], snapshot.totals["uss"]
    if own is None:
        return ""
    text = f"It costs this machine {units.size(own)} (private + swap)"
    if rss is not None and uss is not None and rss > uss:
        text += f"; {units.size(rss - uss)} of its memory are shared with others or file cache"
    return text + "."


def _without_residency(snapshot: Snapshot) -> str:
    facts, why = snapshot.facts, snapshot.absent.get("regions") or snapshot.absent.get("residency")
    if facts.stat.is_kernel_thread:
        return f"{snapshot.name} is a kernel thread: it has no memory of its own."
    if facts.stat.has_ended:
        return f"{snapshot.name} has ended; only its entry in the process table is left."
    if snapshot.no_memory is not None:
        return f"{snapshot.name} is ending: the memory that it had is being freed, and is not shown any more."
    known = f"keeps {units.size(snapshot.resident)} in memory" if snapshot.resident is not None else "is there"
    return f"{snapshot.name} {known}" + (f"; what it is could not be read ({why.reason})." if why else ".")
