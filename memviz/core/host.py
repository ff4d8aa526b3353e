"""A host seen through a reader: this machine, another one, a container, or a captured tree."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import math
import threading
import time
from collections.abc import Sequence

from memviz.core.assemble import SNAPSHOT_FILES, assemble, facts_of, has_execed
from memviz.core.cached import cached_property
from memviz.core.deleted import ambiguous, look_up
from memviz.core.facts import Identity, parse_cgroups, read_status
from memviz.core.gather import Answer, absence, check, gather, records
from memviz.core.hello import NO_PROC, Hello, parse_mounts
from memviz.core.identity import Execution, checked_pid
from memviz.core.processes import Processes, kib_after
from memviz.core.regions import RegionTable
from memviz.core.snapshot import NOT_MEASURED, Absence, Sample, Snapshot, no_memory
from memviz.core.source import PageRuns, ProcessRow
from memviz.core.threads import living_thread, stack_pointers
from memviz.errors import Malformed, MemvizError, ProcessGone, Unsupported, error_of
from memviz.proc import forking, reader
from memviz.proc.keyed import capabilities
from memviz.proc.link import ReaderLink
from memviz.proc.maps import MapsDecoder
from memviz.proc.pagemap import PageDecoder
from memviz.proc.smaps import SmapsDecoder
from memviz.proc.stat import Stat, parse_stat, parse_statm
from memviz.text import shown

RETRIES = 4  # of a snapshot that came torn: under churn 1 to 5 % of reads do
STATM_WORDS = 7
USUAL_PAGE_SIZE = 4096
PAGE_SIZES = frozenset(1 << shift for shift in range(10, 31))
MOST_TICKS = 1_000_000  # a second
LONGEST_WORD = 200  # of a reader's greeting
OPTIONAL = frozenset(("thp_enabled",))  # files of the host that lie outside of /proc
READ = ("torn", "malformed")  # smaps was read, and makes no sense: nor would maps


class Users:
    """Names of the users of a host. Not a method of the host, which the list of processes would hold alive."""

    def __init__(self, link: ReaderLink) -> None:
        self._link = link
        self._known: dict[int, bytes] = {}

    def name(self, uid: int) -> bytes:
        """The bytes of the user's name; the number where it has none."""
        if uid not in self._known:
            name = b"%d" % uid
            for frame in self._link.ask("users", str(uid)):
                if frame.kind == reader.DATA and b"=" in frame.data:
                    name = frame.data.partition(b"=")[2]
            self._known[uid] = name
        return self._known[uid]


