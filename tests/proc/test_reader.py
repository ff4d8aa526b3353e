"""The reader in this process: its verbs, captured trees, and the failure of every one of its system calls."""

from __future__ import annotations

import errno
import itertools
import os
import re
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from memviz.proc import reader
from memviz.proc.link import Direct, Frame
from memviz.proc.reader import DATA, END, FIELD, FILE, FRAME, HEADER, RECORD, Reader
from tests.programs import running

pytestmark = pytest.mark.live
ME = str(os.getpid())


def ask(where: Reader, verb: str, *arguments: str) -> list[Frame]:
    return list(Direct(where).ask(verb, *arguments))


def text_of(frames: list[Frame], tag: int = 0) -> bytes:
    return b"".join(frame.data for frame in frames if frame.kind == DATA and frame.tag == tag)


def file_end(frames: list[Frame], tag: int = 0) -> dict[str, str]:
    (end,) = (frame.values() for frame in frames if frame.kind == FILE and frame.tag == tag)
    return end


def records_of(frames: list[Frame], count: int) -> dict[int, tuple[int, list[bytes | int]]]:
    """Number -> pidfd inode, and the bytes or the errno of each file."""
    data, at, result = text_of(frames), 0, {}
    while at < len(data):
        number, inode = RECORD.unpack_from(data, at)
        at += RECORD.size
        fields: list[bytes | int] = []
        for _ in range(count):
            code, length = FIELD.unpack_from(data, at)
            at += FIELD.size
            fields.append(code or data[at : at + length])
            at += length
        result[number] = (inode, fields)
    return result


def descriptors() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))


@pytest.fixture(scope="module")
def child() -> Iterator[int]:
    """A process with two threads, at rest."""
    code = "import threading, sys; threading.Thread(target=sys.stdin.read).start(); print('ready', flush=True)"
    with running([sys.executable, "-S", "-c", code], "ready") as (pid, _):
        yield pid


# -- verbs ------------------------------------------------------------------------------------------------------------


def test_that_hello_describes_the_host_that_is_read() -> None:
    words = dict(line.split("=", 1) for line in text_of(ask(Reader(), "hello")).decode().split("\n") if line)
    assert int(words["page_size"]) == os.sysconf("SC_PAGE_SIZE")
    assert int(words["uid"]) == os.geteuid()
    assert words["kernel"] == os.uname().release
    assert words["captured"] == "0"


def test_that_files_are_the_bytes_of_the_kernel_in_the_order_they_were_asked_for(child: int) -> None:
    names = ["maps", "oom_score_adj", "cmdline", "oom_score_adj", "limits"]
    frames = ask(Reader(), "files", str(child), ",".join(names))
    for tag, name in enumerate(names):
        assert text_of(frames, tag) == Path(f"/proc/{child}/{name}").read_bytes()
        assert file_end(frames, tag) == {"errno": "0", "alive": "1"}
    assert frames[-1].values()["errno"] == "0"


def test_that_the_files_of_a_thread_are_its_own(child: int) -> None:
    tid = next(int(tid) for tid in os.listdir(f"/proc/{child}/task") if int(tid) != child)
    frames = ask(Reader(), "files", str(child), "stat,maps", str(tid))
    assert text_of(frames, 0).startswith(b"%d (" % tid)
    assert text_of(frames, 1) == Path(f"/proc/{child}/maps").read_bytes()


def test_that_a_list_of_processes_is_in_order_of_pid_and_has_everybody(child: int) -> None:
    found = records_of(ask(Reader(), "processes", "limits,cmdline"), 2)
    assert list(found) == sorted(found)
    assert {child, os.getpid()} <= set(found)
    assert found[child][1] == [Path(f"/proc/{child}/{name}").read_bytes() for name in ("limits", "cmdline")]


def test_that_only_the_processes_that_were_named_are_listed(child: int) -> None:
    assert list(records_of(ask(Reader(), "processes", "stat", f"{child},{ME}"), 1)) == sorted([child, os.getpid()])


