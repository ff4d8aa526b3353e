"""The host as a whole: what its files say, what they do not, and parts that sum to the total."""

import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.connect import open_host
from memviz.core.host import Host
from memviz.core.readings import OVERLAP, Readings, waterfall
from memviz.core.snapshot import REASONS
from memviz.core.system import FILES, System, read_system, system_as_dict
from memviz.core.system_items import MEMORY_PARTS, SECTIONS, SYSTEM_ITEMS
from memviz.proc.link import Direct
from memviz.proc.reader import Reader

MEMINFO = """\
MemTotal:       1000 kB
MemFree:         300 kB
MemAvailable:    500 kB
Buffers:          10 kB
Cached:          200 kB
SwapCached:        4 kB
AnonPages:       250 kB
Shmem:            50 kB
Slab:             60 kB
SReclaimable:     40 kB
SUnreclaim:       20 kB
KernelStack:       8 kB
PageTables:        7 kB
VmallocUsed:      12 kB
VmallocChunk:      0 kB
Percpu:            5 kB
CommitLimit:    1500 kB
Committed_AS:    900 kB
SwapTotal:      1000 kB
SwapFree:        900 kB
HugePages_Total:       2
HugePages_Free:        1
Hugepagesize:   2048 kB
Hugetlb:          50 kB
NewInLinux9:       3 kB
"""
VMSTAT = "pgfault 9\npgmajfault 3\npswpin 2\npswpout 5\noom_kill 1\n"
PLACES = {
    "meminfo": "proc/meminfo", "vmstat": "proc/vmstat", "swaps": "proc/swaps", "uptime": "proc/uptime",
    "loadavg": "proc/loadavg", "pressure_memory": "proc/pressure/memory",
    "overcommit_memory": "proc/sys/vm/overcommit_memory", "max_map_count": "proc/sys/vm/max_map_count",
    "thp_enabled": "sys/kernel/mm/transparent_hugepage/enabled",
}  # fmt: skip
WHOLE = {
    "meminfo": MEMINFO, "vmstat": VMSTAT, "uptime": "90061.50 100.00\n", "loadavg": "1.50 0.75 0.25 2/345 6789\n",
    "swaps": "Filename\tType\tSize\tUsed\tPriority\n/swap\\040file\tfile\t1000\t100\t-2\n",
    "pressure_memory": "some avg10=1.50 avg60=0.00 avg300=0.00 total=2500000\n", "overcommit_memory": "2\n",
    "max_map_count": "65530\n", "thp_enabled": "always [madvise] never\n",
}  # fmt: skip
KIB = 1024


def host_of(root: Path, **files: str) -> Host:
    (root / "proc").mkdir(exist_ok=True)
    for name, text in files.items():
        place = root / PLACES[name]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return Host(Direct(Reader(str(root))), "captured tree")


@pytest.fixture
def system(tmp_path: Path) -> System:
    return read_system(host_of(tmp_path, **WHOLE))


def test_that_the_numbers_of_the_files_are_bytes_counts_and_seconds(system: System) -> None:
    expected = {
        "memory_total": 1000 * KIB, "available": 500 * KIB, "used": 500 * KIB, "page_cache": 150 * KIB,
        "swap_used": 100 * KIB, "vmalloc": 4 * KIB, "huge_pages_total": 2, "thp": "madvise", "major_faults": 3,
        "swapped_out": 5 * 4096, "oom_kills": 1, "pressure_memory_some_avg10": 1.5, "pressure_memory_some_total": 2.5,
        "overcommit_mode": 2, "max_map_count": 65530, "load_5": 0.75, "uptime": 90061.5,
    }  # fmt: skip
    assert {name: system.values[name] for name in expected} == expected
    assert (system.memory_total, system.available) == (1000 * KIB, 500 * KIB)


def test_that_numbers_are_written_in_their_units(system: System) -> None:
    texts = {row.item.name: row.text for row in system.rows}
    assert texts["swapped_out"] == "20.0 KiB"
    assert texts["pressure_memory_some_avg10"] == "1.50 %"
    assert texts["uptime"] == "1 d 1 h"
    assert texts["overcommit"].startswith("never")
    assert texts["pressure_cpu_some_avg10"] == "–"


def test_that_a_swap_area_has_its_sizes_in_bytes(system: System) -> None:
    assert system.swap_areas is not None
    assert [(a.name, a.kind, a.size, a.used, a.priority) for a in system.swap_areas] == [
        ("/swap\\040file", "file", 1000 * KIB, 100 * KIB, -2)
    ]


def test_that_the_parts_of_memory_and_their_remainder_are_as_computed_by_hand(system: System) -> None:
    sizes = {part.name: part.size for part in system.waterfall}
    itemised = 250 + 50 + 150 + 10 + 40 + 20 + 7 + 8 + 5 + 4 + 50 + 300
    assert sizes["other"] == (1000 - itemised) * KIB
    assert sizes["zswap"] is None
    assert sum(size or 0 for size in sizes.values()) == 1000 * KIB


def test_that_a_line_this_kernel_lacks_is_absent_and_not_zero(system: System) -> None:
    assert system.values["zswap"] is None
    assert system.absent["zswap"].reason == "unsupported"
    assert "Zswap" in system.absent["zswap"].detail


