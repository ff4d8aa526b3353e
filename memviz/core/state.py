"""How a process stands, in the words of proc_pid_stat(5), and whether it is on its way out."""

from __future__ import annotations

from collections.abc import Iterable

from memviz.proc.stat import Stat

STATES = {
    "R": "running", "S": "sleeping", "D": "uninterruptible sleep", "Z": "zombie", "T": "stopped", "t": "tracing stop",
    "I": "idle", "X": "dead", "x": "dead", "P": "parked", "W": "waking", "K": "wakekill",
}  # fmt: skip
LIVES_ON = "its first thread has ended, others live on"
ENDING = "ending"
FROZEN = "frozen"


def state_words(state: str, threads: int | None, *, is_ending: bool = False, is_frozen: bool = False) -> str:
    """In words, of the letter that the kernel gives: that of the first thread, also when only that one has ended."""
    if is_ending:
        return ENDING
    if state in "ZX" and (threads or 0) > 1:
        return LIVES_ON
    words = STATES.get(state, state)
    return f"{FROZEN} ({words})" if is_frozen and state not in "ZX" else words


def is_ending(stat: Stat, threads: Iterable[Stat]) -> bool:
    """Whether all threads of a process are on their way out, given its own stat and theirs."""
    return not stat.has_ended and stat.leader_is_over and all(thread.leader_is_over for thread in threads)
