"""The rights of a running reader: what it has given up, what it still can read, and what it says where it could not."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.proc import reader
from memviz.proc.link import Link
from tests.programs import running

pytestmark = pytest.mark.live
NOBODY = 65534
FAKE = [sys.executable, str(Path(__file__).parent / "fake_reader.py")]
KEPT = reader.CAP_SYS_PTRACE | reader.CAP_DAC_READ_SEARCH | reader.CAP_CHECKPOINT_RESTORE


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may do this")


def own_set(name: str) -> int:
    return int(status_of(os.getpid())[name], 16)


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


@contextlib.contextmanager
def opened(via: str = "") -> Iterator[Host]:
    host = Host(Link(via))
    try:
        assert host.hello.python
        yield host
    finally:
        host.close()


def pid_of(host: Host) -> int:
    assert isinstance(host.link, Link)
    return host.link.pid


# -- what it has given up ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["", "env"])
def test_that_a_reader_has_no_more_rights_than_reading_needs(via: str) -> None:
    permitted = own_set("CapPrm")
    with opened(via) as host:
        status = status_of(pid_of(host))
        assert host.hello.unconfined == ()
    assert status["NoNewPrivs"] == "1"
    assert status["Umask"] == "0077"
    assert int(status["CapPrm"], 16) == int(status["CapEff"], 16) == reader.kept_of(permitted)
    assert int(status["CapInh"], 16) == int(status["CapAmb"], 16) == 0
    if os.geteuid() == 0:
        assert int(status["CapBnd"], 16) == 0


def test_that_a_reader_has_limits() -> None:
    with opened() as host:
        lines = Path(f"/proc/{pid_of(host)}/limits").read_text().splitlines()
        folder = os.readlink(f"/proc/{pid_of(host)}/cwd")
    limits = {re.split(r"\s{2,}", line)[0]: re.split(r"\s{2,}", line)[1:3] for line in lines[1:]}
    assert limits["Max core file size"] == limits["Max file size"] == ["0", "0"]
    assert int(limits["Max open files"][1]) <= 1 << 16
    assert int(limits["Max address space"][1]) <= 1 << 30
    assert folder == "/"


def test_that_a_reader_of_an_ordinary_user_gains_nothing_either() -> None:
    need_root()
    with opened(f"setpriv --reuid={NOBODY} --clear-groups env PATH=/usr/local/bin:/usr/bin:/bin") as host:
        status = status_of(pid_of(host))
        assert host.hello.unconfined == ()
        assert host.hello.capabilities == frozenset()
    assert status["NoNewPrivs"] == "1"


def test_that_a_capability_that_a_user_was_given_is_kept() -> None:
    """CAP_PERFMON alone is enough for the regions of everybody (Linux 6.15)."""
    need_root()
    give = "setpriv --reuid=65534 --clear-groups --inh-caps=-all,+perfmon,+kill --ambient-caps=-all,+perfmon,+kill"
    if subprocess.run([*give.split(), "true"], capture_output=True).returncode:
        pytest.skip("setpriv cannot give capabilities here")
    with opened(f"{give} env PATH=/usr/local/bin:/usr/bin:/bin") as host:
        assert host.hello.capabilities == {"CAP_PERFMON"}
        if host.hello.kernel_version >= (6, 15):
            assert host.snapshot(os.getpid()).regions.measured


# -- where it cannot --------------------------------------------------------------------------------------------------

REFUSALS = {
    "no_new_privs": "Kernel.prctl = refuse",
    "capabilities": "Kernel.set_capabilities = refuse",
    "limits": "resource.setrlimit = refuse",
}


@pytest.mark.parametrize("code", ["EPERM", "EINVAL", "ENOSYS"])
@pytest.mark.parametrize("name", REFUSALS)
def test_that_what_could_not_be_given_up_is_said_and_no_reason_to_read_nothing(name: str, code: str) -> None:
    refuse = f"def refuse(*_):\n    raise OSError(errno.{code}, '')"
    with opened(via_patched(f"{refuse}\n{REFUSALS[name]}")) as host:
        if name != "capabilities" or os.geteuid() == 0:
            assert host.hello.unconfined is not None
            assert f"{name}:{code}" in host.hello.unconfined
        assert host.snapshot(os.getpid()).totals["rss"]


def test_that_a_python_without_ctypes_reads_all_the_same() -> None:
    with opened(via_patched("sys.modules['ctypes'] = None")) as host:
        assert host.hello.unconfined == ("no_new_privs:ENOSYS", "capabilities:ENOSYS")
        assert host.snapshot(os.getpid()).totals["rss"]


def via_patched(code: str) -> str:
    import shlex

    return shlex.join([*FAKE, "patched:" + code])


# -- what reading needs -----------------------------------------------------------------------------------------------

TARGET = """
import ctypes, os, sys
prctl = ctypes.CDLL(None).prctl
user, dumpable = int(sys.argv[1]), int(sys.argv[2])
if user:
    os.setgroups([]); os.setresgid(user, user, user); os.setresuid(user, user, user)
