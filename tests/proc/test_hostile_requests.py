"""Requests that memviz never sends: refused with an error before anything is opened, however many there are.

A reader in a process of its own, as it is started for real, with an audit hook that writes the name of everything it
opens or lists to standard error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memviz.proc import reader
from memviz.proc.reader import END, HEADER

pytestmark = pytest.mark.live
ME = str(os.getpid())
PATIENCE = 60.0  # seconds after which a reader that says nothing is taken to hang

AUDITED = """
import os, sys
sys.path.append(sys.argv[1])
import pwd, reader
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.chdir", "os.exec", "subprocess.Popen", "ctypes.dlopen"):
        name = arguments[0] if arguments else ""
        if not isinstance(name, int):
            os.write(2, os.fsencode(name or "") + b"\\n")
confine = getattr(reader, "confine", None)
if confine is not None:
    done = confine()
    reader.confine = lambda: done
sys.addaudithook(watch)
reader.main()
"""


class Raw:
    """A reader to which any bytes may be sent."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", AUDITED, os.path.dirname(reader.__file__)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.number, self.buffer = 0, b""

    def frame(self) -> tuple[int, int, bytes]:
        """Kind, request and payload of the next frame."""
        while True:
            if len(self.buffer) >= HEADER.size:
                _, _, kind, request, _, length = HEADER.unpack_from(self.buffer)
                if len(self.buffer) >= HEADER.size + length:
                    payload = self.buffer[HEADER.size : HEADER.size + length]
                    self.buffer = self.buffer[HEADER.size + length :]
                    return kind, request, payload
            assert select.select([self.process.stdout], [], [], PATIENCE)[0], "the reader says nothing"
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                raise EOFError
            self.buffer += data

    def end(self) -> tuple[int, int]:
        """Request and errno of the next END frame."""
        while True:
            kind, request, payload = self.frame()
            if kind == END:
                return request, int(re.findall(rb"errno=(\d+)", payload)[0])

    def opened(self) -> list[str]:
        try:
            return os.fsdecode(os.read(self.process.stderr.fileno(), 1 << 16)).split("\n")[:-1]
        except BlockingIOError:
            return []

    def ask(self, words: bytes) -> tuple[int, list[str]]:
        """The errno of an answer, and what was opened for it."""
        self.number += 1
        os.write(self.process.stdin.fileno(), b"%d %s\n" % (self.number, words))
        _, code = self.end()
        return code, self.opened()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def raw() -> Iterator[Raw]:
    with contextlib.closing(Raw()) as started:
        yield started


@pytest.fixture(scope="module")
def shared_raw() -> Iterator[Raw]:
    with contextlib.closing(Raw()) as started:
        yield started


# -- one by one -------------------------------------------------------------------------------------------------------

BAD_PIDS = [
    "-1", "-0", "0", "+1", "--1", "1_0", "1.0", "0x1", "1e3", "self", "thread-self", "..", ".", "1/../2", "../etc", "/",
    "*", "$$", "-4194304", "4194305", "4294967297", "99999999999999999999", "9" * 5000, "1\0", "\0", "1\t", "1\r",
    "\x7f", "1,1;", "None", "nan", "1:1", "~", "%31",
]  # fmt: skip
BAD_NAMES = [
    "", ",", "stat,", ",stat", "STAT", "stat\0", "stat%00", "./stat", "../stat", "stat/../mem", "task/1/mem", "stat/",
    "*", "/etc/shadow", "../../etc/shadow", "....//stat", "maps\tsmaps", "stat;smaps", "numa_maps", "wchan", "environ",
    "mem", "exe", "cwd", "root", "fd", "fd/0", "ns/pid", "map_files", "clear_refs", "attr/current", "~/.ssh/id_rsa",
    ",".join(["stat"] * 65), ",".join(["smaps"] * 100_000),
]  # fmt: skip
BAD_UIDS = ["", "root", "-1", "4294967296", "1,,2", "0x0", "1_0", "+0", "0\0", "0,", ",0", "9" * 5000]
BAD_RANGES = [
    "", "-", "1000", "1000-", "-1000", "1000-2000-3000", "0x1000-0x2000", "1_000-2_000", "+1000-2000", "2000-1000",
    "1001-2000", "1000-2001", "1000-2000,", "1000-3000,2000-4000", "g000-h000", "1000\0-2000", "A000-B000",
    "0-10000000000001000", "f" * 400 + "-" + "f" * 400, "1000-2000;3000-4000", "..-..",
]  # fmt: skip
BAD_GROUPS = ["..", "../..", "a/..", "a/../b", "/../etc", "a/b/../../..", "x\0", "\0/etc", "a/\0/b"]
BAD_GROUP_FILES = [
    *("", ",", "ls,", "..", "../cgroup.procs", "memory.stat/../x", "/etc/shadow", "memory.", "memory.x", "cgroup.kill"),
    *("memory.reclaim", "memory.stat\0", "cpu.stat", "cgroup.subtree_control", "memory.force_empty", "ls/", "LS"),
    *("memory.pressure_level", "cgroup.event_control", "notify_on_release", "tasks", ",".join(["ls"] * 65)),
]
BAD_HOST_FILES = [
    *(
        "",
        ",",
        "shadow",
        "../etc/shadow",
        "proc/meminfo",
        "/proc/meminfo",
        "meminfo,",
        "MEMINFO",
        "kcore",
        "kmsg",
        "keys",
    ),
    *("meminfo\0", "sys", "self", "kallsyms", "host_stat", "config.gz", "vmstat/..", ",".join(["meminfo"] * 65)),
]
NOT_VERBS = [
    *("", "nonsense", "answer", "__init__", "_open", "_whole", "VERBS", "Hello", "hello\0", "open", "eval", "exec"),
    *("memory", "read", "kill", "write", "files,", "files\t" + ME, "..", "/", "quit", "has_same_pids"),
]


