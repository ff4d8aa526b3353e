"""Deleted files and files that are only called so: by made-up answers of every kind, and by the kernel's own."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from errno import EACCES, ELOOP, ENOENT
from pathlib import Path

import pytest

from memviz.core.deleted import NO, UNKNOWN, YES, Named, ambiguous, deleted
from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from tests.builders import regions

DEVICE, INODE = 0xFE << 20, 77
FOUND = (
    Named(0, DEVICE, INODE), Named(0, 5 << 20, INODE), Named(0, DEVICE, 78), Named(0, 5 << 20, 78), Named(ENOENT, 0, 0),
    Named(EACCES, 0, 0), Named(ELOOP, 0, 0),
)  # fmt: skip


def verdict(found: tuple[Named, ...]) -> int:
    table = regions(f"10-14 rw-s device=fe:00 inode={INODE} /data/x (deleted)")
    return int(deleted(table, {b"/data/x (deleted)": found})[0])


@pytest.mark.parametrize("found", [(), *itertools.product(FOUND), *itertools.product(FOUND, repeat=2)], ids=repr)
def test_that_a_file_is_deleted_only_where_its_name_is_known_to_be_free_or_taken(found: tuple[Named, ...]) -> None:
    same = any(not named.error and named.inode == INODE for named in found)
    elsewhere = [named.error == ENOENT or (not named.error and named.device == DEVICE) for named in found]
    expected = NO if same else YES if found and all(elsewhere) else UNKNOWN
    assert verdict(found) == expected


@pytest.mark.parametrize("name", ["/memfd:x", "/dev/zero", "/SYSV00000000", "/[aio]", "/anon_hugepage"])
def test_that_objects_of_the_kernel_are_not_looked_up_and_files_of_their_names_are(name: str) -> None:
    assert ambiguous(regions(f"10-14 rw-s device=00:01 inode=7 {name} (deleted)")) == ()
    assert ambiguous(regions(f"10-14 rw-s device=fe:00 inode=7 {name} (deleted)")) == (f"{name} (deleted)".encode(),)
    assert deleted(regions(f"10-14 rw-s device=00:01 inode=7 {name} (deleted)"), {})[0] == YES


# What is done to a file after it was mapped, and whether its name is its own then
FATES = {
    "kept": NO, "removed": YES, "removed, with another link": YES, "replaced": YES, "renamed": NO,
    "removed and made anew": YES, "its folder removed": YES, "its folder renamed": NO,
}  # fmt: skip
NAMES = (
    "plain", "real (deleted)", "real (deleted) (deleted)", " (deleted)", "(deleted)", "x(deleted)", "a\nb (deleted)",
    "a\\012b (deleted)", "\\012 (deleted)", "tab\t (deleted)", "\x1b[31m (deleted)", "-rf (deleted)", "é (deleted)",
    "memfd:x (deleted)", "SYSV00000000 (deleted)", "[aio] (deleted)", "[heap]", "[stack] (deleted)",
    "lib.so.6 (deleted)", "x (deleted)x", "\udcff (deleted)", "x" * 200 + " (deleted)", "a b  c (deleted)",
    "real (Deleted)", "x (deleted) ",
    "anon_hugepage (deleted)", "real (deleted).new",
)  # fmt: skip

MAPPER = r"""
import mmap, os, sys
held = []
def fate(folder, name, what):
    path = os.path.join(folder, name)
    os.makedirs(folder)
    with open(path, "wb") as file:
        file.write(bytes(4096))
    with open(path, "r+b") as file:
        held.append(mmap.mmap(file.fileno(), 4096))
        inode = os.fstat(file.fileno()).st_ino
    if what == "removed":
        os.unlink(path)
    elif what == "removed, with another link":
        os.link(path, path + ".2")
        os.unlink(path)
    elif what == "replaced":
        with open(path + ".new", "wb") as file:
            file.write(b"other")
        os.rename(path + ".new", path)
    elif what == "renamed":
        os.rename(path, path + ".old")
    elif what == "removed and made anew":
        os.unlink(path)
        with open(path + " (deleted)", "wb"), open(path, "wb"):
            pass
    elif what == "its folder removed":
        os.unlink(path)
        os.rmdir(folder)
    elif what == "its folder renamed":
        os.rename(folder, folder + " (deleted)")
    return inode
