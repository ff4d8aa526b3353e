"""The reader: the only program of memviz that opens anything under /proc or /sys.

One file, standard library only, Python 3.9 or later, so that it can be run by path (`python3 -I -S reader.py`), sent
over standard input to another host or through sudo, or used in-process on a captured tree. It answers requests with
the kernel's own bytes and errno values. It parses nothing, writes nothing, opens no path that a target names (`named`
looks names up), and never uses ptrace.

A request is one line: `ID VERB ARGUMENT ...`. An answer is a sequence of frames (HEADER, then at most FRAME bytes):
DATA (bytes of the file or list numbered `tag`), FILE (that file has ended: `errno=0 alive=1`), END (the answer has
ended: `errno=0 inode=N ...`), and BEAT (nothing yet, still at work). `ID cancel` ends a request without an END.

What can sleep for ever in the kernel runs in a forked worker. A worker that neither sends nor uses CPU for STALL
seconds is killed and its target left alone for QUARANTINE seconds; one that cannot be killed is abandoned and counted.
Everybody else is served meanwhile.

Before the first request `confine` gives up for good what reading does not need. A request that is not exactly of the
form that memviz sends is refused before anything is opened. The reader ends when its requests do, and when nobody is
left to read its answers.
"""

from __future__ import annotations

import array
import errno
import fcntl
import mmap
import os
import resource
import select
import signal
import stat
import struct
import sys
import time

TYPE_CHECKING = False  # typing would cost a third of the time in which this program starts
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import ClassVar, NoReturn

    Part = bytes | memoryview  # a frame as it is sent; a memoryview is good until the next one is asked for
    Answer = Generator[Part, None, dict[str, int | str]]  # frames, then what END says
    Progress = memoryview[int] | array.array[int]

VERSION = 1
MAGIC = b"mv"
HEADER = struct.Struct("!2sBBIII")  # magic, version, kind, request, tag, length of the payload
DATA, FILE, END, BEAT = 1, 2, 3, 4
FRAME = 65536
SHORT = 2048  # bytes: a first read of less than this was the whole file
LONGEST = 16384  # bytes of a first read
COUNTERS = ("stat", "status")  # nothing that can block
MOST_KEPT = 2048  # processes whose counters stay open: each takes about 10 KiB of the kernel's memory
MOST_FOLLOWED = 16384  # processes whose statm stays open
MOST_WORKERS = 64  # at once
MOST_ABANDONED = 32  # workers; with more, requests that need a worker are refused with EAGAIN
MOST_WAITING = 256  # requests that wait for a worker; further ones are refused with EAGAIN
MOST_FILES = 64  # files of one process, or of one control group, in one request
LONGEST_REQUEST = 4 << 20  # bytes; also of all requests that wait
MOST_NAMES, LONGEST_NAME = 256, 4096 + 16  # names of files in one request; PATH_MAX and what the kernel adds
LARGEST_PID = 1 << 22  # PID_MAX_LIMIT of the kernel
RECORD = struct.Struct("!IQ")  # pid or tid, pidfd inode (0: none)
FIELD = struct.Struct("!iI")  # errno, length
MAKES_NO_SENSE = (LookupError, ValueError, TypeError, OverflowError, struct.error)

STALL = 2.0  # seconds without bytes and without CPU time: stuck, not slow
SHORTEST_STALL = 0.5  # each further one within a request is recognised in half the time, down to this
QUARANTINE = 30.0
# The capabilities that a privileged reader keeps, as numbered in linux/capability.h. CAP_SYS_PTRACE: maps, smaps,
# pagemap, syscall, and processes that hidepid hides. CAP_DAC_READ_SEARCH: the mode of pagemap and syscall lets only the
# user of the process open them. CAP_PERFMON (Linux 6.15): maps and smaps, where there is no CAP_SYS_PTRACE.
# CAP_CHECKPOINT_RESTORE (Linux 5.9): map_files, which tells the size of a mapped file.
CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_CHECKPOINT_RESTORE = 1 << 2, 1 << 19, 1 << 38, 1 << 40
# It writes to pipes only. RLIMIT_NPROC is left out: it does not bind root, and counts all processes of a user.
LIMITS = (
    (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 1 << 16),
    (resource.RLIMIT_AS, 1 << 30),
)  # fmt: skip
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: two words of each of three sets

ALARM = 120.0  # ends a stuck worker for the day when the server that watches it has died

# Reading these can wait for a lock of the target (its map's, its exec's) or for its pages; the others are counters.
BLOCKING = frozenset("maps smaps smaps_rollup cmdline syscall".split())
# A descriptor of these belongs to one address space: after an exec or exit it gives no more bytes from the start.
OF_ONE_ADDRESS_SPACE = frozenset(("maps", "smaps"))
NOTHING: frozenset[str] = frozenset()
# Here and below: what memviz asks for and nothing else; a test compares.
PROCESS_FILES = BLOCKING | frozenset("stat statm status limits cgroup oom_score oom_score_adj schedstat ionice".split())
HOST_FILES = {
    "boot_id": "proc/sys/kernel/random/boot_id",
    "meminfo": "proc/meminfo",
    "vmstat": "proc/vmstat",
    "swaps": "proc/swaps",
    "loadavg": "proc/loadavg",
    "uptime": "proc/uptime",
    "reader_status": "proc/self/status",
    "reader_mounts": "proc/self/mounts",
    "pressure_memory": "proc/pressure/memory",
    "pressure_cpu": "proc/pressure/cpu",
    "pressure_io": "proc/pressure/io",
    "max_map_count": "proc/sys/vm/max_map_count",
    "overcommit_memory": "proc/sys/vm/overcommit_memory",
    "overcommit_ratio": "proc/sys/vm/overcommit_ratio",
    "swappiness": "proc/sys/vm/swappiness",
    "ptrace_scope": "proc/sys/kernel/yama/ptrace_scope",
    "thp_enabled": "sys/kernel/mm/transparent_hugepage/enabled",
}
# Where control groups of version 2 and 1 are mounted, and the file that is there when they are
CGROUPS = {
    "2": (("sys/fs/cgroup", "sys/fs/cgroup/unified"), "cgroup.controllers"),
    "1": (("sys/fs/cgroup/memory",), "memory.stat"),
    "freezer": (("sys/fs/cgroup/freezer",), "cgroup.procs"),
}
CGROUP_FILES = frozenset(
    (
        "ls cgroup.procs cgroup.events cgroup.sane_behavior freezer.state memory.stat memory.current memory.peak "
        "memory.max memory.high memory.low memory.min memory.oom.group memory.swap.current memory.swap.peak "
        "memory.swap.max memory.swap.high memory.zswap.current memory.zswap.max memory.events memory.pressure "
        "memory.usage_in_bytes memory.max_usage_in_bytes memory.limit_in_bytes memory.soft_limit_in_bytes "
        "memory.memsw.usage_in_bytes memory.memsw.max_usage_in_bytes memory.memsw.limit_in_bytes "
        "memory.kmem.usage_in_bytes memory.kmem.limit_in_bytes memory.kmem.tcp.usage_in_bytes memory.failcnt "
        "memory.oom_control memory.swappiness memory.use_hierarchy"
    ).split()
)

