"""Memory through the C library, the way a C program has it: addresses are ints, errors OSErrors.

The numbers of flags are those of asm-generic, which x86-64, aarch64, riscv64 and others share.
"""

import ctypes
import errno
import mmap
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from memviz.demos import PAGE

NONE = 0
READ = mmap.PROT_READ
WRITE = mmap.PROT_WRITE
EXECUTE = mmap.PROT_EXEC

PRIVATE = mmap.MAP_PRIVATE
SHARED = mmap.MAP_SHARED
ANONYMOUS = mmap.MAP_ANONYMOUS
NO_RESERVE = 0x4000

MADV_DONTNEED = 4
MADV_HUGEPAGE = 14
MADV_NOHUGEPAGE = 15
MADV_GUARD_INSTALL = 102  # Linux 6.13
MADV_GUARD_REMOVE = 103

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_THP_DISABLE = 41
PR_SET_VMA = 0x53564D41
PR_SET_VMA_ANON_NAME = 0

LIBRARY = ctypes.CDLL(None, use_errno=True)
MAP_FAILED = ctypes.c_void_p(-1).value


def function(name: str, result: type | None, *arguments: type) -> Callable[..., Any]:
    """The C library's function *name*, which raises OSError when it returns -1 or a null pointer.

    When this C library has no such function, calling it is an OSError of ENOSYS.
    """

    try:
        found = LIBRARY[name]
    except AttributeError:

        def missing(*_: object) -> NoReturn:
            raise OSError(errno.ENOSYS, f"this C library has no {name}")

        return missing
    found.restype = result
    found.argtypes = arguments

    def call(*given: object) -> object:
        value = found(*given)
        if value in (-1, MAP_FAILED) or (value is None and result is ctypes.c_void_p):
            error = ctypes.get_errno()
            raise OSError(error, f"{name}: {os.strerror(error)}")
        return value

    return call


_pointer, _size, _int = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int

_mmap = function("mmap", _pointer, _pointer, _size, _int, _int, _int, ctypes.c_int64)
_munmap = function("munmap", _int, _pointer, _size)
_mprotect = function("mprotect", _int, _pointer, _size, _int)
_madvise = function("madvise", _int, _pointer, _size, _int)
_mincore = function("mincore", _int, _pointer, _size, _pointer)
_prctl = function("prctl", _int, _int, *[ctypes.c_ulong] * 4)
_pthread_self = function("pthread_self", ctypes.c_ulong)
_pthread_getattr = function("pthread_getattr_np", _int, ctypes.c_ulong, _pointer)
_pthread_getstack = function("pthread_attr_getstack", _int, _pointer, _pointer, _pointer)

allocate = function("malloc", _pointer, _size)
free = function("free", None, _pointer)
trim = function("malloc_trim", _int, _size)  # glibc


def map_memory(
    size: int,
    protection: int = READ | WRITE,
    flags: int = PRIVATE | ANONYMOUS,
    descriptor: int = -1,
) -> int:
    address: int = _mmap(None, size, protection, flags, descriptor, 0)
    return address


def lone_region(size: int) -> int:
    """*size* bytes of private writable memory between two inaccessible pages.

    Without them the kernel would merge the region with whatever is mapped beside it, and nobody
    could say any more which part of the result is the demo's.
    """
    address = map_memory(size + 2 * PAGE, NONE) + PAGE
    protect(address, size, READ | WRITE)
    return address


def unmap(address: int, size: int) -> None:
    _munmap(address, size)


def protect(address: int, size: int, protection: int) -> None:
    _mprotect(address, size, protection)


def advise(address: int, size: int, advice: int) -> None:
    _madvise(address, size, advice)


def control(option: int, first: int = 0, second: int = 0, third: int = 0, fourth: int = 0) -> None:
    """prctl."""
    _prctl(option, first, second, third, fourth)


def name_this_thread(name: bytes) -> None:
    """Its first 15 bytes are the thread's `comm`; that of the main thread is the process's."""
    text = ctypes.create_string_buffer(name)
    control(PR_SET_NAME, ctypes.addressof(text))


def write(address: int, content: bytes) -> None:
    ctypes.memmove(address, content, len(content))


def fill(address: int, size: int) -> None:
    ctypes.memset(address, 1, size)


def touch(address: int, pages: Iterable[int]) -> None:
    """Write one byte to each of *pages*, counted from *address*."""
    for page in pages:
        ctypes.memset(address + page * PAGE, 1, 1)


def read_pages(address: int, pages: int) -> int:
    """Read one byte of each of *pages* pages; their sum, so that nobody can say it was not done."""
    return sum(ctypes.c_ubyte.from_address(address + page * PAGE).value for page in range(pages))


def resident_pages(address: int, size: int) -> int:
    """How many pages of a range are in memory, by mincore: no file under /proc is opened."""
    states = (ctypes.c_ubyte * (size // PAGE))()
    _mincore(address, size, ctypes.addressof(states))
    return sum(state & 1 for state in states)


def join(thread: threading.Thread) -> None:
    """Until *thread* is gone for the kernel too: up to Python 3.12 Thread.join() is a bit early."""
    thread.join()
    while os.path.exists(f"/proc/self/task/{thread.native_id}"):
        time.sleep(0.001)


def stack_of_this_thread() -> tuple[int, int]:
    """Where the stack of the calling thread lies: lowest address and bytes, without its guard."""
    attributes = ctypes.create_string_buffer(256)  # a pthread_attr_t has 56 or 64 bytes
    lowest, size = ctypes.c_size_t(), ctypes.c_size_t()
    _pthread_getattr(_pthread_self(), ctypes.addressof(attributes))
    _pthread_getstack(ctypes.addressof(attributes), ctypes.addressof(lowest), ctypes.addressof(size))
    return lowest.value, size.value
