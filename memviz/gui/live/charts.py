"""Which series share a plot, each plot declared once: toggles, plots, help and tests loop over CHARTS."""

from __future__ import annotations

from dataclasses import dataclass

from memviz.core.categories import GROUPS
from memviz.gui.live.series import BY_NAME, BYTES, COUNT, PERCENT, RATE, Series

# From the bottom up: what costs most stands on the ground, where its changes are seen as they are
GROUND = ("heap", "anonymous", "stack", "data", "shared", "file", "library", "text", "kernel", "reserved")


@dataclass(frozen=True, slots=True)
class Chart:
    """`names` in the order of the legend; a stacked chart piles them up in that order from the ground. `shown` is
    before the user chose; `others` says whether processes that are pinned show here."""

    name: str
    title: str
    unit: str
    names: tuple[str, ...]
    explanation: str
    stacked: bool = False
    shown: bool = True
    others: bool = False

    @property
    def series(self) -> tuple[Series, ...]:
        return tuple(BY_NAME[name] for name in self.names)


CHARTS: tuple[Chart, ...] = (
    Chart(
        "memory", "Memory", BYTES, ("private_swap", "rss", "pss", "uss", "swap"),
        "What the process costs, by the measures that tools show.", others=True,
    ),
    Chart(
        "kinds", "Kinds", BYTES, ("rss_anonymous", "rss_shmem", "rss_file"),
        "RSS, divided into what belongs to no file, shared memory, and files.", stacked=True, shown=False,
    ),
    Chart(
        "groups", "Groups", BYTES,
        tuple(f"group_{name}" for name in sorted((group.name for group in GROUPS), key=GROUND.index)),
        "Resident memory by the groups of the map, as of each walk of its page tables.", stacked=True,
    ),
    Chart(
        "faults", "Faults", RATE, ("minor_faults", "major_faults"),
        "How often a second it touched a page that was not mapped in its page tables.", shown=False,
    ),
    Chart("cpu", "CPU", PERCENT, ("cpu",), "Share of one processor that it used.", shown=False, others=True),
    Chart("threads", "Threads", COUNT, ("threads",), "How many threads it has.", shown=False),
)  # fmt: skip