def test_that_threads_are_listed_in_order(child: int) -> None:
    found = records_of(ask(Reader(), "threads", str(child), "stat,limits"), 2)
    assert list(found) == sorted(map(int, os.listdir(f"/proc/{child}/task")))
    assert len(found) == 2


def test_that_a_process_that_does_not_exist_is_esrch() -> None:
    for verb, *arguments in (("files", "stat"), ("threads", "stat"), ("pages", "24", "1000-2000")):
        frames = ask(Reader(), verb, str((1 << 22) - 1), *arguments)
        assert [frame.number("errno") for frame in frames] == [errno.ESRCH]
    ((_, (_, fields)),) = records_of(ask(Reader(), "processes", "stat", str((1 << 22) - 1)), 1).items()
    assert fields == [errno.ENOENT]


def test_that_a_long_command_line_is_cut_in_a_list_and_whole_by_itself() -> None:
    words = ["x" * 1000] * 90
    code = "print('ready', flush=True); import sys; sys.stdin.read()"
    with running([sys.executable, "-S", "-c", code, *words], "ready") as (pid, _):
        ((_, (_, fields)),) = records_of(ask(Reader(), "processes", "stat,cmdline,cgroup,limits", str(pid)), 4).items()
        whole = text_of(ask(Reader(), "files", str(pid), "cmdline"))
        assert len(whole) > 90_000
        assert isinstance(fields[1], bytes)
        assert whole.startswith(fields[1])
        assert len(fields[1]) > 20_000
        assert fields[2] == Path(f"/proc/{pid}/cgroup").read_bytes()
        assert isinstance(fields[3], bytes)
        assert fields[3]


def test_that_a_file_too_long_for_a_list_says_so_and_is_not_cut(child: int) -> None:
    frames = ask(Reader(), "processes", ",".join(["smaps"] * 20), str(child))
    ((_, (_, fields)),) = records_of(frames, 20).items()
    assert errno.EFBIG in fields
    assert all(field == errno.EFBIG or (isinstance(field, bytes) and field.endswith(b" \n")) for field in fields)


def test_that_no_frame_is_longer_than_allowed() -> None:
    for part in Reader().answer(7, "processes", ("stat,status,cmdline,cgroup,limits",)):
        magic, version, _, request, _, length = HEADER.unpack_from(part)
        assert (magic, version, request) == (b"mv", reader.VERSION, 7)
        assert length == len(part) - HEADER.size <= FRAME


def test_that_followed_processes_are_told_in_order_and_one_that_has_gone_stays_gone(child: int) -> None:
    where = Reader()
    before = descriptors()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as brief:
        ask(where, "follow", f"{child},{brief.pid},{ME}")
        assert text_of(ask(where, "tick")).count(b"\n") == 3
        brief.kill()
        brief.wait()
    lines = text_of(ask(where, "tick")).split(b"\n")[:-1]
    assert lines[0].split()[0] == Path(f"/proc/{child}/statm").read_bytes().split()[0]
    assert lines[1] == b"-%d" % errno.ESRCH
    assert len(lines[2].split()) == 7
    ask(where, "follow", "")
    assert descriptors() == before
    assert text_of(ask(where, "tick")) == b""


def let_go(where: Reader) -> None:
    for pid in list(where._kept):
        where._let_go(pid)


def own_words(found: tuple[int, list[bytes | int]]) -> tuple[int, list[bytes]]:
    """stat and status but for SigQ, which counts the signals of all processes of that user."""
    inode, texts = found
    return inode, [re.sub(rb"SigQ:.*", b"", text) for text in texts if isinstance(text, bytes)]


