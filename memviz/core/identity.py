"""Process numbers, and one program that a process runs."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import NamedTuple

from memviz.core.facts import Identity
from memviz.errors import UsageError
from memviz.proc.stat import Stat
from memviz.text import clipped, shown

LARGEST_PID = (1 << 31) - 1  # pid_t
PF_EXITING = 0x4  # include/linux/sched.h


def checked_pid(pid: object) -> int:
    """A process number as an int, whatever kind of integer it is; raises UsageError with what was given."""
    number = 0
    if not isinstance(pid, bool):
        try:
            number = operator.index(pid)  # type: ignore[arg-type]  # what is no integer raises
        except Exception:  # an object of the caller may raise anything
            number = 0
    if not 0 < number <= LARGEST_PID:
        raise UsageError(f"not a process number (1 to {LARGEST_PID}): {_written(pid)}")
    return number


def _written(value: object) -> str:
    try:
        return clipped(shown(repr(value)), 200)
    except Exception:  # of an int with more digits than Python writes, or an object of the caller
        return f"a value of type {type(value).__name__}"


class Execution(NamedTuple):
    """One program in one process: an exec keeps the identity of the process, and changes the rest."""

    identity: Identity
    name: bytes
    is_ending: bool
    addresses: tuple[int, ...]  # where program, data, heap and stack lie; 0 or 1 where not permitted
    peaks: tuple[int | None, ...] = ()  # of RSS and of the virtual size: they only grow while the program runs

    @classmethod
    def of(cls, identity: Identity, stat: Stat, status: Mapping[str, int] | None = None) -> Execution:
        """The one that stat and status were read of."""
        addresses = (
            stat.start_code, stat.end_code, stat.start_data, stat.end_data, stat.start_brk, stat.start_stack,
        )  # fmt: skip
        is_ending = stat.leader_has_ended or bool(stat.flags & PF_EXITING)
        peaks = (status.get("VmHWM"), status.get("VmPeak")) if status is not None else ()
        return cls(identity, stat.comm, is_ending, addresses, peaks)

    def goes_on_in(self, later: Execution) -> bool:
        """Whether `later` may be the same program of the same process."""
        pairs = zip(self.peaks, later.peaks, strict=False)
        shrank = any(before is not None and now is not None and now < before for before, now in pairs)
        return self._replace(peaks=()) == later._replace(peaks=()) and not shrank
