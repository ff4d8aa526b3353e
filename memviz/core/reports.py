"""The two text reports, whose form is fixed: sizes 1024-based with one decimal, groups in the order of GROUPS."""

from __future__ import annotations

from collections.abc import Mapping

from memviz.core.categories import GROUPS
from memviz.core.cpu import CpuBehavior
from memviz.core.listing import Listing, each
from memviz.core.snapshot import Absence, Snapshot
from memviz.units import DASH, report_size

RULE, THIN_RULE = "=" * 50, "-" * 40
ALWAYS = 6  # so many groups have a line even when they are empty


def _size(value: int | None) -> str:
    return DASH if value is None else report_size(value)


def _missing(absent: Mapping[str, Absence]) -> list[str]:
    if not absent:
        return []
    return ["", "Not Available:", *(f"- {name}: {why}" for name, why in absent.items())]


def summary_report(snapshot: Snapshot, cpu: CpuBehavior) -> str:
    """Memory usage (statm's), groups of regions, CPU; what could not be read stands at the end with its reason."""
    statm, page = snapshot.facts.statm, snapshot.page_size
    pages = {
        "RSS (Resident Set Size)": statm.resident if statm else None,
        "VMS (Virtual Memory Size)": statm.size if statm else None,
        "Shared Memory": statm.shared if statm else None,
        "Text Segment": statm.text if statm else None,
        "Data Segment": statm.data if statm else None,
    }
    lines = [f"Process Memory Analysis for PID {snapshot.pid}", RULE, "", "Memory Usage:"]
    lines += [f"- {name}: {_size(count * page if count is not None else None)}" for name, count in pages.items()]
    lines += ["", "Memory Regions:"]
    known = "regions" not in snapshot.absent
    for index, group in enumerate(GROUPS):
        found = snapshot.groups.get(group.name)
        if found:
            lines.append(f"- {group.segments}: {found.count} regions ({_size(found.size)})")
        elif index < ALWAYS:
            lines.append(f"- {group.segments}: " + ("0 regions (0.0 B)" if known else DASH))
    usage = f"{cpu.percent:.2f}%" if cpu.percent is not None else DASH
    lines += ["", "CPU Behavior:", f"- CPU Usage: {usage}", f"- Number of Threads: {snapshot.facts.stat.threads}"]
    lines += [f"- Process Status: {cpu.status}", *_missing(snapshot.absent)]
    return "\n".join(lines) + "\n"


def regions_report(snapshot: Snapshot) -> str:
    """Every region, numbered within its group."""
    listing = Listing(snapshot)
    names = [path or f"[{kind}]" for path, kind in zip(listing.column("path"), listing.column("category"), strict=True)]
    sizes = each(listing.column("size"), report_size)
    rows: dict[str, list[str]] = {}
    columns = listing.column("group"), names, sizes, listing.column("permissions"), listing.column("start")
    for group, name, size, permissions, start in zip(*columns, strict=True):
        of_group = rows.setdefault(group, [])
        of_group.append(
            f"{len(of_group) + 1}. {name}\n   Size: {size}\n   Permissions: {permissions}\n   Address: {start:#x}"
        )
    lines = [f"Memory Regions Analysis for PID {snapshot.pid}", RULE, "", f"Total Regions: {len(listing)}"]
    lines.append(f"Total Size: {_size(snapshot.totals['size'])}")
    for known in GROUPS:
        if known.name in rows:
            found = rows[known.name]
            lines += ["", f"{known.name.upper()} REGIONS ({len(found)} regions):", THIN_RULE, *found]
    lines += _missing(snapshot.absent)
    return "\n".join(lines) + "\n"
