"""Mounts of /proc that hide processes or files: what is hidden is called hidden, what is not there is never 0.

Each runs in a mount namespace of its own, read as root and as another user; all commands in one process, to be quick.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.process_states import unexplained

pytestmark = [pytest.mark.fault, pytest.mark.slow]
NOBODY = 65534
NO_SUCH = (1 << 22) - 1
MASKED = (
    "meminfo", "vmstat", "loadavg", "uptime", "stat", "swaps", "pressure/memory", "pressure/cpu", "pressure/io",
    "sys/vm/max_map_count", "sys/vm/overcommit_memory", "sys/vm/overcommit_ratio", "sys/vm/swappiness",
    "sys/kernel/random/boot_id",
)  # fmt: skip
SCRIPT = """
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
from memviz.cli.main import main
answers = []
for words in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    answers.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Mount:
    """`commands` of a shell that make it."""

    name: str
    commands: str
    hides: bool = False  # processes of others from who is not root
    has_processes: bool = True
    masked: str = ""

    def __str__(self) -> str:
        return self.name


MOUNTS = (
    *(
        Mount(f"hidepid={number}", f"mount -t proc -o hidepid={number} proc /proc", number != 0)
        for number in (0, 1, 2, 4)
    ),
    Mount("subset=pid", "mount -t proc -o subset=pid proc /proc"),
    Mount("subset=pid,hidepid=2", "mount -t proc -o subset=pid,hidepid=2 proc /proc", hides=True),
    Mount("an empty folder", "mount -t tmpfs none /proc", has_processes=False),
    *(Mount(f"{name} masked", f"mount --bind /dev/null /proc/{name}", masked=name) for name in MASKED),
)


class Answer(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


COMMANDS = ("ps", "system", "doctor", "summary", "regions", "cpu", "explain", "no such process", "by name")


def words_of(name: str, pid: int) -> list[str]:
    return {
        "summary": ["summary", str(pid)], "regions": ["regions", str(pid)], "explain": ["explain", str(pid), "400000"],
        "cpu": ["cpu", str(pid), "--interval", "0.01"], "no such process": ["summary", str(NO_SUCH)],
        "by name": ["summary", "nobody-is-called-so"],
    }.get(name, [name])  # fmt: skip


@pytest.fixture(scope="module")
def sleeper() -> Iterator[int]:
    """A process of root."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def ask(mount: Mount, uid: int, pid: int, *, as_json: bool) -> dict[str, Answer]:
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    if os.geteuid() != 0 or unshare is None or setpriv is None:
        pytest.skip("mount namespaces need root, unshare and setpriv")
    if mount.masked and not Path("/proc", mount.masked).exists():
        pytest.skip(f"this kernel has no {mount.masked}")
    # that user's python3 is the system's: the one of whoever runs the tests may be out of reach
    become = f"{setpriv} --reuid={uid} --regid={uid} --clear-groups env PATH=/usr/local/bin:/usr/bin:/bin"
    via = ["--via", become] if uid else []
    words = [[*via, *words_of(name, pid), *["--json"] * as_json] for name in COMMANDS]
    root = str(Path(__file__).parent.parent.parent)
    program = [sys.executable, "-P", "-c", SCRIPT, root, json.dumps(words)]
    shell = [unshare, "--mount", "sh", "-c", f'{mount.commands} || exit 77; exec "$@"', "sh", *program]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=120, cwd="/")
    if done.returncode == 77:
        pytest.skip(f"this kernel cannot mount that: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return {name: Answer(*each) for name, each in zip(COMMANDS, json.loads(done.stdout), strict=True)}


@pytest.mark.parametrize("uid", [0, NOBODY])
@pytest.mark.parametrize("mount", MOUNTS, ids=str)
def test_that_what_a_mount_hides_is_hidden_and_not_gone(mount: Mount, uid: int, sleeper: int) -> None:
    answers = ask(mount, uid, sleeper, as_json=True)
    hides = mount.hides and uid != 0
    for name, answer in answers.items():
        assert "Traceback" not in answer.err, name
        if answer.out:
            assert list(unexplained(answer.told)) == [], name
    if not mount.has_processes:
        for name in COMMANDS:
            assert (answers[name].status == 0) == (name == "doctor"), name
            assert "/proc is not mounted" in answers[name].out + answers[name].err, name
        return
    listed = answers["ps"].told
    assert answers["ps"].status == 0
    assert listed["processes"]
    assert ("processes" in listed["absent"]) == hides
    assert ("hidepid" in answers["ps"].err) == hides
    assert ("hidepid" in answers["by name"].err) == hides
    assert answers["no such process"].status == answers["by name"].status == 3
    for name in ("summary", "regions", "cpu", "explain"):
        expected = 4 if hides else 0
        if name in ("regions", "explain") and uid:
            expected = 4
        assert answers[name].status == expected, (name, answers[name].err)
        assert ("does not show it" in answers[name].err) == hides, name
    findings = {finding["name"]: finding for finding in answers["doctor"].told["findings"]}
    limited = hides or "subset" in mount.name
    assert (findings["/proc"]["state"] == "limited") == limited
    system = answers["system"].told
    if "subset" in mount.name:
        assert answers["system"].status == 4
        assert system["absent"]["memory_total"]["reason"] == "hidden"
    elif mount.masked == "meminfo":
        assert answers["system"].status == 0
        assert system["absent"]["memory_total"]["reason"] == "hidden"
        assert "memory: " in answers["system"].err
    else:
        assert answers["system"].status == 0
        assert system["memory_total"] > 0


@pytest.mark.parametrize("uid", [0, NOBODY])
@pytest.mark.parametrize("mount", [each for each in MOUNTS if each.masked in ("", "meminfo")], ids=str)
def test_that_no_text_says_zero_for_what_is_hidden(mount: Mount, uid: int, sleeper: int) -> None:
    answers = ask(mount, uid, sleeper, as_json=False)
    assert "total         0 B" not in answers["system"].out
    assert " 0 B\n" not in answers["system"].out.partition("\n\n")[0]
    if not mount.has_processes:
        assert {name for name, answer in answers.items() if answer.out} == {"doctor"}


@pytest.mark.parametrize("words", [["ps"], ["system"], ["summary", "1"], ["cpu", "1"]])
def test_that_a_capture_of_nothing_is_no_empty_list(words: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "memviz", "--proc-root", str(tmp_path), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
