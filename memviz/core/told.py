"""Numbers and sentences of one process for texts that have gaps: `{rss}` in a page becomes `401 MiB`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memviz import units
from memviz.core.categories import GROUPS
from memviz.core.measures import MEASURES
from memviz.core.part import why_unmeasured
from memviz.core.sentence import of_block, of_group
from memviz.core.snapshot import NOT_MEASURED, Snapshot

ENTRY = 8  # bytes of an entry of a page table; a table fills one page
GAP = re.compile(r"\{(\w+)\}")
_MEASURES = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Told:
    """`name` stands in the text; `text` is what stands in its place."""

    name: str
    text: Callable[[Snapshot], str]


def fill(text: str, snapshot: Snapshot) -> str:
    """The text with every gap filled; KeyError for one that nobody declared."""
    return GAP.sub(lambda found: TOLD[found[1]].text(snapshot), text)


def _unknown(snapshot: Snapshot) -> str:
    why = why_unmeasured(snapshot)
    return f"{units.DASH} ({'not measured yet' if why == NOT_MEASURED else f'not known: {why.reason}'})"


def _measure(name: str) -> Told:
    def text(snapshot: Snapshot) -> str:
        value = _MEASURES[name].value(snapshot)
        return _unknown(snapshot) if value is None else _MEASURES[name].show(value)

    return Told(name, text)


def _computed(name: str, compute: Callable[[Snapshot], str | None]) -> Told:
    def text(snapshot: Snapshot) -> str:
        found = compute(snapshot)
        return _unknown(snapshot) if found is None else found

    return Told(name, text)


def largest_block(snapshot: Snapshot, group: str) -> int | None:
    """The block with most of that group in memory (by size where that is not known); None where there is none."""
    table = snapshot.regions
    rows = snapshot.rows_of_group(group)
    if not len(rows):
        return None
    weight = table.counted("rss" if "rss" in table else "size")[rows]
    if not weight.any():
        weight = table.counted("size")[rows]
    sums = np.bincount(table["block"][rows], weights=weight)
    return int(sums.argmax())


def _largest(group: str) -> Callable[[Snapshot], str]:
    def text(snapshot: Snapshot) -> str:
        index = largest_block(snapshot, group)
        return "" if index is None else f"Its largest part: {of_block(snapshot, index)}"

    return text


def _group(group: str) -> Callable[[Snapshot], str]:
    return lambda snapshot: of_group(snapshot, group)


def _rss(snapshot: Snapshot) -> int | None:
    return _MEASURES["rss"].value(snapshot)


def _huge_page(snapshot: Snapshot) -> int:
    """What one entry of the second level covers: as much as a table of the lowest."""
    return snapshot.page_size // ENTRY * snapshot.page_size


def _shared_rss(snapshot: Snapshot) -> str | None:
    rss, uss = snapshot.totals["rss"], snapshot.totals["uss"]
    return units.size(rss - uss) if rss is not None and uss is not None else None


def _share_of_vms(snapshot: Snapshot) -> str | None:
    rss, vms = _rss(snapshot), _MEASURES["vms"].value(snapshot)
    return units.percent(rss, vms) if rss is not None and vms is not None else None


def _pages(snapshot: Snapshot) -> str | None:
    rss = _rss(snapshot)
    return units.number(rss // snapshot.page_size) if rss is not None else None


def _table_share(snapshot: Snapshot) -> str | None:
    tables, rss = _MEASURES["page_tables"].value(snapshot), _rss(snapshot)
    return units.percent(tables, rss) if tables is not None and rss else None


def _table_least(snapshot: Snapshot) -> str | None:
    rss = _rss(snapshot)
    return units.size(-(-rss // _huge_page(snapshot)) * snapshot.page_size) if rss is not None else None


def _huge(snapshot: Snapshot) -> str | None:
    huge = snapshot.totals["anon_huge_pages"]
    return units.size(huge) if huge is not None else None


def _huge_note(snapshot: Snapshot) -> str | None:
    huge, large, small = snapshot.totals["anon_huge_pages"], _huge_page(snapshot), snapshot.page_size
    if huge is None:
        return None
    if not huge:
        return "Not one of them is a part of a huge page, so each needs a translation of its own."
    counts = f"{units.number(huge // large)} instead of {units.number(huge // small)} translations"
    return f"{units.size(huge)} of that is in huge pages of {units.size(large)}, which need {counts}."


def _swap_note(snapshot: Snapshot) -> str | None:
    swap = _MEASURES["swap"].value(snapshot)
    if swap is None:
        return None
    return "Touching them would be major page faults." if swap else "So none of it has to be read back from there."


def _outside(snapshot: Snapshot) -> str:
    """Every item outside the map, the unknown ones too."""
    known = [f"{item.name} {units.size(item.size)}" + (" (estimated)" if item.how == "estimated" else "")
             for item in snapshot.outside if item.size is not None]  # fmt: skip
    unknown = [item.name for item in snapshot.outside if item.size is None]
    words = f"Outside its map: {', '.join(known)}." if known else "Nothing is known of what lies outside its map."
    return words + (f" Not known: {', '.join(unknown)}." if unknown else "")


TOLD = {told.name: told for told in (
    Told("process", lambda snapshot: snapshot.name),
    *map(_measure, (
        "region_count", "vms", "rss", "pss", "uss", "swap", "private_swap", "largest_gap", "page_tables",
        "kernel_stacks", "rss_anonymous", "rss_file", "rss_shmem", "minor_faults", "major_faults",
    )),
    Told("page_size", lambda snapshot: units.size(snapshot.page_size)),
    *(Told(group.name, _group(group.name)) for group in GROUPS),
    *(Told(f"{group.name}_largest", _largest(group.name)) for group in GROUPS),
    _computed("shared_rss", _shared_rss),
    _computed("rss_share", _share_of_vms),
    _computed("rss_pages", _pages),
    _computed("table_share", _table_share),
    _computed("table_least", _table_least),
    _computed("huge", _huge),
    _computed("huge_note", _huge_note),
    _computed("swap_note", _swap_note),
    Told("outside", _outside),
)}  # fmt: skip
