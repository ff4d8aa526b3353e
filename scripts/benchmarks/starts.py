"""How long it takes until memviz has started, beside an interpreter that imports numpy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import memviz
from benchmarks.record import Disagreement, Measurement, Setting
from benchmarks.targets import environment, host, ordinary
from benchmarks.timing import alternate, same

NUMPY = (sys.executable, "-c", "import numpy")
MEMVIZ = (sys.executable, "-m", "memviz")


def run(*command: str) -> Callable[[], None]:
    """Runs it to its end, its output thrown away."""

    def once() -> None:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment(), check=True)

    return once


def said(*command: str) -> str:
    """What it prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, env=environment(), check=True, text=True).stdout


def _nothing(_: None, __: None) -> None:
    """There is nothing to compare: both ended well, or they would have raised."""


def of_import(setting: Setting, rounds: int) -> Measurement:
    """`import memviz`."""
    same("version", said(sys.executable, "-c", "import memviz; print(memviz.__version__)").strip(), memviz.__version__)
    return alternate(setting, rounds, run(sys.executable, "-c", "import memviz"), run(*NUMPY), _nothing)


def of_help(setting: Setting, rounds: int) -> Measurement:
    """`memviz --help`."""
    if "memviz" not in said(*MEMVIZ, "--help"):
        raise Disagreement("the help does not name memviz")
    return alternate(setting, rounds, run(*MEMVIZ, "--help"), run(*NUMPY), _nothing)


def of_regions(setting: Setting, rounds: int) -> Measurement:
    """`memviz regions PID` of an ordinary process; what it tells as JSON is what the library tells."""
    with ordinary() as pid, host() as here:
        told = json.loads(said(*MEMVIZ, "regions", str(pid), "--json"))
        table = here.snapshot(pid).regions
        same("starts", [int(row["start"], 16) for row in told["regions"]], table["start"].tolist())
        same("rss", [row["rss"] for row in told["regions"]], table["rss"].tolist())
        return alternate(setting, rounds, run(*MEMVIZ, "regions", str(pid)), run(*NUMPY), _nothing)
