"""The reader that only root can change: how it is installed, when it is used, and how it is taken away."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core import checkup, install, privilege
from memviz.core.host import Host
from memviz.core.install import (
    ACTIONS,
    CURRENT,
    DIFFERENT,
    MISSING,
    POLICY,
    READER,
    UNSAFE,
    Installed,
    find_installed,
    program_for,
)  # fmt: skip
from memviz.core.privilege import ways
from memviz.errors import MemvizError, Unsupported
from memviz.proc import reader
from memviz.proc.link import Link
from tests.safe import safe_folder

NOBODY = 65534


@pytest.fixture
def root() -> Iterator[Path]:
    """Stands for /: with polkit, without a reader."""
    with safe_folder() as folder:
        for place in ("usr", "usr/local", *(str(parent) for parent in reversed(Path(POLICY).parents[:-2]))):
            (folder / place).mkdir(mode=0o755, exist_ok=True)
            (folder / place).chmod(0o755)
        yield folder


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


# -- installed, used, removed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_that_what_is_installed_is_found_and_only_root_can_change_it(root: Path, umask: int) -> None:
    assert find_installed(root).state == MISSING
    before = os.umask(umask)
    try:
        targets = install.install(root)
    finally:
        os.umask(before)
    assert [str(target.path.relative_to(root)) for target in targets] == [READER, POLICY]
    assert find_installed(root) == Installed(CURRENT, str(root / READER), install.PYTHONS[0])
    for target in targets:
        found = target.path.stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (0, 0, target.mode)
        assert target.path.read_bytes() == target.content
    assert stat.S_IMODE((root / READER).parent.stat().st_mode) == 0o755
    assert sorted(contents(root)) == sorted([READER, POLICY])  # and nothing temporary


@pytest.mark.live
def test_that_the_installed_reader_is_a_program_that_answers(root: Path) -> None:
    install.install(root)
    host = Host(Link("env", program=str(root / READER)))
    try:
        assert host.hello.uid == os.geteuid()
        assert host.hello.unconfined == ()
        assert host.snapshot(os.getpid()).totals["rss"]
        again = host.link.again()  # type: ignore[attr-defined]  # a Link, which has it
        assert again._started_as[:3] == ("env", "", str(root / READER))
        again.close()
    finally:
        host.close()


def test_that_the_policy_names_the_installed_program() -> None:
    tree = ElementTree.fromstring(install.POLICY_TEXT.format(reader=READER).encode())
    (action,) = tree.findall("action")
    (path,) = [note.text for note in action.findall("annotate") if note.get("key", "").endswith(".exec.path")]
    assert path == f"/{READER}"
    assert f"{action.get('id')}.policy" == Path(POLICY).name
    assert {choice.tag: choice.text for choice in action.findall("defaults/*")} == {
        "allow_any": "auth_admin", "allow_inactive": "auth_admin", "allow_active": "auth_admin_keep",
    }  # fmt: skip


def test_that_without_polkit_the_reader_is_installed_alone(root: Path) -> None:
    shutil.rmtree(root / ACTIONS)
    install.install(root)
    assert list(contents(root)) == [READER]
    assert find_installed(root).state == CURRENT


def test_that_an_older_reader_is_replaced_and_what_was_installed_is_removed(root: Path) -> None:
    install.install(root)
    (root / READER).write_bytes(b"#!/usr/bin/python3 -ISB\nprint('old')\n")
    assert find_installed(root).state == DIFFERENT
    install.install(root)
    assert find_installed(root).state == CURRENT
    other = root / ACTIONS / "other.policy"
    other.write_text("")
    assert install.uninstall(root) == (root / POLICY, root / READER)
    assert install.uninstall(root) == ()
    assert find_installed(root).state == MISSING
    assert list(root.rglob("*memviz*")) == []
    assert other.exists()


# -- what is not used -------------------------------------------------------------------------------------------------


def changed_texts(text: bytes) -> Iterator[bytes]:
    """One byte changed, left out or added, in 100 places; cut off; another first line; nothing."""
    for at in range(0, len(text), len(text) // 100):
        yield text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]
        yield text[:at] + text[at + 1 :]
        yield text[:at] + b" " + text[at:]
    first, _, rest = text.partition(b"\n")
    lines = (
        b"",
        b"#!/bin/sh",
        b"#!/usr/bin/python3",
        b"#!/usr/bin/env python3",
        b"#!/tmp/python3 -ISB",
        first + b" -c",
    )
    yield from (line + b"\n" + rest for line in lines)
    yield from (b"", b"\n", first, rest, text + b"\n", text * 2, b"\0" * len(text))


def test_that_a_reader_of_another_text_is_never_used(root: Path) -> None:
    install.install(root)
    path, text = root / READER, (root / READER).read_bytes()
    changed = list(changed_texts(text))
    assert len(changed) > 300
    for each in changed:
        path.write_bytes(each)
        found = find_installed(root)
        assert found.state == DIFFERENT
        assert "another version" in found.detail
    path.write_bytes(text)
    assert find_installed(root).state == CURRENT


def test_that_a_reader_that_others_can_change_is_never_used(root: Path) -> None:
    """Every place on its way, with every owner and mode that gives others a right."""
    install.install(root)
    path, tried = root / READER, 0
    for place in (path, *path.parents[: len(Path(READER).parts)]):
        mode = stat.S_IMODE(place.stat().st_mode)
        for uid in (1, 1000, NOBODY):
            os.chown(place, uid, 0)
            assert find_installed(root).state == UNSAFE
            os.chown(place, 0, 0)
            tried += 1
        for bits in (0o020, 0o002, 0o022, 0o1002, 0o1020, 0o1022, 0o2020, 0o3777, 0o6777):
            place.chmod(mode | bits)
            assert find_installed(root).state == UNSAFE
            place.chmod(mode)
            tried += 1
    assert tried >= 72
    assert find_installed(root).state == CURRENT


@pytest.mark.parametrize("what", ["link", "link to a copy of nobody's", "dangling link", "folder", "fifo", "device"])
def test_that_something_else_in_its_place_is_never_used(root: Path, what: str) -> None:
    install.install(root)
    path, text = root / READER, (root / READER).read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "device":
        with contextlib.suppress(PermissionError):
            os.mknod(path, stat.S_IFCHR | 0o755, os.makedev(1, 5))
    else:
        copy = root / "copy.py"
        if "dangling" not in what:
            copy.write_bytes(text)
        if "nobody" in what:
            os.chown(copy, NOBODY, NOBODY)
        path.symlink_to(copy)
    assert find_installed(root).state == (CURRENT if what == "link" else UNSAFE)  # root's own link to root's own copy
    assert program_for("sudo") == "" or find_installed().state == CURRENT


# -- where it cannot be installed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["usr", "usr/local", "usr/share", ACTIONS])
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_that_nothing_is_written_where_others_could_change_it(root: Path, place: str, mode: int) -> None:
    (root / place).chmod(mode)
    for act in (install.plan, install.install):
        with pytest.raises(Unsupported, match="would not be safe there"):
            act(root)
    assert contents(root) == {}


@pytest.mark.parametrize("call", ["fsync", "fchmod", "replace"])
@pytest.mark.parametrize("there", [False, True])
def test_that_a_failure_leaves_what_was_there(
    root: Path, call: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if there:
        install.install(root)
        (root / READER).write_bytes(b"old")
    before = contents(root)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(install.os, call, fail)  # type: ignore[attr-defined]  # the module's own name for it
        with pytest.raises(MemvizError, match="cannot be written: No space left"):
            install.install(root)
    assert contents(root) == before


def test_that_without_a_python_that_is_roots_own_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "is_roots_own", lambda path: False)
    with pytest.raises(Unsupported, match="Python that only root can change"):
        install.plan(tmp_path)


# -- who uses it ------------------------------------------------------------------------------------------------------

HERE = Installed(CURRENT, "/x/reader.py", "/usr/bin/python3")


@pytest.mark.parametrize(
    ("via", "used"),
    [
        *((via, True) for via in ("sudo", "sudo -n", "sudo -A", "/usr/bin/sudo", "pkexec", " sudo ", "sudo -A -n")),
        *((via, False) for via in ("sudo -u me", "sudo -n -i", "ssh host sudo", "sudo env", "env sudo", "")),
        *((via, False) for via in ("doas", "'", "docker exec -i x", "sudoedit", "sudo --", "sudo ssh host")),
    ],
)  # fmt: skip
def test_that_only_plain_sudo_and_pkexec_of_this_machine_run_it(
    via: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "find_installed", lambda: HERE)
    assert program_for(via) == ("/x/reader.py" if used else "")
    for state in (MISSING, DIFFERENT, UNSAFE):
        monkeypatch.setattr(install, "find_installed", lambda state=state: Installed(state, "/x/reader.py"))
        assert program_for(via) == ""


@pytest.mark.parametrize("state", [MISSING, CURRENT, DIFFERENT, UNSAFE])
def test_that_the_window_runs_it_where_it_is_current_and_says_so_where_not(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Installed(state, "/x/reader.py", "/usr/bin/python3", f"it is {state}")
    monkeypatch.setattr(privilege, "find_installed", lambda: found)
    monkeypatch.setattr(privilege, "is_roots_own", lambda path: True)
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/usr/bin/{name}")
    for way in ways():
        assert way.program == ("/x/reader.py" if state == CURRENT else "")
        assert ("whoever can change memviz's files" in way.hint) is (state != CURRENT)
        assert (f"it is {state}" in way.hint) is (state in (DIFFERENT, UNSAFE))


def test_that_a_privileged_reader_that_others_can_change_is_not_started() -> None:
    way = privilege.Way("env", "", "/usr/bin/python3", "/tmp/reader.py")
    for act in (privilege.check_way, privilege.open_privileged):
        with pytest.raises(Unsupported, match=r"/tmp/reader\.py could be changed by others than root"):
            act(way)


@pytest.mark.live
@pytest.mark.parametrize("state", [MISSING, CURRENT, DIFFERENT, UNSAFE])
def test_that_the_check_up_says_how_it_is(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "find_installed", lambda: Installed(state, "/x/reader.py", "", f"it is {state}"))
    host = Host(Link())
    try:
        (found,) = [finding for finding in checkup.check_up(host) if finding.name == "installed reader"]
    finally:
        host.close()
    assert found.state == (checkup.GOOD if state == CURRENT else checkup.LIMITED)
    assert ("/x/reader.py" if state == CURRENT else f"it is {state}") in found.detail
    assert bool(found.remedy) is (state != CURRENT)


# -- the command ------------------------------------------------------------------------------------------------------


def memviz(*words: str, user: int = 0) -> subprocess.CompletedProcess[str]:
    prefix = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
    command = [*prefix, sys.executable, "-m", "memviz", "doctor", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_that_the_command_installs_and_removes(root: Path) -> None:
    dry = memviz("--install-reader", "--dry-run", "--root", str(root))
    assert (dry.returncode, contents(root)) == (0, {})
    done = memviz("--install-reader", "--root", str(root))
    assert done.returncode == 0, done.stderr
    assert done.stdout == dry.stdout.replace("would write", "wrote")
    assert find_installed(root).state == CURRENT
    dry = memviz("--uninstall-reader", "--dry-run", "--root", str(root))
    assert find_installed(root).state == CURRENT
    done = memviz("--uninstall-reader", "--root", str(root))
    assert done.stdout == dry.stdout.replace("would remove", "removed")
    assert contents(root) == {}
    assert memviz("--uninstall-reader", "--root", str(root)).stdout == "no reader is installed\n"


@pytest.mark.parametrize("option", ["--install-reader", "--uninstall-reader"])
def test_that_who_is_not_root_is_told_what_to_type(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from memviz.cli.main import main

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["doctor", option, "--root", str(tmp_path)]) == 4
    said = capsys.readouterr().err
    assert f"type: sudo {sys.executable} -m memviz doctor {option}\n" in said
    assert list(tmp_path.iterdir()) == []
    script = tmp_path / "memviz"
    script.touch(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert main(["doctor", option]) == 4
    assert f"type: sudo {script} doctor {option}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["doctor", "--dry-run"], ["doctor", "--install-reader", "--uninstall-reader"],
        ["--via", "env", "doctor", "--install-reader"], ["--proc-root", "/", "doctor", "--uninstall-reader"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_that_options_that_make_no_sense_together_are_refused(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from memviz.cli.main import main

    def never(*_: object) -> None:
        raise AssertionError("nothing is to be done")

    monkeypatch.setattr(install, "install", never)
    monkeypatch.setattr(install, "uninstall", never)
    with contextlib.suppress(SystemExit):
        assert main(words) == 2


def test_that_the_installed_text_is_the_reader_of_this_memviz() -> None:
    assert install.own_text() == Path(reader.__file__).read_bytes()
