"""Pages of every protection, kind of mapping and state, and what the kernel does when a child touches each of them.

Prints `page NAME ADDRESS` a page, then `ready`; after a line of input `NAME read|write ok|SIGNAL` for each access, then
`done`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import tempfile

PAGE = os.sysconf("SC_PAGESIZE")
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
LIBC.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
NONE, READ, WRITE, EXECUTE = 0, 1, 2, 4
SHARED, PRIVATE, ANONYMOUS = 1, 2, 32
DONTNEED, GUARD_INSTALL = 4, 102
WITHIN = 6  # pages of a file that exist; a seventh exists in part
PAGES = 12
PROTECTIONS = {
    "---": NONE, "r--": READ, "rw-": READ | WRITE, "r-x": READ | EXECUTE, "rwx": READ | WRITE | EXECUTE, "-w-": WRITE,
    "--x": EXECUTE, "-wx": WRITE | EXECUTE,
}  # fmt: skip
# What is done to each page while everything is permitted: page of the mapping by what it is called
STATES = {
    "untouched": 0,
    "read": 1,
    "written": 2,
    "guard": 3,
    "given back": 4,
    "last, in part": 6,
    "beyond": 7,
    "far": 11,
}


def check(value: int) -> int:
    if value in (-1, ctypes.c_void_p(-1).value, None):
        raise OSError(ctypes.get_errno(), "refused")
    return value


def a_file() -> int:
    fd, name = tempfile.mkstemp(dir="/var/tmp")
    os.unlink(name)
    os.write(fd, b"x" * (WITHIN * PAGE + 100))
    return fd


def a_memfd() -> int:
    fd = os.memfd_create("touching")
    os.ftruncate(fd, WITHIN * PAGE + 100)
    return fd


def truncated() -> int:
    """A file that is shortened when its pages have been touched already."""
    fd = os.memfd_create("truncated")
    os.ftruncate(fd, PAGES * PAGE)
    return fd


def zero() -> int:
    return os.open("/dev/zero", os.O_RDWR)


def nothing() -> int:
    return -1


KINDS = {
    "private anonymous": (nothing, PRIVATE | ANONYMOUS), "shared anonymous": (nothing, SHARED | ANONYMOUS),
    "private file": (a_file, PRIVATE), "shared file": (a_file, SHARED), "private memfd": (a_memfd, PRIVATE),
    "shared memfd": (a_memfd, SHARED), "private zero": (zero, PRIVATE), "shared zero": (zero, SHARED),
    "truncated, shared": (truncated, SHARED), "truncated, private": (truncated, PRIVATE),
}  # fmt: skip


def has_end(kind: str) -> bool:
    return "file" in kind or "memfd" in kind or "truncated" in kind


def make(kind: str, protection: int) -> int:
    """Maps, brings each page into its state, and only then gives the mapping its permissions."""
    opened, flags = KINDS[kind]
    fd = opened()
    # a mapping of its own, with a gap on both sides so that no two become one
    room = check(LIBC.mmap(None, (PAGES + 2) * PAGE, NONE, PRIVATE | ANONYMOUS, -1, 0))
    fixed = 0x10
    start = check(LIBC.mmap(room + PAGE, PAGES * PAGE, READ | WRITE, flags | fixed, fd, 0))
    ctypes.string_at(start + PAGE, 1)
    for page in (2, 4):
        ctypes.memset(start + page * PAGE, 1, 1)
    if "truncated" in kind:
        ctypes.memset(start + 7 * PAGE, 1, 1)
        os.ftruncate(fd, WITHIN * PAGE + 100)
    LIBC.madvise(start + 4 * PAGE, PAGE, DONTNEED)
    LIBC.madvise(start + 3 * PAGE, PAGE, GUARD_INSTALL)
    check(LIBC.mprotect(start, PAGES * PAGE, protection))
    if fd >= 0:
        os.close(fd)
    return start


def touch(address: int, access: str) -> str:
    """What happens to a child that does it."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for number in (signal.SIGSEGV, signal.SIGBUS):
            signal.signal(number, signal.SIG_DFL)
        if access == "read":
            ctypes.string_at(address, 1)
        else:
            ctypes.memset(address, 1, 1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "ok"


def main() -> None:
    pages = {}
    for kind in KINDS:
        for name, protection in PROTECTIONS.items():
            start = make(kind, protection)
            for state, page in STATES.items():
                pages[f"{kind}/{name}/{state}".replace(" ", "_")] = start + page * PAGE
    for name, address in pages.items():
        print("page", name, address)
    print("ready", flush=True)
    sys.stdin.readline()
    for name, address in pages.items():
        for access in ("read", "write"):
            print(name, access, touch(address, access))
    print("done", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
