"""Processes together: who descends from whom, and what several processes cost as one."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from memviz.core.cached import cached_property
from memviz.core.cgroup import ControlGroup
from memviz.core.facts import Identity, read_status
from memviz.core.gather import absence, gather, records
from memviz.core.host import Host
from memviz.core.readings import DERIVED, MEASURED, Part, balance
from memviz.core.snapshot import Absence, no_memory
from memviz.core.source import ProcessRow
from memviz.core.system import part_as_dict
from memviz.core.threads import is_ending
from memviz.core.unknown import account
from memviz.errors import Malformed, MemvizError, ProcessGone
from memviz.proc.keyed import parse_counts
from memviz.proc.stat import Stat, parse_stat, parse_statm
from memviz.text import hex_entry, shown

# -- who descends from whom -------------------------------------------------------------------------------------------


class Branch(NamedTuple):
    """A process and how deep it stands below the one that was asked for."""

    row: ProcessRow
    depth: int


def process_tree(rows: Sequence[ProcessRow], pid: int) -> tuple[Branch, ...]:
    """A process and all that descend from it, each parent before its children, siblings in the order of `rows`. Raises
    ProcessGone when it is not among them."""
    children = _children(rows)
    for row in rows:
        if row.pid == pid:
            return tuple(_below(row, children, set()))
    raise ProcessGone(f"process {pid} does not exist, or has ended")


def process_forest(rows: Sequence[ProcessRow]) -> tuple[Branch, ...]:
    """Every process once: below its parent, or at depth 0 where that is not among `rows` or where parents go in a
    circle (rows are read one after the other, and a number may have been given away meanwhile)."""
    children = _children(rows)
    below = {row.pid for siblings in children.values() for row in siblings}
    seen: set[int] = set()
    branches: list[Branch] = []
    for row in (*(row for row in rows if row.pid not in below), *rows):
        if row.pid not in seen:
            branches.extend(_below(row, children, seen))
    return tuple(branches)


def _children(rows: Sequence[ProcessRow]) -> dict[int, list[ProcessRow]]:
    """By parent. A process that is older than its parent is nobody's child: the parent's number was given away."""
    by_pid = {row.pid: row for row in rows}
    children: dict[int, list[ProcessRow]] = {}
    for row in rows:
        parent = by_pid.get(row.ppid)
        if parent is not None and parent is not row and parent.identity.start_ticks <= row.identity.start_ticks:
            children.setdefault(parent.pid, []).append(row)
    return children


def _below(row: ProcessRow, children: Mapping[int, list[ProcessRow]], seen: set[int]) -> Iterable[Branch]:
    waiting = [Branch(row, 0)]
    while waiting:
        branch = waiting.pop()
        if branch.row.pid in seen:
            continue
        seen.add(branch.row.pid)
        yield branch
        waiting.extend(Branch(child, branch.depth + 1) for child in reversed(children.get(branch.row.pid, ())))


# -- what they cost together ------------------------------------------------------------------------------------------

FILES = ("stat", "statm", "status", "smaps_rollup")
# Column to lines of smaps_rollup; Pss_Anon and the other two kinds since Linux 5.0
SUMMED: Mapping[str, tuple[str, ...]] = {
    "rss": ("Rss",), "pss": ("Pss",), "uss": ("Private_Clean", "Private_Dirty"), "swap": ("Swap",),
    "swap_pss": ("SwapPss",), "pss_anonymous": ("Pss_Anon",), "pss_file": ("Pss_File",), "pss_shmem": ("Pss_Shmem",),
}  # fmt: skip
NOTHING_TOLD = Absence("gone", "its smaps_rollup is empty: it ended while it was read")


@dataclass(frozen=True, slots=True)
class Member:
    """One process of a sum: sizes in bytes by the names of SUMMED, None where unknown (`absent` says why). One that has
    no address space (a kernel thread, a process that has ended or is ending) says so in `without_memory`."""

    pid: int
    name: str
    sizes: Mapping[str, int | None]
    absent: Absence | None
    without_memory: bool = False
    identity: Identity | None = None  # of whom this was read; None of one that is gone
    raw_name: bytes = b""


@dataclass(frozen=True)
class Together:
    """Several processes as one. A total adds up the processes that could be read; `unread` tells how many could not."""

    members: tuple[Member, ...]
    alike: tuple[tuple[int, ...], ...]  # processes that may share one address space, see `doubt`

    @cached_property
    def totals(self) -> dict[str, int | None]:
        """Sums over the members where it is known, by the names of SUMMED; None where it is known of none.

        PSS may be added up: shared pages are divided. RSS counts them once a process, USS not at all."""
        result: dict[str, int | None] = {}
        nobody = all(member.without_memory for member in self.members)
        for name in SUMMED:
            known = [size for member in self.members if (size := member.sizes[name]) is not None]
            result[name] = sum(known) if known or nobody else None
        return result

    @property
    def unread(self) -> tuple[Member, ...]:
        """The processes whose PSS is not in the total."""
        return tuple(member for member in self.members if member.sizes["pss"] is None and not member.without_memory)

    @property
    def doubt(self) -> int:
        """Bytes of PSS that are counted too often if the processes in `alike` share their address spaces (vfork, or
        clone with CLONE_VM): the kernel tells each of them the whole of it, and not that it is the same."""
        pss = {member.pid: member.sizes["pss"] or 0 for member in self.members}
        return sum(pss[pid] for group in self.alike for pid in group[1:])


def sum_processes(host: Host, pids: Iterable[int]) -> Together:
    """Reads smaps_rollup of each, in one request: as long as the kernel takes to walk their page tables. One that is
    stuck costs its own row (and two seconds); what may not be read falls back to RSS and swap from statm and status."""
    wanted = sorted(set(pids))
    if not wanted:
        return Together((), ())
    frames = host.link.ask("processes", ",".join(FILES), ",".join(map(str, wanted)))
    members: list[Member] = []
    alike: dict[tuple[object, ...], list[int]] = {}
    for pid, inode, files in records(frames, len(FILES)):
        stat_text, rollup = files[0], files[3]
        if isinstance(stat_text, int):
            members.append(_gone(pid, absence(stat_text, "stat", captured=host.hello.captured)))
            continue
        stat = parse_stat(stat_text)
        if isinstance(rollup, int) and rollup == errno.ESRCH and stat.leader_is_over and stat.threads > 1:
            rollup = _through_a_thread(host, pid)
        identity = Identity(host.hello.boot_id, inode, pid, stat.start_ticks)
        members.append(replace(_member(host, pid, stat, files, rollup), identity=identity, raw_name=stat.comm))
        if isinstance(rollup, bytes) and members[-1].sizes["rss"]:
            layout = (stat.start_code, stat.start_stack, stat.start_data, stat.start_brk, stat.vms, rollup)
            alike.setdefault(layout, []).append(pid)
    return Together(tuple(members), tuple(tuple(group) for group in alike.values() if len(group) > 1))


def _gone(pid: int, why: Absence) -> Member:
    return Member(pid, "", dict.fromkeys(SUMMED), why._replace(reason="gone") if why.reason == "unsupported" else why)


def _member(host: Host, pid: int, stat: Stat, files: Sequence[bytes | int], rollup: bytes | int) -> Member:
    name, captured = shown(stat.comm), host.hello.captured
    if isinstance(rollup, bytes):
        try:
            sizes = _sizes(rollup)
        except Malformed as error:
            return Member(pid, name, dict.fromkeys(SUMMED), Absence("malformed", f"smaps_rollup: {error}"))
        return Member(pid, name, sizes, NOTHING_TOLD if sizes["pss"] is None else None)
    statm, status = (parse_statm(files[1]) if isinstance(files[1], bytes) else None), files[2]
    no_pages = statm is not None and not statm.size
    ending = is_ending(host.link, pid, stat) or (no_pages and not stat.leader_is_over)  # since its stat was read
    without = no_memory(stat, is_ending=ending) if no_pages or rollup == errno.ESRCH else None
    if without is not None:
        return Member(pid, name, dict.fromkeys(SUMMED), without, without_memory=True)
    sizes = dict.fromkeys(SUMMED)
    if statm is not None and statm.size:
        sizes["rss"] = statm.resident * host.hello.page_size
    if isinstance(status, bytes):
        sizes["swap"] = read_status(status)[0].get("VmSwap")
    remedy = ""
    if rollup in (errno.EACCES, errno.EPERM):
        remedy = "read it as its user or as root: `memviz --via sudo …`"
        if host.hello.uid == 0:
            remedy = "root lacks CAP_SYS_PTRACE here, or a security module forbids it"
    return Member(pid, name, sizes, absence(rollup, "smaps_rollup", captured=captured, remedy=remedy))


def _sizes(rollup: bytes) -> dict[str, int | None]:
    """The first line is an address range, as in smaps; a column of several lines needs all of them."""
    counts = parse_counts(rollup.partition(b"\n")[2])
    return {
        column: sum(counts[line] for line in lines) if counts.keys() >= set(lines) else None
        for column, lines in SUMMED.items()
    }


def _through_a_thread(host: Host, pid: int) -> bytes | int:
    """The first thread has ended and others live on: only theirs still lead to the address space."""
    try:
        for tid, _, (text,) in records(host.link.ask("threads", str(pid), "stat"), 1):
            if isinstance(text, bytes) and not parse_stat(text).leader_is_over:
                answer = gather(host.link, "files", (str(pid), "smaps_rollup", str(tid)), ["smaps_rollup"])
                return answer.text("smaps_rollup") or answer.files["smaps_rollup"].errno or errno.ESRCH
    except MemvizError:
        pass  # it ended meanwhile
    return errno.ESRCH


# -- against a control group ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group's charge: what its processes' PSS shows, what it does not, and what is left, summing exactly to `total`.

    A difference may be below zero: pages are charged to the group that used them first, so processes can map pages that
    another group pays for. `unread` processes could not be read: what they have counts as not shown."""

    total: int | None
    parts: tuple[Part, ...]
    unread: int


