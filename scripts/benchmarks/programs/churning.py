"""Targets that make it hard: processes that map and unmap, grow, run other programs, start threads, and die. Prints
`PID KIND` for each as it starts, and keeps about MOST of them alive until its standard input ends."""

from __future__ import annotations

import itertools
import os
import random
import select
import subprocess
import sys
import time

MOST, PAUSE = 10, 0.15  # processes at a time, seconds between two new ones

KINDS = {
    "maps": """
import mmap, random, time
held = []
while True:
    held.append(mmap.mmap(-1, 4096 * random.randint(1, 64)))
    if len(held) > 300:
        del held[random.randrange(len(held))]
    if random.random() < 0.2:
        time.sleep(0.01)
""",
    "grows": """
import time
held = []
while len(held) < 200:
    held.append(bytearray(1 << 20))
    time.sleep(0.02)
""",
    "execs": """
import os, sys, time
time.sleep(0.3)
os.execv(sys.executable, [sys.executable, "-S", *sys.orig_argv[2:]])
""",
    "threads": """
import threading, time
while True:
    threads = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
""",
    "forks": """
import os, time
block = bytearray(8 << 20)
while True:
    child = os.fork()
    if not child:
        block[::4096] = bytes(len(block[::4096]))
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.05)
""",
    "short": "import time; time.sleep(0.05)",
}


def main() -> None:
    chance, living = random.Random(1), []
    for kind in itertools.cycle(KINDS):
        if select.select([sys.stdin], [], [], PAUSE)[0]:
            break
        process = subprocess.Popen([sys.executable, "-S", "-c", KINDS[kind]], stdin=subprocess.DEVNULL)
        print(process.pid, kind, flush=True)
        living.append((process, time.monotonic() + chance.choice((0.2, 1, 3, 8))))
        for old in [old for old in living if old[1] < time.monotonic() or len(living) > MOST]:
            living.remove(old)
            old[0].kill()
            old[0].wait()
    for process, _ in living:
        process.kill()
        process.wait()


if __name__ == "__main__":
    os.nice(5)  # they are to be looked at, not to win
    main()
