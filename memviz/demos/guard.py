"""guard: pages that fault on purpose, by permission or, on new kernels, without a new region."""

import ctypes
import errno
import os

from memviz.demos import PAGE, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

PAGES = 64
SIZE = PAGES * PAGE
MIDDLE = PAGES // 2

_write = memory.function("write", ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)


def is_refused(address: int) -> bool:
    """Whether a byte cannot be read. The kernel tries it: it fails where the program would die."""
    reading, writing = os.pipe()
    try:
        _write(writing, address, 1)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
        return True
    finally:
        os.close(reading)
        os.close(writing)
    return False


class Guarded:
    """A region full of data, with a guard in its middle."""

    def __init__(self) -> None:
        self.address = memory.lone_region(SIZE)
        memory.fill(self.address, SIZE)

    @property
    def guard(self) -> int:
        return self.address + MIDDLE * PAGE

    def facts(self) -> Facts:
        return {
            "address": self.address,
            "bytes": SIZE,
            "pages": PAGES,
            "guard_address": self.guard,
            "refused": int(is_refused(self.guard)),
        }

    def protect(self) -> Facts:
        memory.protect(self.guard, PAGE, memory.NONE)
        return self.facts()

    def install(self) -> Facts:
        self.advise(memory.MADV_GUARD_INSTALL)
        return self.facts()

    def remove(self) -> Facts:
        self.advise(memory.MADV_GUARD_REMOVE)
        return self.facts()

    def advise(self, advice: int) -> None:
        try:
            memory.advise(self.guard, PAGE, advice)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise NotHere("guard pages without a region need Linux 6.13 or later") from None


def steps(stage: Stage) -> tuple[Step, ...]:
    by_permission, by_advice = Guarded(), Guarded()
    return (
        Step(
            f"look at two regions of {PAGES} pages, both full",
            by_permission.facts,
            "the first one begins at {address:#x}: one region, all of it resident",
            "regions {pid} --group anonymous",
        ),
        Step(
            "make the middle page of the first inaccessible (mprotect)",
            by_permission.protect,
            "three regions now, the middle one with no permission at all",
            "regions {pid}",
        ),
        Step(
            "make the middle page of the second a guard (MADV_GUARD_INSTALL)",
            by_advice.install,
            "still one region, of which one page is no longer resident; reading it would be fatal",
            "regions {pid} --group anonymous",
        ),
        Step(
            "take the second guard away again",
            by_advice.remove,
            "the page can be read again, as zeros: what was in it went with the guard",
            "regions {pid} --group anonymous",
        ),
    )
