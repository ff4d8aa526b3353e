"""Captured trees of one process in every state that the kernel knows, and the laws that hold in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.builders import STAT, maps_text, smaps_text

PID, THREAD = 7, 8
EXITING, KERNEL_THREAD = 0x4, 0x200000
REGIONS = ("400-410 r-xp /bin/program rss=8k", "700-800 rw-p [heap] rss=16k", "7ff0-7ff8 rw-p [stack] rss=8k")
OTHERS = {
    "limits": b"Limit                     Soft Limit           Hard Limit           Units     \n"
    b"Max stack size            8388608              unlimited            bytes     \n"
    b"Max address space         unlimited            unlimited            bytes     \n",
    "cgroup": b"0::/user.slice\n", "oom_score": b"666\n", "oom_score_adj": b"0\n", "cmdline": b"/bin/program\0",
}  # fmt: skip
STATUS = b"Name:\tprogram\nUid:\t1000\t1000\t1000\t1000\n"
VM_LINES = (
    b"VmPeak:\t 4000 kB\nVmSize:\t 4000 kB\nVmLck:\t 0 kB\nVmHWM:\t 400 kB\nVmRSS:\t 400 kB\nRssAnon:\t 200 kB\n"
    b"RssFile:\t 200 kB\nRssShmem:\t 0 kB\nVmData:\t 800 kB\nVmStk:\t 132 kB\nVmExe:\t 40 kB\nVmPTE:\t 44 kB\n"
    b"VmSwap:\t 8 kB\nHugetlbPages:\t 0 kB\n"
)
WITH_MEMORY = {
    "statm": b"1000 100 50 10 0 200 0\n", "status": STATUS + VM_LINES,
    "smaps": smaps_text(*REGIONS), "maps": maps_text(*REGIONS),
}  # fmt: skip
WITHOUT_MEMORY = {"statm": b"0 0 0 0 0 0 0\n", "status": STATUS, "smaps": b"", "maps": b""}
FILES = ("stat", *WITH_MEMORY, *OTHERS)


def stat_text(state: str, flags: int = 0, threads: int = 1, pid: int = PID) -> bytes:
    text = (STAT % (0x400000, 0x7FF7000, 0x700000)).replace(
        b"7 (program) S", b"%d (program) %s" % (pid, state.encode())
    )
    head, _, rest = text.rpartition(b") ")
    words = rest.split(b" ")
    words[6], words[17] = b"%d" % flags, b"%d" % threads
    return head + b") " + b" ".join(words)


@dataclass(frozen=True)
class State:
    """`files` of the process; `thread` those of another thread of it; `status` what it is called in words."""

    name: str
    status: str
    files: dict[str, bytes]
    thread: dict[str, bytes] = field(default_factory=dict)

    @property
    def has_memory(self) -> bool:
        return bool(self.files["smaps"] or self.thread.get("smaps"))

    @property
    def is_ending(self) -> bool:
        return self.status == "ending"


def _state(
    name: str, status: str, stat: bytes, memory: dict[str, bytes], thread: dict[str, bytes] | None = None
) -> State:
    return State(name, status, {"stat": stat, **memory, **OTHERS}, thread or {})


def _thread(state: str, flags: int, memory: dict[str, bytes]) -> dict[str, bytes]:
    return {"stat": stat_text(state, flags, 2, THREAD), **memory}


LETTERS = {
    "R": "running", "S": "sleeping", "D": "uninterruptible sleep", "T": "stopped", "t": "tracing stop", "I": "idle",
    "P": "parked", "W": "waking", "K": "wakekill",
}  # fmt: skip
STATES = (
    *(_state(f"state {letter}", words, stat_text(letter), WITH_MEMORY) for letter, words in LETTERS.items()),
    *(_state(f"ending in {letter}", "ending", stat_text(letter, EXITING), WITHOUT_MEMORY) for letter in "RSD"),
    _state("ending with its memory", "ending", stat_text("R", EXITING), WITH_MEMORY),
    _state("ending after its stat was read", "ending", stat_text("R"), WITHOUT_MEMORY),
    _state("ending, its first thread ended", "ending", stat_text("Z", EXITING, 2), WITHOUT_MEMORY,
           _thread("R", EXITING, WITHOUT_MEMORY)),
    _state("ending in all threads", "ending", stat_text("D", EXITING, 2), WITHOUT_MEMORY,
           _thread("D", EXITING, WITHOUT_MEMORY)),
    _state("kernel thread", "idle", stat_text("I", KERNEL_THREAD), WITHOUT_MEMORY),
    _state("running kernel thread", "running", stat_text("R", KERNEL_THREAD), WITHOUT_MEMORY),
    _state("zombie", "zombie", stat_text("Z", EXITING), WITHOUT_MEMORY),
    _state("dead", "dead", stat_text("X", EXITING), WITHOUT_MEMORY),
    _state("first thread ended, another lives", "its first thread has ended, others live on",
           stat_text("Z", EXITING, 2), WITHOUT_MEMORY, _thread("S", 0, WITH_MEMORY)),
    _state("first thread ending, another lives", "running", stat_text("R", EXITING, 2), WITHOUT_MEMORY,
           _thread("S", 0, WITH_MEMORY)),
)  # fmt: skip


def write_tree(state: State, missing: tuple[str, ...], folder: Path) -> Path:
    """A captured tree of the process without the files in `missing`."""
    for place, files in (
        (folder / "proc" / str(PID), state.files),
        (folder / "proc" / str(PID) / "task" / "8", state.thread),
    ):
        if not files:
            continue
        place.mkdir(parents=True)
        for name, text in files.items():
            if name not in missing:
                (place / name).write_bytes(text)
    if state.thread and "stat" not in missing:
        first = folder / "proc" / str(PID) / "task" / str(PID)
        first.mkdir()
        (first / "stat").write_bytes(state.files["stat"])
    return folder


# -- laws ------------------------------------------------------------------------------------------------------------

RESIDENT = frozenset(
    "rss vms pss uss swap swap_pss private_swap committed shared text data rss_anonymous rss_file rss_shmem peak_rss "
    "peak_vms locked pinned page_tables kernel_stacks anon_huge_pages hugetlb resident swapped private virtual".split()
)


def unexplained(value: Any, reasons: frozenset[str] = frozenset(), path: str = "") -> Iterator[str]:
    """The paths of nulls that no `absent` around them has an entry for. The `absent` of an entry of a list may be one
    reason for all that is null there."""
    if isinstance(value, dict):
        absent = value.get("absent")
        if isinstance(absent, dict):
            reasons = reasons | absent.keys() | (value.keys() if "reason" in absent else set())
        for key, part in value.items():
            if part is None and key not in reasons:
                yield f"{path}.{key}"
            elif key != "absent":
                yield from unexplained(part, reasons, f"{path}.{key}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from unexplained(part, reasons, f"{path}[{at}]")


def zeros(value: Any, path: str = "") -> Iterator[str]:
    """The paths of amounts of memory that are 0."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in RESIDENT and part == 0 and part is not False:
                yield f"{path}.{key}"
            yield from zeros(part, f"{path}.{key}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from zeros(part, f"{path}[{at}]")
