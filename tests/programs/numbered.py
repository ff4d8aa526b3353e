"""Starts one process after the other under the same process number, as told on standard input, a line each:

`start MIB [BUSY]`: a fork that fills so much memory (and uses the processor for BUSY seconds); answers its number
`exec MIB [setarch]`: the process runs another program (at addresses that are not random)
`end`: the process is killed and reaped; `zombie`: only killed
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import time

CLONE3 = 435  # the same number on every architecture
LIBC = ctypes.CDLL(None, use_errno=True)


def clone_as(pid: int) -> int:
    """fork(), whose child has this number; 0: any. The kernel lets only root choose."""
    tids = (ctypes.c_int * 1)(pid)
    where = ctypes.addressof(tids) if pid else 0
    argument = struct.pack("11Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, where, 1 if pid else 0, 0)
    buffer = ctypes.create_string_buffer(argument, len(argument))
    child = LIBC.syscall(ctypes.c_long(CLONE3), buffer, ctypes.c_size_t(len(argument)))
    if child < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(child)


PROGRAM = "import sys; kept = bytearray(b'x') * (int(sys.argv[1]) << 20); print('ready', flush=True); sys.stdin.read()"


def child(orders: int, answers: int, mib: int, busy: float) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    kept = bytearray(b"x") * (mib << 20)
    until = time.process_time() + busy
    while time.process_time() < until:
        pass
    os.write(answers, b"ready\n")
    words = os.read(orders, 1000).decode().split()
    os.dup2(orders, 0)
    os.dup2(answers, 1)
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, words[1]]
    if words[2:]:
        command = [words[2], "-R", *command]
    os.execvp(command[0], command)
    del kept


def main() -> None:
    pid = number = 0
    ours = theirs = -1
    for line in sys.stdin:
        words = line.split()
        if words[0] == "start":
            from_us, orders = os.pipe()[::-1]
            answers, to_us = os.pipe()
            pid = clone_as(number)
            if not pid:
                os.close(from_us)  # else it would not see that we have ended
                os.close(answers)
                try:
                    child(orders, to_us, int(words[1]), float(words[2]) if words[2:] else 0.0)
                finally:
                    os._exit(1)
            os.close(orders)
            os.close(to_us)
            number, ours, theirs = pid, from_us, answers
            os.read(theirs, 100)
            print(pid, flush=True)
        elif words[0] == "exec":
            os.write(ours, line.encode())
            os.read(theirs, 100)
            print("execed", flush=True)
        else:
            os.kill(pid, signal.SIGKILL)
            if words[0] == "end":
                os.waitpid(pid, 0)
                os.close(ours)
                os.close(theirs)
            else:
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            print(words[0], flush=True)


main()
