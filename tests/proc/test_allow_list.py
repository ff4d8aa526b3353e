"""The files that the reader allows are those that memviz asks for: no more, since each is a right, and no fewer.

Every question that `core` can ask is asked here, of this machine and of made-up trees, through a link that keeps the
names.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.cgroup import read_cgroup, read_members
from memviz.core.checkup import check_up
from memviz.core.cpu import read_cpu
from memviz.core.deleted import look_up
from memviz.core.host import Host
from memviz.core.system import read_system
from memviz.core.tree import sum_processes
from memviz.errors import MemvizError
from memviz.proc import reader
from memviz.proc.link import Direct, Frame
from memviz.proc.reader import Reader

pytestmark = pytest.mark.live
NAMES_AT = {"processes": 0, "host": 0, "files": 1, "threads": 1, "cgroup": 2}  # which argument holds names of files


class Recorded(Direct):
    """A link that keeps what is asked."""

    def __init__(self, answers: Reader) -> None:
        super().__init__(answers)
        self.asked: dict[str, set[str]] = defaultdict(set)

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        names = arguments[NAMES_AT[verb]].split(",") if verb in NAMES_AT else ()
        self.asked[verb].update(names)
        return super().ask(verb, *arguments)


def captured(folder: Path, version: str) -> Path:
    """This process as a capture, in a control group of the version."""
    home = folder / "proc" / "7"
    home.mkdir(parents=True)
    for name in reader.PROCESS_FILES - {"ionice", "syscall", "smaps"}:  # without smaps: maps is asked for
        with contextlib.suppress(OSError):
            (home / name).write_bytes(Path("/proc/self", name).read_bytes())
    (home / "cgroup").write_text("4:memory:/a\n5:freezer:/a\n" if version == "1" else "0::/a\n")
    mount = folder / ("sys/fs/cgroup/memory" if version == "1" else "sys/fs/cgroup")
    for place in (mount, mount / "a", mount / "a" / "b"):
        place.mkdir(parents=True)
        for name in ("memory.stat", "cgroup.controllers", "cgroup.procs"):
            (place / name).write_text("7\n" if name == "cgroup.procs" else "")
    return folder


def ask_everything(host: Host, pid: int) -> None:
    steps = [
        host.processes, host.processes, host.control_groups, lambda: host.sample(pid), lambda: host.snapshot(pid),
        lambda: host.snapshot(pid, measured=False), lambda: host.resident([pid]), lambda: read_system(host),
        lambda: read_cpu(host, pid), lambda: sum_processes(host, [pid]), lambda: host.pages(pid, [(4096, 8192)]),
        lambda: read_members(host, read_cgroup(host, pid)), lambda: check_up(host), lambda: host.user(0),
        lambda: host.mapped_size(pid, 4096, 8192), lambda: look_up(host.link, pid, (b"/x (deleted)",)),
    ]  # fmt: skip
    for step in steps:
        with contextlib.suppress(MemvizError):
            step()
    analyzer = MemoryAnalyzer(host=host)
    for name in dir(analyzer):
        if name.startswith(("get_", "analyze_")) and name != "get_system_memory_context":
            with contextlib.suppress(MemvizError):
                getattr(analyzer, name)(pid)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    places = [(Reader(), os.getpid())]
    places += [(Reader(str(captured(tmp_path_factory.mktemp("tree"), version))), 7) for version in "12"]
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()  # of several threads the stack pointers are asked for
    try:
        for place, pid in places:
            link = Recorded(place)
            ask_everything(Host(link), pid)
            for verb, names in link.asked.items():
                found[verb] |= names
            for number in list(place._kept):
                place._let_go(number)
            Direct(place).close()
    finally:
        waiting.set()
        thread.join()
    return found


def test_that_the_files_of_a_process_that_are_allowed_are_those_that_are_asked_for(asked: dict[str, set[str]]) -> None:
    counters = set(reader.COUNTERS)
    assert asked["files"] | asked["threads"] | asked["processes"] | counters == reader.PROCESS_FILES


def test_that_the_files_of_the_host_that_are_allowed_are_those_that_are_asked_for(asked: dict[str, set[str]]) -> None:
    assert asked["host"] == set(reader.HOST_FILES)


def test_that_the_files_of_a_group_that_are_allowed_are_those_that_are_asked_for(asked: dict[str, set[str]]) -> None:
    assert asked["cgroup"] == reader.CGROUP_FILES


def test_that_every_verb_is_asked(asked: dict[str, set[str]]) -> None:
    assert set(asked) == set(reader.Reader.VERBS)