top, names, fates = sys.argv[1], eval(sys.argv[2]), eval(sys.argv[3])
for number, (name, what) in enumerate((name, what) for name in names for what in fates):
    inode = fate(os.path.join(top, str(number)), name, what)
    print(inode, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, list[int]]]:
    """A process that has mapped a file of every name and fate: its pid, and the inodes in order."""
    top, pipe = tmp_path_factory.mktemp("fates"), subprocess.PIPE
    command = [sys.executable, "-c", MAPPER, str(top), ascii(NAMES), ascii(tuple(FATES))]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        count = len(NAMES) * len(FATES)
        inodes = [int(process.stdout.readline()) for _ in range(count)]
        yield process.pid, inodes
        assert process.stdin is not None
        process.stdin.close()


def names_of(snapshot: Snapshot) -> dict[int, tuple[str, bool, str]]:
    """By inode: category, whether it is sure, and the name of the block."""
    table, result = snapshot.regions, {}
    for row in range(len(table)):
        category = snapshot.categories[int(table["category"][row])]
        block = snapshot.blocks.name(int(table["block"][row]))
        result[int(table["inode"][row])] = (category.name, category.sure, block)
    return result


@pytest.mark.live
def test_that_files_of_every_name_and_fate_are_told_apart(host: Host, mapped: tuple[int, list[int]]) -> None:
    pid, inodes = mapped
    seen, wrong = names_of(host.snapshot(pid)), {}
    cases = list(itertools.product(NAMES, FATES))
    assert len(inodes) == len(cases) > 200
    for inode, (name, fate) in zip(inodes, cases, strict=True):
        expected = {YES: ("deleted file", True), NO: ("mapped file", True)}[FATES[fate]]
        if seen[inode][:2] != expected:
            wrong[name, fate] = seen[inode]
    assert wrong == {}


@pytest.mark.live
def test_that_the_name_of_a_living_file_is_whole_and_that_of_a_deleted_one_without_the_suffix(
    host: Host, mapped: tuple[int, list[int]]
) -> None:
    pid, inodes = mapped
    seen = names_of(host.snapshot(pid))
    by_case = dict(zip(itertools.product(NAMES, FATES), inodes, strict=True))
    for name in ("plain", "real (deleted)", "real (deleted) (deleted)", "a b  c (deleted)"):
        assert seen[by_case[name, "kept"]][2] == name
        assert seen[by_case[name, "removed"]][2] == name


@pytest.mark.live
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another root directory")
def test_that_a_file_below_another_root_directory_is_found(host: Host, tmp_path: Path) -> None:
    program = """
import ctypes, mmap, os, sys
os.chroot(sys.argv[1])
open("/real (deleted)", "wb").write(bytes(4096))
file = open("/real (deleted)", "r+b")
held = mmap.mmap(file.fileno(), 4096)
print(os.fstat(file.fileno()).st_ino, flush=True)
sys.stdin.read()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        inode = int(process.stdout.readline())
        assert names_of(host.snapshot(process.pid))[inode] == ("mapped file", True, "real (deleted)")
        assert process.stdin is not None
        process.stdin.close()


def test_that_what_is_not_known_stays_most_likely() -> None:
    from tests.builders import snapshot

    seen = snapshot(f"10-14 rw-s device=fe:00 inode={INODE} /data/x (deleted)")
    assert [(block.category, block.sure, block.name) for block in seen.blocks] == [("likely deleted file", False, "x")]