def test_that_counters_are_those_of_a_list_each_time_anew(child: int) -> None:
    before, where = descriptors(), Reader()
    compared = 0
    while compared < 3:
        first = own_words(records_of(ask(where, "processes", "stat,status"), 2)[child])
        counted = records_of(ask(where, "counters"), 2)
        if own_words(records_of(ask(where, "processes", "stat,status"), 2)[child]) == first:  # it stood still meanwhile
            assert own_words(counted[child]) == first
            compared += 1
        assert list(counted) == sorted(counted)
        assert {child, os.getpid()} <= set(counted)
    let_go(where)
    assert descriptors() == before


def test_that_counters_let_go_of_who_has_ended() -> None:
    where = Reader()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as brief:
        assert brief.pid in records_of(ask(where, "counters"), 2)
        assert len(where._kept[brief.pid][1]) == 2
        brief.kill()
        brief.wait()
    assert brief.pid not in records_of(ask(where, "counters"), 2)
    assert brief.pid not in where._kept
    kept = sorted(fd for _, fds in where._kept.values() for fd in fds)
    led_to = [os.readlink(f"/proc/self/fd/{fd}") for fd in descriptors() if os.path.lexists(f"/proc/self/fd/{fd}")]
    assert len([path for path in led_to if path.endswith(("/stat", "/status"))]) == len(kept)
    let_go(where)


