"""Every text that a target chose can be had back from JSON byte for byte: `KEY_hex` stands beside one with escapes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memviz.core import plain
from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.cgroup import ControlGroup, Level, cgroup_as_dict
from memviz.core.cpu import CpuBehavior, ThreadTimes
from memviz.core.facts import Identity
from memviz.core.host import Host
from memviz.core.readings import Readings
from memviz.core.system import SwapArea, System, system_as_dict
from memviz.core.tree import SUMMED, Member, Together, together_as_dict
from memviz.proc.link import Direct
from memviz.proc.reader import Reader
from memviz.text import hex_entries, hex_entry, shown
from tests.builders import STAT, smaps_text
from tests.programs import running

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ODD = [
    b"", b"a", b"a\nb", b"a\\x0ab", b"a\\nb", b"\\", b"\\\\", b"\xff", b"\\xff", b"\xc3\xbc", b"\xc3", b"a\tb",
    b"\x1b[31m", "\u202e".encode(), b"\\u202e", "\u2028".encode(), "\U000e0001".encode(), "ü文é".encode(),
    b"\xed\xb2\x80", b" ", b"a b", "\ufeff".encode(), "\u00ad".encode(), b"\x7f", b"\x80", b"'", b"\"", b"path_hex",
    *(bytes([byte]) for byte in range(1, 256)),
]  # fmt: skip
PIECES = st.sampled_from([piece for piece in ODD if piece])
RAW = st.binary(max_size=12) | st.lists(PIECES | st.binary(max_size=2), max_size=5).map(b"".join)


def without(raw: bytes, letters: bytes) -> bytes:
    return raw.translate(None, letters)


def recovered(entry: dict[str, Any], key: str) -> Any:
    """As a reader of the documentation does it."""
    found = entry.get(f"{key}_hex")
    if isinstance(found, list):
        return [*map(bytes.fromhex, found)]
    if isinstance(found, dict):
        return {name: bytes.fromhex(raw) for name, raw in found.items()}
    if found is not None:
        return bytes.fromhex(found)
    value = entry[key]
    if isinstance(value, list):
        return [text.encode() for text in value]
    return {name: text.encode() for name, text in value.items()} if isinstance(value, dict) else value.encode()


def check(value: Any) -> int:
    """Every `_hex` stands beside a text that it explains, and only where that has escapes; how many there are."""
    if isinstance(value, list):
        return sum(map(check, value))
    if not isinstance(value, dict):
        return 0
    hexes = [key.removesuffix("_hex") for key in value if key.endswith("_hex")]
    for key in hexes:
        raws, texts = recovered(value, key), value[key]
        if isinstance(texts, dict):
            assert raws.keys() == texts.keys()
            raws, texts = [*raws.values()], [*texts.values()]
        raws, texts = (raws, texts) if isinstance(texts, list) else ([raws], [texts])
        assert [*map(shown, raws)] == texts
        assert [text.encode() for text in texts] != raws, "no text of it has an escape"
    return len(hexes) + sum(map(check, value.values()))


@given(RAW)
def test_that_bytes_are_the_shown_text_or_in_hex(raw: bytes) -> None:
    entry = {"name": shown(raw), **hex_entry("name", raw)}
    assert recovered(entry, "name") == raw
    assert ("name_hex" in entry) == (entry["name"].encode() != raw)
    check(json.loads(json.dumps(entry)))


@given(st.lists(RAW, max_size=4))
def test_that_all_bytes_of_a_list_are_the_shown_texts_or_in_hex(raws: list[bytes]) -> None:
    entry = {"words": [*map(shown, raws)], **hex_entries("words", raws)}
    assert recovered(entry, "words") == raws
    check(json.loads(json.dumps(entry)))


def test_that_different_names_are_never_told_alike() -> None:
    entries = [json.dumps({"name": shown(raw), **hex_entry("name", raw)}) for raw in {*ODD}]
    assert len(set(entries)) == len({*ODD})
    assert len({*ODD}) > 200


# -- a captured process whose every text is somebody else's choice ----------------------------------------------------

HEADERS = ("10-14 r-xp /X rss=8k", "14-18 rw-p /X rss=8k", "20-24 rw-p /usr/lib/X.so.6 rss=4k",
           "30-34 rw-s /memfd:X rss=4k",
           "40-44 rw-p [anon:X] rss=4k", "50-58 rw-p rss=8k", "60-64 rw-p [heap] rss=4k")  # fmt: skip


class Tree:
    """A captured root with process 7 in it."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "proc" / "7"
        self.home.mkdir(parents=True)

    def write(self, comm: bytes, words: list[bytes], path: bytes, group: bytes) -> None:
        smaps = smaps_text(*HEADERS)
        head, _, rest = (STAT % (0x10000, 0x900000, 0x60000)).partition(b"(program)")
        files = {
            "stat": head + b"(" + comm + b")" + rest, "cmdline": b"".join(word + b"\0" for word in words),
            "statm": b"1000 100 50 10 0 200 0\n", "status": b"Name:\tx\nUid:\t1000\t0\t0\t0\nVmSize:\t 4000 kB\n",
            "smaps": smaps.replace(b"X", path), "cgroup": b"0::/" + group + b"\n",
        }  # fmt: skip
        for name, data in files.items():
            (self.home / name).write_bytes(data)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(comm=RAW, words=st.lists(RAW, max_size=3), path=RAW, group=RAW)
