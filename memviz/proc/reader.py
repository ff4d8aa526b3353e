"""The reader: the only program of memviz that opens anything under /proc or /sys.

One file, standard library only, Python 3.9 or later, so that it can be run by path (`python3 -I -S reader.py`), sent over
standard input to another host or through sudo, or used in-process on a captured tree. It answers requests with the
kernel's own bytes and errno values. It parses nothing, writes nothing, follows no path that a target names, and never
uses ptrace.

A request is one line: `ID VERB ARGUMENT ...`. An answer is a sequence of frames (HEADER, then at most FRAME bytes):
DATA (bytes of the file or list numbered `tag`), FILE (that file has ended: `errno=0 alive=1`), END (the answer has ended:
`errno=0 inode=N ...`), and BEAT (nothing yet, still at work).

What can sleep for ever in the kernel runs in a forked worker. A worker that neither sends nor uses CPU for STALL seconds
is killed and its target left alone for QUARANTINE seconds; one that cannot be killed is abandoned and counted. Everybody
else is served meanwhile.
"""

import array
import errno
import fcntl
import mmap
import os
import select
import signal
import struct
import sys
import time

VERSION = 1
MAGIC = b"mv"
HEADER = struct.Struct("!2sBBIII")  # magic, version, kind, request, tag, length of the payload
DATA, FILE, END, BEAT = 1, 2, 3, 4
FRAME = 65536
LONGEST_REQUEST = 1 << 20
RECORD = struct.Struct("!IQ")  # pid or tid, pidfd inode (0: none)
FIELD = struct.Struct("!iI")  # errno, length

STALL = 2.0  # seconds without bytes and without CPU time: stuck, not slow
QUARANTINE = 30.0
ALARM = 60.0  # for the day when the server that watches the worker has died