prctl(4, dumpable, 0, 0, 0)  # PR_SET_DUMPABLE; changing the user clears it
print("ready", flush=True)
input()
"""
# Reads every file of a process with the capabilities of its arguments, and says the errno of each
TRIAL = """
import json, os, sys
sys.path.append(sys.argv[1])
import reader
kept, pid = int(sys.argv[2]), sys.argv[3]
region = next(line.split()[0] for line in open(f"/proc/{pid}/maps") if " /" in line)
kernel = reader.Kernel()
kernel.set_capabilities(kernel.capabilities() & kept)
where, found = reader.Reader(), {}
def codes(verb, *arguments):
    names = {}
    for part in where.answer(0, verb, arguments):
        _, _, kind, _, tag, length = reader.HEADER.unpack_from(part)
        if kind in (reader.FILE, reader.END):
            words = dict(word.split("=") for word in bytes(part[reader.HEADER.size:]).decode().split())
            names["end" if kind == reader.END else tag] = int(words["errno"])
    return names
files = sorted(reader.PROCESS_FILES)
answer = codes("files", pid, ",".join(files))
found = {name: answer.get(tag, answer["end"]) for tag, name in enumerate(files)}
found["pages"] = codes("pages", pid, "24", "1000-7ffffffff000")["end"]
found["pagemap"] = codes("pages", pid, "24", "1000-2000", "pagemap")["end"]
found["mapped"] = codes("mapped", pid, region)["end"]
found["threads"] = codes("threads", pid, "stat,syscall")["end"]
print(json.dumps(found))
"""


def outcome(pid: int, kept: int, prefix: str = "") -> dict[str, int]:
    command = [
        *prefix.split(),
        sys.executable,
        "-I",
        "-S",
        "-c",
        TRIAL,
        os.path.dirname(reader.__file__),
        str(kept),
        str(pid),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.fixture(
    scope="module", params=["another user's", "another user's, not dumpable", "root's, not dumpable", "root's"]
)
def target(request: pytest.FixtureRequest) -> Iterator[int]:
    need_root()
    user = NOBODY if "user" in request.param else 0
    command = [
        sys.executable if not user else "/usr/bin/python3",
        "-c",
        TARGET,
        str(user),
        str(int("not" not in request.param)),
    ]
    with running(command, "ready") as (pid, _):
        yield pid


def test_that_what_is_kept_reads_all_that_root_reads(target: int) -> None:
    everything = outcome(target, -1)
    assert set(everything.values()) == {0}
    assert outcome(target, KEPT) == everything


def test_that_no_other_capability_makes_a_difference(target: int) -> None:
    """Each capability that is dropped, given back on top of those that are kept."""
    kept = outcome(target, KEPT)
    for number in range(own_set("CapBnd").bit_length()):
        if not KEPT >> number & 1:
            assert outcome(target, KEPT | 1 << number) == kept


@pytest.mark.parametrize(
    ("dropped", "lost"),
    [
        (reader.CAP_SYS_PTRACE, {"syscall"}),  # and maps, smaps, pages before Linux 6.15
        (reader.CAP_DAC_READ_SEARCH, {"syscall", "pages", "pagemap"}),
        (reader.CAP_CHECKPOINT_RESTORE, {"mapped"}),
    ],
)
def test_that_each_capability_that_is_kept_is_needed(dropped: int, lost: set[str]) -> None:
    need_root()
    with running(["/usr/bin/python3", "-c", TARGET, str(NOBODY), "1"], "ready") as (pid, _):
        assert {name for name, code in outcome(pid, KEPT & ~dropped).items() if code} >= lost


def test_that_of_any_capabilities_only_needed_ones_are_kept() -> None:
    for number in range(64):
        kept = reader.kept_of(1 << number)
        needed = 1 << number & (KEPT | reader.CAP_PERFMON)
        assert kept == (1 << number if needed else 0)
        assert reader.kept_of(1 << number | KEPT) == KEPT