class _Kind(NamedTuple):
    charged: str  # part of the group's waterfall
    column: str  # of SUMMED
    title: str
    rest_title: str
    explanation: str


_KINDS = (
    _Kind("anonymous", "pss_anonymous", "Anonymous, in its processes", "Anonymous, not in their PSS",
        "Anonymous memory that is charged here and that no process of the group shows: of processes that have just "
        "ended or were moved, or shared with processes elsewhere."),
    _Kind("page_cache", "pss_file", "Files, mapped by its processes", "Page cache not mapped",
        "Page cache that was read or written for the group first and is mapped by none of its processes. It is dropped "
        "when memory is needed. Below zero: its processes map files, as libraries, that another group pays for."),
    _Kind("shmem", "pss_shmem", "Shared memory, mapped by its processes", "Shared memory not mapped",
        "tmpfs files, memfds and shared memory that no process of the group maps: it stays until it is removed."),
)  # fmt: skip


def compare(group: ControlGroup, together: Together) -> Comparison:
    """The group's own charge against its processes (all of its members, those below it included). Where some of them
    could not be read, the explanation of every difference says so."""
    charged = {part.name: part for part in group.waterfall}
    kinds = [_kind_parts(kind, charged[kind.charged], together) for kind in _KINDS]
    shown_parts = [pair[0] for pair in kinds]
    hidden_parts = [pair[1] for pair in kinds]
    if any(part.absent is not None for part in shown_parts):
        shown_parts, hidden_parts = _undivided(charged, together)
    rest = [_open_again(part) for part in group.waterfall if part.name not in {kind.charged for kind in _KINDS}]
    unread = len(together.unread)
    if unread:
        more = f" What the {unread} processes have that could not be read is in here too."
        hidden_parts = [replace(part, explanation=part.explanation + more) for part in hidden_parts]
    parts = balance(group.current, (*shown_parts, *hidden_parts, *rest))
    return Comparison(group.current, parts, unread)


