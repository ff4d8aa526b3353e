"""Programs that tell where their things are: memviz must say what each of them is."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from tests.programs import compiled, running

pytestmark = pytest.mark.live
Tell = Callable[[str], None]

# What lies at each address that landmarks.c prints: category, group, name of the block ("" is whatever file it is)
LANDMARKS = {
    "main_stack": ("main stack", "stack", "main stack"),
    "code": ("program code", "text", "landmarks"),
    "constant": ("program data", "data", "landmarks"),
    "initialised": ("program data", "data", "landmarks"),
    "zeroed": ("program bss", "data", "landmarks"),
    "brk_malloc": ("brk heap", "heap", "heap (brk)"),
    "library_code": ("library code", "text", "libc"),
    "library_data": ("library data", "library", "libc"),
    "vdso": ("vdso", "kernel", "vdso and vvar"),
    "anonymous": ("anonymous", "anonymous", "anonymous"),
    "jit": ("just-in-time code", "anonymous", "just-in-time code"),
    "reserved": ("reserved", "reserved", "reserved"),
    "shared_anonymous": ("shared anonymous", "shared", "shared anonymous"),
    "memfd": ("memfd", "shared", "memfd:memviz test"),
    "system_v": ("System V shared memory", "shared", "SYSV00000000"),
    "file": ("mapped file", "file", "a data file"),
    "thread_stack": ("thread stack", "stack", "thread stack"),
    "large_thread_stack": ("thread stack", "stack", "thread stack"),
    "thread_malloc": ("malloc arena", "heap", "malloc arena"),
    "io_uring": ("kernel buffer", "file", "io_uring"),
    "perf_event": ("kernel buffer", "file", "perf_event"),
    "aio": ("kernel buffer", "file", "[aio]"),
    "reserved_after_use": ("reserved", "reserved", "reserved"),
    "like_a_stack": ("likely thread stack", "stack", "thread stack"),
    "private_zero": ("private /dev/zero", "anonymous", "/dev/zero"),
    "unlinked_shared_memory": ("POSIX shared memory", "shared", ""),
}


@pytest.fixture(scope="module")
def landmarks(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Snapshot, list[tuple[str, int]]]]:
    folder = tmp_path_factory.mktemp("landmarks")
    data = folder / "a data file"
    data.write_bytes(bytes(4096))
    with running([str(compiled("landmarks", folder)), str(data)], "end") as (pid, lines):
        pairs = [line.split() for line in lines[1:-1]]
        yield host.snapshot(pid), [(name, int(address, 16)) for name, address in pairs]


def category_at(snapshot: Snapshot, address: int) -> tuple[str, str, str]:
    row = snapshot.regions.find(address)
    assert row is not None, f"{address:#x} lies in no region"
    category = snapshot.categories[int(snapshot.regions["category"][row])]
    return category.name, category.group, snapshot.blocks.name(int(snapshot.regions["block"][row]))


def merely_anonymous(snapshot: Snapshot) -> str:
    group = snapshot.groups.get("anonymous")
    resident = group.rss if group and group.rss else 0
    return f"{snapshot.name}: {100 * resident / (snapshot.totals['rss'] or 1):.1f} % of its RSS is merely anonymous"


@pytest.mark.parametrize("name", LANDMARKS)
def test_that_every_landmark_of_a_threaded_program_is_told(
    landmarks: tuple[Snapshot, list[tuple[str, int]]], name: str
) -> None:
    snapshot, addresses = landmarks
    places = [address for told, address in addresses if told == name]
    if places == [0]:
        pytest.skip(f"this kernel gives no {name}")
    category, group, block = LANDMARKS[name]
    found = {category_at(snapshot, address) for address in places}
    assert {place[:2] for place in found} == {(category, group)}
    assert not block or {place[2] for place in found} == {block}


def test_that_only_a_stack_in_use_is_surely_one(landmarks: tuple[Snapshot, list[tuple[str, int]]]) -> None:
    snapshot, addresses = landmarks
    for name, sure in (("thread_stack", True), ("large_thread_stack", True), ("like_a_stack", False)):
        for row in (snapshot.regions.find(address) for told, address in addresses if told == name):
            assert row is not None
            assert snapshot.blocks[int(snapshot.regions["block"][row])].sure == sure


def test_that_memory_used_before_access_was_taken_away_still_costs(
    landmarks: tuple[Snapshot, list[tuple[str, int]]],
) -> None:
    snapshot, addresses = landmarks
    row = snapshot.regions.find(dict(addresses)["reserved_after_use"])
    assert row is not None
    assert snapshot.regions[row].rss == 4096


def test_that_a_stack_with_its_guard_is_one_block_and_all_stacks_one_family(
    landmarks: tuple[Snapshot, list[tuple[str, int]]], tell: Tell
) -> None:
    snapshot, addresses = landmarks
    tell(merely_anonymous(snapshot))
    rows = [snapshot.regions.find(address) for name, address in addresses if name == "thread_stack"]
    blocks = {int(snapshot.regions["block"][row]) for row in rows if row is not None}
    assert len(blocks) == 3
    for index in blocks:
        block = snapshot.blocks[index]
        assert block.regions == 2
        assert snapshot.regions[int(snapshot.blocks.first[index])].permissions == "---p"
        assert block.family == "thread stack"


def test_that_a_library_is_one_block_with_its_code_data_and_bss(
    landmarks: tuple[Snapshot, list[tuple[str, int]]],
) -> None:
    snapshot, addresses = landmarks
    where = dict(addresses)
    rows = [snapshot.regions.find(where[name]) for name in ("library_code", "library_data")]
    assert len({int(snapshot.regions["block"][row]) for row in rows if row is not None}) == 1


def test_that_a_program_that_runs_from_a_memfd_is_the_program(host: Host, tmp_path: Path) -> None:
    script = """
