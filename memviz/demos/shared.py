"""shared: three kinds of memory that several processes can have; some shows in no region."""

import ctypes
import os

from memviz.demos import MIB, PAGE, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

SIZE = 4 * MIB
PAGES = SIZE // PAGE

IPC_PRIVATE = 0
IPC_RMID = 0

_shmget = memory.function("shmget", ctypes.c_int, ctypes.c_int, ctypes.c_size_t, ctypes.c_int)
_shmat = memory.function("shmat", ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_shmctl = memory.function("shmctl", ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)


def facts(address: int) -> Facts:
    return {"address": address, "bytes": SIZE, "pages": PAGES}


def share_anonymous() -> Facts:
    address = memory.map_memory(SIZE, flags=memory.SHARED | memory.ANONYMOUS)
    memory.fill(address, SIZE)
    return facts(address)


def attach_sysv() -> Facts:
    try:
        segment = _shmget(IPC_PRIVATE, SIZE, 0o600)
        address = _shmat(segment, None, 0)
    except OSError as error:
        raise NotHere(f"no SysV shared memory here ({error.strerror})") from None
    # A segment outlives its processes unless it is marked: then it goes with the last of them.
    _shmctl(segment, IPC_RMID, None)
    memory.fill(address, SIZE)
    return facts(address)


class Memfd:
    """A file without a name in any folder."""

    def __init__(self) -> None:
        self.descriptor = -1
        self.address = 0

    def facts(self) -> Facts:
        return {**facts(self.address), "descriptor": self.descriptor}

    def map(self) -> Facts:
        self.descriptor = os.memfd_create("demo-shared")
        os.ftruncate(self.descriptor, SIZE)
        self.address = memory.map_memory(SIZE, flags=memory.SHARED, descriptor=self.descriptor)
        memory.fill(self.address, SIZE)
        return self.facts()

    def unmap(self) -> Facts:
        memory.unmap(self.address, SIZE)
        return self.facts()

    def close(self) -> Facts:
        os.close(self.descriptor)
        return self.facts()


def steps(stage: Stage) -> tuple[Step, ...]:
    memfd = Memfd()
    return (
        Step(
            "map 4 MiB of shared anonymous memory and fill it",
            share_anonymous,
            "a region called /dev/zero: memory that children of this process would share",
            "regions {pid} --group shared",
        ),
        Step(
            "make a memfd of 4 MiB, map it and fill it",
            memfd.map,
            "a region called /memfd:demo-shared, which another process could be handed",
            "regions {pid} --group shared",
        ),
        Step(
            "attach a SysV segment of 4 MiB and fill it",
            attach_sysv,
            "a region called /SYSV00000000",
            "regions {pid} --group shared",
        ),
        Step(
            "unmap the memfd, and keep it open",
            memfd.unmap,
            "no region shows its 4 MiB any more, but the descriptor still holds them",
            "summary {pid}",
        ),
        Step(
            "close the memfd",
            memfd.close,
            "now the 4 MiB are free",
            "summary {pid}",
        ),
    )