def _open_again(part: Part) -> Part:
    """The remainder of the group's own waterfall is to be worked out anew."""
    return Part(part.name, part.title, part.kind, None, DERIVED, part.explanation) if part.name == "other" else part


def _kind_parts(kind: _Kind, charged: Part, together: Together) -> tuple[Part, Part]:
    pss = together.totals[kind.column]
    untold = Absence("unsupported", f"smaps_rollup of these processes does not tell {kind.column} (Linux 5.0)")
    inside = Part(
        f"mapped_{kind.charged}", kind.title, charged.kind, pss, MEASURED,
        "The sum of the proportional sizes of its processes, of this kind.", None if pss is not None else untold,
    )  # fmt: skip
    left = charged.size - pss if charged.size is not None and pss is not None else None
    why = None if left is not None else charged.absent or untold
    return inside, Part(f"other_{kind.charged}", kind.rest_title, charged.kind, left, DERIVED, kind.explanation, why)


def _undivided(charged: Mapping[str, Part], together: Together) -> tuple[list[Part], list[Part]]:
    """For kernels whose smaps_rollup does not divide PSS into kinds."""
    pss = together.totals["pss"]
    why = None if pss is not None else Absence("denied", "the PSS of none of these processes could be read")
    inside = Part("mapped", "Its processes (PSS)", "processes", pss, MEASURED,
                  "The sum of the proportional sizes of its processes.", why)  # fmt: skip
    sizes = [charged[kind.charged].size for kind in _KINDS]
    known = [size for size in sizes if size is not None]
    left = sum(known) - pss if known and pss is not None else None
    return [inside], [
        Part("other_memory", "Files and memory, not in their PSS", "files", left, DERIVED,
             "Anonymous memory, page cache and shared memory that are charged here and that its processes do not show.",
             None if left is not None else why or charged["anonymous"].absent)
    ]  # fmt: skip


# -- plain ------------------------------------------------------------------------------------------------------------


def together_as_dict(together: Together) -> dict[str, Any]:
    """Totals, members and what could not be read."""
    answer = {
        "totals": together.totals, "count": len(together.members), "unread": len(together.unread),
        "alike": [list(group) for group in together.alike], "doubt": together.doubt,
        "processes": [
            {"pid": m.pid, "name": m.name, **hex_entry("name", m.raw_name), **m.sizes,
             "without_memory": m.without_memory, "absent": m.absent._asdict() if m.absent is not None else {}}
            for m in together.members
        ],
    }  # fmt: skip
    return account(answer, lambda name: why_of_total(together))


def why_of_total(together: Together) -> Absence:
    """Why a sum over processes is not known: as that of the first that could not be read."""
    why = next((member.absent for member in together.unread if member.absent is not None), None)
    return why or Absence("unsupported", "this kernel does not tell it of any of these processes")


def comparison_as_dict(comparison: Comparison) -> dict[str, Any]:
    """The total and its parts."""
    parts = [part_as_dict(part) for part in comparison.parts]
    answer = {"total": comparison.total, "parts": parts, "unread": comparison.unread}
    return account(answer, lambda name: Absence("unsupported", "the charge of the group is not known"))
