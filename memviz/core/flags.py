"""What the two letters of VmFlags mean (fs/proc/task_mmu.c, Documentation/filesystems/proc.rst)."""

from __future__ import annotations

from collections.abc import Iterable

FLAG_WORDS = {
    "rd": "readable", "wr": "writable", "ex": "executable", "sh": "shared", "mr": "may become readable",
    "mw": "may become writable", "me": "may become executable", "ms": "may be shared", "gd": "grows downwards",
    "pf": "pure page frame numbers, no struct page", "dw": "writing to its file is refused", "lo": "locked",
    "io": "memory of a device", "sr": "read from first to last (advice)", "rr": "read at random (advice)",
    "dc": "not copied on fork", "de": "does not grow with mremap", "ac": "counts as committed",
    "nr": "no swap is set aside", "ht": "huge pages of the pool", "sf": "faults wait for the disk",
    "ar": "of one architecture only", "wf": "empty in the child after fork", "dd": "not in core dumps",
    "sd": "soft-dirty", "mm": "mixed pages of a device", "hg": "huge pages wanted (advice)",
    "nh": "huge pages not wanted (advice)", "mg": "may be merged with equal pages (KSM)",
    "bt": "guarded against wild jumps (arm64)", "mt": "tagged memory (arm64)", "um": "missing pages go to userfaultfd",
    "uw": "writes go to userfaultfd", "ui": "minor faults go to userfaultfd", "ss": "shadow stack",
    "sl": "sealed: cannot be changed", "lf": "locked once it is touched", "dp": "dropped rather than swapped",
    "gu": "has guard pages",
}  # fmt: skip


def flags_in_words(names: Iterable[str]) -> str:
    """`rd: readable, ac: counts as committed`; a flag that memviz has no words for stands by itself."""
    return ", ".join(f"{name}: {FLAG_WORDS[name]}" if name in FLAG_WORDS else name for name in names)
