"""What each demo says of itself, beside what the kernel says of it."""

import errno
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from memviz.demos import MIB, PAGE, memory, regions
from memviz.demos.stage import NotHere
from tests.demos import kernel
from tests.demos.driver import PATIENCE, Facts, start_demo

pytestmark = pytest.mark.live

ARENA = 64 * MIB


def within(pid: int, facts: Facts) -> list[kernel.Region]:
    return kernel.regions_within(pid, facts["address"], facts["bytes"])


def resident(pid: int, facts: Facts) -> int:
    return kernel.total(within(pid, facts), "Rss")


def test_that_touched_pages_are_resident_and_no_others() -> None:
    with start_demo("touch") as demo:
        mapped, half, full, given_back, unmapped = (
            (facts, within(demo.pid, facts)) for facts in (demo.step() for _ in range(5))
        )
    for facts, found in (mapped, half, full, given_back):
        (region,) = found
        assert (region.start, region.size) == (facts["address"], facts["bytes"])
        assert region.fields["Rss"] == facts["touched"] * PAGE
    pages = mapped[0]["pages"]
    assert [facts["touched"] for facts, _ in (mapped, half, full)] == [0, pages // 2, pages]
    assert unmapped[1] == []


def test_that_the_touched_half_is_scattered() -> None:
    with start_demo("touch") as demo:
        facts = demo.steps(2)[-1]
        states = kernel.present(demo.pid, facts["address"], facts["bytes"])
    assert sum(states) == facts["touched"]
    changes = sum(before != after for before, after in pairwise(states))
    assert changes > len(states) // 4


def test_that_the_heap_leaks_a_mebibyte_a_step_and_the_cache_does_not() -> None:
    heap, cache = [], []
    with start_demo("leak", "9") as demo:
        for _ in range(9):
            facts = demo.step()
            heap.append(kernel.region_at(demo.pid, facts["last_address"]))
            (region,) = kernel.regions_within(demo.pid, facts["cache_address"], facts["cache_bytes"])
            cache.append(region.fields["Rss"])
    assert {region.path for region in heap} == {b"[heap]"}
    growth = heap[-1].fields["Rss"] - heap[0].fields["Rss"]
    assert 8 * MIB - 64 * 1024 <= growth <= 8 * MIB + MIB // 2
    assert set(cache) == {facts["cache_bytes"]}


def test_that_parent_and_child_share_what_neither_wrote() -> None:
    with start_demo("copy-on-write") as demo:
        alone = demo.step()
        (region,) = within(demo.pid, alone)
        assert region.fields["Private_Dirty"] == region.fields["Pss"] == alone["bytes"]
        for written in (0, 1, alone["pages"] // 2):
            facts = demo.step()
            assert facts["written"] == written
            for pid in (facts["parent"], facts["child"]):
                (region,) = within(pid, facts)
                assert region.fields["Rss"] == facts["bytes"]
                assert region.fields["Private_Dirty"] == written * PAGE
                assert region.fields["Pss"] == (facts["bytes"] + written * PAGE) // 2
        facts = demo.step()
        (region,) = within(demo.pid, facts)
        assert region.fields["Private_Dirty"] == region.fields["Pss"] == facts["bytes"]
        assert not Path(f"/proc/{facts['child']}").exists()


def test_that_the_main_stack_grows_and_does_not_shrink() -> None:
    with start_demo("stack") as demo:
        small, large, again = [(facts, kernel.region_at(demo.pid, facts["address"])) for facts in demo.steps(3)]
        assert kernel.region_at(demo.pid, small[0]["now_address"]).path == b"[stack]"
    for facts, region in (small, large, again):
        assert region.path == b"[stack]"
        assert facts["now_address"] - facts["address"] > facts["depth"] - 64 * 1024
    assert large[1].fields["Rss"] >= 4 * MIB
    assert large[1].size >= 4 * MIB
    assert again[1].start == large[1].start
    assert again[1].fields["Rss"] == large[1].fields["Rss"]


def test_that_a_deep_thread_makes_its_stack_resident_until_it_ends() -> None:
    with start_demo("stack") as demo:
        demo.steps(3)
        found = []
        for _ in range(3):
            facts = demo.step()
            is_alive = Path(f"/proc/{demo.pid}/task/{facts['tid']}").exists()
            found.append((is_alive, kernel.region_at(demo.pid, facts["address"])))
        guard = kernel.region_at(demo.pid, facts["address"] - 1)
    (_, fresh), (_, deep), (_, left) = found
    assert [is_alive for is_alive, _ in found] == [True, True, False]
    assert guard.permissions == "---p"
    assert fresh.size == deep.size == left.size
    assert fresh.fields["Rss"] < MIB // 2
    assert MIB <= deep.fields["Rss"] < 2 * MIB
    assert left.fields["Rss"] < MIB // 2


def test_that_a_fragmented_heap_stays_large_until_whole_pages_are_free() -> None:
    rows = []
    with start_demo("fragment") as demo:
        for _ in range(5):
            facts = demo.step()
            region = kernel.region_at(demo.pid, facts["last_address"])
            assert region.start <= facts["first_address"]
            rows.append((region.size, region.fields["Rss"]))
    sizes, resident_sizes = zip(*rows, strict=True)
    assert min(sizes) >= 16 * MIB
    assert min(resident_sizes[:4]) >= 15 * MIB
    assert resident_sizes[4] <= resident_sizes[3] - 15 * MIB


def test_that_private_writes_are_copies_and_shared_writes_the_files(tmp_path: Path) -> None:
    with start_demo("files", folder=tmp_path) as demo:

        def mapping(kind: str) -> kernel.Region:
            return kernel.region_at(demo.pid, facts[kind + "_address"])

        facts = demo.step()
        assert mapping("private").fields["Rss"] == 0
        assert os.fsdecode(mapping("private").path) == facts["path"]
        facts = demo.step()
        assert mapping("private").fields["Rss"] == facts["bytes"]
        assert mapping("private").fields["Anonymous"] == 0
        facts = demo.step()
        assert mapping("private").fields["Anonymous"] == facts["written"] * PAGE
        assert mapping("private").permissions == "rw-p"
        facts = demo.step()
        assert mapping("shared").permissions == "rw-s"
        facts = demo.step()
        assert mapping("shared").fields["Rss"] >= facts["written"] * PAGE
        assert mapping("shared").fields["Anonymous"] == 0
        assert Path(facts["path"]).read_bytes().count(b"\1") == facts["written"]
        facts = demo.step()
        for kind in ("private", "shared"):
            assert os.fsdecode(mapping(kind).path) == facts["path"] + " (deleted)"


def test_that_threads_have_names_stacks_and_arenas() -> None:
    with start_demo("threads") as demo:
        facts = demo.step()
        names = {Path(f"/proc/{demo.pid}/task/{tid}/comm").read_text().strip() for tid in facts["tids"]}
        assert names == {f"demo-worker-{number}" for number in range(1, 9)}
        for address in facts["stack_addresses"]:
            assert kernel.region_at(demo.pid, address - 1).permissions == "---p"
            assert kernel.region_at(demo.pid, address).size >= facts["stack_bytes"]
        facts = demo.step()
        arenas = {address // ARENA * ARENA for address in facts["block_addresses"]}
        assert len(arenas) == 8
        for arena in arenas:
            region = kernel.region_at(demo.pid, arena)
            assert region.start == arena
            assert region.fields["Rss"] >= facts["bytes_each"]
        demo.steps()
        assert os.listdir(f"/proc/{demo.pid}/task") == [str(demo.pid)]
        assert arenas <= {region.start for region in kernel.regions(demo.pid)}


def test_that_a_reservation_costs_what_is_used_of_it() -> None:
    with start_demo("sparse") as demo:
        for _ in range(4):
            facts = demo.step()
            found = within(demo.pid, facts)
            assert kernel.total(found, "Size") == facts["bytes"]
            assert kernel.total(found, "Rss") == facts["resident"]
            writable = [region for region in found if region.permissions == "rw-p"]
            assert len(writable) == facts["places"]
            assert {region.size for region in writable} <= {facts["place_bytes"]}
        assert kernel.status(demo.pid, "VmPTE") >= 2 * facts["places"] * PAGE


@pytest.mark.parametrize("count", [1, 2, 1001, 2000])
def test_that_there_are_as_many_regions_as_asked_for(count: int) -> None:
    with start_demo("regions", str(count)) as demo:
        made, merged, again, touched, left = (
            (facts, within(demo.pid, facts)) for facts in (demo.step() for _ in range(5))
        )
    for facts, found in (made, merged, again, touched, left):
        assert facts["regions"] == len(found)
        assert kernel.total(found, "Size") == facts["bytes"] == count * PAGE
    assert len(made[1]) == len(again[1]) == len(touched[1]) == count
    assert len(merged[1]) == 1
    assert len(left[1]) == touched[0]["touched"]
    assert kernel.total(touched[1], "Rss") == touched[0]["touched"] * PAGE


def test_that_a_number_of_regions_close_to_the_kernels_limit_is_said() -> None:
    allowed = int(Path("/proc/sys/vm/max_map_count").read_text())
    with start_demo("regions", "65000") as demo:
        is_close = allowed < 65_000 + regions.SPARE
        assert ("close to vm.max_map_count" in demo.prompt) == is_close


def test_that_regions_beyond_the_kernels_limit_are_refused_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stripes = regions.Stripes(100)
    protect = memory.protect

    def refuse(address: int, size: int, protection: int) -> None:
        if protection == memory.READ and address > stripes.address + 10 * PAGE:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        protect(address, size, protection)

    monkeypatch.setattr(memory, "protect", refuse)
    with pytest.raises(NotHere, match="max_map_count"):
        stripes.split()
    assert stripes.facts()["regions"] == 1
    memory.unmap(stripes.address - PAGE, 102 * PAGE)


def test_that_a_guard_by_permission_splits_its_region() -> None:
    with start_demo("guard") as demo:
        facts = demo.step()
        assert [region.permissions for region in within(demo.pid, facts)] == ["rw-p"]
        assert resident(demo.pid, facts) == facts["bytes"]
        assert not facts["refused"]
        facts = demo.step()
        assert facts["refused"]
        permissions = [region.permissions for region in within(demo.pid, facts)]
        assert permissions == ["rw-p", "---p", "rw-p"]
        assert kernel.region_at(demo.pid, facts["guard_address"]).permissions == "---p"


def test_that_a_guard_by_advice_splits_nothing() -> None:
    with start_demo("guard") as demo:
        demo.steps(2)
        for refused in (1, 0):
            facts = demo.step()
            (region,) = within(demo.pid, facts)
            assert facts["refused"] == refused
            assert region.fields["Rss"] == facts["bytes"] - PAGE


def test_that_shared_memory_has_the_names_of_its_kinds() -> None:
    with start_demo("shared") as demo:
        for name in (b"/dev/zero (deleted)", b"/memfd:demo-shared (deleted)", b"/SYSV00000000"):
            facts = demo.step()
            (region,) = within(demo.pid, facts)
            assert region.path.removesuffix(b" (deleted)") == name.removesuffix(b" (deleted)")
            assert region.permissions == "rw-s"
            assert region.fields["Rss"] == facts["bytes"]


def test_that_a_memfd_lives_without_a_region_until_it_is_closed() -> None:
    with start_demo("shared") as demo:
        demo.steps(3)
        facts = demo.step()
        descriptor = Path(f"/proc/{demo.pid}/fd/{facts['descriptor']}")
        assert within(demo.pid, facts) == []
        assert os.readlink(descriptor) == "/memfd:demo-shared (deleted)"
        assert descriptor.stat().st_blocks * 512 == facts["bytes"]
        facts = demo.step()
        assert not descriptor.exists()


def test_that_a_sysv_segment_goes_with_a_killed_demo() -> None:
    with start_demo("shared") as demo:
        demo.steps(3)
        demo.process.kill()
        demo.process.wait(PATIENCE)
    try:
        segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    except FileNotFoundError:
        pytest.skip("this kernel has no SysV shared memory")
    assert demo.pid not in {int(segment.split()[4]) for segment in segments}


def test_that_a_touch_brings_a_huge_page_and_a_hole_splits_it() -> None:
    with start_demo("huge") as demo:
        facts = demo.step()
        assert resident(demo.pid, facts) == facts["touched"] * PAGE == facts["resident"]
        facts = demo.step()
        assert resident(demo.pid, facts) == 0
        facts = demo.step()
        (region,) = within(demo.pid, facts)
        assert region.fields["Rss"] == facts["resident"]
        if facts["resident"] < facts["bytes"]:
            pytest.skip("the kernel had no huge page to give")
        assert region.fields["AnonHugePages"] == facts["bytes"]
        facts = demo.step()
        (region,) = within(demo.pid, facts)
        assert region.fields["Rss"] == facts["resident"] == facts["bytes"] - PAGE
        assert region.fields["AnonHugePages"] == facts["bytes"] - facts["huge_bytes"]


def test_that_other_demos_get_small_pages_only() -> None:
    with start_demo("touch") as demo:
        demo.steps(3)
        assert kernel.total(kernel.regions(demo.pid), "AnonHugePages") == 0


def test_that_code_is_where_it_says_and_runs() -> None:
    with start_demo("jit") as demo:
        for _ in range(4):
            facts = demo.step()
            (region,) = within(demo.pid, facts)
            assert (region.start, region.size) == (facts["address"], facts["bytes"])
            assert set(region.permissions) - set("-p") == set(facts["permissions"])
            assert facts.get("answer", 42) == 42
            is_careless = facts["permissions"] == "rwx"
            assert any("wx" in each.permissions for each in kernel.regions(demo.pid)) == is_careless


def test_that_hostile_names_are_those_the_kernel_has(tmp_path: Path) -> None:
    """The kernel writes a line break of a name as \\012, and everything else as it is."""
    with start_demo("names", folder=tmp_path) as demo:
        for facts in demo.steps():
            if "path" not in facts:
                continue
            (region,) = within(demo.pid, facts)
            path = os.fsencode(facts["path"]).replace(b"\n", b"\\012")
            if path.startswith(b"/memfd:"):
                path += b" (deleted)"
            assert region.path == path
        assert max(len(region.path) for region in kernel.regions(demo.pid)) > 4096


def test_that_the_hostile_process_name_is_the_processs(tmp_path: Path) -> None:
    with start_demo("names", folder=tmp_path) as demo:
        facts = demo.steps()[-1]
        comm = Path(f"/proc/{demo.pid}/comm").read_bytes()
    assert comm.removesuffix(b"\n") == os.fsencode(facts["comm"])


def reading_ends(path: str, seconds: float) -> bool:
    """Whether a process that reads *path* comes back; it is killed when it does not."""
    with subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL) as reader:
        try:
            return reader.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            reader.kill()
            return False


@pytest.mark.fault
def test_that_a_stuck_target_does_not_answer_until_its_file_system_has_ended() -> None:
    with start_demo("stuck") as demo:
        facts = demo.step()
        smaps, statm = f"/proc/{facts['target']}/smaps", f"/proc/{facts['target']}/statm"
        assert kernel.region_at(facts["target"], facts["address"]).fields["Rss"] == 0
        facts = demo.step()
        assert facts["reader"]
        facts = demo.step()
        assert facts["stuck"]
        assert not reading_ends(smaps, 0.5)
        assert reading_ends(statm, PATIENCE)
        facts = demo.step()
        assert not facts["stuck"]
        assert reading_ends(smaps, PATIENCE)


@pytest.mark.fault
def test_that_a_stuck_target_is_free_again_when_the_demo_is_killed(tmp_path: Path) -> None:
    with start_demo("stuck", folder=tmp_path) as demo:
        facts = demo.steps(3)[-1]
        reader = os.pidfd_open(facts["reader"])
        demo.process.kill()
        demo.process.wait(PATIENCE)
        assert kernel.ends(reader, PATIENCE)
    os.close(reader)