def hostile() -> list[bytes]:
    """Every verb with every wrong word in every place of it."""
    others = [name for name in sorted(os.listdir(f"/proc/{ME}")) if name not in reader.PROCESS_FILES]
    names = [*BAD_NAMES, *others]
    lines = [f"files {pid} stat" for pid in BAD_PIDS] + [f"files {ME} {name}" for name in names]
    lines += [f"files {ME} stat,{name}" for name in others] + [f"files {ME} maps {tid}" for tid in BAD_PIDS]
    lines += [f"threads {pid} stat" for pid in BAD_PIDS] + [f"threads {ME} {name}" for name in names]
    lines += [f"processes {name}" for name in names] + [f"processes {name} {ME}" for name in others]
    lines += [f"processes stat {pids}" for pid in BAD_PIDS for pids in (pid, f"{ME},{pid}", f"{pid},{ME}")]
    lines += [f"follow {pids}" for pid in BAD_PIDS for pids in (pid, f"{ME},{pid}")]
    lines += [f"follow {','.join([ME] * 20_000)}"]
    lines += [f"pages {pid} 24 1000-2000" for pid in BAD_PIDS]
    lines += [f"pages {ME} 24 1000-2000 scan {tid}" for tid in BAD_PIDS]
    lines += [
        f"pages {ME} {mask} 1000-2000" for mask in ("", "-1", "x", "0x8", "1_8", "18446744073709551616", "9" * 5000)
    ]
    lines += [f"pages {ME} 24 {ranges}" for ranges in BAD_RANGES]
    lines += [f"pages {ME} 24 1000-2000 {how}" for how in ("guess", "SCAN", "mem", "..", "scan,pagemap", "scan\0")]
    lines += [f"users {ids}" for ids in BAD_UIDS]
    lines += [f"host {name}" for name in BAD_HOST_FILES]
    lines += [f"cgroup {version} 2f ls" for version in ("", "0", "3", "-1", "2/..", "1,2", "v2", "2\0")]
    lines += [f"cgroup {version} {path.encode().hex()} ls" for version in "12" for path in BAD_GROUPS]
    lines += [f"cgroup 2 {path} ls" for path in ("zz", "2", "2f2", "..", "/", "0x2f", "2f\0")]
    lines += [f"cgroup {version} 2f {name}" for version in "12" for name in BAD_GROUP_FILES]
    lines += [
        f"{verb} x y z u v" for verb in ("hello", "counters", "tick", "host", "users", "cgroup", "files", "threads")
    ]
    lines += [f"{verb}{words}" for verb in NOT_VERBS for words in ("", f" {ME}", f" {ME} stat")]
    lines += ["files", f"files {ME}", "threads", f"threads {ME}", "processes", "pages", f"pages {ME}", "users", "host"]
    return [line.encode() for line in lines]


HOSTILE = hostile()


def test_that_hostile_requests_are_refused_and_nothing_is_opened(raw: Raw) -> None:
    assert len(HOSTILE) >= 200
    wrong = []
    for line in HOSTILE:
        code, opened = raw.ask(line)
        if opened or code not in (errno.EINVAL, errno.ESRCH, errno.E2BIG):
            wrong.append(f"{line[:60]!r}: errno {code}, opened {opened[:4]}")
    assert not wrong, f"{len(wrong)} of {len(HOSTILE)}:\n" + "\n".join(wrong)
    assert raw.ask(f"files {ME} stat".encode()) == (0, [f"/proc/{ME}", "stat"])  # the hook sees what is opened


@pytest.mark.parametrize("start", [b"", b"-1", b"x", b"4294967296", b"\xff", b"1.5", b"1" * 5000, "\u0661".encode()])
def test_that_a_request_without_a_proper_number_is_refused(raw: Raw, start: bytes) -> None:
    for rest in (b" hello", b"", b" files 1 stat", b" \xff", b" host meminfo"):
        os.write(raw.process.stdin.fileno(), start + rest + b"\n")
        assert raw.end() == (0, errno.EINVAL)
        assert raw.opened() == []


