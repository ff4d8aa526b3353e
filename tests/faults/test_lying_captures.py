"""A captured tree may be incomplete, cut off, rewritten, or made to lead back to the live host: what it says is told or
is absent with a reason, and nothing is taken from here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from memviz.errors import MemvizError, ProcessGone, Unsupported
from memviz.proc.link import Direct
from memviz.proc.reader import Reader
from tests.programs import running
from tests.strategies import mutated

pytestmark = pytest.mark.fault

FILES = "stat statm status limits cgroup oom_score oom_score_adj cmdline maps smaps".split()
HOST_FILES = "meminfo vmstat loadavg uptime stat sys/kernel/random/boot_id".split()
GARBAGE = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A tree with one process in it, whole; and its pid."""
    folder = tmp_path_factory.mktemp("tree")
    with running([sys.executable, "-S", "-c", "print('ready', flush=True); input()"], "ready") as (pid, _):
        home = folder / "proc" / str(pid)
        home.mkdir(parents=True)
        for name in FILES:
            (home / name).write_bytes(Path(f"/proc/{pid}/{name}").read_bytes())
        (home / "exe").symlink_to(os.readlink(f"/proc/{pid}/exe"))
    for name in HOST_FILES:
        (folder / "proc" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "proc" / name).write_bytes(Path(f"/proc/{name}").read_bytes())
    return folder, pid


@pytest.fixture
def tree(captured: tuple[Path, int], tmp_path: Path) -> tuple[Path, Path, int]:
    """A copy to damage: the root, the folder of the process, its pid."""
    folder, pid = captured
    root = tmp_path / "tree"
    shutil.copytree(folder, root, symlinks=True)
    return root, root / "proc" / str(pid), pid


def host_of(root: Path) -> Host:
    return Host(Direct(Reader(str(root))))


def removed(file: Path) -> None:
    file.unlink()


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: len(file.read_bytes()) * 2 // 3 + 1])


def garbled(file: Path) -> None:
    file.write_bytes(GARBAGE)


def led_to_the_live_host(file: Path) -> None:
    file.unlink()
    file.symlink_to(f"/proc/self/{file.name}")


def made_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def made_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGES = (removed, emptied, cut, garbled, led_to_the_live_host, made_a_directory, made_a_pipe)


def test_that_a_whole_tree_is_read_like_the_process_was(captured: tuple[Path, int]) -> None:
    root, pid = captured
    host = host_of(root)
    snapshot = host.snapshot(pid)
    assert len(snapshot.regions) == (root / "proc" / str(pid) / "maps").read_bytes().count(b"\n")
    assert not snapshot.absent
    assert snapshot.identity.boot_id
    assert [row.pid for row in host.processes()] == [pid]
    assert host.sample(pid).rss > 0


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_that_one_damaged_file_is_an_error_of_ours_or_absent(
    tree: tuple[Path, Path, int], name: str, damage: Callable[[Path], None]
) -> None:
    root, home, pid = tree
    damage(home / name)
    host = host_of(root)
    for ask in (
        lambda: host.snapshot(pid), lambda: host.snapshot(pid, measured=False), lambda: host.sample(pid),
        host.processes, lambda: host.resident([pid]),
    ):  # fmt: skip
        try:
            told = ask()
        except MemvizError:
            continue
        if isinstance(told, Snapshot):
            assert told.identity.pid == pid
            starts = told.regions["start"]
            assert (starts[1:] >= told.regions["end"][:-1]).all()


