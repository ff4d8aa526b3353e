"""The one writer of files: all bytes or the old file, an error that says so, and nothing left behind."""

from __future__ import annotations

import errno
import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memviz.cli import desktop
from memviz.files import CHUNK, WriteError, write_file
from memviz.gui.shell.settings import Settings, save
from tests.quota import largest_file

REPOSITORY = Path(__file__).resolve().parent.parent
OLD = b"the old contents\n"
DATA = bytes(range(256)) * 17

# -- everything that memviz writes and that needs no window -----------------------------------------------------------


def write_plain(folder: Path) -> None:
    write_file(folder / "plain", DATA)


def write_settings(folder: Path) -> None:
    if why := save(folder / "settings.json", Settings(docks="x" * 3000)):
        raise OSError(why)


def write_entry(folder: Path) -> None:
    desktop.install(folder)


def write_glossary(folder: Path) -> None:
    from memviz.core.glossary import glossary

    write_file(folder / "glossary.md", glossary())


WRITERS = (write_plain, write_settings, write_entry, write_glossary)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("writer", WRITERS)
def test_that_a_quota_at_any_byte_leaves_every_old_file_whole(writer: Callable[[Path], None], tmp_path: Path) -> None:
    writer(tmp_path)
    new = contents(tmp_path)
    largest = max(map(len, new.values()))
    for file in new:
        (tmp_path / file).write_bytes(OLD)
    old = dict.fromkeys(new, OLD)
    failures, said = 0, set[str]()
    for size in {*range(0, largest, max(largest // 220, 1)), largest - 1, largest, largest + 1}:
        with largest_file(size):
            try:
                writer(tmp_path)
            except OSError as error:
                failures += 1
                said.add(str(error).rpartition(": ")[2])
        kept = contents(tmp_path)
        assert kept.keys() == old.keys()
        assert all(data in (OLD, new[file]) for file, data in kept.items())
        assert (kept == new) == (size >= largest)
        for file in new:
            (tmp_path / file).write_bytes(OLD)
    assert failures >= 200
    assert said == {"File too large"}


FULL_DISK = """
import json, os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.test_files import OLD, WRITERS, contents
folder = Path(sys.argv[1])
told = []
mount = "umount {0} 2>/dev/null; mount -t tmpfs -o size={1}k,nr_inodes=40 tmpfs {0}"
for writer in WRITERS:
    os.system(mount.format(folder, 1024))
    writer(folder)
    new = contents(folder)
    for file in new:
        (folder / file).unlink()
    for pages in range(50):
        for has_old in (True, False):
            os.system(mount.format(folder, 4 * pages + 4))
            for file in new:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
            old = {}
            if has_old:
                for file in new:
                    try:
                        (folder / file).write_bytes(OLD)
                    except OSError:
                        (folder / file).unlink(missing_ok=True)
                    else:
                        old[file] = OLD
            try:
                with open(folder / "ballast", "wb", buffering=0) as ballast:
                    ballast.write(b"x" * 4096 * (pages % 7))
            except OSError:
                pass
            (held := contents(folder)).pop("ballast", None)
            try:
                writer(folder)
            except OSError as error:
                said = str(error)
            else:
                said = ""
            (kept := contents(folder)).pop("ballast", None)
            whole = all(kept.get(file) in (held.get(file), new[file]) for file in new)
            told.append([writer.__name__, said, whole and kept.keys() <= new.keys(), kept == new])
print(json.dumps(told))
"""


@pytest.mark.live
def test_that_a_full_disk_of_any_size_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    isolate = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    probe = [*isolate, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    try:
        subprocess.run(probe, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here: that needs root or user namespaces")
    done = subprocess.run(
        [*isolate, sys.executable, "-c", FULL_DISK, str(tmp_path), str(REPOSITORY)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert len(told) >= 400
    assert [row for row in told if not row[2]] == []
    assert [row for row in told if bool(row[1]) == row[3]] == [], "an error is told exactly where a file is missing"
    assert {name for name, said, *_ in told if "No space left on device" in said} == {w.__name__ for w in WRITERS}


# -- errors at every step ---------------------------------------------------------------------------------------------

STEPS = ("open", "write", "fstat", "fsync", "close", "replace")
ERRORS = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EPERM, errno.EACCES, errno.EBUSY,
    errno.EXDEV, errno.ENOMEM, errno.EMFILE, errno.ESTALE, errno.ETXTBSY, errno.ENODEV, errno.EOVERFLOW,
)  # fmt: skip


def opened_files() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_that_an_error_at_any_step_is_told_and_changes_nothing(
    step: str, exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    if exists:
        file.write_bytes(OLD)
    before, descriptors = contents(tmp_path), opened_files()
    usual = getattr(os, step)
    for number, at in itertools.product(ERRORS, range(1, 4)):
        calls = itertools.count(1)

        def fail(*words: Any, calls: Iterator[int] = calls, at: int = at, number: int = number, **named: Any) -> Any:
            if next(calls) != at:
                return usual(*words[:1], words[1][:1000]) if step == "write" else usual(*words, **named)
            if step == "close":
                usual(*words)  # the kernel closes it all the same
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            try:
                write_file(file, DATA)
            except WriteError as error:
                failed = str(error)
            else:
                failed = ""
        assert failed in ("", f"{file}: {os.strerror(number)}")
        assert next(calls) > at or not failed
        after = contents(tmp_path)
        if failed and after != before:
            assert after == {"file": DATA}, "only the folder could not be synced"
            assert (step, at) in {("open", 2 + exists), ("fsync", 2), ("close", 2 + exists)}
        else:
            assert after == (before if failed else {"file": DATA})
        if exists:
            file.write_bytes(OLD)
        else:
            file.unlink(missing_ok=True)
    assert opened_files() == descriptors


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_that_a_file_system_without_sync_is_written_to(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", cannot)
    write_file(tmp_path / "file", DATA)
    assert contents(tmp_path) == {"file": DATA}


def test_that_bytes_that_a_file_system_lost_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(OLD)
    monkeypatch.setattr(os, "write", lambda descriptor, data: len(data))
    with pytest.raises(WriteError, match="fewer bytes"):
        write_file(tmp_path / "file", DATA)
    monkeypatch.setattr(os, "write", lambda descriptor, data: 0)
    with pytest.raises(WriteError, match="nothing more"):
        write_file(tmp_path / "file", DATA)
    assert contents(tmp_path) == {"file": OLD}


@given(data=st.binary(max_size=5000), most=st.integers(1, 700), exists=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_short_writes_are_continued(data: bytes, most: int, exists: bool, tmp_path: Path) -> None:
    file = tmp_path / "file"
    if exists:
        file.write_bytes(OLD)
    usual = os.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, rest: usual(descriptor, rest[:most]))
        write_file(file, data)
    assert contents(tmp_path) == {"file": data}


@given(text=st.text(alphabet=st.characters(exclude_categories=()), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_any_text_is_kept_or_refused_whole(text: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(OLD)
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        with pytest.raises(WriteError, match="surrogates not allowed"):
            write_file(file, text)
        assert file.read_bytes() == OLD
    else:
        write_file(file, text)
        assert file.read_bytes() == encoded


# -- targets of every kind --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_that_a_new_file_has_the_usual_mode(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write_file(tmp_path / "new", DATA)
        write_file(tmp_path / "private", DATA, mode=0o600)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~mask
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600 & ~mask


def test_that_an_old_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for mode in range(0o200, 0o1000):
        if mode & 0o200:  # this user may write to it
            file.write_bytes(OLD)
            file.chmod(mode)
            write_file(file, DATA)
            assert stat.S_IMODE(file.stat().st_mode) == mode
            file.chmod(0o600)
            assert file.read_bytes() == DATA


def test_that_root_leaves_a_file_to_its_owner(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may write to files of others")
    file = tmp_path / "file"
    file.write_bytes(OLD)
    os.chown(file, 12345, 23456)
    write_file(file, DATA)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@contextmanager
def as_nobody() -> Iterator[None]:
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_that_what_may_not_be_written_stays(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    file = shared / "file"
    file.write_bytes(OLD)
    file.chmod(0o444)
    shared.chmod(0o777)
    with as_nobody(), pytest.raises(WriteError, match="Permission denied"):
        write_file(file, DATA)
    file.chmod(0o666)
    shared.chmod(0o555)
    with as_nobody(), pytest.raises(WriteError, match="Permission denied"):
        write_file(file, DATA)
    with as_nobody(), pytest.raises(WriteError, match="Permission denied"):
        write_file(shared / "new", DATA)
    shared.chmod(0o755)
    assert contents(tmp_path) == {"shared/file": OLD}


def test_that_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    target, link, second = tmp_path / "deep" / "target", tmp_path / "link", tmp_path / "second"
    link.symlink_to("deep/target")
    second.symlink_to(link)
    for begins in (None, OLD):  # the first one leads nowhere yet
        if begins is not None:
            target.write_bytes(begins)
        write_file(second, DATA)
        assert link.is_symlink()
        assert second.is_symlink()
        assert target.read_bytes() == DATA
    link.unlink()
    link.symlink_to(second)
    with pytest.raises(WriteError, match="Too many levels"):
        write_file(link, DATA)


def test_that_other_hard_links_keep_the_old_contents(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(OLD)
    os.link(tmp_path / "one", tmp_path / "two")
    write_file(tmp_path / "one", DATA)
    assert contents(tmp_path) == {"one": DATA, "two": OLD}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Is a directory"), ("folder", "Is a directory"), ("folder/", "Is a directory"), ("nowhere/x", "No such"),
        ("file/x", "Not a directory"), ("new/", "directory"), ("x" * 256, "name too long"), ("a\0b", "null"),
        ("x/" * 2500, "name too long"), ("\ud800", "surrogates"),
    ],
)  # fmt: skip
def test_that_what_can_be_no_file_is_told(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(WriteError) as told:
        write_file(f"{tmp_path}/{name}", DATA)
    assert why in str(told.value)
    assert str(told.value).isprintable()
    assert contents(tmp_path) == {"file": OLD}


@given(name=st.lists(st.integers(1, 255).filter(lambda byte: byte != ord("/")), min_size=1, max_size=255).map(bytes))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_a_file_may_have_any_name(name: bytes, tmp_path: Path) -> None:
    if name in (b".", b".."):
        return
    path = os.path.join(os.fsencode(tmp_path), name)
    write_file(os.fsdecode(path), DATA)
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    os.unlink(path)


def test_that_a_pipe_gets_everything_and_one_without_a_reader_is_an_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(WriteError, match="no process reads this pipe"):
        write_file(pipe, DATA)
    data, read = DATA * 100, []  # more than a pipe holds
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(end, True)
    written = threading.Event()

    def read_all() -> None:
        with open(end, "rb", buffering=0) as stream:
            # until the writer has opened the pipe, reading tells of its end
            pieces = []
            while (piece := stream.read(1 << 16)) or not written.is_set():
                pieces.append(piece)
            read.append(b"".join(pieces))

    reader = threading.Thread(target=read_all)
    reader.start()
    write_file(pipe, data)
    written.set()
    reader.join(60)
    assert read == [data]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "link"])
def test_that_a_descriptor_is_written_to_where_it_is(name: str, tmp_path: Path) -> None:
    """As a shell opens it: `memviz map 1 -o /dev/stdout >> FILE` adds to the file."""
    file = tmp_path / "file"
    file.write_bytes(OLD)
    inode = file.stat().st_ino
    with open(file, "ab") as stream:
        if name == "link":
            (tmp_path / name).symlink_to(f"/dev/fd/{stream.fileno()}")
            name = str(tmp_path / name)
        write_file(name.format(stream.fileno()), DATA)
        os.fstat(stream.fileno())
    assert file.read_bytes() == OLD + DATA
    assert file.stat().st_ino == inode


def test_that_devices_are_devices_afterwards() -> None:
    write_file("/dev/null", DATA)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(WriteError, match="No space left"):
        write_file("/dev/full", DATA)
    with pytest.raises(WriteError, match="Bad file descriptor"):
        write_file("/dev/fd/9999", DATA)
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_that_no_file_goes_to_a_terminal() -> None:
    ours, theirs = os.openpty()
    try:
        for name in (os.ttyname(theirs), f"/dev/fd/{theirs}"):
            with pytest.raises(WriteError, match="terminal"):
                write_file(name, DATA)
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 1)
    finally:
        os.close(ours)
        os.close(theirs)


# -- signals ----------------------------------------------------------------------------------------------------------

INTERRUPTED = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from memviz.files import CHUNK, write_file
from tests.test_files import OLD, SIGNALS, STEPS, contents
folder = Path(sys.argv[1])
data = b"new" * CHUNK  # several looks

def interrupted(step, number, at, after):
    usual, calls = getattr(os, step), []
    def call(*words, **named):
        calls.append(step)
        if len(calls) == at and not after:
            os.kill(os.getpid(), number)
        result = usual(*words, **named)
        if len(calls) == at and after:
            os.kill(os.getpid(), number)
        return result
    setattr(os, step, call)
    try:
        write_file(folder / "file", data)
    except KeyboardInterrupt:
        os._exit(130)
    os._exit(0)

told = []
for exists in (True, False):
    for step in STEPS:
        for number in SIGNALS:
            for at in (1, 2, 3):
                for after in (True, False):
                    if exists:
                        (folder / "file").write_bytes(OLD)
                    else:
                        (folder / "file").unlink(missing_ok=True)
                    child = os.fork()
                    if not child:
                        interrupted(step, number, at, after)
                    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                    kept = contents(folder)
                    old = {"file": OLD} if exists else {}
                    state = "old" if kept == old else "new" if kept == {"file": data} else str([*kept])
                    told.append([step, number, at, after, exists, status, state])
print(json.dumps(told))
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def test_that_a_signal_at_any_step_leaves_no_temporary_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path), str(REPOSITORY)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert len(told) >= 200
    ends = {signal.SIGINT: 130, signal.SIGTERM: -signal.SIGTERM, signal.SIGHUP: -signal.SIGHUP}
    for row in told:
        step, number, at, _, exists, status, state = row
        # calls that do not take place interrupt nothing; closing and syncing the folder come after the renaming
        late = (step, at) in {("open", 2 + exists), ("close", 2 + exists), ("fsync", 2)}
        none = at > {"open": 2 + exists, "write": 99, "fstat": 1 + exists, "fsync": 2, "close": 2 + exists}.get(step, 1)
        if none:
            assert (status, state) == (0, "new"), row
        elif late or step == "replace":
            assert (status, state) == (ends[number], "new"), row
        else:
            assert status == ends[number], row
            assert state == "old", row


def test_that_other_handlers_stay_in_place_and_let_the_file_be_finished(tmp_path: Path) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    usual = os.write

    def call(descriptor: int, data: memoryview) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return usual(descriptor, data)

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", call)
            write_file(tmp_path / "file", b"x" * CHUNK)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
    assert contents(tmp_path) == {"file": b"x" * CHUNK}


def test_that_any_thread_may_write(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=write_file, args=(tmp_path / f"file{n % 3}", bytes([n]) * 100_000)) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = contents(tmp_path)
    assert kept.keys() == {"file0", "file1", "file2"}
    assert all(len(data) == 100_000 and len({*data}) == 1 for data in kept.values())