VALID = [
    f"files {ME} stat,maps", f"files {ME} smaps {ME}", f"processes stat,status {ME}", f"threads {ME} stat",
    f"pages {ME} 24 1000-2000", f"follow {ME}", "host meminfo,swaps", "users 0", "cgroup 2 2f memory.stat,ls",
]  # fmt: skip
PIECES = [
    "..",
    "/",
    "../",
    "\0",
    "-",
    ",",
    " ",
    "0",
    "9",
    "mem",
    "environ",
    "etc/shadow",
    "self",
    "root",
    "2e2e",
    "\t",
    ".",
]
OPENED = re.compile(
    r"/proc(/\d+)?|task|\d+|<fd>|(task/\d+/)?(pagemap|statm|{files})|/({host})|/sys/fs/cgroup[^\0]*|{groups}".format(
        files="|".join(map(re.escape, sorted(reader.PROCESS_FILES))),
        host="|".join(map(re.escape, sorted(reader.HOST_FILES.values()))),
        groups="|".join(map(re.escape, sorted(reader.CGROUP_FILES))),
    )
)


@given(
    valid=st.sampled_from(VALID),
    edits=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.sampled_from(PIECES)), min_size=1, max_size=4),
)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_whatever_is_asked_only_what_memviz_reads_is_opened(
    shared_raw: Raw, valid: str, edits: list[tuple[int, int, str]]
) -> None:
    line = valid
    for at, length, piece in edits:
        line = line[:at] + piece + line[at + length :]
    _, opened = shared_raw.ask(line.encode())
    strange = [name for name in opened if not OPENED.fullmatch(name) or ".." in name.split("/")]
    assert not strange, line


# -- many at once -----------------------------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_that_a_flood_is_served_by_few_workers_and_refused_where_it_is_too_much(raw: Raw) -> None:
    count, most = 1000, 0
    os.set_blocking(raw.process.stdin.fileno(), False)
    lines = b"".join(b"%d files %s smaps,maps\n" % (number, ME.encode()) for number in range(1, count + 1))
    codes: dict[int, int] = {}
    deadline = time.monotonic() + PATIENCE
    while lines and time.monotonic() < deadline:  # nobody reads the answers: the workers wait with theirs
        with contextlib.suppress(BlockingIOError):
            lines = lines[os.write(raw.process.stdin.fileno(), lines) :]
        most = max(most, len(children_of(raw.process.pid)))
        if not select.select([], [raw.process.stdin], [], 0.5)[1]:
            break
    os.set_blocking(raw.process.stdin.fileno(), True)
    while len(codes) < count:
        if lines:
            lines = lines[os.write(raw.process.stdin.fileno(), lines[:512]) :]
        most = max(most, len(children_of(raw.process.pid)))
        request, code = raw.end()
        codes[request] = code
    assert set(codes.values()) == {0, errno.EAGAIN}
    assert most <= reader.MOST_WORKERS
    assert list(codes.values()).count(0) >= reader.MOST_WAITING
    assert raw.ask(b"hello")[0] == 0


def test_that_waiting_requests_can_be_cancelled(raw: Raw) -> None:
    """More than there are workers, all cancelled: the next request is answered as if there had been none."""
    numbers = range(1, 201)
    text = b"".join(b"%d files %s smaps\n" % (number, ME.encode()) for number in numbers)
    text += b"".join(b"%d cancel\n" % number for number in numbers)
    os.write(raw.process.stdin.fileno(), text)
    os.write(raw.process.stdin.fileno(), b"999 hello\n")
    while raw.end()[0] != 999:
        pass
    assert children_of(raw.process.pid) == []


def test_that_a_request_without_an_end_ends_the_reader(raw: Raw) -> None:
    with contextlib.suppress(BrokenPipeError):
        for _ in range(reader.LONGEST_REQUEST // (1 << 16) + 16):
            os.write(raw.process.stdin.fileno(), b"1" * (1 << 16))
    assert raw.process.wait(PATIENCE) == 0
    assert raw.opened() == []


# -- the end of the asking side ---------------------------------------------------------------------------------------

CLIENT = """
import os, subprocess, sys
end = subprocess.Popen([sys.executable, "-I", "-S", "-B", "-c", sys.argv[1]], bufsize=0,
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for number in range(int(sys.argv[2])):
    os.write(end.stdin.fileno(), b"%d %s\\n" % (number + 1, sys.argv[3].encode()))
print("ready", end.pid, flush=True)
input()
"""
READER = f"import sys;sys.path.append({os.path.dirname(reader.__file__)!r});import reader;reader.main()"


@pytest.mark.parametrize(
    ("count", "request_"),
    [
        (0, "hello"),
        (1, "hello"),
        (1, "processes stat,status"),
        (30, f"files {ME} smaps"),
        (300, f"files {ME} smaps,maps"),
    ],
)
def test_that_a_reader_and_its_workers_end_when_the_one_who_asks_is_killed(count: int, request_: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, READER, str(count), request_], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdout is not None
        pid = int(client.stdout.readline().split()[1])
        family = os.pidfd_open(pid)
        client.kill()
    try:
        assert select.select([family], [], [], PATIENCE)[0], "the reader goes on without anybody"
    finally:
        os.close(family)


def test_that_a_reader_ends_when_nobody_can_read_its_answers(raw: Raw) -> None:
    raw.process.stdout.close()
    assert raw.process.wait(PATIENCE) == 0
