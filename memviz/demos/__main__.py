"""What `python -I -S memviz/demos NAME` runs: this folder, as a program of its own."""

import os
import sys
import types


def stand_in_for_memviz() -> None:
    """Make `memviz.demos` importable, and nothing run of `memviz/__init__.py` or what that imports.

    A target whose memory people read should hold no numpy, and may be run by a Python without it.
    """
    package = types.ModuleType("memviz")
    package.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.modules.setdefault("memviz", package)


def run() -> int:
    stand_in_for_memviz()
    from memviz.demos.stage import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(run())