def test_that_a_file_that_was_not_captured_takes_only_its_items_along(tmp_path: Path) -> None:
    system = read_system(host_of(tmp_path, meminfo=MEMINFO))
    assert system.memory_total == 1000 * KIB
    assert system.values["major_faults"] is None
    assert system.absent["major_faults"].reason == "not captured"
    assert system.absent["swap_areas"].reason == "not captured"
    assert all(part.absent is None or part.size is None for part in system.waterfall)


def test_that_an_empty_tree_tells_nothing_and_says_so_everywhere(tmp_path: Path) -> None:
    system = read_system(host_of(tmp_path))
    told = {name for name, value in system.values.items() if value is not None}
    assert told == {"page_size"}
    assert set(system.absent) == {item.name for item in SYSTEM_ITEMS} - told | {"swap_areas"}
    assert all(why.reason in REASONS for why in system.absent.values())
    assert all(part.size is None for part in system.waterfall)


@pytest.mark.parametrize("name", [*FILES, "swaps"])
def test_that_a_file_without_sense_is_malformed_and_never_guessed(name: str, tmp_path: Path) -> None:
    host = host_of(tmp_path, **WHOLE)
    content = dict(host.host_files([*FILES, "swaps"]))
    content[name] = b"heading x\nsenseless\n"
    host.host_files = lambda names: content  # type: ignore[method-assign]  # one file replaced
    system = read_system(host)
    affected = [item for item in SYSTEM_ITEMS if any(key.partition(":")[0] == name for key in item.needs)]
    assert all(system.values[item.name] is None for item in affected if not item.otherwise)
    assert system.readings.missing[name].reason == "malformed"


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.EACCES, "denied"), (errno.EOPNOTSUPP, "unsupported"), (errno.ENOENT, "not captured")]
)
def test_that_every_errno_becomes_a_reason_in_the_json(code: int, reason: str, tmp_path: Path) -> None:
    from memviz.core.gather import absence

    host = host_of(tmp_path, **WHOLE)
    content = dict(host.host_files([*FILES, "swaps"]))
    content["pressure_memory"] = absence(code, "pressure_memory", captured=True)
    host.host_files = lambda names: content  # type: ignore[method-assign]  # one file replaced
    plain = json.loads(json.dumps(system_as_dict(read_system(host))))
    assert plain["pressure_memory_some_avg10"] is None
    assert plain["absent"]["pressure_memory_some_avg10"]["reason"] == reason


def test_that_a_line_memviz_has_no_words_for_is_kept(system: System) -> None:
    assert system_as_dict(system)["meminfo"]["NewInLinux9"] == 3 * KIB


def test_that_older_kernels_get_used_memory_estimated_and_say_so(tmp_path: Path) -> None:
    old = "\n".join(line for line in MEMINFO.splitlines() if not line.startswith("MemAvailable")) + "\n"
    system = read_system(host_of(tmp_path, meminfo=old))
    used = next(row for row in system.rows if row.item.name == "used")
    assert (used.value, used.how) == ((1000 - 300 - 10 - 200 - 40) * KIB, "estimated")
    assert system.values["available"] is None


@pytest.mark.parametrize(("used", "chunk"), [(400_000, 300_000), (0, 0)])
def test_that_vmalloc_is_unknown_on_kernels_that_do_not_count_it(used: int, chunk: int, tmp_path: Path) -> None:
    text = MEMINFO.replace("VmallocUsed:      12", f"VmallocUsed: {used}").replace(
        "VmallocChunk:      0", f"VmallocChunk: {chunk}"
    )
    system = read_system(host_of(tmp_path, meminfo=text))
    assert system.values["vmalloc"] is None
    assert "5.3" in system.absent["vmalloc"].detail


def test_that_items_are_told_apart_by_name_and_lie_in_known_sections() -> None:
    names = [item.name for item in SYSTEM_ITEMS]
    assert len(names) == len(set(names))
    assert [*dict.fromkeys(item.section for item in SYSTEM_ITEMS)] == [*SECTIONS]
    assert all(item.explanation.endswith(".") for item in (*SYSTEM_ITEMS, *MEMORY_PARTS))


KEYS = sorted({key for item in MEMORY_PARTS for key in item.needs})


@given(
    st.dictionaries(st.sampled_from(KEYS), st.integers(0, 1 << 60)),
    st.one_of(st.none(), st.integers(0, 1 << 60)),
)
def test_that_known_parts_sum_exactly_to_the_total_whatever_is_told(facts: dict[str, int], total: int | None) -> None:
    parts = waterfall(Readings(facts, {}), total, MEMORY_PARTS)
    rest = next(part for part in parts if part.name == "other")
    assert all((part.size is None) == (part.absent is not None) for part in parts)
    if total is None:
        assert rest.size is None
    else:
        assert sum(part.size for part in parts if part.size is not None) == total
        assert rest.size is not None
        assert (rest.size < 0) == (rest.explanation == OVERLAP)
    for part, item in zip(parts, MEMORY_PARTS, strict=True):
        if item.needs and not item.otherwise and not facts.keys() >= set(item.needs):
            assert part.size is None


@pytest.mark.live
def test_that_this_machine_tells_what_its_own_files_say() -> None:
    host = open_host()
    try:
        system = read_system(host)
    finally:
        host.close()
    text = Path("/proc/meminfo").read_text()
    total = next(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("MemTotal"))
    assert system.memory_total == total
    assert sum(part.size or 0 for part in system.waterfall) == total
    rest = next(part for part in system.waterfall if part.name == "other")
    assert rest.size is not None
    assert -0.02 * total < rest.size < 0.2 * total
    json.dumps(system_as_dict(system))