def test_that_every_text_of_a_captured_process_can_be_had_back(
    tree: Tree, comm: bytes, words: list[bytes], path: bytes, group: bytes
) -> None:
    comm = without(comm, b"\0\n)")[:15] or b"x"
    words = [word for raw in words if (word := without(raw, b"\0"))]
    path, group = without(path, b"\0\n/]") or b"y", without(group, b"\0\n:")
    tree.write(comm, words, path, group)
    host = Host(Direct(Reader(str(tree.root))))
    seen = host.snapshot(7)
    assert "regions" not in seen.absent
    raw_paths = [region.raw_path for region in seen.regions]
    assert b"/" + path in [raw.rstrip() for raw in raw_paths] or path != path.strip()
    listed = plain.regions_dict(seen)
    check(listed)
    assert [recovered(region, "path") for region in listed["regions"]] == raw_paths
    assert [recovered(block, "name") for block in listed["blocks"]] == [block.raw_name for block in seen.blocks]
    blocks = [seen.blocks.raw_name(int(number)) for number in seen.regions["block"]]
    assert [recovered(region, "block") for region in listed["regions"]] == blocks
    summary = plain.summary_dict(host, seen)
    check(summary)
    if not words:
        assert recovered(summary, "name") == comm
    assert recovered(summary["memory"], "command") == words
    assert recovered(summary["memory"], "cgroups") == {"": b"/" + group}
    (row,) = host.processes()
    told = plain.process_dict(row)
    check(told)
    assert recovered(told, "name") == recovered(summary, "name")
    assert recovered(told, "command") == b" ".join(words)
    with MemoryAnalyzer(host=host) as analyzer:
        for answer in (
            analyzer.get_detailed_memory_info(7), analyzer.analyze_memory_regions(7),
            analyzer.get_memory_layout_analysis(7),
        ):  # fmt: skip
            check(answer)
            assert recovered(answer, "name") == recovered(summary, "name")
            json.dumps(answer)


@given(st.lists(RAW, min_size=1, max_size=4))
def test_that_the_texts_of_groups_threads_trees_and_swap_can_be_had_back(raws: list[bytes]) -> None:
    identity = Identity("b", 1, 7, 5)
    threads = tuple(ThreadTimes(n, shown(raw), "R", 0.0, 0.0, 0, None, raw) for n, raw in enumerate(raws))
    cpu = plain.cpu_dict(CpuBehavior(identity, None, None, 0.0, 0.0, "running", 0, None, "0", None, None, threads))
    assert [recovered(thread, "name") for thread in cpu["threads"]] == raws
    members = tuple(Member(n, shown(raw), dict.fromkeys(SUMMED), None, raw_name=raw) for n, raw in enumerate(raws))
    together = together_as_dict(Together(members, ()))
    assert [recovered(member, "name") for member in together["processes"]] == raws
    areas = tuple(SwapArea(shown(raw), "file", 1, 1, 1, raw) for raw in raws)
    system = system_as_dict(System(0.0, "here", Readings({}, {}), areas))
    assert [recovered(area, "name") for area in system["swap_areas"]] == raws
    paths = [b"/" + b"/".join(raws[: n + 1]) for n in reversed(range(len(raws)))]
    levels = tuple(Level(shown(raw), 1, 2, None, None, frozenset(), raw) for raw in paths)
    group = ControlGroup("2", paths[0], Readings({}, {}), levels, tuple(paths), (7,), False, True)
    told = cgroup_as_dict(group)
    assert recovered(told, "path") == paths[0]
    assert [recovered(level, "path") for level in told["levels"]] == paths
    assert recovered(told, "children") == paths
    assert recovered(told["limit"], "path") in paths
    for answer in (cpu, together, system, told):
        check(json.loads(json.dumps(answer)))


