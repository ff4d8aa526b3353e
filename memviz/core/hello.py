"""What describes the host that is read: nothing of it may be taken from the asking side."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBERS = re.compile(r"\d+")


class Hello(NamedTuple):
    """What describes the host that is read, as its reader tells it; a captured tree may tell nothing."""

    captured: bool
    page_size: int
    clock_ticks: int
    kernel: str
    machine: str
    uid: int | None
    cpus: int | None
    time: float
    boot_id: str
    capabilities: frozenset[str]
    ptrace_scope: int | None
    python: str
    page_size_told: bool = True  # False where it is only the usual one
    unconfined: tuple[str, ...] | None = (
        None  # what the reader could not give up (`step:ERRNO`); None: not in a process
    )

    @property
    def kernel_version(self) -> tuple[int, ...]:
        """`(6, 18)`; empty where it is not known."""
        return tuple(int(part) for part in _NUMBERS.findall(self.kernel)[:2])