# struct pm_scan_arg of include/uapi/linux/fs.h: 96 bytes, twelve u64 (Linux 6.7)
PAGEMAP_SCAN = 0xC0606610
PRESENT_OR_SWAPPED = 1 << 3 | 1 << 4
FIRST_CATEGORIES = 0xFF  # those of Linux 6.7; a kernel refuses a mask with a bit that it does not know
SCAN_RUNS = 512  # above this the kernel returns some runs twice
SCAN_STRIDE = 4 << 30  # bytes a call: bounds how long the lock of the target's map is held
LONGEST_STRIDE = 16 << 30  # where nothing has been found
PAGEMAP_BUDGET = 1 << 24  # pages the fallback reads for one request, 8 bytes each
KERNEL_HALF = 1 << 63  # [vsyscall] lies above it: no pages of a process do, and no call takes such an address
# The system call's number, for 64-bit programs
IOPRIO_GET = {"x86_64": 252, "aarch64": 31, "riscv64": 31, "loongarch64": 31, "ppc64le": 274, "s390x": 283}
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY


def frame(kind: int, request: int, tag: int, payload: bytes) -> bytes:
    return HEADER.pack(MAGIC, VERSION, kind, request, tag, len(payload)) + payload


def trailer(kind: int, request: int, tag: int = 0, /, **values: int | str) -> bytes:
    return frame(kind, request, tag, " ".join(f"{key}={value}" for key, value in values.items()).encode())


def number_of(error: OSError) -> int:
    return error.errno or errno.EIO


def close(fd: int) -> None:
    """Nothing was written, so what close may say is of no interest."""
    try:  # noqa: SIM105  # contextlib would be imported for this alone
        os.close(fd)
    except OSError:
        pass


