"""When a demo goes on, and when it ends: one wait for a line, a pace, the parent and the clock."""

import os
import select
import stat
import time

STANDARD_INPUT = 0


class Cues:
    """A demo never outlives what started it: the end of its input, or of its parent, is its own.

    The parent is watched through a pidfd (Linux 5.3): PR_SET_PDEATHSIG would already fire when the
    *thread* that started the demo ends. Without pidfds the end of the input has to do. A demo that
    goes on `alone` needs no input: started with none (/dev/null), it has the parent and the clock.
    """

    def __init__(self, pace: float | None, seconds: float, alone: bool = False) -> None:
        self._pace = pace
        self._end = time.monotonic() + seconds
        self._unread = b""
        self._poll = select.poll()
        self._poll.register(STANDARD_INPUT, select.POLLIN)
        self._parent: int | None = None
        try:
            self._parent = os.pidfd_open(os.getppid())
        except OSError:  # no pidfds here, or a parent outside of this container
            return
        self._poll.register(self._parent, select.POLLIN)
        if alone and _is_nothing(STANDARD_INPUT):
            self._poll.unregister(STANDARD_INPUT)

    def wait(self) -> bool:
        """True to go on: a line came, or the time of one step is over. False to end."""
        now = time.monotonic()
        next_step = self._end if self._pace is None else now + self._pace
        while b"\n" not in self._unread:
            until = min(next_step, self._end)
            ready = self._poll.poll(max(0.0, until - time.monotonic()) * 1000)
            if not ready:
                return until < self._end
            if any(descriptor == self._parent for descriptor, _ in ready) or not self._read():
                return False
        self._unread = self._unread.partition(b"\n")[2]
        return True

    def _read(self) -> bool:
        try:
            more = os.read(STANDARD_INPUT, 4096)
        except OSError:  # there is none
            return False
        self._unread += more
        return bool(more)


def _is_nothing(descriptor: int) -> bool:
    """Whether it is /dev/null, as for programs in the background of a script."""
    try:
        here, null = os.fstat(descriptor), os.stat(os.devnull)
    except OSError:
        return False
    return stat.S_ISCHR(here.st_mode) and here.st_rdev == null.st_rdev