# Reading these can wait for the target's mmap lock (or for its pages); the others are counters.
BLOCKING = frozenset(("maps", "smaps", "smaps_rollup", "numa_maps", "cmdline"))
# A descriptor of these belongs to one address space: after an exec or exit it gives no more bytes from the start.
OF_ONE_ADDRESS_SPACE = frozenset(("maps", "smaps"))
PROCESS_FILES = BLOCKING | frozenset(
    "stat statm status comm limits cgroup oom_score oom_score_adj io schedstat syscall wchan exe ionice".split()
)
HOST_FILES = {
    "boot_id": "proc/sys/kernel/random/boot_id",
    "meminfo": "proc/meminfo",
    "vmstat": "proc/vmstat",
    "swaps": "proc/swaps",
    "loadavg": "proc/loadavg",
    "uptime": "proc/uptime",
    "host_stat": "proc/stat",
    "reader_status": "proc/self/status",
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
CGROUP_MOUNTS = {"2": ("sys/fs/cgroup", "sys/fs/cgroup/unified"), "1": ("sys/fs/cgroup/memory",)}

# struct pm_scan_arg of include/uapi/linux/fs.h: 96 bytes, twelve u64 (Linux 6.7)
PAGEMAP_SCAN = 0xC0606610
SCAN_RUNS = 512  # above this the kernel returns some runs twice
SCAN_STRIDE = 4 << 30  # bytes a call: bounds how long the target's mmap lock is held
PAGEMAP_BUDGET = 1 << 24  # pages the fallback reads for one request, 8 bytes each
IOPRIO_GET = {"x86_64": 252, "aarch64": 31, "riscv64": 31, "i686": 290, "armv7l": 315, "ppc64le": 274, "s390x": 283}


def frame(kind, request, tag, payload):
    return HEADER.pack(MAGIC, VERSION, kind, request, tag, len(payload)) + payload


def trailer(kind, request, tag=0, **values):
    return frame(kind, request, tag, " ".join("%s=%s" % item for item in values.items()).encode())


class Progress:
    """What a worker shares with the server: the item it has begun (pid, tid or file), the last one it has sent, how many
    frames it has written, whether it is writing one now, and whether the last one was written."""

    FIELDS = ("begun", "sent", "frames", "writing", "ended")

    def __init__(self):
        self._shared = mmap.mmap(-1, 8 * len(self.FIELDS))

    def __getattr__(self, name):
        return struct.unpack_from("q", self._shared, 8 * self.FIELDS.index(name))[0]

    def set(self, name, value):
        struct.pack_into("q", self._shared, 8 * self.FIELDS.index(name), value)


class Reader:
    """Answers requests about one host: `root` is "/" or a directory that holds a captured `proc` (and perhaps `sys`)."""

    def __init__(self, root="/"):
        self.captured = root != "/"
        self.root = root
        self.proc = os.path.join(root, "proc")
        self.quarantine = {}  # pid -> (pidfd inode, monotonic time until which it is left alone)
        self._followed = []  # (pid, kept descriptor of statm, or None)

    def answer(self, request, verb, arguments, progress=None):
        """Yields the frames of one answer; an OSError or a request that makes no sense becomes its END frame."""
        try:
            method = self.VERBS[verb]
            yield from method(self, request, progress or Progress(), *arguments)
        except OSError as error:
            yield trailer(END, request, errno=error.errno or errno.EIO)
        except (KeyError, ValueError, TypeError, struct.error, OverflowError):
            yield trailer(END, request, errno=errno.EINVAL)

    # -- the host ---------------------------------------------------------------------------------------------------

    def hello(self, request, progress):
        """What describes the host that is read; nothing of it may be taken from the asking side."""
        name = os.uname()
        facts = {"reader": VERSION, "captured": int(self.captured), "python": sys.version.split()[0]}
        if not self.captured:
            facts.update(
                page_size=os.sysconf("SC_PAGE_SIZE"), clock_ticks=os.sysconf("SC_CLK_TCK"), byteorder=sys.byteorder,
                kernel=name.release, machine=name.machine, uid=os.geteuid(), cpus=os.cpu_count() or 0,
            )  # fmt: skip
        facts["time"] = repr(time.time())
        yield frame(DATA, request, 0, "".join("%s=%s\n" % item for item in facts.items()).encode())
        yield trailer(END, request, errno=0)

    def host(self, request, progress, names):
        for tag, name in enumerate(names.split(",")):
            yield from self._whole(request, tag, os.path.join(self.root, HOST_FILES[name]), None)
        yield trailer(END, request, errno=0)

    def cgroup(self, request, progress, version, path_hex, names):
        """Files of one control group, and its child groups and member processes by the names `ls` and `cgroup.procs`."""
        parts = [part for part in bytes.fromhex(path_hex).split(b"/") if part]
        if b".." in parts:
            raise ValueError(path_hex)
        directory = self._cgroup_directory(version, parts)
        try:
            for tag, name in enumerate(names.split(",")):
                if name == "ls":
                    children = [entry.name for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]
                    yield from self._text(request, tag, "\n".join(sorted(children)).encode(errors="surrogateescape"))
                elif name.startswith(("memory.", "cgroup.procs", "cgroup.events")) and "/" not in name:
                    yield from self._whole(request, tag, name, directory)
                else:
                    raise ValueError(name)
        finally:
            os.close(directory)
        yield trailer(END, request, errno=0)

    def _cgroup_directory(self, version, parts):
        for mount in CGROUP_MOUNTS[version]:
            try:
                directory = os.open(os.path.join(self.root, mount), os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                continue
            try:
                marker = "cgroup.controllers" if version == "2" else "memory.stat"
                os.stat(marker, dir_fd=directory)
                for part in parts:
                    deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
                    os.close(directory)
                    directory = deeper
                return directory
            except FileNotFoundError:
                os.close(directory)
            except BaseException:
                os.close(directory)
                raise
        raise FileNotFoundError(errno.ENOENT, "no such control group")

    def users(self, request, progress, ids):
        import pwd

        names = []
        for uid in ids.split(","):
            try:
                names.append("%s=%s" % (uid, pwd.getpwuid(int(uid)).pw_name))
            except KeyError:
                continue
        yield from self._text(request, 0, "\n".join(names).encode(errors="surrogateescape"))
        yield trailer(END, request, errno=0)

    # -- processes --------------------------------------------------------------------------------------------------

    def processes(self, request, progress, names, pids=None):
        """A record a process, in order of pid: RECORD, then FIELD and bytes for each file."""
        chosen = sorted(int(p) for p in (pids.split(",") if pids else os.listdir(self.proc)) if p.isdigit())
        yield from self._list(request, progress, self.proc, None, chosen, names)

    def threads(self, request, progress, pid, names):
        """The same for the threads of one process; the inode is 0, a thread is known by its process."""
        directory = self._process(int(pid))
        try:
            tids = sorted(int(t) for t in os.listdir(self._under(int(pid), "task")) if t.isdigit())
            yield from self._list(request, progress, "task", directory, tids, names, of=int(pid))
        finally:
            os.close(directory)

    def _list(self, request, progress, parent, parent_fd, numbers, names, of=None):
        files = self._allowed(names)
        parent_fd = os.open(parent, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent_fd)
        batch, size = [], 0
        try:
            for number in numbers:
                if number <= progress.sent:
                    continue
                progress.set("begun", of or number)
                record = self._record(parent_fd, number, files, of)
                if size + len(record) > FRAME:
                    yield frame(DATA, request, 0, b"".join(batch))
                    progress.set("sent", last)
                    batch, size = [], 0
                batch.append(record[:FRAME])
                size += len(record)
                last = number
        finally:
            os.close(parent_fd)
        yield frame(DATA, request, 0, b"".join(batch))
        yield trailer(END, request, errno=0)

    def _record(self, parent_fd, number, files, of):
        try:
            directory = os.open(str(number), os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent_fd)
        except OSError as error:
            return RECORD.pack(number, 0) + FIELD.pack(error.errno or errno.EIO, 0) * len(files)
        try:
            inode = 0 if of else self._inode(number, directory)
            parts = [RECORD.pack(number, inode)]
            left_alone = self._left_alone(of or number, inode)
            room = FRAME - 32 - 8 * len(files)
            for name in files:
                try:
                    if left_alone and name in BLOCKING:
                        raise TimeoutError(errno.ETIMEDOUT, "left alone")
                    text = self._small(number, directory, name, room)
                    room -= len(text)
                    parts.append(FIELD.pack(0, len(text)))
                    parts.append(text)
                except OSError as error:
                    parts.append(FIELD.pack(error.errno or errno.EIO, 0))
            return b"".join(parts)
        finally:
            os.close(directory)

    def _small(self, pid, directory, name, limit):
        if name == "exe":
            return os.readlink(b"exe", dir_fd=directory)[:limit]
        if name == "ionice":
            return self._ionice(pid)
        fd = os.open(name, os.O_RDONLY, dir_fd=directory)
        try:
            text = os.read(fd, min(limit, 16384))
            while len(text) < limit:  # the kernel gives at most a page of some files at a time
                more = os.read(fd, limit - len(text))
                if not more:
                    break
                text += more
            return text
        finally:
            os.close(fd)

    def files(self, request, progress, pid, names, tid=None):
        """Files of one process, all through one directory descriptor; DATA and FILE frames tagged by position."""
        pid = int(pid)
        names = self._allowed(names)
        directory = self._process(pid)
        try:
            inode = self._inode(pid, directory)
            left_alone = self._left_alone(pid, inode)
            prefix = "task/%d/" % int(tid) if tid else ""
            for tag, name in enumerate(names):
                if tag < progress.sent:
                    continue
                progress.set("begun", pid)
                if left_alone and name in BLOCKING:
                    yield trailer(FILE, request, tag, errno=errno.ETIMEDOUT, alive=1)
                elif name in ("exe", "ionice"):
                    try:
                        yield from self._text(request, tag, self._small(int(tid or pid), directory, name, FRAME))
                    except OSError as error:
                        yield trailer(FILE, request, tag, errno=error.errno or errno.EIO, alive=1)
                else:
                    yield from self._whole(request, tag, prefix + name, directory)
                progress.set("sent", tag + 1)
            alive = self._alive(directory)
            yield trailer(END, request, errno=0 if alive else errno.ESRCH, inode=inode)
        finally:
            os.close(directory)

    def follow(self, request, progress, pids=""):
        """Keeps a descriptor of statm for each of these processes (and only these) until the next `follow`."""
        for _, fd in self._followed:
            if fd is not None:
                os.close(fd)
        self._followed = []
        lines = []
        for pid in [int(p) for p in pids.split(",") if p]:
            fd, inode = None, 0
            try:
                directory = self._process(pid)
                try:
                    inode = self._inode(pid, directory)
                    fd = os.open("statm", os.O_RDONLY, dir_fd=directory)
                finally:
                    os.close(directory)
            except OSError:
                pass  # the tick says so: a process that is gone stays gone, whoever gets its number
            self._followed.append((pid, fd))
            lines.append("%d %d\n" % (pid, inode))
        yield from self._text(request, 0, "".join(lines).encode())
        yield trailer(END, request, errno=0)

    def tick(self, request, progress):
        """statm of every followed process, a line each in their order; `-ERRNO` where there is none."""
        lines = []
        for _, fd in self._followed:
            try:
                lines.append(os.pread(fd, 128, 0) if fd is not None else b"-3\n")
            except OSError as error:
                lines.append(b"-%d\n" % (error.errno or errno.EIO))
        yield from self._text(request, 0, b"".join(lines))
        yield trailer(END, request, errno=0)

    # -- pages ------------------------------------------------------------------------------------------------------

    def pages(self, request, progress, pid, mask, ranges, how="scan"):
        """Runs of pages that are present or swapped: DATA tag 0 is u64 triples (start, end, categories) of PAGEMAP_SCAN.

        Where the kernel has no PAGEMAP_SCAN (before 6.7) DATA tag 1 is a u64 address and pagemap entries from there on,
        stretches of zeros left out; `rest=ADDRESS` in the trailer tells where the budget of pages was used up.
        """
        pid, mask = int(pid), int(mask)
        progress.set("begun", pid)
        pairs = [tuple(int(edge, 16) for edge in pair.split("-")) for pair in ranges.split(",")]
        directory = self._process(pid)
        rest = None
        try:
            inode = self._inode(pid, directory)
            if self._left_alone(pid, inode):
                raise TimeoutError(errno.ETIMEDOUT, "left alone")
            fd = os.open("pagemap", os.O_RDONLY, dir_fd=directory)
            try:
                scanning = how == "scan" and not self.captured
                try:
                    if scanning:
                        yield from self._scan(request, fd, pairs, mask)
                except OSError as error:
                    if error.errno not in (errno.ENOTTY, errno.EINVAL):
                        raise
                    scanning = False
                if not scanning:
                    rest = yield from self._pagemap(request, fd, pairs)
            finally:
                os.close(fd)
            values = {"errno": 0 if self._alive(directory) else errno.ESRCH, "inode": inode}
            if rest is not None:
                values["rest"] = "%x" % rest
            yield trailer(END, request, **values)
        finally:
            os.close(directory)

    def _scan(self, request, fd, pairs, mask):
        runs = array.array("Q", bytes(24 * SCAN_RUNS))
        where = runs.buffer_info()[0]
        any_of = 1 << 3 | 1 << 4  # PRESENT, SWAPPED
        for start, end in pairs:
            while start < end:
                stop = min(end, start + SCAN_STRIDE)
                argument = bytearray(struct.pack("12Q", 96, 0, start, stop, 0, where, SCAN_RUNS, 0, 0, 0, any_of, mask))
                found = fcntl.ioctl(fd, PAGEMAP_SCAN, argument)
                if found:
                    yield frame(DATA, request, 0, runs[: 3 * found].tobytes())
                walked = struct.unpack_from("Q", argument, 32)[0]
                if walked <= start:
                    raise OSError(errno.EIO, "PAGEMAP_SCAN stands still")
                start = walked

    def _pagemap(self, request, fd, pairs):
        page = os.sysconf("SC_PAGE_SIZE")
        budget, chunk = PAGEMAP_BUDGET, FRAME // 8 - 1
        empty = bytes(8 * chunk)
        for start, end in pairs:
            while start < end:
                count = min(chunk, (end - start) // page)
                if budget < count:
                    return start
                entries = os.pread(fd, 8 * count, start // page * 8)
                if not entries:
                    break
                if entries != empty[: len(entries)]:
                    yield frame(DATA, request, 1, struct.pack("=Q", start) + entries)
                start += len(entries) // 8 * page
                budget -= count
        return None

    # -- how a file is read -----------------------------------------------------------------------------------------

    def _allowed(self, names):
        chosen = names.split(",")
        if not PROCESS_FILES.issuperset(chosen):
            raise ValueError(names)
        return chosen

    def _under(self, pid, name):
        return os.path.join(self.proc, str(pid), name)

    def _process(self, pid):
        try:
            return os.open(os.path.join(self.proc, str(pid)), os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            raise ProcessLookupError(errno.ESRCH, "no such process") from None

    def _inode(self, pid, directory):
        """The pidfd's inode number: with it (Linux 6.9) a process is told from a later one of the same pid and start time."""
        if self.captured or not hasattr(os, "pidfd_open"):
            return 0
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return 0
        try:
            inode = os.fstat(pidfd).st_ino
        finally:
            os.close(pidfd)
        # The descriptor of the directory still works: the pid was not given to another process in between.
        return inode if self._alive(directory) else 0

    def _alive(self, directory):
        try:
            os.stat("stat", dir_fd=directory)
            return True
        except OSError as error:
            return self.captured and error.errno == errno.ENOENT

    def _left_alone(self, pid, inode):
        known, until = self.quarantine.get(pid, (None, 0.0))
        return known in (inode, -1) and time.monotonic() < until

    def _ionice(self, pid):
        import ctypes

        number = IOPRIO_GET.get(os.uname().machine)
        if self.captured or number is None:
            raise OSError(errno.ENOSYS, "ioprio_get")
        libc = ctypes.CDLL(None, use_errno=True)
        value = libc.syscall(ctypes.c_long(number), ctypes.c_int(1), ctypes.c_int(pid))
        if value < 0:
            raise OSError(ctypes.get_errno(), "ioprio_get")
        return b"%d\n" % value

    def _text(self, request, tag, text):
        for begin in range(0, max(len(text), 1), FRAME):
            yield frame(DATA, request, tag, text[begin : begin + FRAME])
        yield trailer(FILE, request, tag, errno=0, alive=1)

    def _whole(self, request, tag, name, directory):
        try:
            fd = os.open(name, os.O_RDONLY, dir_fd=directory)
        except OSError as error:
            alive = directory is None or self._alive(directory)
            yield trailer(FILE, request, tag, errno=error.errno or errno.EIO, alive=int(alive))
            return
        try:
            buffer = bytearray(HEADER.size + FRAME)
            view, filled = memoryview(buffer), 0
            any_bytes = False
            while True:
                # maps and smaps come 4 KiB a read: gather them, so that a frame costs one write
                count = os.readv(fd, [view[HEADER.size + filled :]])
                filled += count
                any_bytes = any_bytes or bool(count)
                if filled and (not count or filled > FRAME - 4096):
                    HEADER.pack_into(buffer, 0, MAGIC, VERSION, DATA, request, tag, filled)
                    yield view[: HEADER.size + filled]  # to be used before the next frame is asked for
                    filled = 0
                if not count:
                    break
            alive = 1
            if any_bytes and not self.captured and os.path.basename(name) in OF_ONE_ADDRESS_SPACE:
                os.lseek(fd, 0, os.SEEK_SET)
                alive = int(bool(os.read(fd, 1)))
            yield trailer(FILE, request, tag, errno=0, alive=alive)
        except OSError as error:
            yield trailer(FILE, request, tag, errno=error.errno or errno.EIO, alive=1)
        finally:
            os.close(fd)

    VERBS = {
        "hello": hello, "host": host, "cgroup": cgroup, "users": users, "processes": processes, "threads": threads,
        "files": files, "follow": follow, "tick": tick, "pages": pages,
    }  # fmt: skip


def can_block(verb, arguments):
    """Whether a request needs a worker of its own."""
    if verb in ("processes", "threads", "files"):
        names = arguments[0 if verb == "processes" else 1] if len(arguments) > (verb != "processes") else ""
        return verb != "files" or not BLOCKING.isdisjoint(names.split(","))
    return verb in ("users", "pages", "cgroup")


class Worker:
    """A forked child that answers one request. It writes its frames itself, each under the lock of the answers."""

    def __init__(self, server, request, verb, arguments, progress):
        self.request, self.verb, self.arguments, self.progress = request, verb, arguments, progress
        self.life, life = os.pipe()  # ends when the child does
        self.pid = os.fork()
        if not self.pid:
            self._run(server, life)
        os.close(life)
        self.frames, self.worked, self.heard = 0, 0.0, time.monotonic()

    def _run(self, server, life):
        try:
            # keeps its end of the life pipe and the answers, and nothing else that somebody might wait on
            for fd in (server.requests, self.life, *server.workers):
                os.close(fd)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, ALARM)
            for part in server.reader.answer(self.request, self.verb, self.arguments, self.progress):
                signal.setitimer(signal.ITIMER_REAL, 0)
                self.progress.set("writing", 1)
                server.write(part)
                self.progress.set("frames", self.progress.frames + 1)
                self.progress.set("writing", 0)
                signal.setitimer(signal.ITIMER_REAL, ALARM)
            self.progress.set("ended", 1)
        finally:
            os._exit(0)

    def stuck(self, now):
        """True when it has neither sent a frame nor used the CPU for STALL seconds, and does not wait for us."""
        try:
            worked = time.clock_gettime(~self.pid << 3 | 2)  # the CPU-time clock of that process
        except OSError:
            worked = self.worked
        if self.progress.writing or self.progress.frames != self.frames or worked > self.worked + 0.001:
            self.frames, self.worked, self.heard = self.progress.frames, worked, now
        return now - self.heard > STALL


class Server:
    """Reads requests from one descriptor and writes frames to another until the first one ends."""

    def __init__(self, reader, requests, answers):
        self.reader, self.requests, self.answers = reader, requests, answers
        self.workers = {}  # descriptor of its life pipe -> Worker
        self.abandoned = []  # pids of workers that could not be killed
        self.lock = os.memfd_create("memviz") if hasattr(os, "memfd_create") else answers
        self.poller = select.poll()
        self.poller.register(requests, select.POLLIN)
        self.text = b""
        self.beat = 0.0

    def write(self, part):
        """One frame, whole: the kernel takes the lock from a writer that dies."""
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        try:
            view = memoryview(part)
            while view:
                view = view[os.write(self.answers, view) :]
        finally:
            fcntl.lockf(self.lock, fcntl.LOCK_UN)

    def run(self):
        try:
            while self._turn():
                pass
        except BrokenPipeError:
            pass
        finally:
            for worker in self.workers.values():
                os.kill(worker.pid, signal.SIGKILL)

    def _turn(self):
        for fd, _ in self.poller.poll(250 if self.workers else None):
            if fd == self.requests:
                data = os.read(fd, FRAME)
                self.text += data
                if not data or len(self.text) > LONGEST_REQUEST:
                    return False
                *lines, self.text = self.text.split(b"\n")
                for line in lines:
                    self._begin(line)
            elif fd in self.workers:
                worker = self.workers[fd]
                self._end(worker)
                if worker.progress.writing:
                    return False  # it died in the middle of a frame: nothing after it would make sense
                if not worker.progress.ended:
                    self.write(trailer(END, worker.request, errno=errno.EIO))
        self._watch()
        return True

    def _begin(self, line):
        try:
            number, verb, *arguments = line.decode("ascii").split(" ")
            request = int(number)
        except ValueError:
            self.write(trailer(END, 0, errno=errno.EINVAL))
            return
        if verb == "cancel":
            for worker in [w for w in self.workers.values() if w.request == request]:
                self._cancel(worker)
        elif can_block(verb, arguments):
            self._start(request, verb, arguments, Progress())
        else:
            for part in self.reader.answer(request, verb, arguments):
                self.write(part)

    def _start(self, request, verb, arguments, progress):
        try:
            worker = Worker(self, request, verb, arguments, progress)
        except OSError as error:
            self.write(trailer(END, request, errno=error.errno or errno.EAGAIN))
            return
        self.workers[worker.life] = worker
        self.poller.register(worker.life, select.POLLIN)

    def _cancel(self, worker):
        fcntl.lockf(self.lock, fcntl.LOCK_EX)  # not in the middle of a frame
        try:
            os.kill(worker.pid, signal.SIGKILL)
            worker.progress.set("writing", 0)
        finally:
            fcntl.lockf(self.lock, fcntl.LOCK_UN)
        self._end(worker)

    def _watch(self):
        now = time.monotonic()
        for worker in list(self.workers.values()):
            if worker.stuck(now):
                self._give_up(worker, now)
        if self.workers and now - self.beat > 1:
            self.beat = now
            for worker in self.workers.values():
                self.write(trailer(BEAT, worker.request))
        self.abandoned = [pid for pid in self.abandoned if not reap(pid)]

    def _give_up(self, worker, now):
        """The target is left alone from now on; the same request goes on with what does not block."""
        pid = worker.progress.begun
        self.reader.quarantine[pid] = (self._inode(pid), now + QUARANTINE)
        self._cancel(worker)
        if worker.verb in ("processes", "threads", "files"):
            self._start(worker.request, worker.verb, worker.arguments, worker.progress)
        else:
            self.write(trailer(END, worker.request, errno=errno.ETIMEDOUT, abandoned=len(self.abandoned)))

    def _inode(self, pid):
        try:
            directory = self.reader._process(pid)
        except OSError:
            return -1
        try:
            return self.reader._inode(pid, directory)
        finally:
            os.close(directory)

    def _end(self, worker):
        self.poller.unregister(worker.life)
        del self.workers[worker.life]
        os.close(worker.life)
        if not reap(worker.pid):
            os.kill(worker.pid, signal.SIGKILL)
            deadline = time.monotonic() + 0.2
            while not reap(worker.pid):
                if time.monotonic() > deadline:
                    self.abandoned.append(worker.pid)
                    break
                time.sleep(0.001)


def reap(pid):
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking side; the end of input ends us
    Server(Reader(), 0, 1).run()


if __name__ == "__main__":
    main()