class Opened:
    """A descriptor until the end of a `with` block."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __enter__(self) -> int:
        return self.fd

    def __exit__(self, *_: object) -> None:
        close(self.fd)


# What a worker shares with the server: the process it has begun with, the last item (pid, tid or file) that is sent,
# how many frames are, whether it sends one now, whether it is in the middle of one, and whether it has come to the end.
BEGUN, SENT, FRAMES, SENDING, WRITING, ENDED = range(6)


def new_progress() -> Progress:
    return memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("q")


class Reader:
    """Answers requests about one host: `root` is "/", or a directory that is a captured `proc` or holds one."""

    def __init__(self, root: str = "/", unconfined: Sequence[str] | None = None) -> None:
        self.unconfined = unconfined  # what `confine` could not do; None where it was not called
        self.captured = root != "/"
        self.root = root
        self._is_proc = self.captured and not os.path.isdir(os.path.join(root, "proc"))
        # pid -> pidfd inode (0: any), since when (monotonic), which files are not read
        self.quarantine: dict[int, tuple[int, float, frozenset[str]]] = {}
        self.abandoned: list[int] = []  # pids of workers that could not be killed
        self._followed: list[tuple[int, int]] = []  # kept descriptor of statm (or -1), and errno where there is none
        self._kept: dict[int, tuple[int, list[int]]] = {}  # pid -> pidfd inode, descriptors of COUNTERS
        self._same_pids: bool | None = None
        self._system_call: Callable[..., int] | None = None

    def answer(
        self, request: int, verb: str, arguments: Sequence[str], progress: Progress | None = None
    ) -> Iterator[Part]:
        """Yields the frames of one answer, and one END whatever happens: what goes wrong becomes its errno."""
        values: dict[str, int | str] = {"errno": 0}
        try:
            said = yield from self.VERBS[verb](self, request, progress or array.array("q", bytes(48)), *arguments)
            values.update(said)
        except OSError as error:
            values["errno"] = number_of(error)
        except MAKES_NO_SENSE:
            values["errno"] = errno.EINVAL
        except MemoryError:
            values["errno"] = errno.ENOMEM
        yield trailer(END, request, **values)

    # -- the host ---------------------------------------------------------------------------------------------------

    def hello(self, request: int, progress: Progress) -> Answer:
        """What describes the host that is read; nothing of it may be taken from the asking side."""
        facts: dict[str, object] = {"reader": VERSION, "captured": int(self.captured), "python": sys.version.split()[0]}
        if not self.captured:
            name = os.uname()
            facts.update(
                page_size=mmap.PAGESIZE, clock_ticks=os.sysconf("SC_CLK_TCK"), byteorder=sys.byteorder,
                kernel=name.release, machine=name.machine, uid=os.geteuid(), cpus=os.cpu_count() or 0,
                abandoned=len(self.abandoned), proc=int(os.path.lexists("/proc/self")),
            )  # fmt: skip
        if self.unconfined is not None:
            facts["unconfined"] = ",".join(self.unconfined)
        facts["time"] = repr(os.stat(self.root).st_mtime if self.captured else time.time())
        yield frame(DATA, request, 0, "".join(f"{key}={value}\n" for key, value in facts.items()).encode())
        return {}

    def host(self, request: int, progress: Progress, names: str) -> Answer:
        for tag, name in enumerate(_allowed(names, frozenset(HOST_FILES))):
            yield from self._whole(request, tag, HOST_FILES[name], None)
        return {}

    def cgroup(self, request: int, progress: Progress, version: str, path_hex: str, names: str) -> Answer:
        """Files of one control group; `ls` is the list of its children."""
        parts, chosen = os.fsdecode(bytes.fromhex(path_hex)).split("/"), _allowed(names, CGROUP_FILES)
        if version not in CGROUPS or ".." in parts or "\0" in "".join(parts):
            raise ValueError(path_hex)
        with Opened(self._control_group(version, "/".join(filter(None, parts)))) as directory:
            for tag, name in enumerate(chosen):
                if name == "ls":
                    with os.scandir(directory) as entries:
                        children = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
                    yield from self._text(request, tag, os.fsencode("\n".join(children)))
                else:
                    yield from self._whole(request, tag, name, directory)
        return {}

    def _control_group(self, version: str, path: str) -> int:
        mounts, marker = CGROUPS[version]
        for mount in mounts:
            try:
                with Opened(self._open(f"{mount}/{marker}")):
                    return self._open(f"{mount}/{path}", None, DIRECTORY)
            except FileNotFoundError:
                continue
        raise FileNotFoundError(errno.ENOENT, "no such control group")

    def users(self, request: int, progress: Progress, ids: str) -> Answer:
        """`0=root` a line; users without a name are left out. A captured tree has none: ours are not its."""
        names, numbers = [], [_number(uid, 0, (1 << 32) - 1) for uid in ids.split(",")]
        import pwd

        for uid in [] if self.captured else numbers:
            try:
                names.append(f"{uid}={pwd.getpwuid(uid).pw_name}")
            except KeyError:
                continue
        yield from self._text(request, 0, os.fsencode("\n".join(names)))
        return {}

    # -- processes --------------------------------------------------------------------------------------------------

    def processes(self, request: int, progress: Progress, names: str, pids: str = "") -> Answer:
        """A record a process, in order of pid: RECORD, then FIELD and bytes for each file. Without `pids`: of all."""
        files, wanted = _allowed(names), sorted({_pid(pid) for pid in pids.split(",") if pids})
        with Opened(self._open("proc", None, DIRECTORY)) as parent:
            numbers = wanted or _numbers(os.listdir(parent))
            yield from self._list(request, progress, numbers, lambda number: self._record(parent, number, files, None))
        return {}

    def counters(self, request: int, progress: Progress) -> Answer:
        """`processes stat,status` for who asks again and again: both stay open, which saves two thirds of the time, and
        lead to the very process or nowhere."""
        with Opened(self._open("proc", None, DIRECTORY)) as parent:
            numbers = _numbers(os.listdir(parent))
            for pid in self._kept.keys() - set(numbers):
                self._let_go(pid)
            yield from self._list(request, progress, numbers, lambda number: self._counted(parent, number))
        return {}

    def _counted(self, parent: int, number: int) -> bytes:
        for _ in range(2 if number in self._kept else len(self._kept) < MOST_KEPT and not self.captured):
            try:
                if number not in self._kept:
                    with Opened(self._open(str(number), parent, DIRECTORY)) as directory:
                        kept = self._kept[number] = self._pidfd_inode(number), []
                        for name in COUNTERS:
                            kept[1].append(self._open(name, directory))
                inode, fds = self._kept[number]
                texts = [os.pread(fd, LONGEST, 0) for fd in fds]
                if all(0 < len(text) < LONGEST for text in texts):
                    fields = b"".join(FIELD.pack(0, len(text)) + text for text in texts)
                    return RECORD.pack(number, inode) + fields
            except OSError:
                pass  # it has ended, and another may have its number; or we have no more descriptors
            self._let_go(number)
        return self._record(parent, number, COUNTERS, None)

    def _let_go(self, pid: int) -> None:
        for fd in self._kept.pop(pid, (0, []))[1]:
            close(fd)

    def threads(self, request: int, progress: Progress, pid: str, names: str) -> Answer:
        """The same for the threads of one process; the inode is 0, a thread is known by its process."""
        number, files = _pid(pid), _allowed(names)
        with Opened(self._process(number)) as directory, Opened(self._open("task", directory, DIRECTORY)) as parent:
            of = number, self._inode(number, directory)
            numbers = _numbers(os.listdir(parent))
            yield from self._list(request, progress, numbers, lambda tid: self._record(parent, tid, files, of), number)
        return {}

    def _list(
        self, request: int, progress: Progress, numbers: list[int], record_of: Callable[[int], bytes], of: int = 0
    ) -> Iterator[Part]:
        batch: list[bytes] = []
        size = last = 0
        for number in numbers:
            if number <= progress[SENT]:
                continue
            progress[BEGUN] = of or number
            record = record_of(number)
            if size + len(record) > FRAME:
                yield frame(DATA, request, 0, b"".join(batch))
                progress[SENT] = last
                batch, size = [], 0
            batch.append(record)
            size += len(record)
            last = number
        yield frame(DATA, request, 0, b"".join(batch))

    def _record(self, parent: int, number: int, files: Sequence[str], of: tuple[int, int] | None) -> bytes:
        """At most FRAME bytes. A command line is cut where there is no room for all of it; other files say EFBIG."""
        try:
            directory = self._open(str(number), parent, DIRECTORY)
        except OSError as error:
            return RECORD.pack(number, 0) + FIELD.pack(number_of(error), 0) * len(files)
        with Opened(directory):
            inode = 0 if of else self._pidfd_inode(number)
            not_read = self._left_alone(*(of or (number, inode)))
            parts = [b""]
            room, left = FRAME - RECORD.size - FIELD.size * len(files), len(files)
            for name in files:
                try:
                    if name in not_read:
                        raise TimeoutError(errno.ETIMEDOUT, "left alone")
                    text = self._small(number, directory, name, room // left)
                    room -= len(text)
                    parts += FIELD.pack(0, len(text)), text
                except OSError as error:
                    parts.append(FIELD.pack(number_of(error), 0))
                left -= 1
            # What was read through the directory tells that it still was the process that the pidfd was opened for.
            was_read = len(parts) > 1 + len(files)
            parts[0] = RECORD.pack(number, inode if was_read else 0)
            return b"".join(parts)

    def _small(self, number: int, directory: int, name: str, limit: int) -> bytes:
        if name == "ionice":
            return self._ionice(number)
        fd = os.open(name, os.O_RDONLY, dir_fd=directory) if not self.captured else self._open(name, directory)
        try:
            text = more = os.read(fd, min(limit, LONGEST))
            # Short files come whole at the first read, unless they are rows; of long ones a page may come at a time.
            while more and len(text) < limit and (len(text) >= SHORT or name in OF_ONE_ADDRESS_SPACE):
                more = os.read(fd, limit - len(text))
                text += more
            if more and len(text) >= limit and name != "cmdline":
                raise OSError(errno.EFBIG, "too long for a list")
            return text
        finally:
            os.close(fd)

    def named(self, request: int, progress: Progress, pid: str, names_hex: str) -> Answer:
        """`NUMBER ERRNO DEVICE INODE` a line: what has each of these names now, from our root and from the process's.

        Only names as maps prints them for deleted files. They are looked up and not opened, and as the kernel prints
        them without symbolic links, none is followed.
        """
        number, names = _pid(pid), [bytes.fromhex(text) for text in names_hex.split(",")]
        if len(names) > MOST_NAMES or not all(map(_is_mapped_name, names)):
            raise ValueError(names_hex)
        if self.captured:
            raise OSError(errno.EOPNOTSUPP, "the files of a captured tree are not there")
        lines = []
        with Opened(self._process(number)) as directory:
            progress[BEGUN] = number
            for root in ("/", "root"):
                try:
                    top = os.open(root, DIRECTORY | os.O_PATH, dir_fd=directory)
                except OSError as error:
                    lines += [f"{at} {number_of(error)} 0 0\n" for at in range(len(names))]
                    continue
                with Opened(top):
                    lines += [f"{at} {self._name(top, name)}\n" for at, name in enumerate(names)]
        yield from self._text(request, 0, "".join(lines).encode())
        return {}

    def _name(self, root: int, name: bytes) -> str:
        directory = os.dup(root)
        try:
            *folders, last = name.split(b"/")[1:]
            for folder in folders:
                below = os.open(folder, DIRECTORY | os.O_PATH | os.O_NOFOLLOW, dir_fd=directory)
                close(directory)
                directory = below
            found = os.stat(last, dir_fd=directory, follow_symlinks=False)
            return f"0 {os.major(found.st_dev) << 20 | os.minor(found.st_dev)} {found.st_ino}"
        except OSError as error:
            return f"{number_of(error)} 0 0"
        finally:
            close(directory)

    def files(self, request: int, progress: Progress, pid: str, names: str, tid: str = "") -> Answer:
        """Files of one process, all through one directory descriptor; DATA and FILE frames tagged by position.

        `alive=0` where the process ended or execed while the file was read, `errno=ESRCH` at the end where it is gone.
        """
        number, chosen = _pid(pid), _allowed(names)
        prefix = f"task/{_pid(tid)}/" if tid else ""
        with Opened(self._process(number)) as directory:
            inode = self._inode(number, directory)
            not_read = self._left_alone(number, inode)
            for tag in range(progress[SENT], len(chosen)):
                name = chosen[tag]
                progress[BEGUN] = number
                if name in not_read:
                    yield trailer(FILE, request, tag, errno=errno.ETIMEDOUT, alive=1)
                elif name == "ionice":
                    try:
                        text = self._small(int(tid or number), directory, name, FRAME)
                    except OSError as error:
                        yield trailer(FILE, request, tag, errno=number_of(error), alive=1)
                    else:
                        yield from self._text(request, tag, text)
                else:
                    yield from self._whole(request, tag, prefix + name, directory, name in OF_ONE_ADDRESS_SPACE)
                progress[SENT] = tag + 1
            return {"errno": 0 if self._alive(directory) else errno.ESRCH, "inode": inode}

    def follow(self, request: int, progress: Progress, pids: str = "") -> Answer:
        """Keeps a descriptor of statm for each of these processes (and only these) until the next `follow`."""
        wanted = [_pid(pid) for pid in pids.split(",") if pids]
        if len(wanted) > MOST_FOLLOWED:
            raise OSError(errno.E2BIG, "too many to follow")
        while self._followed:
            fd, _ = self._followed.pop()
            if fd >= 0:
                close(fd)
        lines = []
        for pid in wanted:
            fd, code, inode = -1, 0, 0
            try:
                with Opened(self._process(pid)) as directory:
                    inode = self._inode(pid, directory)
                    fd = self._open("statm", directory)
            except OSError as error:
                code = number_of(error)  # for the tick to say: who is gone stays gone, whoever gets the number
            self._followed.append((fd, code))
            lines.append(f"{pid} {inode}\n")
        yield from self._text(request, 0, "".join(lines).encode())
        return {}

    def tick(self, request: int, progress: Progress) -> Answer:
        """statm of every followed process, a line each in their order; `-ERRNO` where there is none."""
        try:
            lines = [os.pread(fd, 128, 0) for fd, _ in self._followed]
        except OSError:
            lines = [b""]
        if not all(map(_is_line, lines)):  # some have gone: which, and why, is found out one by one
            lines = [self._tick_line(fd, code) for fd, code in self._followed]
        yield from self._text(request, 0, b"".join(lines))
        return {}

    def _tick_line(self, fd: int, code: int) -> bytes:
        line = b""
        try:
            line = os.pread(fd, 128, 0) if fd >= 0 else b""
        except OSError as error:
            code = number_of(error)
        return line if _is_line(line) else b"-%d\n" % (code or errno.EIO)

    def mapped(self, request: int, progress: Progress, pid: str, region: str) -> Answer:
        """The size in bytes of the regular file behind a region (`START-END` in hexadecimal), through the kernel's own
        link to it: no path is followed, nothing is opened. Needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN."""
        number, ((start, end),) = _pid(pid), _ranges(region)
        progress[BEGUN] = number
        with Opened(self._process(number)) as directory:
            if "map_files" in self._left_alone(number, self._inode(number, directory)):
                raise TimeoutError(errno.ETIMEDOUT, "left alone")
            found = os.stat(f"map_files/{start:x}-{end:x}", dir_fd=directory, follow_symlinks=not self.captured)
            if not stat.S_ISREG(found.st_mode) or self.captured:
                raise OSError(errno.EOPNOTSUPP, "no regular file")
            yield from self._text(request, 0, b"%d\n" % found.st_size)
        return {}

    # -- pages ------------------------------------------------------------------------------------------------------

    def pages(
        self, request: int, progress: Progress, pid: str, mask: str, ranges: str, how: str = "scan", tid: str = ""
    ) -> Answer:
        """Runs of pages that are present or swapped, in `ranges`: hexadecimal, half-open, whole pages, in order.

        DATA tag 0 is u64 triples (start, end, categories) of PAGEMAP_SCAN. Where the kernel has none (before 6.7) tag
        1 is a u64 address and the pagemap entries from there on, stretches of zeros left out, and `rest=ADDRESS` at
        the end tells where the budget of pages was used up. `tid` is a thread to look through, where the first is over.
        """
        if self.captured:
            raise OSError(errno.EOPNOTSUPP, "a captured tree has no page tables")
        number, wanted, through = _pid(pid), _number(mask, 0, (1 << 64) - 1), _pid(tid) if tid else 0
        pairs = _ranges(ranges)
        if how not in ("scan", "pagemap"):
            raise ValueError(how)
        pairs = [(start, end) for start, end in pairs if start < KERNEL_HALF]
        progress[BEGUN] = number
        with Opened(self._process(number)) as directory:
            inode = self._inode(number, directory)
            if not self._left_alone(number, inode).isdisjoint(("smaps", "pagemap")):  # both wait for the same lock
                raise TimeoutError(errno.ETIMEDOUT, "left alone")
            values: dict[str, int | str] = {"inode": inode}
            with Opened(self._open(f"task/{through}/pagemap" if through else "pagemap", directory)) as fd:
                known = self._known_categories(fd, wanted) if how == "scan" else 0
                if known:
                    yield from self._scan(request, fd, pairs, known)
                else:
                    rest = yield from self._pagemap(request, fd, pairs)
                    values.update({"rest": f"{rest:x}"} if rest is not None else {})
                # Empty once the address space is that of nobody: the process has ended or execed meanwhile.
                if not os.pread(fd, 8, 0) or not self._alive(directory):
                    raise ProcessLookupError(errno.ESRCH, "ended while its pages were looked at")
        return values

    def _known_categories(self, fd: int, mask: int) -> int:
        """What of a mask this kernel can tell by PAGEMAP_SCAN; 0 where it has none."""
        for known in (mask, mask & FIRST_CATEGORIES):
            try:
                fcntl.ioctl(fd, PAGEMAP_SCAN, struct.pack("12Q", 96, *[0] * 9, PRESENT_OR_SWAPPED, known))
                return known
            except OSError as error:
                if error.errno not in (errno.ENOTTY, errno.EINVAL):
                    raise
        return 0

    def _scan(self, request: int, fd: int, pairs: list[tuple[int, int]], mask: int) -> Iterator[Part]:
        runs = array.array("Q", bytes(24 * SCAN_RUNS))
        where = runs.buffer_info()[0]
        stride = SCAN_STRIDE
        for start, end in pairs:
            while start < end:
                stop = min(end, start + stride)
                argument = bytearray(
                    struct.pack("12Q", 96, 0, start, stop, 0, where, SCAN_RUNS, 0, 0, 0, PRESENT_OR_SWAPPED, mask)
                )
                found = fcntl.ioctl(fd, PAGEMAP_SCAN, argument)
                if found:
                    yield frame(DATA, request, 0, runs[: 3 * found].tobytes())
                stride = SCAN_STRIDE if found else min(2 * stride, LONGEST_STRIDE)
                walked: int = struct.unpack_from("Q", argument, 32)[0]
                if walked <= start:
                    raise OSError(errno.EIO, "PAGEMAP_SCAN stands still")
                start = walked

    def _pagemap(self, request: int, fd: int, pairs: list[tuple[int, int]]) -> Generator[Part, None, int | None]:
        budget, chunk = PAGEMAP_BUDGET, FRAME // 8 - 1
        empty = bytes(8 * chunk)
        for start, end in pairs:
            while start < end:
                count = min(chunk, (end - start) // mmap.PAGESIZE)
                if budget < count:
                    return start
                entries = os.pread(fd, 8 * count, start // mmap.PAGESIZE * 8)
                if not entries:
                    break  # beyond what a process may map, or gone
                if entries != empty[: len(entries)]:
                    yield frame(DATA, request, 1, struct.pack("=Q", start) + entries)
                start += len(entries) // 8 * mmap.PAGESIZE
                budget -= count
        return None

    # -- how a file is read -----------------------------------------------------------------------------------------

    def _open(self, path: str, directory: int | None = None, flags: int = os.O_RDONLY) -> int:
        """Opens what is below `directory`, or below the root. A captured tree may hold anything: no symbolic link there
        is followed, since it could lead to the live host, and nothing is read that could wait or never end."""
        if not self.captured:
            return os.open("/" + path if directory is None else path, flags, dir_fd=directory)
        if directory is None and self._is_proc and path.startswith("proc"):
            path = path[4:]
        opened = [os.open(self.root, DIRECTORY) if directory is None else os.dup(directory)]
        try:
            steps = [step for step in path.split("/") if step]
            for left, step in enumerate(steps, 1 - len(steps)):
                kind = (DIRECTORY if left else flags) | os.O_NOFOLLOW | os.O_NONBLOCK
                opened.append(os.open(step, kind, dir_fd=opened[-1]))
            mode = os.fstat(opened[-1]).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise OSError(errno.EINVAL, "neither a file nor a directory")
            return opened.pop()
        finally:
            for fd in opened:
                close(fd)

    def _process(self, pid: int) -> int:
        try:
            return self._open(f"proc/{pid}", None, DIRECTORY)
        except FileNotFoundError:
            if self.has_same_pids() and self._lives(pid) and not os.path.exists(f"/proc/{pid}"):
                # what hidepid=noaccess gives by itself: the folder of a process is open to all otherwise
                raise PermissionError(errno.EPERM, "hidepid=invisible") from None
            raise ProcessLookupError(errno.ESRCH, "no such process") from None

    def _lives(self, pid: int) -> bool:
        """Whether there is such a process, as signals have it: signal 0 is none, and only its errno is of interest."""
        try:
            os.kill(pid, 0)
        except OSError as error:
            return error.errno == errno.EPERM
        return True

    def has_same_pids(self) -> bool:
        """Whether /proc shows our own pid namespace; else a pid there is somebody else for system calls."""
        if self._same_pids is None:
            try:
                self._same_pids = not self.captured and os.readlink("/proc/self") == str(os.getpid())
            except OSError:
                self._same_pids = False
        return self._same_pids

    def _inode(self, pid: int, directory: int) -> int:
        """The pidfd's inode (Linux 6.9): it tells a process from a later one of the same pid and start time."""
        inode = self._pidfd_inode(pid)
        # The descriptor of the directory still works: the pid was not given to another process in between.
        return inode if inode and self._alive(directory) else 0

    def _pidfd_inode(self, pid: int) -> int:
        """The same, of whoever has the pid now: good only if something is read through its directory afterwards."""
        if not self.has_same_pids():
            return 0
        try:
            pidfd = os.pidfd_open(pid)
        except (OSError, AttributeError):
            return 0
        with Opened(pidfd):
            return os.fstat(pidfd).st_ino

    def _alive(self, directory: int) -> bool:
        try:
            os.stat("stat", dir_fd=directory, follow_symlinks=False)
            return True
        except OSError as error:
            return self.captured and error.errno == errno.ENOENT

    def _left_alone(self, pid: int, inode: int) -> frozenset[str]:
        """The files that are not read now, because that process was stuck a while ago."""
        known, since, names = self.quarantine.get(pid, (0, 0.0, NOTHING))
        is_same = known == inode or not known or not inode
        return names if is_same and time.monotonic() < since + QUARANTINE else NOTHING

    def _ionice(self, pid: int) -> bytes:
        system_call = self.load_system_call()
        number = IOPRIO_GET.get(os.uname().machine)
        if system_call is None or number is None or not self.has_same_pids():
            raise OSError(errno.ENOSYS, "ioprio_get")
        value = system_call(number, 1, pid)  # IOPRIO_WHO_PROCESS
        if value < 0:
            raise ProcessLookupError(errno.ESRCH, "ioprio_get")
        return b"%d\n" % value

    def load_system_call(self) -> Callable[..., int] | None:
        """libc's `syscall`; None where Python was built without ctypes, or is a 32-bit one (with other numbers)."""
        if self._system_call is None and struct.calcsize("P") == 8:
            try:
                import ctypes

                self._system_call = ctypes.CDLL(None).syscall
                self._system_call.argtypes = [ctypes.c_long] * 3
                self._system_call.restype = ctypes.c_long
            except (ImportError, OSError, AttributeError):
                return None
        return self._system_call

    def _text(self, request: int, tag: int, text: bytes) -> Iterator[Part]:
        for begin in range(0, max(len(text), 1), FRAME):
            yield frame(DATA, request, tag, text[begin : begin + FRAME])
        yield trailer(FILE, request, tag, errno=0, alive=1)

    def _whole(
        self, request: int, tag: int, path: str, directory: int | None, of_one_address_space: bool = False
    ) -> Iterator[Part]:
        code, alive = 0, True
        try:
            with Opened(self._open(path, directory)) as fd:
                buffer = bytearray(HEADER.size + FRAME)
                view, filled, count = memoryview(buffer), 0, 1
                any_bytes = False
                while count:
                    # maps and smaps come 4 KiB a read: gather them, so that a frame costs one write
                    count = os.readv(fd, [view[HEADER.size + filled :]])
                    filled += count
                    if filled and (not count or filled > FRAME - 4096):
                        HEADER.pack_into(buffer, 0, MAGIC, VERSION, DATA, request, tag, filled)
                        yield view[: HEADER.size + filled]
                        filled, any_bytes = 0, True
                if any_bytes and of_one_address_space and not self.captured:
                    os.lseek(fd, 0, os.SEEK_SET)
                    alive = bool(os.read(fd, 1))
        except OSError as error:
            code = number_of(error)
            alive = directory is None or self._alive(directory)
        yield trailer(FILE, request, tag, errno=code, alive=int(alive))

    VERBS: ClassVar[dict[str, Callable[..., Answer]]] = {
        "hello": hello, "host": host, "cgroup": cgroup, "users": users, "processes": processes, "threads": threads,
        "counters": counters, "files": files, "follow": follow, "tick": tick, "mapped": mapped, "named": named,
        "pages": pages,
    }  # fmt: skip