# -- a living process -------------------------------------------------------------------------------------------------

NAMES = [
    b"a\tb",
    b"a\\x09b",
    b"\xff\xfe",
    "\u202egpj".encode(),
    b"\x1b[31m",
    "größe".encode(),
    b"back\\slash",
    b"\x01\x02",
]
TARGET = """
import ctypes, mmap, os, sys, threading
libc = ctypes.CDLL(None)
os.chdir(sys.argv[1])
kept, started = [], threading.Semaphore(0)
def wait(name):
    libc.prctl(15, name, 0, 0, 0)
    started.release()
    threading.Event().wait()
for name in map(bytes.fromhex, sys.argv[2:]):
    fd = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, 4096)
    kept.append(mmap.mmap(fd, 4096))
    threading.Thread(target=wait, args=(name,), daemon=True).start()
    started.acquire()
libc.prctl(15, bytes.fromhex(sys.argv[2]), 0, 0, 0)
with open("address", "w") as file:
    file.write(hex(ctypes.addressof(ctypes.c_char.from_buffer(kept[0]))))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, str]]:
    folder = tmp_path_factory.mktemp("names")
    command = [sys.executable, "-S", "-c", TARGET, str(folder), *(name.hex() for name in NAMES)]
    with running(command, "ready") as (pid, _):
        yield pid, folder, (folder / "address").read_text()


def told_by(*words: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "memviz", *map(str, words), "--json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def without_bytes(value: Any, key: str = "") -> set[str]:
    """The keys of texts with the escape of a byte that only stands for itself here, and nothing beside them."""
    if isinstance(value, list):
        return {found for item in value for found in without_bytes(item, key)}
    if isinstance(value, dict):
        known = {name.removesuffix("_hex") for name in value if name.endswith("_hex")}
        items = [(name, item) for name, item in value.items() if name not in {*known, *PROSE} or isinstance(item, dict)]
        return {found for name, item in items for found in without_bytes(item, name)}
    return {key} if isinstance(value, str) and ("\\xff" in value or "\\u202e" in value) else set()


PROSE = ("sentence", "headline", "meaning")  # they name what stands elsewhere in the same answer


@pytest.mark.live
def test_that_every_command_tells_the_bytes_of_what_it_escapes(target: tuple[int, Path, str]) -> None:
    pid, folder, address = target
    wanted = {bytes(folder) + b"/" + name for name in NAMES}
    regions = told_by("regions", pid)
    assert wanted <= {recovered(region, "path") for region in regions["regions"]}
    threads = told_by("cpu", pid, "--interval", "0.05")
    assert {*NAMES} <= {recovered(thread, "name") for thread in threads["threads"]}
    explained = told_by("explain", pid, address)
    assert recovered(explained["region"], "path") == bytes(folder) + b"/" + NAMES[0]
    assert recovered(explained, "block") == NAMES[0]
    summary = told_by("summary", pid)
    assert {*NAMES} <= {recovered(block, "name") for block in summary["blocks"]}
    (row,) = (row for row in told_by("ps")["processes"] if row["pid"] == pid)
    names = [recovered(answer, "name") for answer in (regions, explained, summary, row)]
    assert names == [names[0]] * 4
    assert NAMES[0] in names[0]
    tree = told_by("summary", pid, "--tree")
    assert recovered(tree["processes"][0], "name") == NAMES[0]
    others = (told_by("layout", pid), told_by("map", pid), told_by("regions", pid, "--blocks"))
    for answer in (regions, threads, explained, summary, row, tree, *others):
        assert check(answer) > 0
        assert not without_bytes(answer)
