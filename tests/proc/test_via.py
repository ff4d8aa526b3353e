"""Readers behind a prefix: the program goes over standard input, and what it tells is of where the prefix led."""

from __future__ import annotations

import contextlib
import errno
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from memviz.errors import MemvizError
from memviz.proc.command import reader_command
from memviz.proc.link import Link
from memviz.proc.reader import DATA, END
from tests.programs import running

pytestmark = pytest.mark.live
NOBODY = 65534


@contextlib.contextmanager
def through(prefix: str, python: str = "") -> Iterator[Host]:
    host = Host(Link(prefix, python))
    try:
        yield host
    finally:
        started = time.monotonic()
        host.close()
        assert time.monotonic() - started < 2


def need(program: str) -> str:
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not here")
    return found


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may do this")


def need_to_work(command: list[str]) -> None:
    done = subprocess.run([*command, "true"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{command[0]} does not work here: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def target() -> Iterator[int]:
    with running([sys.executable, "-S", "-c", "print('ready', flush=True); input()"], "ready") as (pid, _):
        yield pid


def steady(snapshot: Snapshot) -> tuple[int | None, ...]:
    """What does not depend on who else maps the same files."""
    return tuple(snapshot.totals[name] for name in ("size", "rss", "anonymous", "swap"))


def test_that_a_prefix_that_changes_nothing_changes_nothing(target: int) -> None:
    need("env")
    with through("env MEMVIZ_TEST=1") as host, through("") as plain:
        ours, theirs = plain.snapshot(target), host.snapshot(target)
        assert theirs.identity == ours.identity
        assert steady(theirs) == steady(ours)
        assert {row.pid for row in host.processes()} >= {target, os.getpid()}


def test_that_the_python_behind_a_prefix_may_be_named(target: int) -> None:
    with through("env", python=sys.executable) as host:
        assert host.hello.python == ".".join(map(str, sys.version_info[:3]))


def test_that_a_shell_takes_the_command_as_one_word(target: int) -> None:
    for prefix in ("sh -c", "env sh -c"):
        with through(prefix) as host:
            assert host.snapshot(target).pid == target


def test_that_a_prefix_that_changes_the_user_tells_what_that_user_may_see(target: int) -> None:
    need_root()
    # that user's python3 is the system's: the one of whoever runs the tests may be out of reach
    prefix = f"{need('setpriv')} --reuid={NOBODY} --clear-groups env PATH=/usr/local/bin:/usr/bin:/bin"
    need_to_work([*shlex.split(prefix), "python3", "-c", "pass"])
    with through(prefix) as host:
        assert host.hello.uid == NOBODY
        snapshot = host.snapshot(target)
        assert snapshot.absent["regions"].reason == "denied"
        assert snapshot.facts.statm is not None
        assert host.snapshot(host.link.pid).pid == host.link.pid  # type: ignore[attr-defined]  # a Link, which has it


def test_that_a_prefix_that_changes_the_pid_namespace_tells_of_that_one(target: int) -> None:
    need_root()
    prefix = f"{need('unshare')} -p -f --mount-proc"
    need_to_work(shlex.split(prefix))
    with through(prefix) as host:
        rows = host.processes()
        assert rows[0].pid == 1
        assert len(rows) <= 3  # the reader, and its worker
        assert "reader" in (rows[0].command or "") or "python" in rows[0].name
        snapshot = host.snapshot(1)
        assert snapshot.totals["rss"]
        assert host.hello.boot_id
        assert snapshot.identity.inode


def test_that_a_prefix_that_enters_the_namespaces_of_a_process_sees_what_it_sees() -> None:
    need_root()
    unshare = f"{need('unshare')} -p -f --mount-proc"
    need_to_work(shlex.split(unshare))
    code = "import os; print(os.getppid(), flush=True); print('ready', flush=True); input()"
    with running([*shlex.split(unshare), sys.executable, "-S", "-c", code], "ready") as (outer, _):
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        with through(f"{need('nsenter')} -t {children[0]} -p -m") as host:
            assert 1 in {row.pid for row in host.processes()}
            assert len(host.processes()) <= 4
            assert "input()" in (host.processes()[0].command or "")
        # /proc of one namespace, pids of another: a pid there is somebody else to system calls here
        with through(f"{need('nsenter')} -t {children[0]} -m") as host:
            snapshot = host.snapshot(1)
            assert snapshot.identity.inode == 0
            assert snapshot.totals["rss"]
            assert next(host.link.ask("files", "1", "ionice")).number("errno") == errno.ENOSYS


def test_that_sudo_is_a_prefix(target: int) -> None:
    sudo = need("sudo")
    need_to_work([sudo, "-n"])
    with through("sudo -n") as host:
        assert host.hello.uid == 0
        assert host.snapshot(target).totals["rss"]


def test_that_a_prefix_without_python_is_a_clear_error() -> None:
    with (
        pytest.raises(MemvizError, match=r"env has ended \(exit status 127\)"),
        through("env", "no-such-python") as host,
    ):
        _ = host.hello


def test_that_a_python_too_old_is_a_clear_error(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 'SyntaxError: invalid syntax' >&2\nexit 1\n")
    old.chmod(0o755)
    with pytest.raises(MemvizError, match=r"has ended \(exit status 1\)"), through("env", str(old)) as host:
        _ = host.hello


@pytest.mark.parametrize(
    ("via", "is_one_word"),
    [
        ("ssh host", True), ("/usr/bin/ssh -p 22 host", True), ("sudo ssh host", True), ("sh -c", True),
        ("gcloud compute ssh host --", True), ("su someone -c", True), ("adb -s x shell", True), ("sudo", False),
        ("docker exec -i name", False), ("docker exec -i ssh", False), ("env A=1", False),
        ("nsenter -t 1 -m", False), ("kubectl exec -i pod --", False),
    ],
)  # fmt: skip
def test_that_only_what_gives_its_words_to_a_shell_gets_them_quoted(via: str, is_one_word: bool) -> None:
    command, program = reader_command(via, "")
    rest = command[len(shlex.split(via)) :]
    assert (len(rest) == 1) == is_one_word
    words = shlex.split(rest[0]) if is_one_word else rest
    assert words[:4] == ["python3", "-I", "-S", "-c"]
    assert f"read({len(program)})" in words[4]


# -- ssh to a server of our own ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A prefix that logs in on this machine, at a server with keys and a configuration of its own."""
    server, client, keygen = need("sshd"), need("ssh"), need("ssh-keygen")
    need_root()
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    Path("/run/sshd").mkdir(exist_ok=True)  # where the server drops its privileges
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile {folder}/pid\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
    )
    log = folder / "log"
    with subprocess.Popen([server, "-D", "-f", str(folder / "config"), "-E", str(log)]) as process:
        try:
            prefix = (
                f"{client} -F none -p {port} -i {folder}/user -o BatchMode=yes -o IdentitiesOnly=yes "
                f"-o StrictHostKeyChecking=no -o UserKnownHostsFile={folder}/known -o LogLevel=ERROR "
                f"{getpass.getuser()}@127.0.0.1"
            )
            for _ in range(50):
                done = subprocess.run([*shlex.split(prefix), "true"], capture_output=True, text=True)
                if done.returncode == 0:
                    break
                time.sleep(0.1)
            else:
                pytest.skip(f"nobody can log in at an ssh server here: {done.stderr.strip()} {log.read_text()[-200:]}")
            yield prefix
        finally:
            process.terminate()


def test_that_a_process_of_another_host_is_read_through_ssh(ssh: str, target: int) -> None:
    with through(ssh) as host:
        snapshot = host.snapshot(target)
        with through("") as plain:
            assert steady(snapshot) == steady(plain.snapshot(target))
        assert {row.pid for row in host.processes()} >= {target, os.getpid()}
        assert host.pages(target, [(0, 1 << 40)]).rest is None


def test_that_closing_a_link_through_ssh_ends_the_reader_over_there(ssh: str) -> None:
    link = Link(ssh)
    lines = b"".join(frame.data for frame in link.ask("hello") if frame.kind == DATA)
    assert b"captured=0" in lines
    pid = os.getpid()
    frames = link.ask("files", str(pid), "smaps")
    next(frames)
    started = time.monotonic()
    link.close()
    assert time.monotonic() - started < 2
    assert link.connection.process.returncode is not None


def test_that_an_answer_through_ssh_is_ended_early_and_the_next_one_comes(ssh: str) -> None:
    with contextlib.closing(Link(ssh)) as link:
        for _ in range(3):
            frames = link.ask("processes", "stat,cmdline,status")
            next(frames)
            frames.close()  # type: ignore[attr-defined]  # a Link, which has it
        assert list(link.ask("hello"))[-1].kind == END


def test_that_a_refused_login_is_a_clear_error(ssh: str) -> None:
    wrong = ssh.replace("user -o", "no-such-key -o", 1)
    with pytest.raises(MemvizError, match=r"has ended \(exit status 255\)"), through(wrong) as host:
        _ = host.hello