def _numbers(names: list[str]) -> list[int]:
    return sorted(int(name) for name in names if name.isascii() and name.isdecimal())


def _number(text: str, least: int, most: int) -> int:
    """Digits and nothing else: int() takes signs, spaces, underscores and other scripts as well."""
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def _pid(text: str) -> int:
    """A number that no process can have is nobody's."""
    digits = text[1:] if text.startswith("-") else text
    if digits.isascii() and digits.isdecimal() and not (digits == text and 1 <= int(text[:20]) <= LARGEST_PID):
        raise ProcessLookupError(errno.ESRCH, "no process has such a number")
    return _number(text, 1, LARGEST_PID)


def _ranges(text: str) -> list[tuple[int, int]]:
    """Whole pages, half-open and in order, in hexadecimal."""
    if not set(text) <= set("0123456789abcdef-,"):
        raise ValueError(text)  # int() takes more
    pairs = [(int(start, 16), int(end, 16)) for start, end in (pair.split("-") for pair in text.split(","))]
    edges = [edge for pair in pairs for edge in pair]
    if edges != sorted(edges) or edges[-1] > 1 << 64 or any(edge % mmap.PAGESIZE for edge in edges):
        raise ValueError(text)
    return pairs


def _allowed(names: str, files: frozenset[str] = PROCESS_FILES) -> list[str]:
    chosen = names.split(",")
    if len(chosen) > MOST_FILES or not files.issuperset(chosen):
        raise ValueError(names)
    return chosen


