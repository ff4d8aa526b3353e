"""Snapshots as plain dicts: what `--json` prints and the facade returns. Everything in them is JSON-serialisable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from memviz.core.columns import BLOCK_COLUMNS, PROCESS_COLUMNS
from memviz.core.layout import PAGE_COUNTS, count_pages
from memviz.core.measures import MEASURES
from memviz.core.regions import Region
from memviz.core.snapshot import Absence, Snapshot
from memviz.text import shown

if TYPE_CHECKING:
    from memviz.core.cpu import CpuBehavior
    from memviz.core.host import Host
    from memviz.core.source import ProcessRow


def absent_dict(absent: Mapping[str, Absence]) -> dict[str, dict[str, str]]:
    """Reason, detail and remedy of each absence."""
    return {name: why._asdict() for name, why in absent.items()}


def head(snapshot: Snapshot) -> dict[str, Any]:
    """What every answer about a process begins with."""
    return {"pid": snapshot.pid, "name": snapshot.name, "time": snapshot.time, "page_size": snapshot.page_size}


def region_dict(snapshot: Snapshot, region: Region) -> dict[str, Any]:
    """One region: the keys of the documented JSON, then every further field of this kernel's smaps."""
    category = snapshot.categories[int(snapshot.regions["category"][region.row])]
    result: dict[str, Any] = {
        "start": f"{region.start:#x}", "end": f"{region.end:#x}", "size": region.size,
        "permissions": region.permissions, "offset": region.offset, "device": region.device, "inode": region.inode,
        "path": region.path, "category": category.name, "group": category.group,
        "block": snapshot.blocks.name(int(snapshot.regions["block"][region.row])),
    }  # fmt: skip
    measured = (
        "rss",
        "pss",
        "shared_clean",
        "shared_dirty",
        "private_clean",
        "private_dirty",
        "referenced",
        "anonymous",
    )
    for name in (*measured, "swap", "locked"):
        result[name] = region.get(name)
    result["flags"] = region.flags
    result.update((name, region.get(name)) for name in (*snapshot.regions.fields, "uss") if name not in result)
    return result


def regions_dict(snapshot: Snapshot, rows: Iterable[int] | None = None) -> dict[str, Any]:
    """The documented answer of `memviz regions --json`; `rows` limits the list of regions, not the sums."""
    chosen = range(len(snapshot.regions)) if rows is None else rows
    return {
        **head(snapshot),
        "totals": {name: snapshot.totals[name] for name in ("size", "rss", "pss", "uss", "swap")},
        "groups": {name: asdict(group) for name, group in snapshot.groups.items()},
        "blocks": blocks_list(snapshot),
        "regions": [region_dict(snapshot, snapshot.regions[row]) for row in chosen],
        "absent": absent_dict(snapshot.absent),
    }


def blocks_list(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Every block with the columns of BLOCK_COLUMNS."""
    result = []
    for block in snapshot.blocks:
        row = {column.name: block.get(column.name) for column in BLOCK_COLUMNS}
        row["start"] = f"{block.start:#x}"
        result.append({**row, "category": block.category, "family": block.family, "sure": block.sure})
    return result


def process_dict(row: ProcessRow) -> dict[str, Any]:
    """One process of a list, with the columns of PROCESS_COLUMNS."""
    values = {column.name: row.get(column.name) for column in PROCESS_COLUMNS}
    return {**values, "absent": absent_dict(row.absent or {})}


def regions_by_group(snapshot: Snapshot) -> dict[str, Any]:
    """Groups with counts, sums and their regions."""
    table, groups = snapshot.regions, {}
    for name, group in snapshot.groups.items():
        groups[name] = {**asdict(group), "regions": []}
    for region in table:
        category = snapshot.categories[int(table["category"][region.row])]
        groups[category.group]["regions"].append(region_dict(snapshot, region))
    totals = {"count": len(table), **{name: snapshot.totals[name] for name in ("size", "rss", "pss", "uss", "swap")}}
    return {**head(snapshot), "total": totals, "groups": groups, "absent": absent_dict(snapshot.absent)}


def memory_dict(host: Host, snapshot: Snapshot) -> dict[str, Any]:
    """Every measure in bytes or counts, limits, control group and container, and the share of the host's memory."""
    from memviz.core.system import read_system

    facts = snapshot.facts
    values = {measure.name: measure.value(snapshot) for measure in MEASURES}
    total = read_system(host).memory_total
    rss = values["rss"]
    return {
        **head(snapshot), **values,
        "percent": 100 * rss / total if rss is not None and total else None,
        "how": {measure.name: measure.how for measure in MEASURES},
        "user": host.user(facts.uid), "state": facts.stat.state, "command": [shown(word) for word in facts.command],
        "limits": dict(facts.limits), "cgroups": {key: shown(path) for key, path in facts.cgroups.items()},
        "container": facts.container or None, "namespace_pids": list(facts.namespace_pids),
        "outside": [item._asdict() for item in snapshot.outside],
        "absent": absent_dict(snapshot.absent),
    }  # fmt: skip


def layout_dict(snapshot: Snapshot) -> dict[str, Any]:
    """Counts of pages, and how each is known."""
    pages: dict[str, Any] = dict(count_pages(snapshot))
    how = {count.name: count.how for count in PAGE_COUNTS}
    return {**head(snapshot), "pages": pages, "how": how, "absent": absent_dict(snapshot.absent)}


def cpu_dict(cpu: CpuBehavior) -> dict[str, Any]:
    """Seconds and percent of one processor."""
    result = asdict(cpu)
    identity = result.pop("identity")
    threads = [asdict(thread) for thread in cpu.threads]
    return {"pid": cpu.identity.pid, **result, "threads": threads, "start_ticks": identity[3]}


def system_dict(host: Host) -> dict[str, Any]:
    """Everything that is known of the host's memory."""
    from memviz.core.system import read_system, system_as_dict

    return system_as_dict(read_system(host))


def summary_dict(host: Host, snapshot: Snapshot) -> dict[str, Any]:
    """What `memviz summary --json` prints: measures, groups and blocks, but not every region."""
    from memviz.core.headline import headline
    from memviz.core.standing import standing, standing_as_dict
    from memviz.core.system import read_system

    memory = memory_dict(host, snapshot)
    absent = memory.pop("absent")
    return {
        **head(snapshot),
        "headline": headline(snapshot),
        "memory": {key: value for key, value in memory.items() if key not in head(snapshot)},
        "standing": standing_as_dict(standing(read_system(host), snapshot)),
        "totals": dict(snapshot.totals),
        "groups": {name: asdict(group) for name, group in snapshot.groups.items()},
        "blocks": blocks_list(snapshot),
        "absent": absent,
    }
