"""What another user may not read: absent with the reason and the remedy, and everything else is there."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from memviz.core.host import Host
from memviz.errors import AccessDenied
from memviz.proc import reader
from memviz.proc.link import Direct, Frame, Link
from memviz.proc.reader import FILE, Reader
from tests.faults.conftest import opened
from tests.programs import running

pytestmark = pytest.mark.fault
NOBODY = 65534


@pytest.fixture(scope="module")
def as_nobody() -> str:
    """A prefix that runs its command as a user who may nothing."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        pytest.skip("only root may become somebody else, by setpriv")
    # that user's python3 is the system's: the one of whoever runs the tests may be out of reach
    path = "env PATH=/usr/local/bin:/usr/bin:/bin"
    prefix = f"{setpriv} --reuid={NOBODY} --regid={NOBODY} --clear-groups {path}"
    done = subprocess.run([*shlex.split(prefix), "python3", "-c", ""], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"that user has no python3: {done.stderr.strip()}")
    return prefix


@pytest.fixture(scope="module")
def roots() -> Iterator[int]:
    """A process of ours."""
    with running([sys.executable, "-S", "-c", "print('ready', flush=True); input()"], "ready") as (pid, _):
        yield pid


def memviz(prefix: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "memviz", "--via", prefix, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_that_the_map_of_another_user_is_denied_with_a_remedy_and_the_counters_are_there(
    as_nobody: str, roots: int
) -> None:
    with opened(Link(as_nobody)) as host:
        assert host.hello.uid == NOBODY
        assert host.hello.capabilities == frozenset()
        for measured in (True, False):
            snapshot = host.snapshot(roots, measured=measured)
            absence = snapshot.absent["regions"]
            assert absence.reason == "denied"
            assert "root" in absence.remedy or "CAP_SYS_PTRACE" in absence.remedy
            assert len(snapshot.regions) == 0
            assert snapshot.totals["rss"] is None
        assert snapshot.facts.statm is not None
        assert snapshot.facts.statm.resident > 100
        assert snapshot.facts.status["VmRSS"] > 0
        assert host.sample(roots).rss > 0
        assert host.resident([roots])[0]


def test_that_pages_of_another_user_are_denied(as_nobody: str, roots: int) -> None:
    with opened(Link(as_nobody)) as host, pytest.raises(AccessDenied, match="may not be read"):
        host.pages(roots, [(4096, 8192)])


def test_that_the_list_has_everybody_all_the_same(as_nobody: str, roots: int) -> None:
    with opened(Link(as_nobody)) as host:
        rows = {row.pid: row for row in host.processes()}
        assert rows[roots].rss
        assert rows[roots].command
        assert rows[roots].user == "root"


def test_that_a_process_of_the_same_user_that_forbids_it_has_another_remedy(as_nobody: str) -> None:
    code = (
        "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print('ready', flush=True); input()"  # PR_SET_DUMPABLE
    )
    with running([*shlex.split(as_nobody), "python3", "-S", "-c", code], "ready") as (pid, _):
        with opened(Link(as_nobody)) as host:
            absence = host.snapshot(pid).absent["regions"]
            assert absence.reason == "denied"
            assert "forbids" in absence.remedy
        with opened(Link()) as host:
            assert "regions" not in host.snapshot(pid).absent


def test_that_a_command_that_can_tell_nothing_ends_with_4_and_one_that_can_tell_some_with_0(
    as_nobody: str, roots: int
) -> None:
    nothing = memviz(as_nobody, "regions", str(roots))
    assert (nothing.returncode, nothing.stdout) == (4, "")
    assert nothing.stderr.count("\n") == 1
    assert "--via sudo" in nothing.stderr
    some = memviz(as_nobody, "summary", str(roots))
    assert some.returncode == 0
    assert some.stdout
    assert memviz(as_nobody, "ps").returncode == 0


def test_that_json_has_null_and_the_reason_for_what_was_denied(as_nobody: str, roots: int) -> None:
    done = memviz(as_nobody, "summary", str(roots), "--json")
    told = json.loads(done.stdout)
    text = json.dumps(told)
    assert '"denied' in text
    assert "absent" in told


# -- Yama, which this kernel may lack: its denial is put in -----------------------------------------------------------


class Yama(Direct):
    """What a reader says where kernel.yama.ptrace_scope is 1: no attaching, but reading."""

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        names = arguments[0].split(",") if verb == "host" else []
        for frame in super().ask(verb, *arguments):
            if verb == "host" and frame.kind == FILE and names[frame.tag] == "ptrace_scope":
                yield Frame(reader.DATA, frame.tag, b"1\n")
                yield Frame(FILE, frame.tag, b"errno=0 alive=1")
            else:
                yield frame


def test_that_yama_hides_the_stack_pointers_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import threading, sys; threading.Thread(target=sys.stdin.read).start(); print('ready', flush=True)"
    real = Reader._small
    denied = []

    def small(self: Reader, number: int, directory: int, name: str, limit: int) -> bytes:
        if name == "syscall":
            denied.append(number)
            raise PermissionError(errno.EPERM, "as Yama says")
        return real(self, number, directory, name, limit)

    monkeypatch.setattr(Reader, "_small", small)
    with running([sys.executable, "-S", "-c", code], "ready") as (pid, _):
        host = Host(Yama(Reader()))
        assert host.hello.ptrace_scope == 1
        snapshot = host.snapshot(pid)
        assert denied
        assert len(snapshot.regions) > 10
        assert snapshot.totals["rss"]
        assert "regions" not in snapshot.absent
