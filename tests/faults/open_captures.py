"""Opens the captures whose names come on standard input, one command each in this one process, and answers a line of
JSON for each: exit status, what was written, processor time, and the most memory that this process had so far."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from memviz.cli.main import main


def most_memory() -> int:
    """Bytes. Not ru_maxrss: that begins with what the process that started this one had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def attempt(words: list[str]) -> dict[str, object]:
    out, err = io.StringIO(), io.StringIO()
    started = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code: object = main(words)
        except SystemExit as stop:
            code = stop.code
        except BaseException:
            traceback.print_exc()
            code = -1
    return {
        "code": code,
        "out": len(out.getvalue()),
        "err": err.getvalue()[-2000:],
        "seconds": time.process_time() - started,
        "memory": most_memory(),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # whoever unpacks into a file fails
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for line in sys.stdin:
        print(json.dumps(attempt(json.loads(line))), flush=True)
