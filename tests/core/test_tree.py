"""Processes together: descent, sums, and a control group's charge against its processes."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.cgroup import ControlGroup, read_cgroup, read_members
from memviz.core.connect import open_host
from memviz.core.facts import Identity
from memviz.core.host import Host
from memviz.core.readings import Readings, Value
from memviz.core.source import ProcessRow
from memviz.core.tree import (
    SUMMED,
    Member,
    Together,
    compare,
    comparison_as_dict,
    process_forest,
    process_tree,
    sum_processes,
    together_as_dict,
)
from memviz.errors import MemvizError, ProcessGone
from memviz.proc import reader
from memviz.proc.link import Direct, Frame

KIB = 1024


def row(pid: int, ppid: int, start: int | None = None) -> ProcessRow:
    identity = Identity("boot", 0, pid, pid if start is None else start)
    return ProcessRow(identity, ppid, f"p{pid}", None, "S", None, 1, None, None, None, None, 0.0, False)


def drawn(branches: object) -> str:
    assert isinstance(branches, tuple)
    return " ".join("." * branch.depth + str(branch.row.pid) for branch in branches)


# -- descent ----------------------------------------------------------------------------------------------------------


def test_that_descendants_come_after_their_parents_in_the_order_of_the_rows() -> None:
    rows = [row(1, 0), row(2, 1), row(3, 1), row(4, 2), row(5, 2), row(6, 4), row(7, 1)]
    assert drawn(process_tree(rows, 2)) == "2 .4 ..6 .5"
    assert drawn(process_forest(rows)) == "1 .2 ..4 ...6 ..5 .3 .7"


def test_that_a_missing_parent_makes_a_root_and_a_circle_ends() -> None:
    rows = [row(1, 99), row(2, 3, 5), row(3, 2, 5), row(4, 4)]
    assert drawn(process_tree(rows, 2)) == "2 .3"
    assert drawn(process_forest(rows)) == "1 4 2 .3"


def test_that_a_process_older_than_its_parent_is_not_its_child() -> None:
    """Its parent has ended, and the number was given to another process before that one was read."""
    rows = [row(1, 0), row(50, 1, 900), row(60, 50, 300)]
    assert drawn(process_tree(rows, 50)) == "50"
    assert drawn(process_forest(rows)) == "1 .50 60"


def test_that_an_unknown_process_is_gone() -> None:
    with pytest.raises(ProcessGone):
        process_tree([row(1, 0)], 2)


@given(st.dictionaries(st.integers(1, 30), st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=30))
def test_that_every_process_is_in_the_forest_exactly_once(parents: dict[int, tuple[int, int]]) -> None:
    rows = [row(pid, ppid, start) for pid, (ppid, start) in parents.items()]
    branches = process_forest(rows)
    assert sorted(branch.row.pid for branch in branches) == sorted(parents)
    for branch in branches:
        found = {below.row.pid for below in process_tree(rows, branch.row.pid)}
        assert branch.row.pid in found


# -- sums -------------------------------------------------------------------------------------------------------------


def stat_of(pid: int, *, state: str = "S", flags: int = 0, threads: int = 1, name: str = "app") -> str:
    return f"{pid} ({name}) {state} 1 1 1 0 -1 {flags} 0 0 0 0 1 1 0 0 20 0 {threads} 0 9 4096 1 " + "0 " * 28 + "\n"


def rollup_of(pss: int, **lines: int) -> str:
    values = {"Rss": 2 * pss, "Pss": pss, "Private_Clean": 1, "Private_Dirty": 2, "Swap": 3, "SwapPss": 3, **lines}
    header = "5000-7000 ---p 00000000 00:00 0                          [rollup]\n"
    return header + "".join(f"{key}: {value} kB\n" for key, value in values.items())


def host_of(root: Path, processes: dict[int, dict[str, str]]) -> Host:
    for pid, files in processes.items():
        (root / "proc" / str(pid)).mkdir(parents=True)
        for name, text in {
            "stat": stat_of(pid),
            "statm": "10 5 1 1 0 1 0\n",
            "status": "VmSwap:\t7 kB\n",
            **files,
        }.items():
            (root / "proc" / str(pid) / name).write_text(text)
    return Host(Direct(reader.Reader(str(root))), "captured tree")


def test_that_the_columns_of_smaps_rollup_are_added_up(tmp_path: Path) -> None:
    host = host_of(tmp_path, {7: {"smaps_rollup": rollup_of(10)}, 9: {"smaps_rollup": rollup_of(30, Pss_Anon=4)}})
    together = sum_processes(host, [9, 7, 7])
    assert [(member.pid, member.name) for member in together.members] == [(7, "app"), (9, "app")]
    assert together.totals == {
        "rss": 80 * KIB, "pss": 40 * KIB, "uss": 6 * KIB, "swap": 6 * KIB, "swap_pss": 6 * KIB,
        "pss_anonymous": 4 * KIB, "pss_file": None, "pss_shmem": None,
    }  # fmt: skip
    assert together.unread == ()


def test_that_no_processes_cost_nothing_and_are_not_taken_for_all(tmp_path: Path) -> None:
    together = sum_processes(host_of(tmp_path, {7: {"smaps_rollup": rollup_of(10)}}), [])
    assert together.members == ()
    assert together.totals["pss"] == 0


def test_that_what_was_not_captured_falls_back_to_rss_and_swap_and_is_counted(tmp_path: Path) -> None:
    together = sum_processes(host_of(tmp_path, {7: {}, 9: {"smaps_rollup": rollup_of(30)}}), [7, 9])
    assert together.totals["pss"] == 30 * KIB
    assert together.totals["rss"] == 60 * KIB + 5 * 4096
    assert together.totals["swap"] == 10 * KIB
    (unread,) = together.unread
    assert unread.absent is not None
    assert (unread.pid, unread.absent.reason) == (7, "not captured")


def test_that_a_process_that_has_gone_is_counted_as_unread(tmp_path: Path) -> None:
    together = sum_processes(host_of(tmp_path, {9: {"smaps_rollup": rollup_of(30)}}), [8, 9])
    assert [member.pid for member in together.unread] == [8]
    assert together.totals["pss"] == 30 * KIB


class Told:
    """A link that answers a list of processes with given files or errno values."""

    def __init__(self, *processes: tuple[int, list[str | int]]) -> None:
        self.processes = processes

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        if verb == "processes":
            for pid, files in self.processes:
                data = [reader.RECORD.pack(pid, 0)]
                for file in files:
                    text = file.encode() if isinstance(file, str) else b""
                    data += [reader.FIELD.pack(file if isinstance(file, int) else 0, len(text)), text]
                yield Frame(reader.DATA, 0, b"".join(data))
        yield Frame(reader.END, 0, b"errno=0" if verb != "threads" else b"errno=3")

    def close(self) -> None:
        """Nothing is open."""


STATUS = "VmSwap:\t7 kB\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.EACCES, "denied"),
        (errno.ETIMEDOUT, "not answering"),
        (errno.ENOENT, "unsupported"),
        (errno.ESRCH, "gone"),
    ],
)
def test_that_one_process_that_cannot_be_read_costs_only_its_own_row(code: int, reason: str) -> None:
    told = Told(
        (7, [stat_of(7), "10 5 1 1 0 1 0\n", STATUS, code]), (9, [stat_of(9), "1 1 1 1 0 1 0\n", STATUS, rollup_of(30)])
    )
    together = sum_processes(Host(told), [7, 9])
    stuck = together.members[0]
    assert stuck.absent is not None
    assert stuck.absent.reason == reason
    assert bool(stuck.absent.remedy) == (reason in ("denied", "not answering"))
    assert (stuck.sizes["rss"], stuck.sizes["pss"]) == (5 * 4096, None)
    assert together.totals["pss"] == 30 * KIB
    json.dumps(together_as_dict(together))


@pytest.mark.parametrize("stat", [stat_of(7, state="Z"), stat_of(7, flags=0x00200000)], ids=["zombie", "kernel thread"])
def test_that_a_process_without_an_address_space_costs_nothing(stat: str) -> None:
    together = sum_processes(Host(Told((7, [stat, "0 0 0 0 0 0 0\n", STATUS, errno.ESRCH]))), [7])
    assert together.members[0].without_memory
    assert together.totals["pss"] == 0
    assert together.unread == ()


def test_that_a_dead_first_thread_is_not_taken_for_a_process_without_memory() -> None:
    stat = stat_of(7, state="Z", threads=3)
    together = sum_processes(Host(Told((7, [stat, "0 0 0 0 0 0 0\n", STATUS, errno.ESRCH]))), [7])
    assert not together.members[0].without_memory
    assert [member.pid for member in together.unread] == [7]


def test_that_a_rollup_without_sense_is_malformed_and_spoils_no_other(tmp_path: Path) -> None:
    host = host_of(tmp_path, {7: {"smaps_rollup": "header\nsenseless\n"}, 9: {"smaps_rollup": rollup_of(30)}})
    together = sum_processes(host, [7, 9])
    assert together.members[0].absent is not None
    assert together.members[0].absent.reason == "malformed"
    assert together.totals["pss"] == 30 * KIB


def test_that_processes_that_may_share_one_address_space_are_pointed_out(tmp_path: Path) -> None:
    same = {"smaps_rollup": rollup_of(10)}
    together = sum_processes(host_of(tmp_path, {7: same, 8: {"smaps_rollup": rollup_of(11)}, 9: same}), [7, 8, 9])
    assert together.alike == ((7, 9),)
    assert together.doubt == 10 * KIB
    assert together.totals["pss"] == 31 * KIB


# -- against a control group ------------------------------------------------------------------------------------------

STAT = {
    "anon": 5000, "file": 9000, "shmem": 1000, "slab_reclaimable": 200, "slab_unreclaimable": 100, "slab": 300,
    "kernel": 400, "kernel_stack": 50, "pagetables": 50, "sock": 10,
}  # fmt: skip


def group_of(current: int | None, **stat: int) -> ControlGroup:
    facts: dict[str, Value] = {f"memory.stat:{key}": value for key, value in {**STAT, **stat}.items()}
    if current is not None:
        facts["memory.current"] = current
    return ControlGroup("2", b"/a", Readings(facts, {}), (), (), (), False, True)


def together_of(**sizes: int | None) -> Together:
    return Together((Member(7, "app", {**dict.fromkeys(SUMMED), **sizes}, None),), ())


def test_that_the_charge_is_split_into_what_processes_show_and_what_they_do_not() -> None:
    together = together_of(pss=6500, pss_anonymous=4900, pss_file=1500, pss_shmem=100)
    comparison = compare(group_of(15000), together)
    sizes = {part.name: part.size for part in comparison.parts if part.size}
    assert sizes == {
        "mapped_anonymous": 4900, "mapped_page_cache": 1500, "mapped_shmem": 100, "other_anonymous": 100,
        "other_page_cache": 6500, "other_shmem": 900, "slab_reclaimable": 200, "slab_unreclaimable": 100,
        "kernel_stacks": 50, "page_tables": 50, "sock": 10, "other": 590,
    }  # fmt: skip
    assert sum(sizes.values()) == 15000
    json.dumps(comparison_as_dict(comparison))


def test_that_libraries_another_group_pays_for_show_as_a_difference_below_zero() -> None:
    comparison = compare(group_of(7000, file=1200), together_of(pss=1, pss_anonymous=0, pss_file=1500, pss_shmem=0))
    assert next(part.size for part in comparison.parts if part.name == "other_page_cache") == -1300


def test_that_kernels_that_do_not_divide_pss_get_one_difference() -> None:
    comparison = compare(group_of(15000), together_of(pss=6500))
    sizes = {part.name: part.size for part in comparison.parts}
    assert (sizes["mapped"], sizes["other_memory"]) == (6500, 14000 - 6500)
    assert sum(size or 0 for size in sizes.values()) == 15000


def test_that_nothing_is_claimed_of_processes_that_could_not_be_read() -> None:
    comparison = compare(group_of(15000), together_of())
    assert comparison.unread == 1
    assert "could not be read" in next(part.explanation for part in comparison.parts if part.name == "other_memory")
    mapped = next(part for part in comparison.parts if part.name == "mapped")
    assert mapped.size is None
    assert mapped.absent is not None
    assert sum(part.size or 0 for part in comparison.parts) == 15000


SIZE = st.integers(0, 1 << 50)


@given(
    st.one_of(st.none(), SIZE),
    st.dictionaries(st.sampled_from([*STAT]), SIZE),
    st.fixed_dictionaries({name: st.one_of(st.none(), SIZE) for name in SUMMED}),
)
def test_that_the_parts_of_a_comparison_sum_exactly_to_the_charge(
    current: int | None, stat: dict[str, int], sizes: dict[str, int | None]
) -> None:
    comparison = compare(group_of(current, **stat), together_of(**sizes))
    assert all((part.size is None) == (part.absent is not None) for part in comparison.parts)
    if current is not None:
        assert sum(part.size for part in comparison.parts if part.size is not None) == current
    assert len({part.name for part in comparison.parts}) == len(comparison.parts)


# -- live -------------------------------------------------------------------------------------------------------------


@pytest.mark.live
def test_that_this_process_and_its_child_are_summed_as_their_own_files_say() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    host = open_host()
    try:
        assert child.stdout is not None
        child.stdout.readline()
        together = sum_processes(host, [child.pid, os.getpid(), 2])
        text = Path(f"/proc/{child.pid}/smaps_rollup").read_text()
        tree = process_tree(host.processes(), os.getpid())
        group = read_cgroup(host, child.pid)
        comparison = compare(group, sum_processes(host, read_members(host, group).pids))
    except MemvizError as why:
        pytest.skip(f"no memory controller here: {why}")
    finally:
        host.close()
        child.communicate(b"\n")
    member = next(member for member in together.members if member.pid == child.pid)
    assert member.sizes["rss"] == next(
        int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Rss")
    )
    assert child.pid in {branch.row.pid for branch in tree}
    if comparison.total is not None:
        assert sum(part.size for part in comparison.parts if part.size is not None) == comparison.total