def _is_line(text: bytes) -> bool:
    return text.endswith(b"\n") and text.count(b"\n") == 1


def _is_mapped_name(name: bytes) -> bool:
    """Absolute and resolved, as the kernel prints it, of a file that may have been deleted."""
    steps = name.split(b"/")
    return (
        len(name) <= LONGEST_NAME and name.endswith(b" (deleted)") and not steps[0] and b"\0" not in name
        and not {b"", b".", b".."} & set(steps[1:])
    )  # fmt: skip


def can_block(verb: str, arguments: Sequence[str]) -> bool:
    """Whether a request needs a worker of its own."""
    if verb == "files" and len(arguments) > 1:
        return not BLOCKING.isdisjoint(arguments[1].split(","))
    return verb in ("processes", "threads", "users", "mapped", "named", "pages", "cgroup")


class Worker:
    """A forked child that answers one request. It writes its frames itself, each under the lock of the answers."""

    def __init__(
        self, server: Server, request: int, verb: str, arguments: Sequence[str], progress: Progress, stall: float
    ) -> None:
        self.request, self.verb, self.arguments = request, verb, arguments
        self.progress, self.stall = progress, stall
        self.started = self.heard = time.monotonic()
        self.frames, self.worked = -1, 0.0
        self.life, life = os.pipe()  # ends when the child does
        try:
            self.pid = os.fork()
            if not self.pid:
                self._run(server)
        except OSError:
            close(self.life)
            raise
        finally:
            close(life)

    def _run(self, server: Server) -> NoReturn:
        try:
            # keeps its end of the life pipe and the answers, and nothing else that somebody might wait on
            for fd in (server.requests, self.life, *server.workers):
                close(fd)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, ALARM)
            for part in server.reader.answer(self.request, self.verb, self.arguments, self.progress):
                signal.setitimer(signal.ITIMER_REAL, 0)
                server.write(part, self.progress)
                signal.setitimer(signal.ITIMER_REAL, ALARM)
            self.progress[ENDED] = 1
        finally:
            os._exit(0)

    def is_stuck(self, now: float) -> bool:
        """True when it has neither sent a frame nor used the CPU for a while, and does not wait for the asking side."""
        try:
            worked = time.clock_gettime(~self.pid << 3 | 2)  # the CPU-time clock of that process
        except OSError:
            worked = self.worked
        if self.progress[SENDING] or self.progress[FRAMES] != self.frames or worked > self.worked + 0.001:
            self.frames, self.worked, self.heard = self.progress[FRAMES], worked, now
        return now - self.heard > self.stall


