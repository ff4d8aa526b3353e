"""Control groups of both versions: captured trees, arbitrary statistics, and this machine's own group."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.cgroup import ControlGroup, cgroup_as_dict, read_cgroup, read_members
from memviz.core.cgroup_items import ITEMS, PARTS_1, PARTS_1_ROOT, PARTS_2, TITLES
from memviz.core.connect import open_host
from memviz.core.host import Host
from memviz.core.readings import Item, Readings, waterfall
from memviz.core.snapshot import REASONS
from memviz.errors import Unsupported, UsageError
from memviz.proc.link import Direct
from memviz.proc.reader import Reader

KIB = 1024
MIB = 1 << 20
STAT_2 = """\
anon 4096000
file 9000000
kernel 800000
kernel_stack 16384
pagetables 40960
sec_pagetables 0
percpu 1000
sock 4096
vmalloc 0
shmem 1000000
zswap 0
file_mapped 500000
file_dirty 0
swapcached 8192
inactive_file 3000000
slab_reclaimable 300000
slab_unreclaimable 100000
slab 400000
pgfault 5
a_key_of_tomorrow 7
"""
CURRENT_2 = 14_000_000
GROUP_2 = {
    "memory.stat": STAT_2, "memory.current": f"{CURRENT_2}\n", "memory.peak": "20000000\n", "memory.max": "max\n",
    "memory.high": "64000000\n", "memory.low": "0\n", "memory.min": "0\n", "memory.swap.current": "0\n",
    "memory.swap.max": "0\n", "memory.events": "low 0\nhigh 3\nmax 2\noom 1\noom_kill 1\n",
    "memory.pressure": "some avg10=2.50 avg60=0.00 avg300=0.00 total=1\n",
    "cgroup.procs": "12\n7\n12\n0\n",
}  # fmt: skip
NO_LIMIT_1 = "9223372036854771712"
STAT_1 = "cache 10\nrss 10\nshmem 1\n" + "".join(
    f"total_{key} {value}\n"
    for key, value in {
        "cache": 9000,
        "rss": 5000,
        "shmem": 1000,
        "mapped_file": 500,
        "swap": 0,
        "inactive_file": 4000,
    }.items()
)
GROUP_1 = {
    "memory.stat": STAT_1 + f"hierarchical_memory_limit {64 * MIB}\n", "memory.usage_in_bytes": "20000\n",
    "memory.max_usage_in_bytes": "30000\n", "memory.limit_in_bytes": f"{NO_LIMIT_1}\n",
    "memory.soft_limit_in_bytes": "9223372036854775807\n", "memory.kmem.usage_in_bytes": "3000\n",
    "memory.failcnt": "4\n", "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "memory.use_hierarchy": "1\n", "cgroup.procs": "7\n",
}  # fmt: skip


class Tree:
    """A captured root with control groups and processes in it."""

    def __init__(self, root: Path, mount: str = "sys/fs/cgroup") -> None:
        self.root, self.mount = root, mount
        (root / "proc").mkdir()
        (root / mount).mkdir(parents=True)
        if "memory" in mount:
            self.group("/", **{"memory.stat": "", "memory.usage_in_bytes": "1\n"})
        else:
            (root / mount / "cgroup.controllers").write_text("memory\n")
            self.group("/", **{"memory.stat": "anon 1\n"})

    def group(self, path: str, **files: str) -> None:
        place = os.path.join(os.fspath(self.root), self.mount, path.strip("/"))
        os.makedirs(os.fsencode(place), exist_ok=True)
        for name, text in files.items():
            Path(place, name).write_text(text)

    def process(self, pid: int, cgroup: str) -> None:
        (self.root / "proc" / str(pid)).mkdir()
        (self.root / "proc" / str(pid) / "stat").write_text("")
        (self.root / "proc" / str(pid) / "cgroup").write_text(cgroup)

    def read(self, of: int | str | bytes) -> ControlGroup:
        return read_cgroup(self.host, of)

    @property
    def host(self) -> Host:
        return Host(Direct(Reader(str(self.root))), "captured tree")


@pytest.fixture
def two(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    tree.group("/web", **{"memory.current": f"{30 * MIB}\n", "memory.max": f"{40 * MIB}\n", "memory.high": "max\n"})
    tree.group("/web/app", **GROUP_2)
    tree.process(7, "0::/web/app\n")
    return tree


@pytest.fixture
def one(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path, "sys/fs/cgroup/memory")
    tree.group("/", **{"memory.limit_in_bytes": f"{NO_LIMIT_1}\n", "memory.use_hierarchy": "1\n"})
    tree.group("/web", **{**GROUP_1, "memory.limit_in_bytes": f"{64 * MIB}\n"})
    tree.group("/web/app", **GROUP_1)
    tree.process(7, "9:name=systemd:/\n4:memory:/web/app\n0::/\n")
    return tree


# -- what is read -----------------------------------------------------------------------------------------------------


def test_that_a_group_of_version_2_is_found_by_process_and_by_path(two: Tree) -> None:
    for of in (7, "/web/app", b"web/app/", "/sys/fs/cgroup/web/app"):
        group = two.read(of)
        assert (group.version, group.path, group.note, group.is_root) == ("2", "/web/app", "", False)


def test_that_the_numbers_of_version_2_are_those_of_its_files(two: Tree) -> None:
    group = two.read(7)
    expected = {
        "current": CURRENT_2, "peak": 20_000_000, "high": 64_000_000, "low": 0, "swap_max": 0, "anonymous": 4_096_000,
        "events_high": 3, "events_oom_kill": 1, "pressure_some_avg10": 2.5, "working_set": CURRENT_2 - 3_000_000,
    }  # fmt: skip
    assert {name: group.values[name] for name in expected} == expected
    assert {row.item.name: row.how for row in group.rows}["working_set"] == "derived"


def test_that_a_limit_that_is_not_set_is_none_and_flagged(two: Tree) -> None:
    group = two.read(7)
    assert group.values["max"] is None
    assert group.unlimited == {"max"}
    assert "max" not in group.absent
    assert next(row.text for row in group.rows if row.item.name == "max") == "unlimited"


def test_that_the_tightest_limit_may_be_that_of_a_group_above(two: Tree) -> None:
    group = two.read(7)
    assert group.limit == (40 * MIB, False, "/web", True)
    assert group.tightest("high") == (64_000_000, False, "/web/app", True)
    assert group.least_room is not None
    assert (group.least_room.path, group.least_room.room) == ("/web", 10 * MIB)


def test_that_limits_above_a_container_s_own_view_are_not_denied(two: Tree) -> None:
    two.group("/", **{"memory.current": "1\n", "memory.max": "max\n", "memory.high": "max\n"})
    group = two.read(7)
    assert group.limit == (40 * MIB, False, "/web", False)
    assert [level.path for level in group.levels] == ["/web/app", "/web", "/"]


def test_that_the_parts_of_version_2_are_as_computed_by_hand(two: Tree) -> None:
    sizes = {part.name: part.size for part in two.read(7).waterfall}
    assert sizes["page_cache"] == 9_000_000 - 1_000_000 - 8192
    assert sizes["kernel_other"] == 800_000 - 400_000 - 16384 - 40960 - 1000
    assert sizes["other"] == CURRENT_2 - 4_096_000 - (9_000_000 - 8192) - 800_000 - 4096
    assert sizes["hugetlb"] is None
    assert sum(size for size in sizes.values() if size is not None) == CURRENT_2


def test_that_a_group_without_the_controller_counts_in_the_one_above_and_says_so(two: Tree) -> None:
    two.group("/web/app/leaf", **{"cgroup.procs": "8\n"})
    two.process(8, "0::/web/app/leaf\n")
    group = two.read(8)
    assert group.path == "/web/app"
    assert group.note == "/web/app/leaf has no memory controller of its own; its processes count in /web/app"


def test_that_the_root_of_version_2_has_statistics_but_no_usage_and_says_why(two: Tree) -> None:
    group = two.read("/")
    assert group.is_root
    assert group.current is None
    assert "the system" in group.absent["current"].remedy
    assert group.number("anonymous") == 1
    assert group.limit == (None, True, "", True)
    assert next(part for part in group.waterfall if part.name == "other").size is None


def test_that_version_1_counts_the_groups_below_as_its_usage_does(one: Tree) -> None:
    group = one.read(7)
    expected = {
        "current": 20000, "anonymous": 5000, "cached": 9000, "working_set": 16000, "kernel": 3000, "events_max": 4,
        "events_oom_kill": 2, "max": None, "soft_limit": None,
    }  # fmt: skip
    assert (group.version, group.path) == ("1", "/web/app")
    assert {name: group.values[name] for name in expected} == expected
    assert group.unlimited >= {"max", "soft_limit"}
    assert {part.name: part.size for part in group.waterfall} == {
        "anonymous": 5000, "shmem": 1000, "page_cache": 8000, "kernel": 3000, "other": 3000,
    }  # fmt: skip


def test_that_version_1_names_the_group_whose_limit_holds(one: Tree) -> None:
    assert one.read(7).limit == (64 * MIB, False, "/web", True)
    one.group("/web", **{"memory.limit_in_bytes": f"{NO_LIMIT_1}\n"})
    assert one.read(7).limit == (64 * MIB, False, "", True)  # somewhere above what can be seen


def test_that_a_group_of_version_1_without_hierarchy_stands_alone(one: Tree) -> None:
    one.group("/web", **{"memory.use_hierarchy": "0\n"})
    assert [level.path for level in one.read(7).levels] == ["/web/app"]


def test_that_the_largest_page_count_of_a_32_bit_kernel_is_no_limit(one: Tree) -> None:
    one.group("/web/app", **{"memory.limit_in_bytes": f"{0x7FFFFFFF * 4096}\n"})
    assert "max" in one.read(7).unlimited


def test_that_the_root_of_version_1_does_not_count_kernel_memory_into_its_usage(one: Tree) -> None:
    one.group("/", **{**GROUP_1, "cgroup.sane_behavior": "0\n", "memory.usage_in_bytes": "14000\n"})
    group = one.read("/")
    assert group.is_root
    assert [part.name for part in group.waterfall] == ["anonymous", "shmem", "page_cache", "other"]
    assert group.waterfall[-1].size == 0


def test_that_kernels_before_the_totals_get_the_plain_keys(one: Tree) -> None:
    one.group("/web/app", **{"memory.stat": "cache 9000\nrss 5000\n"})
    sizes = {part.name: part.size for part in one.read(7).waterfall}
    assert (sizes["anonymous"], sizes["page_cache"], sizes["shmem"]) == (5000, 9000, None)


# -- what is not there ------------------------------------------------------------------------------------------------


def test_that_both_versions_have_the_same_names_and_say_what_they_lack(
    two: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Tree(tmp_path_factory.mktemp("one"), "sys/fs/cgroup/memory")
    other.group("/app", **GROUP_1)
    groups = (two.read(7), other.read("/app"))
    assert [*groups[0].values] == [*groups[1].values] == [*TITLES]
    assert groups[1].absent["high"].detail == "version 1 of control groups has no `Throttled above`"
    for group in groups:
        nothing = {name for name, value in group.values.items() if value is None}
        assert nothing == set(group.absent) | group.unlimited
        assert all(why.reason in REASONS for why in group.absent.values())
        json.dumps(cgroup_as_dict(group))


def test_that_a_file_without_sense_takes_only_its_items_along(two: Tree) -> None:
    two.group("/web/app", **{"memory.current": "many\n", "memory.events": "senseless\n"})
    group = two.read(7)
    assert group.current is None
    assert group.absent["current"].reason == group.absent["events_high"].reason == "malformed"
    assert group.number("anonymous") == 4_096_000


def test_that_the_path_of_a_user_shows_its_strange_characters_as_escapes(two: Tree) -> None:
    strange = b"/web/\x1b[31m\xff"
    two.group(os.fsdecode(strange), **GROUP_2)
    group = two.read(strange)
    assert group.raw == strange
    assert group.path == "/web/\\x1b[31m\\xff"
    assert two.read("/web").children == (strange, b"/web/app")
    json.dumps(cgroup_as_dict(group)).encode()


def test_that_a_path_that_does_not_exist_is_the_caller_s_mistake(two: Tree) -> None:
    with pytest.raises(UsageError, match=r"/no/such: no such control group"):
        two.read("/no/such")
    with pytest.raises(UsageError, match=r"no `\.\.`"):
        two.read("/web/../web")


def test_that_a_group_outside_a_container_s_view_is_named_and_not_searched(two: Tree) -> None:
    two.process(9, "0::/../../other\n")
    with pytest.raises(Unsupported, match=r"/\.\./\.\./other, outside the reader's own view"):
        two.read(9)


def test_that_a_removed_group_is_told_from_one_that_cannot_be_seen(two: Tree) -> None:
    two.process(9, "0::/web/old (deleted)\n")
    two.process(10, "0::/far/away\n")
    with pytest.raises(Unsupported, match="has been removed"):
        two.read(9)
    with pytest.raises(Unsupported, match="cannot be seen from where the reader is"):
        two.read(10)


def test_that_a_container_s_part_of_the_hierarchy_is_found_by_its_members(two: Tree) -> None:
    two.process(12, "0::/docker/abc/web/app\n")
    group = two.read(12)
    assert group.path == "/web/app"
    assert "/docker/abc/web/app" in group.note


# -- members ----------------------------------------------------------------------------------------------------------


def test_that_members_are_those_of_all_groups_below_each_once(two: Tree) -> None:
    two.group("/web/app/a", **{"cgroup.procs": "7\n30\n"})
    two.group("/web/app/a/b", **{"cgroup.procs": "31\n"})
    two.group("/web/app/c")
    members = read_members(two.host, two.read(7))
    assert members.pids == (7, 12, 30, 31)
    assert (members.hidden, members.groups, members.rest) == (1, 4, 0)
    assert {path: why.reason for path, why in members.absent.items()} == {"/web/app/c": "not captured"}


def test_that_the_search_for_members_is_bounded_and_says_what_it_left_out(two: Tree) -> None:
    for number in range(5):
        two.group(f"/web/app/{number}", **{"cgroup.procs": f"{100 + number}\n"})
    members = read_members(two.host, two.read(7), most=3)
    assert (members.groups, members.rest) == (3, 3)


# -- laws -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [PARTS_2, PARTS_1, PARTS_1_ROOT], ids=["2", "1", "1 root"])
@given(data=st.data(), total=st.integers(0, 1 << 60))
def test_that_known_parts_sum_exactly_to_the_charge(items: tuple[Item, ...], data: st.DataObject, total: int) -> None:
    keys = sorted(
        {key for item in items for way in (item, item.otherwise) if way for key in (*way.needs, *way.optional)}
    )
    facts = data.draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 1 << 60)))
    parts = waterfall(Readings(facts, {}), total, items)
    assert sum(part.size for part in parts if part.size is not None) == total
    assert all((part.size is None) == (part.absent is not None) for part in parts)
    assert all(part.size is None or part.size >= 0 for part in parts if part.name != "other")


@pytest.mark.parametrize("version", [*ITEMS])
def test_that_items_are_told_apart_by_name_and_explained(version: str) -> None:
    names = [item.name for item in ITEMS[version]]
    assert len(names) == len(set(names))
    assert all(item.explanation.endswith(".") for item in (*ITEMS[version], *PARTS_2, *PARTS_1))


@pytest.mark.live
def test_that_this_process_s_own_group_adds_up() -> None:
    host = open_host()
    try:
        try:
            group = read_cgroup(host, os.getpid())
        except Unsupported as why:
            pytest.skip(f"no memory controller here: {why}")
        members = read_members(host, group)
    finally:
        host.close()
    if group.current is None:
        pytest.skip("this process is in the root group, which counts nothing in version 2")
    assert os.getpid() in members.pids
    assert sum(part.size for part in group.waterfall if part.size is not None) == group.current
    rest = next(part for part in group.waterfall if part.name == "other")
    assert rest.size is not None
    assert abs(rest.size) < max(64 * MIB, group.current // 4)
    assert group.levels[0].current == group.current
