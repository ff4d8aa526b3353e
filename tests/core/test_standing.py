"""Where a process stands: shares, distances to limits, and what is said where something is not known."""

import json
import os
import resource
from pathlib import Path

import pytest

from memviz.core.cgroup import read_cgroup
from memviz.core.connect import open_host
from memviz.core.host import Host
from memviz.core.standing import DISTANCES, Distance, Standing, standing, standing_as_dict
from memviz.core.system import read_system
from memviz.proc.link import Direct
from memviz.proc.reader import Reader

STACK = 0x7FFC00000000
STAT = (
    "7 (app) S 1 7 7 0 -1 4194560 5 0 0 0 1 1 0 0 20 0 1 0 99 8192000 100 18446744073709551615 4194304 4198400 "
    f"{STACK + 4096} " + "0 " * 16 + "5242880 5246976 6291456 0 0 0 0 0\n"
)
LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units
Max data size             unlimited            unlimited            bytes
Max stack size            8388608              unlimited            bytes
Max locked memory         65536                65536                bytes
Max address space         16384000             unlimited            bytes
"""
MAPS = f"""\
00400000-00401000 r-xp 00000000 08:01 1 /bin/app
{STACK - 0x20000:x}-{STACK + 0x2000:x} rw-p 00000000 00:00 0 [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
"""
MEMINFO = """\
MemTotal: 8000 kB
MemAvailable: 3000 kB
SwapTotal: 50 kB
SwapFree: 40 kB
CommitLimit: 9000 kB
Committed_AS: 4500 kB
"""
FILES = {
    "7/stat": STAT, "7/statm": "2000 100 50 1 0 30 0\n", "7/limits": LIMITS, "7/maps": MAPS, "meminfo": MEMINFO,
    "7/status": "Name:\tapp\nVmLck:\t16 kB\nVmData:\t120 kB\nVmSwap:\t10 kB\nRssAnon:\t200 kB\n",
    "sys/vm/max_map_count": "65530\n", "sys/vm/overcommit_memory": "2\n", "7/cgroup": "0::/a/b\n",
}  # fmt: skip
KIB = 1024


def host_of(root: Path, **changes: str | None) -> Host:
    for name, text in {**FILES, **{key.replace("__", "/"): text for key, text in changes.items()}}.items():
        if text is not None:
            place = root / "proc" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    for group, size in (("", None), ("a", 1000), ("a/b", 5000)):
        place = root / "sys/fs/cgroup" / group
        place.mkdir(parents=True, exist_ok=True)
        (place / "cgroup.controllers").write_text("")
        (place / "memory.stat").write_text("")
        if size:
            (place / "memory.current").write_text("900")
            (place / "memory.max").write_text(str(size))
            (place / "memory.high").write_text("max")
    return Host(Direct(Reader(str(root))), "captured tree")


def stand(host: Host, *, group: bool = False) -> Standing:
    snapshot = host.snapshot(7, measured=False)
    return standing(read_system(host), snapshot, read_cgroup(host, 7) if group else None)


def by_name(found: Standing) -> dict[str, Distance]:
    return {distance.name: distance for distance in found.distances}


def test_that_used_and_limit_come_from_the_files_of_the_process_and_the_system(tmp_path: Path) -> None:
    found = by_name(stand(host_of(tmp_path)))
    page = 4096
    assert {name: (d.used, d.limit) for name, d in found.items() if d.limit is not None} == {
        "rss": (100 * page, 8000 * KIB), "pss": (None, 8000 * KIB), "private_swap": (210 * KIB, 8000 * KIB),
        "address_space": (2000 * page, 16384000), "stack": (0x22000, 8388608), "locked": (16 * KIB, 65536),
        "regions": (2, 65530), "available": (100 * page, 100 * page + 3000 * KIB), "swap": (10 * KIB, 50 * KIB),
        "commit": (4500 * KIB, 9000 * KIB),
    }  # fmt: skip
    assert found["data"].unlimited
    assert found["data"].used == 120 * KIB
    assert found["stack"].left == 8388608 - 0x22000
    assert found["commit"].share == 0.5


def test_that_what_is_not_known_has_a_reason_and_no_number(tmp_path: Path) -> None:
    found = by_name(stand(host_of(tmp_path, **{"7__limits": None, "meminfo": None})))
    for name, reason in {
        "pss": "unsupported",
        "stack": "not captured",
        "rss": "not captured",
        "swap": "not captured",
    }.items():
        why = found[name].absent
        assert why is not None
        assert why.reason == reason
        assert found[name].share is None
        assert found[name].left is None
    assert not found["stack"].unlimited


def test_that_the_commit_limit_holds_only_where_overcommit_is_never(tmp_path: Path) -> None:
    found = by_name(stand(host_of(tmp_path, sys__vm__overcommit_memory="0\n")))
    assert found["commit"].unlimited
    assert found["commit"].limit is None


def test_that_a_group_is_told_of_only_when_it_is_given(tmp_path: Path) -> None:
    host = host_of(tmp_path)
    assert not {name for name in by_name(stand(host)) if name.startswith("group")}
    found = by_name(stand(host, group=True))
    assert (found["group_max"].used, found["group_max"].limit) == (900, 1000)  # of the group above
    assert found["group_high"].unlimited


def test_that_the_closest_limit_is_the_one_with_the_largest_part_used(tmp_path: Path) -> None:
    closest = stand(host_of(tmp_path)).closest
    assert closest is not None
    assert (closest.name, closest.share) == ("address_space", 0.5)
    assert stand(host_of(tmp_path), group=True).closest == by_name(stand(host_of(tmp_path), group=True))["group_max"]


def test_that_the_plain_form_is_json_with_null_for_what_is_unknown(tmp_path: Path) -> None:
    plain = json.loads(json.dumps(standing_as_dict(stand(host_of(tmp_path), group=True))))
    pss = next(row for row in plain if row["name"] == "pss")
    assert pss["used"] is None
    assert pss["absent"]["remedy"] == "ask for smaps"


def test_that_distances_are_told_apart_by_name_and_explained() -> None:
    assert len({rule.name for rule in DISTANCES}) == len(DISTANCES)
    assert all(rule.explanation.endswith(".") for rule in DISTANCES)


@pytest.mark.live
def test_that_this_process_s_own_limits_are_those_the_kernel_tells_it() -> None:
    host = open_host()
    try:
        found = by_name(standing(read_system(host), host.snapshot(os.getpid())))
    finally:
        host.close()
    for name, number in (("stack", resource.RLIMIT_STACK), ("address_space", resource.RLIMIT_AS)):
        soft = resource.getrlimit(number)[0]
        assert found[name].unlimited == (soft == resource.RLIM_INFINITY)
        assert found[name].limit == (None if found[name].unlimited else soft)
    assert found["stack"].used
    assert found["pss"].used
