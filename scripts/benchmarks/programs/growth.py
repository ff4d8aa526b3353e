"""Takes one snapshot of PID in a fresh process and prints what it costs here as JSON: bytes at most, and kept.

With `traced` as the second argument by tracemalloc, else by the process's own resident size.
"""

import gc
import json
import os
import sys
import tracemalloc

from memviz.core.host import Host
from memviz.proc.keyed import parse_counts
from memviz.proc.link import Link


def resident() -> tuple[int, int]:
    """Now, and at the most so far."""
    with open("/proc/self/status", "rb") as file:
        counts = parse_counts(file.read())
    return counts["VmRSS"], counts["VmHWM"]


def main() -> None:
    pid, is_traced = int(sys.argv[1]), sys.argv[2] == "traced"
    host = Host(Link())
    host.snapshot(os.getpid())  # what is loaded and learned once is no part of a snapshot
    gc.collect()
    before = resident()[0]
    if is_traced:
        tracemalloc.start()
    snapshot = host.snapshot(pid)
    _ = snapshot.blocks, snapshot.totals, snapshot.groups
    gc.collect()
    now, most = tracemalloc.get_traced_memory() if is_traced else resident()
    kept, peak = (now, most) if is_traced else (now - before, most - before)
    rss = int(snapshot.regions["rss"].sum())
    host.close()
    print(json.dumps({"kept": kept, "peak": peak, "regions": len(snapshot.regions), "rss": rss}))


if __name__ == "__main__":
    main()
