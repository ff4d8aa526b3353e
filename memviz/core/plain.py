"""Snapshots as plain dicts: what `--json` prints and the facade returns. Everything in them is JSON-serialisable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from memviz.core.columns import BLOCK_COLUMNS, PROCESS_COLUMNS
from memviz.core.layout import PAGE_COUNTS, count_pages
from memviz.core.listing import Listing
from memviz.core.measures import MEASURES
from memviz.core.snapshot import UNTOLD, Absence, OutsideItem, Snapshot
from memviz.core.state import state_words
from memviz.core.unknown import account, of_snapshot
from memviz.text import hex_entries, hex_entry, is_exact, shown

if TYPE_CHECKING:
    from memviz.core.blocks import Block
    from memviz.core.cpu import CpuBehavior
    from memviz.core.host import Host
    from memviz.core.source import ProcessRow


def absent_dict(absent: Mapping[str, Absence]) -> dict[str, dict[str, str]]:
    """Reason, detail and remedy of each absence."""
    return {name: why._asdict() for name, why in absent.items()}


def head(snapshot: Snapshot) -> dict[str, Any]:
    """What every answer about a process begins with."""
    return {
        "pid": snapshot.pid, "name": snapshot.name, **hex_entry("name", snapshot.facts.raw_name),
        "time": snapshot.time, "page_size": snapshot.page_size,
    }  # fmt: skip


# The keys of a region in the documented JSON, in order; then follow every further field of this kernel's smaps, and uss
REGION_KEYS = (
    "start", "end", "size", "permissions", "offset", "device", "inode", "path", "category", "group", "block", "rss",
    "pss", "shared_clean", "shared_dirty", "private_clean", "private_dirty", "referenced", "anonymous", "swap",
    "locked", "flags",
)  # fmt: skip


def region_list(snapshot: Snapshot, rows: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """The regions of these rows, or all of them, each with its own dict."""
    listing = Listing(snapshot, rows)
    columns = dict.fromkeys((*REGION_KEYS, *snapshot.regions.fields, "uss"))
    values = {name: listing.column(name) for name in columns}
    for edge in ("start", "end"):
        values[edge] = [f"{address:#x}" for address in values[edge]]
    values["flags"] = [None if flags is None else [*flags] for flags in values["flags"]]  # nobody shares a list
    result = [dict(zip(columns, row, strict=True)) for row in zip(*values.values(), strict=True)]
    for key, raws in listing.inexact().items():
        for region, raw in zip(result, raws, strict=True):
            region.update(hex_entry(key, raw))
    return result


def region_dict(snapshot: Snapshot, row: int) -> dict[str, Any]:
    """One region of them."""
    return region_list(snapshot, [row])[0]


def regions_dict(snapshot: Snapshot, rows: Sequence[int] | None = None) -> dict[str, Any]:
    """The documented answer of `memviz regions --json`; `rows` limits the list of regions, not the sums."""
    answer = {
        **head(snapshot),
        "totals": _totals(snapshot),
        "groups": {name: asdict(group) for name, group in snapshot.groups.items()},
        "blocks": blocks_list(snapshot.blocks),
        "regions": region_list(snapshot, rows),
    }
    return account(answer, of_snapshot(snapshot), snapshot.absent)


def _totals(snapshot: Snapshot) -> dict[str, int | None]:
    return {name: snapshot.totals[name] for name in ("size", "rss", "pss", "uss", "swap")}


def blocks_list(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Every block with the columns of BLOCK_COLUMNS."""
    names = [column.name for column in BLOCK_COLUMNS]
    result = []
    for block in blocks:
        row = {name: block.get(name) for name in names}
        row["start"] = f"{block.start:#x}"
        row |= {"category": block.category, "family": block.family, "sure": block.sure}
        result.append({**row, **hex_entry("name", block.raw_name)})
    return result


def process_dict(row: ProcessRow) -> dict[str, Any]:
    """One process of a list, with the columns of PROCESS_COLUMNS."""
    values = {column.name: row.get(column.name) for column in PROCESS_COLUMNS}
    values["status"] = state_words(row.state, row.threads, is_ending=row.is_ending)
    values |= {f"{name}_hex": raw.hex() for name, raw in (row.raw or {}).items()}
    return account(values, _why_of_row, row.absent)


def _why_of_row(name: str) -> Absence:
    return Absence("unsupported", f"this system does not tell {name} of a process in a list")


def regions_by_group(snapshot: Snapshot) -> dict[str, Any]:
    """Groups with counts, sums and their regions."""
    groups: dict[str, Any] = {name: {**asdict(group), "regions": []} for name, group in snapshot.groups.items()}
    for region in region_list(snapshot):
        groups[region["group"]]["regions"].append(region)
    totals = {"count": len(snapshot.regions), **_totals(snapshot)}
    answer = {**head(snapshot), "total": totals, "groups": groups}
    return account(answer, of_snapshot(snapshot), snapshot.absent)