import os, sys
memory = os.memfd_create("copy")
with open(sys.argv[1], "rb") as program:
    os.write(memory, program.read())
os.execve(memory, ["copy"], {})
"""
    with running([sys.executable, "-c", script, str(compiled("landmarks", tmp_path))], "end") as (pid, lines):
        snapshot = host.snapshot(pid)
    where = {name: int(address, 16) for name, address in (line.split() for line in lines)}
    assert category_at(snapshot, where["code"])[:2] == ("program code", "text")
    assert category_at(snapshot, where["initialised"])[:2] == ("program data", "data")
    assert category_at(snapshot, where["zeroed"])[:2] == ("program bss", "data")
    assert category_at(snapshot, where["memfd"])[:2] == ("memfd", "shared")


def test_that_the_heap_and_code_of_node_are_told(host: Host, tell: Tell) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here")
    script = """
        const kept = []; for (let i = 0; i < 300000; i++) kept.push({i, text: 'x' + i});
        function hot(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
        for (let i = 0; i < 3000; i++) hot(1000);
        %DebugPrint(kept); console.log('end');
        process.stdin.on('data', () => {}); process.stdin.on('end', () => process.exit());
    """
    with running([node, "--allow-natives-syntax", "-e", script], "end") as (pid, lines):
        snapshot = host.snapshot(pid)
    tell(merely_anonymous(snapshot))
    printed = next(found for line in lines if (found := re.search(r"0x([0-9a-f]{6,})", line)))
    assert category_at(snapshot, int(printed[1], 16)) == ("V8 heap", "heap", "V8 heap")
    names = {snapshot.categories[number].name for number in set(snapshot.regions["category"].tolist())}
    assert "just-in-time code" in names
    assert snapshot.groups["heap"].rss is not None
    assert snapshot.groups["heap"].rss > (snapshot.totals["rss"] or 0) * 0.2


def test_that_the_heap_of_bash_is_told(host: Host, tell: Tell) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    script = "for i in {1..20000}; do a[i]=text$i; done; echo end; read"
    with running([bash, "-c", script], "end") as (pid, _):
        snapshot = host.snapshot(pid)
        with open(f"/proc/{pid}/stat", "rb") as stat:
            start_brk = int(stat.read().rpartition(b")")[2].split()[44])
    tell(merely_anonymous(snapshot))
    assert category_at(snapshot, start_brk) == ("brk heap", "heap", "heap (brk)")
    assert snapshot.blocks.name(int(snapshot.regions["block"][0])) == "bash"


def test_that_objects_code_and_libraries_of_python_with_qt_are_told(host: Host, tell: Tell) -> None:
    pytest.importorskip("PySide6.QtCore", reason="PySide6 is not installed")
    script = """
import ctypes, sys
from PySide6 import QtCore
application = QtCore.QCoreApplication([])
kept = [[number] for number in range(200000)]
print("object %x" % id(kept[100000]))
print("code %x" % ctypes.cast(ctypes.pythonapi.Py_IncRef, ctypes.c_void_p).value)
print("end", flush=True)
sys.stdin.read()
"""
    with running([sys.executable, "-c", script], "end") as (pid, lines):
        snapshot = host.snapshot(pid)
    tell(merely_anonymous(snapshot))
    where = {name: int(address, 16) for name, address in (line.split() for line in lines[:-1])}
    assert category_at(snapshot, where["code"])[1] == "text"
    # An arena that the kernel has merged with a neighbour of another kind cannot be told from it
    assert category_at(snapshot, where["object"])[0] in ("Python objects", "anonymous", "brk heap")
    names = {block.name for block in snapshot.blocks}
    assert any(name.startswith("libQt6Core") for name in names)


@pytest.mark.parametrize(
    ("options", "kept"), [(["-Xmx256m"], 64), (["-Xshare:off", "-XX:+UseG1GC", "-Xms32m", "-Xmx64m"], 16)]
)
def test_that_the_heap_of_a_java_virtual_machine_is_told(
    host: Host, tell: Tell, tmp_path: Path, options: list[str], kept: int
) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("no Java here")
    source = tmp_path / "Kept.java"
    source.write_text(
        "public class Kept { static byte[][] kept;"
        " public static void main(String[] words) throws Exception {"
        " kept = new byte[Integer.parseInt(words[0])][];"
        " for (int i = 0; i < kept.length; i++) kept[i] = new byte[1 << 20];"
        ' System.out.println("end"); System.in.read(); } }'
    )
    with running([java, *options, str(source), str(kept)], "end") as (pid, _):
        snapshot = host.snapshot(pid)
    tell(merely_anonymous(snapshot))
    heap = next(block for block in snapshot.blocks if block.category == "Java heap")
    assert heap.sums["rss"] >= kept << 20
    assert snapshot.name == "java · Kept.java"
