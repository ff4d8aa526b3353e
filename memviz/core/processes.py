"""The list of all processes, for who asks for it again and again."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from memviz.core.facts import Identity, raw_name, split_command
from memviz.core.gather import absence, records
from memviz.core.hello import Hello
from memviz.core.snapshot import Absence, no_memory
from memviz.core.source import ProcessRow
from memviz.core.threads import is_ending
from memviz.errors import Malformed
from memviz.proc.link import ReaderLink
from memviz.proc.reader import COUNTERS
from memviz.proc.stat import parse_stat
from memviz.text import is_exact, shown

# What a row is made of. RSS is that of status, which is exact, as that of statm is; stat's leaves out what the
# processors have not yet added up.
LISTED = (*COUNTERS, "cmdline")
# Command lines take a lock of their process and a worker of the reader. After the first list they are read of processes
# that are new or have another name, and in every so manieth list of all, since a program may rewrite its own.
ROUND = 10


class Told(NamedTuple):
    """What was read of one process: the files' bytes, or why there are none (errno)."""

    inode: int
    stat: bytes | int
    status: bytes | int
    command: bytes | int


class Processes:
    """Remembers what it read last: who has not changed keeps its row, the very same object."""

    def __init__(self, link: ReaderLink, hello: Hello, user: Callable[[int], bytes]) -> None:
        self._link, self._hello, self._user = link, hello, user
        self._lock = threading.Lock()
        self._lists = 0
        self._known: dict[int, tuple[Told, ProcessRow | None]] = {}

    def all(self) -> list[ProcessRow]:
        """Rows in order of pid; a command line may be `ROUND` lists old."""
        with self._lock:
            found = self._anew() if self._hello.captured or not self._known else self._again()
            self._known = {pid: (told, self._kept(pid, told)) for pid, told in found}
            self._lists += 1
            return [row for _, row in self._known.values() if row is not None]

    def _anew(self) -> Iterator[tuple[int, Told]]:
        for pid, inode, (stat, status, command) in records(self._link.ask("processes", ",".join(LISTED)), len(LISTED)):
            yield pid, Told(inode, stat, status, command)

    def _again(self) -> Iterator[tuple[int, Told]]:
        told = {
            pid: Told(inode, stat, status, self._known[pid][0].command if pid in self._known else errno.ESRCH)
            for pid, inode, (stat, status) in records(self._link.ask("counters"), len(COUNTERS))
        }
        everybody = self._lists % ROUND == 0
        asked = [pid for pid, now in told.items() if self._is_asked(pid, now, everybody)]
        if asked:
            frames = self._link.ask("processes", "cmdline", ",".join(map(str, asked)))
            for pid, inode, (command,) in records(frames, 1):
                if inode == told[pid].inode or isinstance(command, int):
                    told[pid] = told[pid]._replace(command=command)
                else:
                    del told[pid]  # it has ended, and another has its number already: the next list has that one
        yield from told.items()

    def _is_asked(self, pid: int, now: Told, everybody: bool) -> bool:
        """Whether it is new, or may run another program than before. Who did not answer is asked again when it has done
        something since, and not in every round: it would hold up the list again."""
        if pid not in self._known:
            return True
        before = self._known[pid][0]
        if before.command == errno.ETIMEDOUT:
            return now.stat != before.stat
        return everybody or now.inode != before.inode or _name(now.stat) != _name(before.stat)

    def _kept(self, pid: int, told: Told) -> ProcessRow | None:
        before, row = self._known.get(pid, (None, None))
        if before == told and (row is None or row.threads == 1 or not (row.is_ending or row.state in "ZX")):
            return row  # else its other threads decide how it stands
        with contextlib.suppress(Malformed):  # a capture may hold anything, and one odd process is not all of them
            now = self._row(pid, told)
            return row if row == now else now
        return None

    def _row(self, pid: int, told: Told) -> ProcessRow | None:
        inode, stat_text, status_text, command_text = told
        if isinstance(stat_text, int):
            return None
        stat = parse_stat(stat_text)
        absent = {}
        command: tuple[bytes, ...] | None = None
        if isinstance(command_text, bytes):
            command = split_command(command_text)
        else:
            absent["command"] = absence(command_text, "cmdline", captured=self._hello.captured)
        uid = swap = anonymous = None
        rss = vms = None
        if isinstance(status_text, bytes):
            uid = _number_after(status_text, b"\nUid:\t")
            swap, anonymous = kib_after(status_text, b"\nVmSwap:\t"), kib_after(status_text, b"\nRssAnon:\t")
            rss, vms = kib_after(status_text, b"\nVmRSS:\t"), kib_after(status_text, b"\nVmSize:\t")
        else:
            absent["status"] = absence(status_text, "status", captured=self._hello.captured)
        ending = is_ending(self._link, pid, stat)
        if isinstance(status_text, bytes) and rss is None and not self._hello.captured:
            ending = ending or not (stat.is_kernel_thread or stat.leader_has_ended)  # since its stat was read
        why = no_memory(stat, is_ending=ending) or absent.get("status")
        if why is None and stat.leader_is_over:
            why = Absence("unsupported", "its first thread has ended: stat tells nothing of the others' memory")
        why = why or Absence("unsupported", "this kernel's status does not tell it")
        private_swap = anonymous + swap if anonymous is not None and swap is not None else None
        unknown = {"rss": rss, "vms": vms, "swap": swap, "private_swap": private_swap}
        absent |= {name: why for name, value in unknown.items() if value is None}
        if uid is None:
            absent["user"] = absent.get("status") or Absence("unsupported", "status does not tell it")
        texts = {"name": raw_name(stat.comm, command or ())}
        if command is not None:
            texts["command"] = b" ".join(command)
        if uid is not None:
            texts["user"] = self._user(uid)
        words = {name: shown(text) for name, text in texts.items()}
        return ProcessRow(
            identity=Identity(self._hello.boot_id, inode, pid, stat.start_ticks), ppid=stat.ppid,
            name=words["name"], command=words.get("command"), state=stat.state, user=words.get("user"),
            threads=stat.threads,
            rss=rss, vms=vms, swap=swap,
            private_swap=private_swap,
            cpu_seconds=(stat.user_ticks + stat.system_ticks) / self._hello.clock_ticks,
            is_kernel_thread=stat.is_kernel_thread, is_ending=ending,
            absent=absent or None,
            raw={name: text for name, text in texts.items() if not is_exact(text)} or None,
        )  # fmt: skip


def _name(stat: bytes | int) -> bytes | int:
    """Up to the end of the name that stat gives."""
    return stat if isinstance(stat, int) else stat[: stat.rfind(b")")]


def _number_after(text: bytes, key: bytes) -> int | None:
    """The number that stands behind a key of status; a regular expression would take ten times as long."""
    at = text.find(key)
    if at < 0:
        return None
    words = text[at + len(key) : at + len(key) + 32].split(None, 1)
    return int(words[0]) if words and words[0].isdigit() else None


def kib_after(text: bytes, key: bytes) -> int | None:
    """Bytes, of a line of status that tells KiB."""
    count = _number_after(text, key)
    return count << 10 if count is not None else None
