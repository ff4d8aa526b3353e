"""Nothing but the reader opens or lists anything under /proc or /sys, whatever the library and the commands do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from memviz.proc import reader
from tests.programs import running

pytestmark = pytest.mark.live

WATCHED = """
import contextlib, io, json, os, sys
pid, seen, started = int(sys.argv[1]), [], []
def watch(event, arguments):
    if event == "subprocess.Popen":
        started.append(list(map(str, arguments[1])))
    if event in ("open", "os.listdir", "os.scandir", "os.walk", "os.fwalk", "glob.glob", "os.chdir") and arguments:
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], (str, bytes)) else ""
        if os.path.abspath(path).startswith(("/proc", "/sys")) and path:
            seen.append(f"{event} {path}")
sys.addaudithook(watch)

from memviz.cli import main as cli
from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.cgroup import read_cgroup
from memviz.core.host import Host
from memviz.core.system import read_system
from memviz.errors import MemvizError
from memviz.proc.link import Link

done = []
host = Host(Link())
for name, do in {
    "hello": lambda: host.hello,
    "processes": host.processes,
    "groups": host.control_groups,
    "sample": lambda: host.sample(pid),
    "snapshot": lambda: host.snapshot(pid),
    "maps": lambda: host.snapshot(pid, measured=False),
    "scan": lambda: host.pages(pid, [(1 << 12, 0x7fff_ffff_f000)]),
    "pagemap": lambda: host.pages(pid, [(1 << 12, 1 << 30)], how="pagemap"),
    "resident": lambda: host.resident([pid, os.getpid()]),
    "host files": lambda: host.host_files(["meminfo", "vmstat", "swaps", "thp_enabled"]),
    "user": lambda: host.user(0),
    "system": lambda: read_system(host),
    "cgroup": lambda: read_cgroup(host, pid),
    "self": lambda: host.snapshot(os.getpid()),
}.items():
    try:
        do()
    except MemvizError as error:
        name += f" ({error})"
    done.append(name)
host.close()
with MemoryAnalyzer() as analyzer:
    for name in dir(analyzer):
        if name.startswith(("get_", "analyze_")):
            getattr(analyzer, name)(*([pid] if name != "get_system_memory_context" else []))
            done.append(name)
for command in "ps summary regions explain layout cpu system doctor".split():  # those that end by themselves
    for words in ([command], [command, str(pid)], [command, str(pid), "--json"]):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                cli.main(words)
            except SystemExit:
                pass
        done.append(" ".join(words))
ours = list(seen)
with open("/proc/self/stat"), contextlib.closing(os.scandir("/sys")):
    os.listdir("/proc/self")
print(json.dumps({"seen": ours, "proof": seen[len(ours):], "started": started, "done": done}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    code = "print('ready', flush=True); input()"
    with running([sys.executable, "-S", "-c", code], "ready") as (pid, _):
        done = subprocess.run([sys.executable, "-c", WATCHED, str(pid)], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        yield json.loads(done.stdout.strip().rpartition("\n")[2])


def test_that_the_library_and_the_commands_open_nothing_there(told: dict[str, list[str]]) -> None:
    assert told["seen"] == []
    assert len(told["done"]) > 30
    assert not [name for name in told["done"] if "(" in name]


def test_that_the_watch_would_have_seen_it(told: dict[str, list[str]]) -> None:
    assert told["proof"] == ["open /proc/self/stat", "os.scandir /sys", "os.listdir /proc/self"]


def test_that_nothing_is_started_but_the_reader(told: dict[str, list[str]]) -> None:
    folder = os.path.dirname(reader.__file__)
    code = f"import sys;sys.path.append({folder!r});import reader;reader.main()"
    assert told["started"]
    assert [command for command in told["started"] if command[1:] != ["-I", "-S", "-B", "-c", code]] == []