class Server:
    """Reads requests from one descriptor and writes frames to another until the first one ends."""

    def __init__(self, reader: Reader, requests: int, answers: int) -> None:
        self.reader, self.requests, self.answers = reader, requests, answers
        self.workers: dict[int, Worker] = {}  # by the descriptor of the life pipe
        self.waiting: list[tuple[int, str, list[str], int]] = []  # for a worker; request, verb, arguments, length
        try:
            self.lock = os.memfd_create("memviz")
        except (OSError, AttributeError):
            self.lock = answers
        self.progress = new_progress()
        self.poller = select.poll()
        self.poller.register(requests, select.POLLIN)
        self.poller.register(answers, 0)  # to hear when nobody reads them any more
        self.text = b""
        self.beat = self.watched = 0.0

    def write(self, part: Part, progress: Progress) -> None:
        """One frame, whole: the kernel takes the lock from a writer that dies."""
        progress[SENDING] = 1
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        try:
            progress[WRITING] = 1
            view = memoryview(part)
            while view:
                view = view[os.write(self.answers, view) :]
            progress[WRITING] = 0
        finally:
            fcntl.lockf(self.lock, fcntl.LOCK_UN)
        progress[FRAMES] += 1
        progress[SENDING] = 0

    def tell(self, request: int, kind: int = END, **values: int) -> None:
        self.write(trailer(kind, request, **values), self.progress)

    def run(self) -> None:
        try:
            while self._turn():
                pass
        except BrokenPipeError:
            pass
        finally:
            for worker in self.workers.values():
                os.kill(worker.pid, signal.SIGKILL)

    def _turn(self) -> bool:
        for fd, _ in self.poller.poll(250 if self.workers or self.waiting else None):
            worker = self.workers.get(fd)
            if fd == self.answers:
                return False
            if fd == self.requests:
                data = os.read(fd, FRAME)
                *lines, self.text = (self.text + data).split(b"\n")
                for line in lines:
                    self._begin(line)
                if not data or len(self.text) > LONGEST_REQUEST:
                    return False
            elif worker is not None:  # else it was ended by a line above
                self._end(worker)
                if worker.progress[WRITING]:
                    return False  # it died in the middle of a frame: nothing after it would make sense
                if not worker.progress[ENDED]:
                    self.tell(worker.request, errno=errno.EIO)
        self._watch()
        return True

    def _begin(self, line: bytes) -> None:
        request = 0
        try:
            number, verb, *arguments = line.decode("ascii").split(" ")
            request = int(number)
            HEADER.pack(MAGIC, VERSION, END, request, 0, 0)
        except MAKES_NO_SENSE:
            self.tell(0, errno=errno.EINVAL)
            return
        if any("ionice" in argument for argument in arguments):
            self.reader.load_system_call()  # here, so that not each worker does it again
        if verb == "cancel":
            self.waiting = [waiting for waiting in self.waiting if waiting[0] != request]
            for worker in [worker for worker in self.workers.values() if worker.request == request]:
                self._cancel(worker)
        elif can_block(verb, arguments):
            if self._has_room(len(line)):
                self.waiting.append((request, verb, arguments, len(line)))
                self._start_waiting()
            else:
                self.tell(request, errno=errno.EAGAIN)
        else:
            # small answers, and somebody waits: one write, so that the asking side wakes up once
            self.write(b"".join(map(bytes, self.reader.answer(request, verb, arguments))), self.progress)

    def _has_room(self, length: int) -> bool:
        if len(self.waiting) >= MOST_WAITING or len(self.reader.abandoned) >= MOST_ABANDONED:
            return False
        return not self.waiting or length + sum(row[3] for row in self.waiting) <= LONGEST_REQUEST

    def _start_waiting(self) -> None:
        while self.waiting and len(self.workers) < MOST_WORKERS:
            request, verb, arguments, _ = self.waiting.pop(0)
            # a list waits for nobody: its rows are many, and what is slow there is only a command line
            stall = SHORTEST_STALL if verb == "processes" else STALL
            self._start(request, verb, arguments, new_progress(), stall)

    def _start(self, request: int, verb: str, arguments: Sequence[str], progress: Progress, stall: float) -> None:
        self.reader.has_same_pids()  # asked before the fork: a worker has another pid
        try:
            worker = Worker(self, request, verb, arguments, progress, stall)
        except OSError as error:
            self.tell(request, errno=number_of(error))
            return
        self.workers[worker.life] = worker
        self.poller.register(worker.life, select.POLLIN)

    def _cancel(self, worker: Worker) -> None:
        fcntl.lockf(self.lock, fcntl.LOCK_EX)  # not in the middle of a frame
        try:
            os.kill(worker.pid, signal.SIGKILL)
        finally:
            fcntl.lockf(self.lock, fcntl.LOCK_UN)
        self._end(worker)

    def _watch(self) -> None:
        now = time.monotonic()
        for worker in list(self.workers.values()):
            if now - self.watched > 1:  # we were stopped, or waited for the asking side: nobody else is to blame
                worker.heard = now
            if worker.is_stuck(now):
                self._give_up(worker, now)
        self.watched = now
        if (self.workers or self.waiting) and now - self.beat > 1:
            self.beat = now
            for request in [worker.request for worker in self.workers.values()] + [row[0] for row in self.waiting]:
                self.tell(request, BEAT)
        self.reader.abandoned = [pid for pid in self.reader.abandoned if not reap(pid)]
        self._start_waiting()

    def _give_up(self, worker: Worker, now: float) -> None:
        """The target is left alone from now on; the same request goes on with what should not block, or with others."""
        pid = worker.progress[BEGUN]
        _, since, names = self.reader.quarantine.get(pid, (0, now, NOTHING))
        names = names if since <= worker.started and now < since + QUARANTINE else NOTHING  # what it did not read
        stuck = self._stuck(worker)
        left_alone = PROCESS_FILES if stuck <= names else self._kept_alone(pid, now) | stuck
        self.reader.quarantine[pid] = (self._inode(pid), now, left_alone)
        self._cancel(worker)
        if worker.verb in ("processes", "threads", "files") and pid and names != PROCESS_FILES:
            stall = max(worker.stall / 2, SHORTEST_STALL)
            self._start(worker.request, worker.verb, worker.arguments, worker.progress, stall)
        else:
            self.tell(worker.request, errno=errno.ETIMEDOUT)

    def _stuck(self, worker: Worker) -> frozenset[str]:
        """The files that a worker can be waiting for: the one that it was reading, of those that can block."""
        if worker.verb == "files":
            return frozenset(worker.arguments[1].split(",")[worker.progress[SENT] :][:1])
        if worker.verb in ("processes", "threads"):
            return BLOCKING.intersection(worker.arguments[worker.verb == "threads"].split(","))
        return frozenset(("map_files" if worker.verb == "mapped" else "pagemap",))

    def _kept_alone(self, pid: int, now: float) -> frozenset[str]:
        """What of a process is left alone already: that one file does not answer says nothing of the others."""
        _, since, names = self.reader.quarantine.get(pid, (0, now, NOTHING))
        return names if now < since + QUARANTINE else NOTHING

    def _inode(self, pid: int) -> int:
        try:
            with Opened(self.reader._process(pid)) as directory:
                return self.reader._inode(pid, directory)
        except OSError:
            return 0

    def _end(self, worker: Worker) -> None:
        self.poller.unregister(worker.life)
        del self.workers[worker.life]
        close(worker.life)
        deadline = time.monotonic() + 0.2
        while not reap(worker.pid):
            if time.monotonic() > deadline:
                os.kill(worker.pid, signal.SIGKILL)
                self.reader.abandoned.append(worker.pid)
                break
            time.sleep(0.001)