def memory_dict(host: Host, snapshot: Snapshot) -> dict[str, Any]:
    """Every measure in bytes or counts, limits, control group and container, and the share of the host's memory. What
    a file would have told that could not be read is None, and the file is in `absent`."""
    from memviz.core.cgroup_place import is_frozen
    from memviz.core.system import read_system

    facts = snapshot.facts
    values = {measure.name: measure.value(snapshot) for measure in MEASURES}
    total = read_system(host).memory_total
    rss = values["rss"]
    told: dict[str, dict[str, Any]] = {  # by the file that tells it
        "status": {
            "user": host.user(facts.uid), "namespace_pids": [*facts.namespace_pids],
            **hex_entry("user", host.raw_user(facts.uid) if facts.uid is not None else None),
        },
        "cmdline": {"command": [shown(word) for word in facts.command], **hex_entries("command", facts.command)},
        "limits": {"limits": dict(facts.limits)},
        "cgroup": {
            "cgroups": {key: shown(path) for key, path in facts.cgroups.items()}, "container": facts.container or None,
            **_cgroups_hex(facts.cgroups),
        },
    }  # fmt: skip
    answer = {
        **head(snapshot), **values,
        "percent": 100 * rss / total if rss is not None and total else None,
        "how": {measure.name: measure.how for measure in MEASURES},
        "state": facts.stat.state,
        "status": state_words(
            facts.stat.state, facts.stat.threads, is_ending=facts.is_ending, is_frozen=is_frozen(host, facts.cgroups)
        ),
        **{key: None if file in snapshot.absent else value for file, of in told.items() for key, value in of.items()},
        "outside": [_outside_dict(item, snapshot) for item in snapshot.outside],
    }  # fmt: skip
    return account(answer, of_snapshot(snapshot), snapshot.absent)


def _outside_dict(item: OutsideItem, snapshot: Snapshot) -> dict[str, Any]:
    """With the reason of its own: these have names, not keys."""
    by_status = snapshot.absent.get("status") or Absence("unsupported", f"this kernel does not tell {item.name}")
    why = Absence("unsupported", item.explanation) if item.name in UNTOLD else snapshot.no_memory or by_status
    return account(item._asdict(), lambda key: why)


def _cgroups_hex(paths: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The bytes of all paths where one is shown with escapes."""
    raws = {key: path.encode("utf-8", "surrogateescape") for key, path in paths.items()}
    return {} if all(map(is_exact, raws.values())) else {"cgroups_hex": {key: raw.hex() for key, raw in raws.items()}}


def layout_dict(snapshot: Snapshot) -> dict[str, Any]:
    """Counts of pages, and how each is known."""
    pages: dict[str, Any] = dict(count_pages(snapshot))
    how = {count.name: count.how for count in PAGE_COUNTS}
    return account({**head(snapshot), "pages": pages, "how": how}, of_snapshot(snapshot), snapshot.absent)


def cpu_dict(cpu: CpuBehavior) -> dict[str, Any]:
    """Seconds and percent of one processor."""
    result = asdict(cpu)
    identity = result.pop("identity")
    threads = []
    for thread in cpu.threads:
        values = asdict(thread)
        threads.append(values | hex_entry("name", values.pop("raw_name")))
    answer = {"pid": cpu.identity.pid, **result, "threads": threads, "start_ticks": identity[3]}
    return account(answer, _why_of_cpu)


def _why_of_cpu(path: str) -> Absence:
    name = path.rpartition(".")[2]
    if name in ("percent", "interval", "cpu_percent"):
        return Absence("none", "it takes two readings, and there is one")
    file = "status" if name.endswith("_switches") else name
    return Absence("unsupported", f"the kernel did not tell {file}")


def system_dict(host: Host) -> dict[str, Any]:
    """Everything that is known of the host's memory."""
    from memviz.core.system import read_system, system_as_dict

    return system_as_dict(read_system(host))


def summary_dict(host: Host, snapshot: Snapshot) -> dict[str, Any]:
    """What `memviz summary --json` prints: measures, groups and blocks, but not every region."""
    from memviz.core.headline import headline
    from memviz.core.standing import read_standing, standing_as_dict

    memory = memory_dict(host, snapshot)
    del memory["absent"]
    answer = {
        **head(snapshot),
        "headline": headline(snapshot),
        "memory": {key: value for key, value in memory.items() if key not in head(snapshot)},
        "standing": standing_as_dict(read_standing(host, snapshot)),
        "totals": dict(snapshot.totals),
        "groups": {name: asdict(group) for name, group in snapshot.groups.items()},
        "blocks": blocks_list(snapshot.blocks),
    }
    return account(answer, of_snapshot(snapshot), snapshot.absent)
