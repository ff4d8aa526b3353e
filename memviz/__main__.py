"""`python -m memviz` is the command `memviz`."""

import contextlib
import os
import sys
from typing import NoReturn

from memviz.cli.main import main


def leave() -> NoReturn:
    """The program: ends at once, since nothing is left to be put away and the interpreter would take its time over
    it."""
    status = main()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave()
