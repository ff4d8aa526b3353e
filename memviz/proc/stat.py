"""/proc/PID/stat and statm: bytes in, named numbers out (proc_pid_stat(5))."""

from __future__ import annotations

from typing import NamedTuple

from memviz.errors import Malformed

PF_EXITING, PF_KTHREAD = 0x00000004, 0x00200000  # include/linux/sched.h


class Stat(NamedTuple):
    """Fields 1 to 47 as far as memviz uses them; times in clock ticks, addresses 1 or 0 where not permitted."""

    pid: int
    comm: bytes
    state: str
    ppid: int
    flags: int
    minor_faults: int
    major_faults: int
    user_ticks: int
    system_ticks: int
    nice: int
    threads: int
    start_ticks: int
    vms: int
    rss_pages: int
    start_code: int
    end_code: int
    start_stack: int
    start_data: int
    end_data: int
    start_brk: int
    processor: int

    @property
    def leader_has_ended(self) -> bool:
        """The first thread is over; others may live on, and then the process does."""
        return self.state in "ZX"

    @property
    def has_ended(self) -> bool:
        """The whole process is over: what is left is its entry in the process table."""
        return self.leader_has_ended and self.threads <= 1

    @property
    def is_exiting(self) -> bool:
        """The first thread is on its way out: its memory is being given back, or is already."""
        return bool(self.flags & PF_EXITING) and not self.leader_has_ended

    @property
    def leader_is_over(self) -> bool:
        """The first thread no longer leads to the memory of the process; others may."""
        return self.leader_has_ended or self.is_exiting

    @property
    def is_kernel_thread(self) -> bool:
        return bool(self.flags & PF_KTHREAD)


def parse_stat(text: bytes) -> Stat:
    """Raises Malformed. The name may hold `)`, spaces and newlines, so it ends at the last `)`."""
    head, closed, tail = text.rpartition(b")")
    pid, opened, comm = head.partition(b" (")
    fields = tail.partition(b"\n")[0].split()
    if not closed or not opened or len(fields) < 22 or len(fields[0]) != 1:
        raise Malformed(f"not a stat file: {text[:80]!r}")
    try:
        n = [int(field) for field in fields[1:]]  # n[0] is field 4
        later = n + [0] * (49 - len(n))  # 2.6 kernels end before start_data
        unsigned = n[6] | n[8] | n[10] | n[11] | n[16] | n[18] | n[19] | later[22] | later[23] | later[24]
        if not 0 <= unsigned | later[41] | later[42] | later[43] < 1 << 64:
            raise ValueError
        return Stat(
            pid=int(pid), comm=comm, state=fields[0].decode("ascii"), ppid=n[0], flags=n[5],
            minor_faults=n[6], major_faults=n[8], user_ticks=n[10], system_ticks=n[11], nice=n[15],
            threads=n[16], start_ticks=n[18], vms=n[19], rss_pages=n[20], start_code=later[22], end_code=later[23],
            start_stack=later[24], start_data=later[41], end_data=later[42], start_brk=later[43],
            processor=later[35],
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError):
        raise Malformed(f"not a stat file: {text[:80]!r}") from None


class Statm(NamedTuple):
    """Counts of pages: whole size, resident, resident file and shmem pages, code, data + stack."""

    size: int
    resident: int
    shared: int
    text: int
    data: int


def parse_statm(text: bytes) -> Statm:
    """Raises Malformed. The fields `lib` and `dt` are always 0 since 2.6 and are dropped."""
    fields = text.split()
    if len(fields) != 7 or not all(field.isdigit() for field in fields):
        raise Malformed(f"not a statm file: {text[:80]!r}")
    size, resident, shared, code, _, data, _ = (int(field) for field in fields)
    return Statm(size, resident, shared, code, data)
