"""How much memory a snapshot takes, beside the text it is made of."""

from __future__ import annotations

import json
import sys

from benchmarks.plain import Table, read_whole
from benchmarks.record import Measurement, Setting
from benchmarks.report import amount
from benchmarks.starts import said
from benchmarks.targets import PROGRAMS, many_regions
from benchmarks.timing import same


def at_the_most(setting: Setting, rounds: int) -> Measurement:
    """While it is made."""
    return _measure(setting, rounds, "peak")


def kept(setting: Setting, rounds: int) -> Measurement:
    """Afterwards, with its blocks, totals and groups."""
    return _measure(setting, rounds, "kept")


def _measure(setting: Setting, rounds: int, which: str) -> Measurement:
    ours: list[float] = []
    grown: list[float] = []
    with many_regions(setting.regions) as pid:
        plain = Table(read_whole(f"/proc/{pid}/smaps"))
        regions, rss = len(plain.starts), sum(plain.field("Rss"))
        for _ in range(rounds):
            for values, how in ((ours, "traced"), (grown, "resident")):
                told = json.loads(said(sys.executable, str(PROGRAMS / "growth.py"), str(pid), how))
                same("regions", told["regions"], regions)
                same("rss", told["rss"], rss)
                values.append(float(told[which]))
    note = f"the process itself grew by {', '.join(amount(value, 'B') for value in grown)}"
    return Measurement(tuple(ours), (float(plain.size),) * rounds, "B", (note,))