def reap(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


class Kernel:
    """libc's calls that Python has no names for. Raises ImportError or AttributeError where they cannot be reached."""

    def __init__(self) -> None:
        import ctypes

        self._ctypes = ctypes
        self._libc = ctypes.CDLL(None, use_errno=True)

    def prctl(self, option: int, argument: int) -> None:
        """The further arguments are 0."""
        words = [self._ctypes.c_ulong(word) for word in (argument, 0, 0, 0)]
        self._check(self._libc.prctl(option, *words))

    def capabilities(self) -> int:
        """Those that the process may use, a bit each."""
        words = self._ctypes.create_string_buffer(24)
        self._check(self._libc.capget(struct.pack("=Ii", CAPABILITY_VERSION, 0), words))
        _, low, _, _, high, _ = struct.unpack("=6I", words.raw)
        return int(low | high << 32)

    def set_capabilities(self, kept: int) -> None:
        """Permitted and effective ones; no program that is started inherits any."""
        low, high = kept & 0xFFFFFFFF, kept >> 32
        self._check(
            self._libc.capset(struct.pack("=Ii", CAPABILITY_VERSION, 0), struct.pack("=6I", low, low, 0, high, high, 0))
        )

    def _check(self, result: int) -> None:
        if result < 0:
            code = self._ctypes.get_errno()
            raise OSError(code, os.strerror(code))


def gain_nothing() -> None:
    """No program that this process may start gets more rights than it has."""
    Kernel().prctl(PR_SET_NO_NEW_PRIVS, 1)


def kept_of(capabilities: int) -> int:
    """Those that reading needs."""
    of_others = CAP_SYS_PTRACE if capabilities & CAP_SYS_PTRACE else CAP_PERFMON
    return capabilities & (CAP_DAC_READ_SEARCH | CAP_CHECKPOINT_RESTORE | of_others)


def drop_capabilities() -> None:
    """Keeps those that reading needs, and leaves none to a program that this process may start."""
    kernel = Kernel()
    found = kernel.capabilities()
    if not found:
        return  # those of an ordinary user
    for option, argument in [(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL), *((PR_CAPBSET_DROP, n) for n in range(64))]:
        try:  # noqa: SIM105  # contextlib would be imported for this alone
            kernel.prctl(option, argument)
        except OSError:
            pass  # there is none of that number, or only CAP_SETPCAP may: `gain_nothing` does as well
    kernel.set_capabilities(kept_of(found))


def limit_resources() -> None:
    for which, most in LIMITS:
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (least, least))


def confine() -> tuple[str, ...]:
    """Gives up what reading does not need, for this process and its workers; what could not be done is `step:ERRNO`."""
    os.umask(0o077)
    os.environ.clear()
    os.chdir("/")
    failed = []
    steps = {"no_new_privs": gain_nothing, "capabilities": drop_capabilities, "limits": limit_resources}
    for name, step in steps.items():
        try:
            step()
        except (OSError, ValueError) as error:
            code = number_of(error) if isinstance(error, OSError) else errno.EINVAL
            failed.append(f"{name}:{errno.errorcode.get(code, code)}")
        except (ImportError, AttributeError):  # a Python without ctypes, a libc without such a call
            failed.append(f"{name}:ENOSYS")
    return tuple(failed)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking side; the end of input ends us
    Server(Reader(unconfined=confine()), 0, 1).run()
    os._exit(0)  # nothing is left to be written, and somebody may wait for our end


if __name__ == "__main__":
    main()
