"""Whatever a capture holds, opening it ends soon, in little memory, without a file left, and with an answer or one
line."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.archives import FILES, GOOD, HOSTILE, MIB, PACKERS, SMAPS, header, process
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.fault

HANGS = 120.0  # seconds of a command that takes 8 of processor time at most, on a busy machine
MOST_SECONDS = 9.0  # of processor time
MOST_MEMORY = 500 * MIB
MAY_OPEN = ("names", "links", "cuts_and_flips")  # classes that have harmless members
HARMLESS = {
    "a thousand paths in one", "the same name 20,000 times",
    *(f"{name}, {what}" for name in PACKERS for what in ("garbage behind", "of nothing")),
}  # fmt: skip


class Opener:
    """A process that opens captures one after the other; another one where it hangs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.open_captures"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=REPOSITORY,
            env={**os.environ, "TMPDIR": str(self.home)},
        )  # fmt: skip

    def run(self, *words: str | Path) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(list(map(str, words))) + "\n")
        ready, _, _ = select.select([self.process.stdout], [], [], HANGS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.close()
            self._start()
            return {"code": "ended" if ready else "hangs", "err": "", "seconds": HANGS, "memory": 0, "out": 0}
        result: dict[str, Any] = json.loads(line)
        return result

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    opened = Opener(tmp_path_factory.mktemp("tmp"))
    yield opened
    opened.close()


def faults_of(done: dict[str, Any], may_open: bool) -> list[str]:
    """What is wrong with the end of a command on a hostile capture."""
    lines = done["err"].splitlines()
    is_refused = done["code"] in (1, 2, 3, 4) and len(lines) == 1 and lines[0].startswith("memviz: ")
    found = [] if is_refused or (done["code"] == 0 and may_open) else [f"{done['code']}: {done['err'][-300:]}"]
    found += [] if done["err"].replace("\n", "").isprintable() else ["control characters"]
    found += [f"{done['seconds']} s"] if done["seconds"] > MOST_SECONDS else []
    found += [f"{done['memory'] >> 20} MiB"] if done["memory"] > MOST_MEMORY else []
    return found


SLOW = ("shapes", "contents", "bombs")  # tens of seconds together


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind in SLOW)) for kind in HOSTILE])
def test_that_a_hostile_tar_ends_in_one_line_or_is_harmless(
    kind: str, opener: Opener, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    count, wrong = 0, {}
    file = tmp_path / "x.tar"
    for label, text in HOSTILE[kind]():
        file.write_bytes(text)
        done = opener.run("--proc-root", file, "regions", "7", "--json")
        if found := faults_of(done, may_open=kind in MAY_OPEN or label in HARMLESS):
            wrong[label] = found
        count += 1
    tell(f"hostile captures, {kind}: {count} members, {len(wrong)} failures")
    assert not wrong, json.dumps(wrong, indent=1)[:6000]
    assert not list(opener.home.iterdir())


def test_that_the_classes_have_hundreds_of_members() -> None:
    assert sum(1 for name in ("wrong_sizes", "names", "links", "sparse_files") for _ in HOSTILE[name]()) >= 200


# -- folders ----------------------------------------------------------------------------------------------------------


def sparse(file: Path) -> None:
    with file.open("wb") as empty:
        empty.truncate(3 << 40)


def endless(file: Path) -> None:
    file.symlink_to("/dev/zero")


def pipe(file: Path) -> None:
    os.mkfifo(file)


def loop(file: Path) -> None:
    file.symlink_to(file.name)


def socket_of(file: Path) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as end, contextlib.chdir(file.parent):
        end.bind(file.name)


def folder(file: Path) -> None:
    file.mkdir()


def long_row(file: Path) -> None:
    file.write_bytes(b"a" * 20 * MIB)


def noise(file: Path) -> None:
    file.write_bytes(random.Random(3).randbytes(MIB))


def denied(file: Path) -> None:
    file.write_bytes(b"x")
    file.chmod(0)


DAMAGES = (sparse, endless, pipe, loop, socket_of, folder, long_row, noise, denied)
NAMES = (*FILES, "maps", "../meminfo", "../uptime", "../stat", "../vmstat")


def process_folder(root: Path, pid: int = 7) -> Path:
    home = root / "proc" / str(pid)
    home.mkdir(parents=True)
    for name, text in FILES.items():
        (home / name).write_bytes(text)
    return home


@pytest.mark.parametrize("command", [("regions", "7", "--json"), ("summary", "7"), ("ps", "--json"), ("system",)])
def test_that_a_hostile_file_in_a_folder_ends_in_an_answer_or_one_line(
    command: tuple[str, ...], opener: Opener, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    count, wrong = 0, {}
    for name in NAMES:
        for damage in DAMAGES:
            home = process_folder(tmp_path / str(count))
            if name == "maps":
                (home / "smaps").unlink()
            (home / name).unlink(missing_ok=True)
            damage(home / name)
            done = opener.run("--proc-root", tmp_path / str(count), *command)
            lines = done["err"].splitlines()
            is_fine = done["code"] in (0, 1, 3, 4) and all(line.startswith("memviz: ") for line in lines)
            if not is_fine or done["seconds"] > MOST_SECONDS or done["memory"] > MOST_MEMORY:
                wrong[f"{name} {damage.__name__}"] = done
            count += 1
    tell(f"hostile folders, {command[0]}: {count} members, {len(wrong)} failures")
    assert not wrong, json.dumps(wrong, indent=1)[:4000]


def many_processes(root: Path) -> None:
    for pid in range(60_000):
        (root / "proc" / str(pid)).mkdir(parents=True)


def nested(root: Path) -> None:
    top = os.open(root, os.O_RDONLY)
    for _ in range(5000):
        os.mkdir("d", dir_fd=top)
        inner = os.open("d", os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = inner
    os.close(top)


def led_away(root: Path) -> None:
    (root / "proc").symlink_to("/proc")


def nothing(root: Path) -> None:
    (root / "readme").write_text("hello")


def itself(root: Path) -> None:
    (root / "proc").symlink_to("proc")


def closed(root: Path) -> None:
    process_folder(root)
    (root / "proc").chmod(0)


@pytest.mark.parametrize("make", [nested, led_away, nothing, itself])
@pytest.mark.parametrize("command", [("ps",), ("summary", "7"), ("system",)])
def test_that_a_folder_that_is_no_capture_ends_in_one_line(
    make: Callable[[Path], None], command: tuple[str, ...], opener: Opener, tmp_path: Path
) -> None:
    make(tmp_path)
    done = opener.run("--proc-root", tmp_path, *command)
    assert not faults_of(done, may_open=False)
    assert str(tmp_path) in done["err"]
    if make is nested:
        remove_nested(tmp_path)


def remove_nested(root: Path) -> None:
    """rmtree of Python 3.11 to 3.13 calls itself for each folder."""
    subprocess.run(["rm", "-rf", root / "d"], check=True)


@pytest.mark.slow
def test_that_very_many_processes_are_listed_or_refused(opener: Opener, tmp_path: Path) -> None:
    many_processes(tmp_path)
    done = opener.run("--proc-root", tmp_path, "ps")
    assert not faults_of(done, may_open=True)


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/nonexistent", "a\x1b[31mb", "n" * 5000, ".", "pipe", ""])
def test_that_what_is_neither_a_folder_nor_a_tar_ends_in_one_line(name: str, opener: Opener, tmp_path: Path) -> None:
    path = tmp_path / name if name in (".", "pipe") else Path(name)
    if name == "pipe":
        os.mkfifo(path)
    if name:
        done = opener.run("--proc-root", path, "ps")
        assert not faults_of(done, may_open=False)


def test_that_what_may_not_be_read_says_so(opener: Opener, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "x.tar").write_bytes(GOOD)
    (tmp_path / "x.tar").chmod(0)
    done = opener.run("--proc-root", tmp_path / "x.tar", "ps")
    assert (done["code"], done["err"].count("\n")) == (4, 1)
    assert "Permission denied" in done["err"]
    closed(tmp_path / "folder")
    done = opener.run("--proc-root", tmp_path / "folder", "ps")
    (tmp_path / "folder" / "proc").chmod(0o700)
    assert (done["code"], done["err"].count("\n")) == (4, 1)


# -- nothing is left --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_that_nothing_is_left_when_opening_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    home = tmp_path / "tmp"
    home.mkdir()
    file = tmp_path / "x.tar"
    with file.open("wb") as tar:
        tar.write(process(smaps=SMAPS))
        tar.write(header(b"proc/8/smaps", 120 * MIB))
        tar.write(bytes(120 * MIB))
    command = [sys.executable, "-m", "memviz", "--proc-root", str(file), "ps"]
    process_ = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process_.poll() is None and file.name not in opened_by(process_.pid):
        time.sleep(0.002)
    process_.send_signal(number)
    process_.wait(HANGS)
    assert process_.returncode
    assert not list(home.iterdir())


def opened_by(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for entry in os.listdir(f"/proc/{pid}/fd"):
            found.add(os.path.basename(os.readlink(f"/proc/{pid}/fd/{entry}")))
    return found
