"""A process of N regions that do not merge: in turn writable and read-only, 8 KiB each, every eighth of them resident.

Runs by path, without any package. Prints a line when it is ready, and ends when its input ends.
"""

import ctypes
import os
import sys

READ, READ_WRITE, PRIVATE_ANONYMOUS = 1, 3, 0x22
SIZE = 2 * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    count = int(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    base = libc.mmap(None, count * SIZE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0) if count else 0
    for number in range(0, count, 2):
        if libc.mprotect(base + number * SIZE, SIZE, READ):
            print(f"cannot have {count} regions: {os.strerror(ctypes.get_errno())}, see vm.max_map_count", flush=True)
            return
        if number % 8 == 0 and number + 1 < count:
            ctypes.memset(base + (number + 1) * SIZE, 1, SIZE)
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
