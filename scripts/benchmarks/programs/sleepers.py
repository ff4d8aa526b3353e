"""Starts N small processes that sleep, prints their pids on one line, and kills them when its input ends.

Runs by path, without any package. They are one process group, so that none is left behind.
"""

import os
import signal
import sys


def main() -> None:
    os.setsid()
    command = ["sleep", "3600"]
    pids = [os.posix_spawnp("sleep", command, os.environ) for _ in range(int(sys.argv[1]))]
    print(*pids, flush=True)
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