class Host:
    """The Source that asks a reader; see `source.Source`. Any number of threads may use it."""

    def __init__(self, link: ReaderLink, name: str = "this machine") -> None:
        self.link, self.name = link, name
        self._users = Users(link)
        self._follow = threading.Lock()
        self._followed: tuple[int, ...] = ()
        forking.renew_in_children(self)

    def renew(self) -> None:
        """In a forked child, whose reader is another one, perhaps of another user, and follows nobody yet."""
        self._follow, self._followed = threading.Lock(), ()
        for name in ("hello", "_processes"):
            self.__dict__.pop(name, None)

    def close(self) -> None:
        self.link.close()

    @cached_property
    def hello(self) -> Hello:
        """Asked once: page size, clock ticks, kernel, and what the reader may read."""
        words: dict[str, str] = {}
        for frame in self.link.ask("hello"):
            if frame.kind == reader.DATA:
                lines = frame.data.decode("utf-8", "replace").split("\n")
                words.update((key, value) for key, _, value in (line.partition("=") for line in lines) if key)
        names = ["boot_id", "reader_status", "ptrace_scope", "reader_mounts"]
        host = gather(self.link, "host", (",".join(names),), names)
        scope = host.text("ptrace_scope")
        captured = words.get("captured") == "1"
        _check_greeting(words)
        usual = self._captured_page_size() if captured else None
        try:
            return Hello(
                captured=captured, page_size=int(words.get("page_size", usual or USUAL_PAGE_SIZE)),
                page_size_told=not captured or usual is not None,
                clock_ticks=int(words.get("clock_ticks", 100)), kernel=words.get("kernel", ""),
                machine=words.get("machine", ""), uid=int(words["uid"]) if "uid" in words else None,
                cpus=int(words["cpus"]) if "cpus" in words else None, time=float(words.get("time", 0)),
                boot_id=(host.text("boot_id") or b"").strip().decode("ascii", "replace"),
                capabilities=capabilities(host.text("reader_status") or b""),
                ptrace_scope=int(scope) if scope and scope.strip().isdigit() else None,
                python=words.get("python", ""),
                unconfined=_words(words["unconfined"]) if "unconfined" in words else None,
                proc_mount=None if captured else parse_mounts(host.text("reader_mounts") or b""),
                has_proc=words.get("proc") != "0",
            )  # fmt: skip
        except ValueError:
            raise Malformed("the reader's greeting makes no sense") from None

    def _captured_page_size(self) -> int | None:
        """What a captured tree was counted in: VmSize of status by the pages of statm, of the first process that tells
        both; None where none does."""
        for _, _, (statm, status) in records(self.link.ask("processes", "statm,status"), 2):
            if isinstance(statm, bytes) and isinstance(status, bytes):
                with contextlib.suppress(Malformed):
                    pages, size = parse_statm(statm).size, kib_after(status, b"\nVmSize:\t")
                    if pages and size and size % pages == 0:
                        return size // pages
        return None

    # -- processes --------------------------------------------------------------------------------------------------

    def processes(self) -> list[ProcessRow]:
        """All processes in order of pid; one that ends meanwhile is left out, one that is stuck lacks its command.
        Raises Unsupported where there is no /proc."""
        self.need_proc()
        return self._processes.all()

    def need_proc(self) -> None:
        """Raises Unsupported where nothing can be asked of any process."""
        if not self.hello.has_proc:
            raise Unsupported(f"{NO_PROC.detail}: {NO_PROC.remedy}")

    @cached_property
    def _processes(self) -> Processes:
        return Processes(self.link, self.hello, self._users.name)

    def control_groups(self) -> dict[int, str]:
        """The path of the control group of every process that tells it, by pid."""
        found = records(self.link.ask("processes", "cgroup"), 1)
        return {pid: _group_path(text) for pid, _, (text,) in found if isinstance(text, bytes)}

    def raw_user(self, uid: int) -> bytes:
        """The user's name on that host; the number where it has none."""
        return self._users.name(uid)

    def user(self, uid: int | None) -> str | None:
        """The name of a user of that host as it is shown; None where the user is not known."""
        return shown(self.raw_user(uid)) if uid is not None else None

    def resident(self, pids: Sequence[int]) -> list[int | None]:
        """RSS in bytes of each of these processes through kept descriptors; None for one that has gone, for good, and
        for one without an address space."""
        with self._follow:
            wanted = tuple(map(checked_pid, pids))
            if wanted != self._followed:
                self._followed = ()  # whatever happens now, the reader may follow others than before
                for frame in self.link.ask("follow", ",".join(map(str, wanted))):
                    if frame.kind == reader.END:
                        check(frame, ())
                self._followed = wanted
            text = b"".join(frame.data for frame in self.link.ask("tick") if frame.kind == reader.DATA)
        page = self.hello.page_size
        words = text.split()
        if b"-" not in text and len(words) == STATM_WORDS * len(wanted):
            return [_resident(words[at : at + 2], page) for at in range(0, len(words), STATM_WORDS)]
        lines = text.split(b"\n")[:-1]
        if len(lines) != len(wanted):
            raise Malformed("the reader's tick has another length than was asked for")
        return [None if line.startswith(b"-") else _resident(line.split(b" ", 2), page) for line in lines]

    def execution(self, pid: int) -> Execution:
        """Which process has the number now, and which program it runs: counters alone. Raises ProcessGone."""
        names = ["stat", "status"]
        answer = gather(self.link, "files", (str(checked_pid(pid)), ",".join(names)), names)
        stat_text = answer.text("stat")
        if stat_text is None:
            raise self._no_stat(pid, answer)
        stat, status = parse_stat(stat_text), read_status(answer.text("status") or b"")[0]
        return Execution.of(Identity(self.hello.boot_id, answer.inode, stat.pid, stat.start_ticks), stat, status)

    def _no_stat(self, pid: int, answer: Answer) -> MemvizError:
        if self.hello.captured and answer.files["stat"].errno == errno.ENOENT:
            return Unsupported(f"process {pid}: its stat is not in the captured tree")
        return ProcessGone(f"process {pid} does not exist, or has ended")

    def sample(self, pid: int) -> Sample:
        """The cheap counters of one process: about 50 us of the kernel's time, no lock of the target."""
        pid = checked_pid(pid)
        self.need_proc()
        names = ["stat", "statm", "status"]
        answer = gather(self.link, "files", (str(pid), ",".join(names)), names)
        stat_text, statm_text = answer.text("stat"), answer.text("statm")
        if self.hello.captured and (stat_text is None or statm_text is None):
            raise Unsupported(f"process {pid}: its {'statm' if stat_text else 'stat'} is not in the captured tree")
        if stat_text is None or statm_text is None:
            raise ProcessGone(f"process {pid} has ended")
        stat = parse_stat(stat_text)
        if stat.leader_is_over and not stat.has_ended:
            statm_text = self._through_a_thread(pid, answer, stat) or statm_text
        statm = parse_statm(statm_text)
        if not statm.size:  # nobody who has an address space has one of no pages
            raise without_memory(stat)
        status = read_status(answer.text("status") or b"")[0]
        page = self.hello.page_size
        return Sample(
            time=time.time(), identity=Identity(self.hello.boot_id, answer.inode, pid, stat.start_ticks),
            rss=statm.resident * page, vms=statm.size * page, rss_anonymous=status.get("RssAnon"),
            rss_file=status.get("RssFile"), rss_shmem=status.get("RssShmem"), swap=status.get("VmSwap"),
            minor_faults=stat.minor_faults, major_faults=stat.major_faults,
            cpu_seconds=(stat.user_ticks + stat.system_ticks) / self.hello.clock_ticks, threads=stat.threads,
        )  # fmt: skip

    def _through_a_thread(self, pid: int, answer: Answer, stat: Stat) -> bytes | None:
        """Puts statm and status of a living thread into the answer: those of a first thread that has ended say 0. None
        where all of them are on their way out."""
        names, tid = ["statm", "status"], self._living_thread(pid, stat)
        if tid is not None:
            answer.files.update(gather(self.link, "files", (str(pid), ",".join(names), str(tid)), names).files)
            if (statm := answer.text("statm")) is not None:
                return statm
            raise Unsupported(f"process {pid}: its first thread has ended, and no other could be read just now")
        return None

    # -- one process as a whole -------------------------------------------------------------------------------------

    def snapshot(self, pid: int, *, measured: bool = True) -> Snapshot:
        """Raises ProcessGone when it ends or execs meanwhile; what may not be read is in `absent`."""
        pid = checked_pid(pid)
        self.need_proc()
        for attempt in range(RETRIES):
            last = attempt == RETRIES - 1 or self.hello.captured  # a capture says the same every time
            result = self._snapshot(pid, measured, accept_torn=last)
            why = result.absent.get("regions") if result is not None and measured else None
            if result is not None and why is not None and result.no_memory is None and why.reason not in READ:
                return self._without_smaps(result)
            if result is not None:
                return result
        raise AssertionError("the last attempt accepts what it gets")

    def _without_smaps(self, refused: Snapshot) -> Snapshot:
        """maps where smaps cannot be read: the regions without what of them is in memory."""
        try:
            plain = self.snapshot(refused.pid, measured=False)
        except MemvizError:
            return refused
        if "regions" in plain.absent:
            return refused
        return dataclasses.replace(plain, absent={**plain.absent, "residency": refused.absent["regions"]})

    def _snapshot(self, pid: int, measured: bool, accept_torn: bool) -> Snapshot | None:
        source = "smaps" if measured else "maps"
        answer, decoder = self._files(pid, [*SNAPSHOT_FILES, source, "stat"], source)
        stat_text = answer.text("stat")
        if stat_text is None:
            raise self._no_stat(pid, answer)
        stat, is_ending = parse_stat(answer.text("stat again") or stat_text), False
        if stat.leader_is_over and not stat.has_ended:
            # only its living threads still lead to its memory
            tid = self._living_thread(pid, stat)
            is_ending = tid is None
            if tid is not None:
                through, decoder = self._files(pid, ["statm", "status", source], source, tid)
                answer.files.update(through.files)
        file = answer.files[source]
        if not file.errno and (not file.whole or has_execed(answer)):
            if not accept_torn:
                return None  # the address space went away under us: an exec shows on the next try, an exit too
            raise ProcessGone(f"process {pid} ended or ran another program each time it was read")
        if file.errno == errno.EIO and not accept_torn:
            return None
        facts = facts_of(answer, self.hello, stat, is_ending=is_ending)
        pointers = stack_pointers(self.link, pid) if stat.threads > 1 and not file.errno else ()
        # rows before an error are not the map: whoever adds them up would take them for it
        raw = decoder.finish() if not file.errno else MapsDecoder().finish()
        names = look_up(self.link, pid, ambiguous(RegionTable.of(raw))) if not self.hello.captured else {}
        return assemble(answer, facts, self.hello, source, file, raw, pointers, accept_torn, names)

    def _files(
        self, pid: int, names: list[str], source: str, tid: int | None = None
    ) -> tuple[Answer, MapsDecoder | SmapsDecoder]:
        """Files of a process, through one of its threads where `tid` is given; `source` streams into its decoder."""
        decoder = SmapsDecoder() if source == "smaps" else MapsDecoder()
        arguments = (str(pid), ",".join(names), *([str(tid)] if tid is not None else []))
        return gather(self.link, "files", arguments, names, {names.index(source): decoder}), decoder

    def _living_thread(self, pid: int, stat: Stat | None = None) -> int | None:
        return living_thread(self.link, pid, stat, captured=self.hello.captured)

    # -- pages ------------------------------------------------------------------------------------------------------

    def pages(self, pid: int, ranges: Sequence[tuple[int, int]], *, how: str = "scan") -> PageRuns:
        """PAGEMAP_SCAN in half-open ranges; `how="pagemap"` is what kernels before 6.7 get."""
        pid = checked_pid(pid)
        if self.hello.captured:
            raise Unsupported("a captured tree has no page tables to walk")
        text = ",".join(f"{start:x}-{end:x}" for start, end in ranges)
        if not text:
            return PageRuns(*PageDecoder(self.hello.page_size).finish())
        arguments = (str(pid), str(PageDecoder.MASK), text, how)
        try:
            return self._pages(arguments)
        except ProcessGone:  # only through its living threads, if its first one has ended
            tid = self._living_thread(pid)
            if tid in (None, pid):
                raise
        return self._pages((*arguments, str(tid)))

    def _pages(self, arguments: tuple[str, ...]) -> PageRuns:
        decoder, rest = PageDecoder(self.hello.page_size), None
        for frame in self.link.ask("pages", *arguments):
            if frame.kind == reader.END:
                check(frame, arguments)
                found = frame.values().get("rest")
                rest = int(found, 16) if found else None
            elif frame.kind == reader.DATA:
                decoder.feed(frame.tag, frame.data)
        return PageRuns(*decoder.finish(), rest=rest)

    def mapped_size(self, pid: int, start: int, end: int) -> int | None:
        """Bytes of the file that a region maps; None where no regular file is, or the reader may not look."""
        try:
            frames = list(self.link.ask("mapped", str(pid), f"{start:x}-{end:x}"))
            check(frames[-1], (str(pid),))
        except MemvizError:
            return None
        text = b"".join(frame.data for frame in frames if frame.kind == reader.DATA).strip()
        return int(text) if text.isdigit() else None

    def host_files(self, names: Sequence[str]) -> dict[str, bytes | Absence]:
        """Files about the whole host by the reader's names for them."""
        answer = gather(self.link, "host", (",".join(names),), list(names))
        result: dict[str, bytes | Absence] = {}
        for name, file in answer.files.items():
            why = absence(file.errno, name, captured=self.hello.captured) if file.errno else None
            if file.errno == errno.ENOENT and name not in OPTIONAL:
                why = self.hello.why_no_file or why
            elif not file.errno and not file.text:
                why = Absence("hidden", f"{name} is empty: something has been mounted over it")
            result[name] = why or file.text
        return result


def _check_greeting(words: dict[str, str]) -> None:
    """Raise Malformed where a reader tells what cannot be: everything is counted by it."""
    try:
        size, ticks = int(words.get("page_size", USUAL_PAGE_SIZE)), int(words.get("clock_ticks", 100))
        makes_sense = size in PAGE_SIZES and 0 < ticks <= MOST_TICKS and math.isfinite(float(words.get("time", 0)))
    except ValueError:
        makes_sense = False
    if not makes_sense or max(map(len, words.values()), default=0) > LONGEST_WORD:
        raise Malformed("the reader's greeting makes no sense")


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _resident(statm: list[bytes], page: int) -> int | None:
    """RSS by the first two words of statm; None where there is no address space (a zombie, one that is ending)."""
    return int(statm[1]) * page if statm[0] != b"0" else None


def without_memory(stat: Stat) -> MemvizError:
    """The error that says why a process has no address space."""
    why = no_memory(stat, is_ending=True) or NOT_MEASURED
    return error_of(why.reason)(f"process {stat.pid}: {why.detail}")


def _group_path(text: bytes) -> str:
    groups = parse_cgroups(text)
    return shown(groups.get("", "") if groups.get("", "/") != "/" else groups.get("memory", groups.get("", "")))
