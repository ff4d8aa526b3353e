"""What the kernel does when the program reads, writes or executes a page: gives it a frame, or ends it by a signal.

Sources: arch/*/mm/fault.c (permissions), mm/filemap.c and mm/shmem.c (SIGBUS beyond the end of a file), mm/hugetlb.c
(SIGBUS where the pool is empty), madvise(2) (guards), userfaultfd(2), pkeys(7).
"""

from __future__ import annotations

from typing import NamedTuple

from memviz import units
from memviz.core.pages import GUARD_PAGE, IN_SWAP, NOT_IN_MEMORY, PageState
from memviz.core.regions import Region
from memviz.core.snapshot import Snapshot

WORKS, SIGSEGV, SIGBUS, UNKNOWN = "works", "SIGSEGV", "SIGBUS", "unknown"
ACCESSES = {"read": "reading", "write": "writing", "execute": "executing"}
LETTERS = {"read": "r", "write": "w", "execute": "x"}


class Outcome(NamedTuple):
    """`what` is one of the above; `words` follow `touching it`."""

    what: str
    words: str


class Touch(NamedTuple):
    """The outcome of each kind of access, by the keys of ACCESSES."""

    read: Outcome
    write: Outcome
    execute: Outcome

    @property
    def sentence(self) -> str:
        """`Reading it shows zeros; writing it ends in SIGSEGV: r--p does not permit it.`"""
        return f"{self.words[:1].upper()}{self.words[1:]}."

    @property
    def words(self) -> str:
        """The same inside of a sentence; that data may not be executed is no news."""
        told = dict(zip(ACCESSES.values(), self, strict=True))
        if self.execute.what == SIGSEGV and not self.read.what == self.write.what == SIGSEGV:
            del told["executing"]
        by_outcome: dict[Outcome, list[str]] = {}
        for name, outcome in told.items():
            by_outcome.setdefault(outcome, []).append(name)
        if len(by_outcome) == 1:
            return f"touching it {self.read.words}"
        return "; ".join(f"{' or '.join(names)} it {outcome.words}" for outcome, names in by_outcome.items())


def touch(snapshot: Snapshot, row: int, address: int, state: PageState | None, file_size: int | None = None) -> Touch:
    """What touching the page at an address of a region does. `state` is the page's (None: not known), `file_size` the
    bytes of the file that is mapped there (None: not known, or no file)."""
    region = snapshot.regions[row]
    if state is GUARD_PAGE:
        return Touch(*[Outcome(SIGSEGV, "ends in SIGSEGV: it is a guard (MADV_GUARD_INSTALL)")] * 3)
    provided = _provided(snapshot, region, address, state, file_size)
    return Touch(
        *(_permitted(region, access, snapshot) or _handled(region, access, state) or provided for access in ACCESSES)
    )


def _permitted(region: Region, access: str, snapshot: Snapshot) -> Outcome | None:
    """The outcome where the region's permissions decide; None where they let it through."""
    permissions, flags = region.permissions, region.flags or ()
    refused = Outcome(SIGSEGV, f"ends in SIGSEGV: {permissions} does not permit it")
    if region.raw_path == b"[vsyscall]":
        return None if access == "execute" and "x" in permissions else refused
    allowed = LETTERS[access] in permissions[:3]
    if access == "read" and not allowed and permissions[1:3] != "--":
        if permissions[1] == "-":  # only x: an own protection key keeps readers out where the processor has them
            return _execute_only(region, refused)
        allowed = True  # no processor tells writing without reading
    if not allowed:
        return refused
    if access == "write" and "ss" in flags:
        return Outcome(SIGSEGV, "ends in SIGSEGV: it is a shadow stack")
    key = region.get("protection_key")
    if key and access != "execute":
        return Outcome(UNKNOWN, f"works, or ends in SIGSEGV: the thread's rights for protection key {key} decide")
    return None


def _execute_only(region: Region, refused: Outcome) -> Outcome | None:
    key = region.get("protection_key")
    if key:
        return refused
    if key is None:
        return Outcome(UNKNOWN, "works, or ends in SIGSEGV: not every processor can keep code from being read")
    return None


def _handled(region: Region, access: str, state: PageState | None) -> Outcome | None:
    """The outcome where another program is asked first (userfaultfd)."""
    flags = region.flags or ()
    missing = state is NOT_IN_MEMORY and ("um" in flags or "ui" in flags)
    if missing or (access == "write" and "uw" in flags):
        return Outcome(UNKNOWN, "waits for the program that handles its faults (userfaultfd), or ends in SIGBUS")
    return None


def _provided(
    snapshot: Snapshot, region: Region, address: int, state: PageState | None, file_size: int | None
) -> Outcome:
    """The outcome of an access that is permitted."""
    if state is None:
        return Outcome(UNKNOWN, "works, unless it is a guard page or lies beyond the end of a file")
    if state is IN_SWAP:
        return Outcome(WORKS, "reads it back from swap")
    if state is not NOT_IN_MEMORY:
        return Outcome(WORKS, "works: it is in memory")
    flags = region.flags or ()
    category = snapshot.categories[int(snapshot.regions["category"][region.row])]
    if category.group == "kernel":
        return Outcome(UNKNOWN, "shows what the kernel keeps there, or ends in SIGBUS")
    if "io" in flags or "pf" in flags or category.name == "device":
        return Outcome(UNKNOWN, "asks a driver for it, or ends in SIGBUS")
    if region.inode == 0 or is_zero_file(region):
        return Outcome(WORKS, "gives it a page of zeros")
    return _of_file(snapshot, region, address, file_size)


def _of_file(snapshot: Snapshot, region: Region, address: int, file_size: int | None) -> Outcome:
    page = max(region.get("kernel_page_size") or 0, snapshot.page_size)
    at = region.offset + (address - region.start) // page * page
    fills = "reads it from its file, or finds it in the page cache"
    if region.permissions[3] == "s" and region.raw_path.startswith((b"/dev/zero", b"/memfd:", b"/SYSV", b"/dev/shm/")):
        fills = "maps what others have put there, or zeros"
    pool = page > snapshot.page_size
    if file_size is not None and at >= file_size:
        return Outcome(SIGBUS, f"ends in SIGBUS: it lies beyond the end of the file ({units.number(file_size)} bytes)")
    if pool:
        return Outcome(UNKNOWN, "takes a page of the hugetlb pool, or ends in SIGBUS where none is free")
    if file_size is None:
        return Outcome(UNKNOWN, f"{fills}; beyond the end of the file, which is not known, it ends in SIGBUS")
    return Outcome(WORKS, fills)


def is_zero_file(region: Region) -> bool:
    """Whether it is a private mapping of /dev/zero, which is anonymous memory."""
    return region.raw_path == b"/dev/zero" and region.permissions[3] == "p"


def may_end_early(snapshot: Snapshot, row: int, state: PageState | None) -> bool:
    """Whether the size of the file decides what a touch does."""
    region = snapshot.regions[row]
    return state is NOT_IN_MEMORY and region.inode != 0 and not is_zero_file(region) and region.permissions[:3] != "---"