@pytest.mark.parametrize("damage", [removed, led_to_the_live_host, made_a_directory, made_a_pipe])
@pytest.mark.parametrize("name", FILES)
def test_that_a_file_that_is_none_is_told_as_absent_or_ends_in_an_error(
    tree: tuple[Path, Path, int], name: str, damage: Callable[[Path], None]
) -> None:
    root, home, pid = tree
    damage(home / name)
    host = host_of(root)
    if name == "stat":
        with pytest.raises((Unsupported, ProcessGone)):
            host.snapshot(pid)
        return
    snapshot = host.snapshot(pid, measured=name != "maps")
    if name == "smaps":  # maps tells the regions, and what of them is in memory is not known
        assert len(snapshot.regions) > 10
        assert snapshot.totals["rss"] is None
        assert snapshot.absent["residency"].reason == "not captured"
    elif name == "maps":
        assert len(snapshot.regions) == 0
        assert snapshot.totals["size"] is None
        assert snapshot.absent["regions"].reason == "not captured"
    else:
        assert snapshot.absent[name].reason == "not captured"
        assert len(snapshot.regions) > 10


def test_that_nothing_of_the_live_host_comes_through_a_symbolic_link(tree: tuple[Path, Path, int]) -> None:
    root, home, pid = tree
    for name in FILES:
        if name != "stat":
            led_to_the_live_host(home / name)
    (root / "proc" / "1").symlink_to("/proc/1")
    (root / "proc" / "meminfo").unlink()
    (root / "proc" / "meminfo").symlink_to("/proc/meminfo")
    host = host_of(root)
    snapshot = host.snapshot(pid)
    assert len(snapshot.regions) == 0
    assert snapshot.facts.command == ()
    assert snapshot.facts.statm is None
    assert snapshot.facts.status == {}
    assert [row.pid for row in host.processes()] == [pid]
    assert not isinstance(host.host_files(["meminfo"])["meminfo"], bytes)
    assert host.user(0) == "0"
    with pytest.raises(MemvizError):
        host.snapshot(1)
    with pytest.raises(Unsupported):
        host.pages(pid, [(4096, 8192)])


def test_that_an_empty_tree_has_no_processes_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    host = host_of(tmp_path)
    assert host.processes() == []
    assert host.hello.captured
    with pytest.raises(ProcessGone):
        host.snapshot(1)


def test_that_smaps_cut_anywhere_is_told_as_such(tree: tuple[Path, Path, int]) -> None:
    root, home, pid = tree
    whole = (home / "smaps").read_bytes()
    rows = len(host_of(root).snapshot(pid).regions)
    for length in (len(whole) - 1, len(whole) // 2, len(whole) // 3, 1):
        (home / "smaps").write_bytes(whole[:length])
        snapshot = host_of(root).snapshot(pid)
        assert len(snapshot.regions) < rows
        assert snapshot.absent, f"{length} bytes of smaps passed for a whole file"


def test_that_any_change_of_any_file_is_an_error_of_ours_or_a_snapshot(
    captured: tuple[Path, int], tmp_path: Path
) -> None:
    folder, pid = captured
    root = tmp_path / "tree"
    shutil.copytree(folder, root, symlinks=True)
    home = root / "proc" / str(pid)
    texts = {name: (home / name).read_bytes() for name in FILES}

    @settings(max_examples=150)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([name for name in FILES if texts[name]]))
        (home / name).write_bytes(data.draw(mutated(texts[name])))
        try:
            host = host_of(root)
            snapshot = host.snapshot(pid, measured=name != "maps")
            assert (snapshot.regions["start"][1:] >= snapshot.regions["end"][:-1]).all()
            host.processes()
            host.sample(pid)
        except MemvizError:
            pass
        finally:
            (home / name).write_bytes(texts[name])

    check()


@pytest.mark.parametrize("damage", [removed, garbled, led_to_the_live_host])
@pytest.mark.parametrize("name", ["stat", "smaps", "status"])
def test_that_the_commands_end_with_one_line_or_an_answer(
    tree: tuple[Path, Path, int], name: str, damage: Callable[[Path], None]
) -> None:
    root, home, pid = tree
    damage(home / name)
    command = [sys.executable, "-m", "memviz", "--proc-root", str(root), "regions", str(pid), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 1
    if done.returncode:
        assert done.stderr.startswith("memviz: ")
    if done.stdout or not done.returncode:
        assert json.loads(done.stdout)["absent"]
