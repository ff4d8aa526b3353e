"""From the reader's answer to a Snapshot: facts, regions, categories, blocks, and why something is not there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from memviz.core.blocks import find_blocks
from memviz.core.categories import CATEGORIES, classify
from memviz.core.deleted import Names, deleted
from memviz.core.evidence import Evidence, Target
from memviz.core.facts import Facts, Identity, parse_cgroups, read_status, split_command
from memviz.core.gather import Answer, File, absence
from memviz.core.regions import RegionTable
from memviz.core.snapshot import NOT_MEASURED, Absence, Snapshot, no_memory
from memviz.errors import ProcessGone
from memviz.proc.keyed import parse_limits
from memviz.proc.maps import Raw
from memviz.proc.stat import Stat, parse_stat, parse_statm
from memviz.text import clipped, shown

if TYPE_CHECKING:
    from memviz.core.hello import Hello

NOTHING_LOOKED_UP: Names = {}
SNAPSHOT_FILES = ("stat", "statm", "status", "limits", "cgroup", "oom_score", "oom_score_adj", "cmdline")
KERNEL_STACK = {"x86_64": 16384, "aarch64": 16384, "i686": 8192, "riscv64": 16384, "armv7l": 8192, "ppc64le": 16384}


def facts_of(answer: Answer, hello: Hello, stat: Stat, *, is_ending: bool = False) -> Facts:
    """Raises ProcessGone where the number was given to another process meanwhile."""
    pid = stat.pid
    first, again = answer.text("stat"), answer.text("stat again")
    if first and again and parse_stat(first).start_ticks != parse_stat(again).start_ticks:
        raise ProcessGone(f"process {pid} has ended, and another one has its number")
    limits, statm_text = answer.text("limits"), answer.text("statm")
    statm = parse_statm(statm_text) if statm_text else None
    if statm is not None and not statm.size:  # nobody who has an address space has one of no pages
        statm, is_ending = None, is_ending or not (stat.is_kernel_thread or stat.has_ended)
    status, uid, inner, cpus = read_status(answer.text("status") or b"")
    return Facts(
        identity=Identity(hello.boot_id, answer.inode, pid, stat.start_ticks), stat=stat,
        statm=statm, status=status, uid=uid,
        command=split_command(answer.text("cmdline") or b""), cgroups=parse_cgroups(answer.text("cgroup") or b""),
        limits=parse_limits(limits) if limits else {}, oom_score=_number(answer.text("oom_score")),
        oom_score_adj=_number(answer.text("oom_score_adj")),
        namespace_pids=inner, cpus_allowed=cpus, page_size=hello.page_size, clock_ticks=hello.clock_ticks,
        is_ending=is_ending,
    )  # fmt: skip


def has_execed(answer: Answer) -> bool:
    """Whether the process ran another program between the first file and the last: its stack lies elsewhere then."""
    first, last = answer.text("stat"), answer.text("stat again")
    if first is None or last is None:
        return False
    before, after = parse_stat(first), parse_stat(last)
    return (before.start_stack, before.start_code) != (after.start_stack, after.start_code)


def _capped(limit: int | None) -> int | None:
    """A limit that fits a column: a captured tree may say anything."""
    return min(limit, (1 << 63) - 1) if limit is not None else None


def _number(text: bytes | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def assemble(
    answer: Answer, facts: Facts, hello: Hello, source: str, file: File, raw: Raw,
    pointers: tuple[int, ...], accept_torn: bool, names: Names = NOTHING_LOOKED_UP,
) -> Snapshot | None:  # fmt: skip
    """None where the table is torn and may be read once more."""
    absent: dict[str, Absence] = {}
    for name, part in answer.files.items():
        if part.errno and name not in (source, "stat again"):
            absent[name] = absence(part.errno, name, captured=hello.captured)
    if not hello.page_size_told and facts.statm is not None:
        words = f"the capture does not tell it; what statm counts in pages is taken to be of {hello.page_size} bytes"
        absent["page_size"] = Absence("not captured", words, "capture status as well")
    without = no_memory(facts.stat, is_ending=facts.is_ending and facts.statm is None) if not len(raw) else None
    if facts.statm is None and "statm" not in absent and without is None:
        absent["statm"] = Absence("torn", "statm counts no pages, although there is memory", "read again")
    if len(raw) and not facts.stat.leader_is_over:
        facts = facts._replace(is_ending=False)
    if without is not None:
        absent["regions"] = without
    elif file.errno:
        absent["regions"] = absence(file.errno, source, captured=hello.captured, remedy=remedy(facts, hello))
    elif not len(raw):
        if not accept_torn:
            return None  # it had memory a moment ago
        why = "malformed" if raw.odd else "not captured" if hello.captured else "torn"
        absent["regions"] = Absence(why, f"{source} tells of no region, although the process has memory")
    if raw.odd and not accept_torn:
        return None
    if raw.odd and "regions" not in absent:
        sample = clipped(shown(raw.odd[0][:200]), 80)
        absent["odd_rows"] = Absence("malformed", f"{len(raw.odd)} rows were not understood and are left out: {sample}")
    table = RegionTable.of(raw)
    torn = table["start"][1:] < table["end"][:-1]
    if torn.any():
        if not accept_torn:
            return None
        table = _without_overlaps(table)
        absent["order"] = Absence(
            "torn", "the map changed while it was read; overlapping rows are left out", "read again"
        )
    if source == "maps" and "regions" not in absent:
        absent["residency"] = NOT_MEASURED
    target = Target(
        facts.stat, hello.page_size, hello.kernel_version, pointers, _capped(facts.limits.get("Max stack size"))
    )
    table = table.with_columns(deleted=deleted(table, names))
    evidence = Evidence(table, target)
    table = table.with_columns(category=classify(evidence))
    table = table.with_columns(block=find_blocks(table, evidence))
    return Snapshot(
        hello.time if hello.captured else time.time(), facts, table, CATEGORIES, absent, KERNEL_STACK.get(hello.machine)
    )


def _without_overlaps(table: RegionTable) -> RegionTable:
    """Keeps the rows that start at or after the end of everything kept before: no byte is counted twice."""
    keep = np.zeros(len(table), np.bool_)
    reached = 0
    for row, (start, end) in enumerate(zip(table["start"].tolist(), table["end"].tolist(), strict=True)):
        if start >= reached:
            keep[row], reached = True, end
    return table.where(keep)


def remedy(facts: Facts, hello: Hello) -> str:
    """The least that would let the regions be read."""
    if hello.captured:
        return "capture the tree again with more permission"
    if "CAP_SYS_PTRACE" in hello.capabilities:
        return "no permission is missing: a security module of that system forbids it"
    if facts.uid is not None and hello.uid == facts.uid:
        help_ = "give memviz CAP_PERFMON or CAP_SYS_PTRACE, or use `--via sudo`"
        return f"it is the same user, but the process runs under another group or forbids it (not dumpable): {help_}"
    owner = f"as user {facts.uid}" if facts.uid is not None else "as its user"
    perfmon = ", with CAP_PERFMON" if hello.kernel_version >= (6, 15) else ""
    return f"read it {owner}{perfmon}, with CAP_SYS_PTRACE, or as root: `memviz --via sudo …`"
