"""What the threads of a process tell: which of them still lead to its memory, and where blocked ones have stacks."""

from __future__ import annotations

from memviz.core.gather import records
from memviz.errors import MemvizError, ProcessGone, Unsupported
from memviz.proc.link import ReaderLink
from memviz.proc.stat import Stat, parse_stat

MANY = 512  # of more threads the stack pointers are not asked for


def living_thread(link: ReaderLink, pid: int, stat: Stat | None = None, *, captured: bool = False) -> int | None:
    """A thread that still leads to the memory; None where all are on their way out. `stat` is of the process: where it
    has one thread, none is asked for. Raises ProcessGone; Unsupported where a captured tree lacks the threads."""
    if stat is not None and stat.threads <= 1:
        return None if stat.leader_is_over else pid
    try:
        for tid, _, (text,) in records(link.ask("threads", str(pid), "stat"), 1, (str(pid),)):
            if isinstance(text, bytes) and not parse_stat(text).leader_is_over:
                return tid
    except ProcessGone:
        if captured:
            why = "its first thread has ended, and the others are not in the captured tree"
            raise Unsupported(f"process {pid}: {why}") from None
        raise
    return None


def is_ending(link: ReaderLink, pid: int, stat: Stat) -> bool:
    """Whether all threads of a process of this stat are on their way out."""
    if stat.has_ended or not stat.leader_is_over:
        return False
    try:
        return living_thread(link, pid, stat) is None
    except MemvizError:
        return False  # not in the capture, or it has ended meanwhile


def stack_pointers(link: ReaderLink, pid: int) -> tuple[int, ...]:
    """Those of blocked threads, without the first; they need attach permission, and are left out without."""
    pointers = []
    try:
        for tid, _, (text,) in records(link.ask("threads", str(pid), "syscall"), 1):
            words = text.split() if isinstance(text, bytes) else []
            if len(words) >= 3 and tid != pid:
                pointers.append(int(words[-2], 16))
            if len(pointers) >= MANY:
                break
    except (MemvizError, ValueError):
        return ()
    return tuple(pointers)
