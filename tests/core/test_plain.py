from __future__ import annotations

import errno
import json
import os
from typing import Any

import pytest

from memviz.core import plain
from memviz.core.host import Host
from memviz.core.listing import Listing
from memviz.core.regions import Region, RegionTable
from memviz.core.reports import regions_report
from memviz.core.snapshot import Absence, Snapshot
from tests.builders import snapshot

LINES = (
    "400-612 r-xp /usr/bin/python3.9 rss=8k flags=rd,ex,mr",
    "612-620 rw-p /usr/bin/python3.9 flags=rd,wr,mr",
    "700-800 rw-p [heap] rss=8k pss=7k flags=rd,wr,mr",
    "900-904 rw-s /dev/zero\\ (deleted) flags=rd,wr,sh",
    "a00-a04 rw-p",
)


def row_of_a_view(seen: Snapshot, region: Region) -> dict[str, Any]:
    """A region cell by cell, as slowly as one likes."""
    category = seen.categories[int(seen.regions["category"][region.row])]
    cells: dict[str, Any] = {
        "start": f"{region.start:#x}", "end": f"{region.end:#x}", "permissions": region.permissions,
        "device": region.device, "path": region.path, "category": category.name, "group": category.group,
        "block": seen.blocks.name(int(seen.regions["block"][region.row])), "flags": region.flags,
    }  # fmt: skip
    keys = [*plain.REGION_KEYS, *(name for name in seen.regions.fields if name not in plain.REGION_KEYS), "uss"]
    return {key: cells[key] if key in cells else region.get(key) for key in keys}


@pytest.mark.parametrize("measured", [True, False])
def test_that_a_list_of_regions_has_what_each_region_has_by_itself(measured: bool) -> None:
    seen = snapshot(*LINES, measured=measured)
    expected = [row_of_a_view(seen, region) for region in seen.regions]
    assert plain.region_list(seen) == expected
    assert [list(row) for row in plain.region_list(seen)] == [list(row) for row in expected]
    assert plain.region_list(seen, [3, 0]) == [expected[3], expected[0]]
    assert plain.region_dict(seen, 2) == expected[2]


def test_that_no_regions_are_an_empty_list() -> None:
    assert plain.region_list(snapshot()) == []
    assert plain.region_list(snapshot(*LINES), []) == []
    assert plain.regions_dict(snapshot(errno=errno.EACCES))["regions"] == []


def test_that_what_maps_does_not_tell_is_none() -> None:
    (row,) = plain.region_list(snapshot(LINES[0], measured=False))
    assert row["rss"] is row["uss"] is row["flags"] is None
    assert Listing(snapshot(*LINES), [1, 2]).column("no such column") == [None, None]


def test_that_nobody_shares_a_list_with_another_region() -> None:
    first, second, *_ = plain.region_list(snapshot(*LINES[1:]))
    first["flags"].append("zz")
    assert "zz" not in second["flags"]


def test_that_groups_hold_every_region_once() -> None:
    seen = snapshot(*LINES)
    told = plain.regions_by_group(seen)
    listed = [region for group in told["groups"].values() for region in group["regions"]]
    assert sorted(listed, key=lambda row: int(row["start"], 16)) == plain.region_list(seen)
    assert all(group["count"] == len(group["regions"]) for group in told["groups"].values())
    assert told["total"]["count"] == len(LINES)


def test_that_no_form_looks_at_regions_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 65,000 of them that takes half a minute."""
    seen = snapshot(*LINES)

    def view(self: RegionTable, row: int) -> Region:
        raise AssertionError("a view of one row")

    monkeypatch.setattr("memviz.core.regions.Region", view)
    assert len(plain.regions_dict(seen)["regions"]) == len(LINES)
    assert plain.regions_by_group(seen)["total"]["count"] == len(LINES)
    assert regions_report(seen).count("Address:") == len(LINES)


FILES = {
    "status": ["user", "namespace_pids"],
    "cmdline": ["command"],
    "limits": ["limits"],
    "cgroup": ["cgroups", "container"],
}


@pytest.mark.live
@pytest.mark.parametrize("file", FILES)
def test_that_what_a_missing_file_would_tell_is_null_and_not_empty(host: Host, file: str) -> None:
    seen = host.snapshot(os.getpid())
    told = plain.memory_dict(host, seen)
    keys = [key for keys in FILES.values() for key in keys]
    assert [key for key in keys if told[key] is None and key != "container"] == []
    why = Absence("denied", f"{file} may not be read")
    without = Snapshot(seen.time, seen.facts, seen.regions, seen.categories, {file: why})
    told = plain.memory_dict(host, without)
    assert {key for key in keys if told[key] is None} - {"container"} == {*FILES[file]} - {"container"}
    assert told["absent"][file]["reason"] == "denied"


@pytest.mark.live
def test_that_the_summary_tells_how_the_process_stands_in_its_control_group(host: Host) -> None:
    from memviz.core.cgroup import read_cgroup
    from memviz.errors import MemvizError

    try:
        read_cgroup(host, os.getpid())
    except MemvizError as error:
        pytest.skip(f"no control group to look at: {error}")
    told = plain.summary_dict(host, host.snapshot(os.getpid()))
    rows = {row["name"]: row for row in told["standing"]}
    assert rows["group_max"]["used"] > 0
    json.dumps(told, allow_nan=False)