def test_that_counters_without_room_for_descriptors_are_read_all_the_same(
    child: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MOST_KEPT", 1)
    where = Reader()
    for _ in range(2):
        inode, (stat, status) = records_of(ask(where, "counters"), 2)[child]
        assert inode
        assert isinstance(stat, bytes)
        assert isinstance(status, bytes)
        assert stat.startswith(b"%d (" % child)
        assert status.endswith(b"\n")
        assert len(where._kept) == 1
    let_go(where)


def test_that_counters_too_long_for_one_read_come_whole(child: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LONGEST", 100)
    monkeypatch.setattr(reader, "SHORT", 50)
    _, (stat, status) = records_of(ask(Reader(), "counters"), 2)[child]
    assert isinstance(stat, bytes)
    assert isinstance(status, bytes)
    assert len(stat.split()) == len(Path(f"/proc/{child}/stat").read_bytes().split())
    assert len(status.split(b"\n")) == len(Path(f"/proc/{child}/status").read_bytes().split(b"\n"))


def test_that_users_are_told_by_name_and_one_without_a_name_is_left_out() -> None:
    assert text_of(ask(Reader(), "users", "0,4294967294")) == b"0=root"


def test_that_the_pidfd_inode_is_one_for_a_process_and_another_for_the_next(child: int) -> None:
    found = records_of(ask(Reader(), "processes", "stat", f"{child},{ME}"), 1)
    inodes = [inode for inode, _ in found.values()]
    assert inodes[0]
    assert ask(Reader(), "files", ME, "stat")[-1].number("inode") == found[os.getpid()][0]
    if os.uname().release >= "6.9" or int(os.uname().release.split(".")[0]) > 6:
        assert len(set(inodes)) == 2


def test_that_another_pid_namespace_in_proc_gives_no_inode_and_no_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.os, "readlink", lambda path, **_: "1")
    frames = ask(Reader(), "files", ME, "stat,ionice")
    assert frames[-1].number("inode") == 0
    assert file_end(frames, 1)["errno"] == str(errno.ENOSYS)


def test_that_a_process_is_left_alone_and_not_the_next_one_of_its_pid(child: int) -> None:
    where = Reader()
    inode = ask(where, "files", str(child), "stat")[-1].number("inode")

    def told(names: str) -> list[int]:
        frames = ask(where, "files", str(child), names)
        return [frame.number("errno") for frame in frames if frame.kind == FILE]

    where.quarantine[child] = (inode, time.monotonic(), reader.BLOCKING)
    assert told("maps,stat,cmdline") == [errno.ETIMEDOUT, 0, errno.ETIMEDOUT]
    ((_, (_, fields)),) = records_of(ask(where, "processes", "stat,cmdline", str(child)), 2).items()
    assert fields[1] == errno.ETIMEDOUT
    threads = records_of(ask(where, "threads", str(child), "stat,syscall"), 2)
    assert [fields[1] for _, fields in threads.values()] == [errno.ETIMEDOUT] * 2
    assert ask(where, "pages", str(child), "24", "1000-2000")[-1].number("errno") == errno.ETIMEDOUT
    if inode:
        where.quarantine[child] = (inode + 1, time.monotonic(), reader.BLOCKING)
        assert told("maps,stat,cmdline") == [0, 0, 0]
    where.quarantine[child] = (inode, time.monotonic() - reader.QUARANTINE, reader.BLOCKING)
    assert told("maps,stat,cmdline") == [0, 0, 0]


@pytest.mark.parametrize(
    "request_",
    [
        ("nonsense",), ("files",), ("files", "x", "stat"), ("files", ME, "mem"), ("files", ME, "../1/stat"),
        ("files", ME, "stat,environ"), ("files", ME, "stat", "x"), ("files", ME, "stat", "1", "2"), ("files", ME, ""),
        ("processes",), ("processes", "maps/../mem"), ("processes", "stat", "1,x"), ("threads", ME),
        ("host", "shadow"), ("host", "../etc/shadow"), ("host", ""), ("users", "root"), ("users", "1,"),
        ("cgroup", "3", "", "cgroup.procs"), ("cgroup", "2", "zz", "cgroup.procs"),
        ("cgroup", "2", "2e2e", "cgroup.procs"),
        ("cgroup", "2", "", "memory.stat/../../x"), ("cgroup", "2", "", "cpu.stat"), ("cgroup", "2", "", ""),
        ("pages", ME, "x", "1000-2000"), ("pages", ME, "8", "1001-2000"), ("pages", ME, "8", "2000-1000"),
        ("pages", ME, "8", "1000-2000,1000-2000"), ("pages", ME, "8", "1000"), ("pages", ME, "8", ""),
        ("pages", ME, "8", "1000-2000", "guess"), ("pages", ME, "8", "-1000-2000"), ("follow", "x"), ("tick", "1"),
        ("hello", "you"), ("answer", "1"), ("_list", "1"), ("__init__",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_that_a_request_that_makes_no_sense_is_refused_and_nothing_is_read(request_: tuple[str, ...]) -> None:
    before = descriptors()
    frames = ask(Reader(), *request_)
    assert [frame.kind for frame in frames] == [END]
    assert frames[0].number("errno") in (errno.EINVAL, errno.ENOENT)
    assert descriptors() == before


@pytest.mark.parametrize(
    ("version", "line", "mounts"),
    [("2", "0::", ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")), ("1", ":memory:", ("/sys/fs/cgroup/memory",))],
)
def test_that_control_groups_are_read_below_their_mount(version: str, line: str, mounts: tuple[str, ...]) -> None:
    marker = "cgroup.controllers" if version == "2" else "memory.stat"
    mount = next((mount for mount in mounts if os.path.exists(f"{mount}/{marker}")), None)
    found = [text.partition(line)[2] for text in Path("/proc/self/cgroup").read_text().split("\n") if line in text]
    if mount is None or not found or not os.path.isdir(mount + found[0]):
        pytest.skip(f"no control groups of version {version} here")
    frames = ask(Reader(), "cgroup", version, found[0].encode().hex(), "cgroup.procs,ls")
    assert frames[-1].number("errno") == 0
    assert ME.encode() in text_of(frames, 0).split(b"\n")
    folders = [entry.name for entry in Path(mount + found[0]).iterdir() if entry.is_dir()]
    assert text_of(frames, 1).decode().split("\n") == (sorted(folders) or [""])


def test_that_a_worker_is_stuck_only_when_it_neither_works_nor_waits_for_the_other_side(child: int) -> None:
    worker = reader.Worker.__new__(reader.Worker)
    worker.pid, worker.stall, worker.progress = child, 1.0, reader.new_progress()
    worker.frames, worker.worked, worker.heard = 0, 1e9, 100.0  # the child rests: it uses no CPU
    assert not worker.is_stuck(100.9)
    assert worker.is_stuck(101.1)
    worker.progress[reader.SENDING] = 1
    assert not worker.is_stuck(102.0)
    worker.progress[reader.SENDING] = 0
    assert not worker.is_stuck(102.9)
    worker.progress[reader.FRAMES] = 1
    assert not worker.is_stuck(104.0)
    assert worker.is_stuck(105.1)
    worker.worked = -1.0
    assert not worker.is_stuck(105.2)


# -- captured trees ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A captured tree of process 7, in which every other thing is a lie."""
    home = tmp_path / "proc" / "7"
    home.mkdir(parents=True)
    (home / "stat").write_text("7 (x) S 1\n")
    (home / "statm").write_text("1 2 3 4 5 6 7\n")
    (home / "maps").symlink_to("/proc/self/maps")
    os.mkfifo(home / "smaps")
    (home / "status").mkdir()
    (home / "cmdline").write_bytes(b"")
    (home / "task").symlink_to("/proc/self/task")
    (tmp_path / "proc" / "8").symlink_to("/proc/self")
    (tmp_path / "proc" / "9").write_text("no directory")
    (tmp_path / "proc" / "\u00b2").mkdir()
    (tmp_path / "proc" / "meminfo").symlink_to("/proc/meminfo")
    (tmp_path / "proc" / "self").symlink_to("/proc/self")
    return tmp_path


def test_that_nothing_of_a_captured_tree_leads_out_of_it_or_waits(tree: Path) -> None:
    where = Reader(str(tree))
    names = ["stat", "maps", "smaps", "status", "cmdline", "limits", "ionice", "cgroup"]
    frames = ask(where, "files", "7", ",".join(names))
    codes = {name: int(file_end(frames, tag)["errno"]) for tag, name in enumerate(names)}
    assert codes == {
        "stat": 0, "maps": errno.ELOOP, "smaps": errno.EINVAL, "status": errno.EISDIR, "cmdline": 0,
        "limits": errno.ENOENT, "ionice": errno.ENOSYS, "cgroup": errno.ENOENT,
    }  # fmt: skip
    assert frames[-1].values() == {"errno": "0", "inode": "0"}
    assert ask(where, "files", "8", "stat")[-1].number("errno") in (errno.ELOOP, errno.ENOTDIR)
    assert ask(where, "threads", "7", "stat")[-1].number("errno") in (errno.ELOOP, errno.ENOTDIR)
    host = ask(where, "host", "meminfo,reader_status,vmstat")
    assert [file_end(host, tag)["errno"] for tag in range(3)] == [
        str(errno.ELOOP), str(errno.ENOTDIR), str(errno.ENOENT)
    ]  # fmt: skip


def test_that_a_captured_tree_lists_what_it_has_and_says_of_the_rest_why_not(tree: Path) -> None:
    found = records_of(ask(Reader(str(tree)), "processes", "stat,statm"), 2)
    assert found[7] == (0, [b"7 (x) S 1\n", b"1 2 3 4 5 6 7\n"])
    assert set(found) == {7, 8, 9}
    assert all(isinstance(field, int) for number in (8, 9) for field in found[number][1])


def test_that_a_captured_tree_takes_nothing_from_this_host(tree: Path) -> None:
    where = Reader(str(tree))
    assert text_of(ask(where, "users", "0")) == b""
    assert ask(where, "pages", "7", "8", "1000-2000")[-1].number("errno") == errno.EOPNOTSUPP
    words = text_of(ask(where, "hello"))
    assert b"captured=1" in words
    assert b"kernel" not in words
    assert b"page_size" not in words


def test_that_a_captured_proc_may_be_named_itself(tree: Path) -> None:
    assert text_of(ask(Reader(str(tree / "proc")), "files", "7", "stat")) == b"7 (x) S 1\n"
    assert list(records_of(ask(Reader(str(tree / "proc")), "processes", "stat"), 1)) == [7, 8, 9]


def test_that_a_device_in_a_captured_tree_is_not_read(tree: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes device files")
    try:
        os.mknod(tree / "proc" / "7" / "limits", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no device files may be made here")
    frames = ask(Reader(str(tree)), "files", "7", "limits")
    assert file_end(frames)["errno"] in (str(errno.EINVAL), str(errno.EACCES))
    assert text_of(frames) == b""


def test_that_the_followed_of_a_captured_tree_are_a_line_each_whatever_their_files_hold(tree: Path) -> None:
    (tree / "proc" / "9").unlink()
    for pid, text in ((9, ""), (10, "1 2\n3 4\n"), (11, "1 2 3")):
        (tree / "proc" / str(pid)).mkdir()
        (tree / "proc" / str(pid) / "statm").write_text(text)
    where = Reader(str(tree))
    ask(where, "follow", "9,10")
    assert text_of(ask(where, "tick")) == b"-5\n-5\n"
    ask(where, "follow", "7,9,10,11,12")
    lines = text_of(ask(where, "tick")).split(b"\n")
    assert lines == [b"1 2 3 4 5 6 7", b"-5", b"-5", b"-5", b"-3", b""]
    ask(where, "follow")


# -- the failure of every system call ---------------------------------------------------------------------------------

SYSTEM_CALLS = frozenset(
    "open read readv pread lseek close dup stat fstat listdir scandir readlink pidfd_open ioctl".split()
)


class Failing:
    """A module whose system calls work, but for the one that is number `at` of all that are counted."""

    def __init__(self, module: Any, tally: Tally) -> None:  # stands for a module
        self._module, self._tally = module, tally

    def __getattr__(self, name: str) -> Any:  # as above
        real = getattr(self._module, name)
        return self._tally.counted(name, real) if name in SYSTEM_CALLS else real


class Tally:
    def __init__(self, at: int, code: int) -> None:
        self.at, self.code, self.calls = at, code, 0
        self.failed = ""
        self.thread = threading.get_ident()

    def counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **options: object) -> object:
            self.calls += 1
            if self.calls != self.at:
                return real(*arguments, **options)
            self.failed = name
            if name == "close":
                real(*arguments, **options)  # as the kernel does: the descriptor is closed in any case
            raise OSError(self.code, os.strerror(self.code))

        return call


def requests_of(child: int) -> list[tuple[str, ...]]:
    heap = "1000-2000"
    if child:
        lines = Path(f"/proc/{child}/maps").read_text().split("\n")
        heap = next(line.split()[0] for line in lines if line.endswith("[heap]"))
    return [
        ("hello",),
        ("host", "boot_id,meminfo,ptrace_scope"),
        ("cgroup", "2", "", "cgroup.procs,ls"),
        ("users", "0"),
        ("processes", "stat,cmdline,ionice,smaps_rollup", f"{child},{ME}"),
        ("processes", "statm"),
        ("counters",),
        ("threads", str(child), "stat,syscall,ionice"),
        ("files", str(child), "maps,smaps,stat,ionice,cmdline,syscall"),
        ("files", str(child), "stat", str(child)),
        ("follow", f"{child},{ME}"),
        ("tick",),
        ("pages", str(child), "316", heap),
        ("pages", str(child), "316", heap, "pagemap"),
    ]


@pytest.mark.parametrize("code", [errno.ENOENT, errno.ESRCH, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("verb", range(14), ids=[request[0] + str(n) for n, request in enumerate(requests_of(0))])
@pytest.mark.parametrize("captured", [False, True], ids=["live", "captured"])
def test_that_the_failure_of_any_system_call_ends_in_one_end_and_no_leak(
    child: int, tree: Path, monkeypatch: pytest.MonkeyPatch, code: int, verb: int, captured: bool
) -> None:
    request = requests_of(0 if captured else child)[verb]
    if captured:
        request = tuple("7" if word == "0" else word.replace("0,", "7,") for word in request)
    root = str(tree) if captured else "/"
    most = 60 if request in (("processes", "statm"), ("counters",)) else 10_000  # a few processes are like all of them
    failed = []
    before = descriptors()
    for at in itertools.count(1):
        where = Reader(root)
        if request[0] == "tick":
            ask(where, "follow", f"{child},{ME}")
        tally = Tally(at, code)
        with monkeypatch.context() as patch:
            patch.setattr(reader, "os", Failing(os, tally))
            patch.setattr(reader, "fcntl", Failing(reader.fcntl, tally))
            frames = ask(where, *request)
        ask(where, "follow")
        let_go(where)
        assert descriptors() == before, f"{tally.failed} number {at} left a descriptor open"
        assert [frame.kind for frame in frames].count(END) == 1
        assert frames[-1].kind == END
        assert set(frames[-1].values()) <= {"errno", "inode", "rest"}
        if not tally.failed or at > most:
            break
        failed.append(tally.failed)
    if request[0] not in ("hello", "users") and not (captured and request[0] in ("pages", "tick")):
        assert failed, "no call was made at all"
    assert len(failed) < most + 2


def test_that_the_answer_after_a_failure_is_like_the_one_before(child: int, monkeypatch: pytest.MonkeyPatch) -> None:
    where = Reader()
    first = ask(where, "files", str(child), "maps,limits")
    for at in range(1, 30):
        with monkeypatch.context() as patch:
            patch.setattr(reader, "os", Failing(os, Tally(at, errno.EIO)))
            ask(where, "files", str(child), "maps,limits")
    assert ask(where, "files", str(child), "maps,limits") == first


# -- the Pythons it runs on -------------------------------------------------------------------------------------------


def pythons() -> list[str]:
    found = {sys.executable}
    for version in range(9, 20):
        for folder in [*os.environ.get("PATH", "").split(":"), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]:
            candidate = f"{folder}/python3.{version}"
            if os.access(candidate, os.X_OK):
                with open(candidate, "rb") as file:
                    if file.read(4) == b"\x7fELF":
                        found.add(os.path.realpath(candidate))
    return sorted(found)


@pytest.mark.parametrize("python", pythons())
def test_that_the_reader_runs_on_every_python_that_is_here(python: str) -> None:
    version = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info >= (3, 9))"], capture_output=True, check=True
    )
    if version.stdout.strip() != b"True":
        pytest.skip(f"{python} is older than Python 3.9")
    with subprocess.Popen(
        [python, "-I", "-S", reader.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        requests = [("hello",), ("processes", "stat,ionice"), ("files", ME, "smaps,stat,ionice"), ("users", "0"),
                    ("pages", ME, "316", f"0-{0x7FFF_FFFF_F000:x}"), ("follow", ME), ("tick",)]  # fmt: skip
        for number, request in enumerate(requests, 1):
            process.stdin.write(f"{number} {' '.join(request)}\n".encode())
        process.stdin.flush()
        ended, texts = {}, dict.fromkeys(range(1, len(requests) + 1), 0)
        while len(ended) < len(requests):
            head = process.stdout.read(HEADER.size)
            assert len(head) == HEADER.size, process.stderr.read().decode()
            _, _, kind, number, tag, length = struct.unpack("!2sBBIII", head)
            frame = Frame(kind, tag, process.stdout.read(length))
            if kind == END:
                ended[number] = frame.number("errno")
            elif kind == DATA:
                texts[number] += length
        process.stdin.close()
        assert process.wait(5) == 0
        assert process.stderr.read() == b""
    assert ended == dict.fromkeys(range(1, len(requests) + 1), 0)
    assert all(texts.values())
