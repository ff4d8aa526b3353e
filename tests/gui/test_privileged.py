"""Reading with more rights: what may be started so, and what happens when it answers, refuses or hangs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from memviz.core import privilege
from memviz.core.host import Host
from memviz.core.ownership import is_roots_own
from memviz.core.privilege import OWN_TEXT, Way, check_way, open_privileged, ways
from memviz.errors import Unsupported
from memviz.gui.session.session import Session
from memviz.gui.shell.privileged import Administrator
from memviz.proc.link import Link

PATIENCE = 15_000


def way(prefix: str) -> Way:
    """A prefix that asks for nothing."""
    return Way(prefix, "Asking …", sys.executable)


@pytest.fixture
def anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may run as root, with a Python of their own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(privilege, "weak_place", lambda path, **_: "")


@pytest.fixture
def live(qtbot: QtBot) -> Session:
    return Session(Host(Link()))


def test_that_only_what_root_alone_can_change_is_run_as_root(tmp_path: Path) -> None:
    mine = tmp_path / "python3"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    assert not is_roots_own(str(mine))  # a folder on the way is writable by others: /tmp is
    link = tmp_path / "link"
    link.symlink_to("/usr/bin/env")
    assert not is_roots_own(str(link))
    assert not is_roots_own(str(tmp_path / "missing"))
    assert is_roots_own("/usr/bin/env")
    with pytest.raises(Unsupported, match="could be changed"):
        open_privileged(Way("env", "", str(mine)))


def test_that_every_way_starts_with_roots_own_programs() -> None:
    for each in ways():
        assert is_roots_own(each.prefix.split()[0])
        assert is_roots_own(each.python)


def test_that_a_python_of_the_system_may_be_run_with_all_that_it_loads() -> None:
    pythons = [path for path in privilege.PYTHONS if is_roots_own(path)]
    if not pythons:
        pytest.skip("no Python here is root's own")
    for python in pythons:
        check_way(Way("env", "", python))


@pytest.mark.parametrize("place", [__file__, "lib-dynload", "json/__init__.py", "__pycache__", "pyvenv.cfg", ".zip"])
def test_that_a_module_that_others_can_change_is_found(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a Python loads is asked for: one such place is enough to refuse it."""
    files = ["/usr/bin/python3", "/usr/lib/json/__init__.py", "/usr/lib/__pycache__/x.pyc", "/usr/pyvenv.cfg", __file__]
    said = json.dumps([files, ["/usr/lib/python.zip", "/usr/lib/lib-dynload"]])
    done = subprocess.CompletedProcess([], 0, said.encode())
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    monkeypatch.setattr(privilege, "weak_place", lambda path, **_: f"{path} is weak" if place in path else "")
    with pytest.raises(Unsupported, match=f"{place.rpartition('/')[2]}.* is weak"):
        check_way(Way("env", "", "/usr/bin/python3"))


@pytest.mark.parametrize("program", ["true", "false", "cat"])
def test_that_a_python_that_does_not_say_what_it_loads_is_refused(program: str, anybody: None) -> None:
    found = shutil.which(program)
    assert found is not None
    with pytest.raises(Unsupported, match="does not say what it loads"):
        check_way(Way("env", "", found))


def test_that_it_is_said_what_root_will_run(live: Session, anybody: None, qtbot: QtBot) -> None:
    words: list[str] = []
    live.said.connect(words.append)
    each = Way("sh -c 'exec sleep 60' x", f"Asking … {OWN_TEXT}", sys.executable)
    administrator = Administrator(live, found=(each,))
    administrator.start()
    qtbot.waitUntil(lambda: bool(words), timeout=PATIENCE)
    assert words == [each.hint]
    assert "whoever can change memviz's files can change" in words[0]
    administrator.close()
    live.close()


@pytest.mark.parametrize(
    ("there", "terminal", "askpass", "prefixes"),
    [
        (("pkexec", "sudo"), False, "", ("/usr/bin/pkexec", "/usr/bin/sudo -n")),
        (("sudo",), True, "", ("/usr/bin/sudo",)),
        (("sudo",), False, "/usr/bin/ask", ("/usr/bin/sudo -A",)),
        ((), True, "", ()),
    ],
)
def test_that_the_way_fits_the_machine(
    there: tuple[str, ...], terminal: bool, askpass: str, prefixes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/usr/bin/{name}" if name in there else None)
    monkeypatch.setattr(privilege, "_has_terminal", lambda: terminal)
    monkeypatch.setattr(privilege, "is_roots_own", lambda path: True)
    monkeypatch.setenv("SUDO_ASKPASS", askpass)
    assert tuple(each.prefix for each in ways()) == prefixes
    assert all("whoever can change memviz's files" in each.hint for each in ways())


@pytest.mark.live
def test_that_the_session_goes_on_with_the_new_reader(live: Session, anybody: None, qtbot: QtBot) -> None:
    old = live.source
    live.open(os.getpid(), "me")
    administrator = Administrator(live, found=(way("env"),))
    assert administrator.is_possible
    with qtbot.waitSignal(live.source_changed, timeout=PATIENCE):
        administrator.start()
    assert live.source is not old
    assert live.source.name == "this machine, as administrator"
    assert live.source.sample(os.getpid()).rss
    assert live.target is not None
    assert live.target.pid == os.getpid()
    assert not administrator.is_possible
    qtbot.waitUntil(lambda: old.link.has_failed, timeout=PATIENCE)  # type: ignore[attr-defined]  # a host has one
    live.close()


@pytest.mark.live
@pytest.mark.parametrize("prefix", ["false", "/nonexistent/pkexec"])
def test_that_a_refusal_leaves_everything_as_it_was(live: Session, anybody: None, qtbot: QtBot, prefix: str) -> None:
    old, words = live.source, []
    live.said.connect(words.append)
    administrator = Administrator(live, found=(way(prefix),))
    administrator.start()
    qtbot.waitUntil(lambda: administrator.is_possible and len(words) > 0 and "…" not in words[-1], timeout=PATIENCE)
    assert live.source is old
    assert live.source.sample(os.getpid()).rss
    live.close()


@pytest.mark.live
def test_that_closing_while_a_password_is_awaited_waits_for_nobody(live: Session, anybody: None, qtbot: QtBot) -> None:
    administrator = Administrator(live, found=(way("sleep 60 #"),))
    administrator.start()
    assert not administrator.is_possible
    administrator.close()
    live.close()


def test_that_root_is_offered_nothing(live: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not Administrator(live, found=(way("env"),)).is_possible
    live.close()
