"""File names made to be misread: every byte but `/` and NUL, rows and fields forged, paths longer than PATH_MAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from memviz.proc.keyed import parse_counts
from memviz.proc.link import Direct
from memviz.proc.reader import DATA, Reader

pytestmark = pytest.mark.fault

FORGED = [
    b"x\r7f0000000000-7f0000001000 rwxp 00000000 08:01 1 ",
    b"y\rPss:          99999999 kB",
    "z\u2028Swap:  77777777 kB".encode(),
    b"a\x85Rss:           88888888 kB",
    b"b\x0b\x0c\x1c\x1d\x1eVmFlags: rd",
    b"c\n7f0000000000-7f0000001000 rwxp 00000000 08:01 1",
    b"d\nRss:            4444444 kB\nVmFlags: rd ",
    b"\xff\xfe\xc3\x28",
    b"\x1b]0;title\x07\x1b[31mred",
    "\u202egpj.exe".encode(),
    b"[heap]",
    b" leading and trailing ",
    b"ends (deleted)",
    b"\\012 is no newline",
    b"deleted",
    b"7f0000000000-7f0000001000 rwxp 00000000 08:01 1",
]
EVERY_BYTE = [
    bytes(byte for byte in range(first, min(first + 64, 256)) if byte not in b"\0/") for first in range(0, 256, 64)
]

TARGET = """
import ctypes, mmap, os, sys
kept = []
def map_file(name):
    fd = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, 8192)
    kept.append(mmap.mmap(fd, 8192, prot=mmap.PROT_READ | mmap.PROT_WRITE))
    kept[-1][0] = 1
    os.close(fd)
for name in sys.stdin.readline().split():
    map_file(bytes.fromhex(name))
os.unlink(b"deleted")
deep = b"P" * 250
for _ in range(20):
    os.mkdir(deep); os.chdir(deep)
map_file(b"deep")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("hostile")
    names = FORGED + EVERY_BYTE
    command = [sys.executable, "-S", "-c", TARGET]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(" ".join(name.hex() for name in names) + "\n")
        process.stdin.flush()
        try:
            assert process.stdout.readline() == "ready\n"
            yield process.pid, folder
        finally:
            process.kill()
            forget(folder)


def forget(folder: Path) -> None:
    """Removes a tree that is deeper than a path may be long: one level after the other, from where it is."""
    here = os.open(folder, os.O_RDONLY)
    levels = [here]
    try:
        while True:
            levels.append(os.open(b"P" * 250, os.O_RDONLY, dir_fd=levels[-1]))
    except FileNotFoundError:
        os.unlink("deep", dir_fd=levels[-1])
    for parent in reversed(levels[:-1]):
        os.rmdir(b"P" * 250, dir_fd=parent)
    for level in levels:
        os.close(level)


@pytest.fixture
def snapshot(target: tuple[int, Path], own_host: Host) -> Snapshot:
    return own_host.snapshot(target[0])


def raw_paths(snapshot: Snapshot) -> list[bytes]:
    return [region.raw_path for region in snapshot.regions]


def test_that_every_hostile_name_is_one_region_and_forges_no_other(
    target: tuple[int, Path], snapshot: Snapshot
) -> None:
    pid, folder = target
    wanted = [bytes(folder) + b"/" + name.replace(b"\n", b"\\012") for name in FORGED + EVERY_BYTE]
    wanted[FORGED.index(b"deleted")] += b" (deleted)"
    found = [path for path in raw_paths(snapshot) if path.startswith(bytes(folder))]
    assert sorted(path for path in found if b"PPPP" not in path) == sorted(wanted)
    assert snapshot.absent == {}
    with open(f"/proc/{pid}/maps", "rb") as file:
        assert len(snapshot.regions) == file.read().count(b"\n")


def test_that_no_forged_row_or_number_is_told(snapshot: Snapshot) -> None:
    starts = snapshot.regions["start"].tolist()
    assert 0x7F0000000000 not in starts
    assert starts == sorted(starts)
    for name in ("pss", "swap", "rss"):
        assert int(snapshot.regions[name].max()) < 1 << 30


SUMMED = {
    "Rss": "rss", "Shared_Clean": "shared_clean", "Shared_Dirty": "shared_dirty", "Swap": "swap",
    "Private_Clean": "private_clean", "Private_Dirty": "private_dirty", "Anonymous": "anonymous",
}  # fmt: skip


def test_that_the_sums_are_those_of_the_kernel(target: tuple[int, Path], own_host: Host) -> None:
    """Asked again where they differ: pages are shared and private as other programs with these files come and go."""
    pid, _ = target
    for _ in range(50):
        rollup = b"".join(f.data for f in own_host.link.ask("files", str(pid), "smaps_rollup") if f.kind == DATA)
        counts, totals = parse_counts(rollup), own_host.snapshot(pid).regions
        sums = {field: int(totals[column].sum()) for field, column in SUMMED.items()}
        if sums == {field: counts[field] for field in SUMMED}:
            break
    assert sums == {field: counts[field] for field in SUMMED}


def test_that_a_path_longer_than_any_path_may_be_is_kept(snapshot: Snapshot) -> None:
    (deep,) = (path for path in raw_paths(snapshot) if b"PPPP" in path)
    assert len(deep) > 4096
    assert deep.endswith(b"/deep")


def test_that_rows_far_longer_than_others_are_whole_in_a_list_too(target: tuple[int, Path]) -> None:
    """The kernel ends a read before a row that has no room any more, be it ever so short."""
    pid, _ = target
    frames = Direct(Reader()).ask("processes", "maps", str(pid))
    data = b"".join(frame.data for frame in frames if frame.kind == DATA)
    with open(f"/proc/{pid}/maps", "rb") as file:
        assert data.endswith(file.read())


@pytest.mark.parametrize("words", [["regions"], ["regions", "--plain"], ["summary"], ["layout"]])
def test_that_no_control_character_reaches_the_terminal(target: tuple[int, Path], words: list[str]) -> None:
    command = [sys.executable, "-m", "memviz", *words[:1], str(target[0]), *words[1:]]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert not {char for char in text if ord(char) < 32 and char != "\n"}
    assert not {char for char in text if 0x7F <= ord(char) < 0xA0 or char in "\u2028\u2029\u202e\u202d\u2066\u2067"}


def test_that_json_gives_every_name_back_byte_for_byte(target: tuple[int, Path]) -> None:
    pid, folder = target
    command = [sys.executable, "-m", "memviz", "regions", str(pid), "--json"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    paths = {row["path"] for row in json.loads(done.stdout)["regions"]}
    assert len([path for path in paths if path and path.startswith(str(folder))]) == len(FORGED + EVERY_BYTE) + 1
