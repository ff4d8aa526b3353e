"""What the pane says of a process beyond its headline: cost, counts, what changed since the mark. No Qt here."""

from __future__ import annotations

import time
from dataclasses import dataclass

from memviz import units
from memviz.core.diff import Difference
from memviz.core.headline import cost
from memviz.core.part import why_unmeasured
from memviz.core.regions import TOP_HALF
from memviz.core.snapshot import Snapshot
from memviz.gui.session.options import METRICS

METRIC_WORDS = {"private_swap": "private + swap", "rss": "RSS", "pss": "PSS", "uss": "USS"}
LITTLE = units.KIB  # changes below this are none


def clock(seconds: float, *, exact: bool = False) -> str:
    """`14:02`, or `14:02:31`."""
    return time.strftime("%H:%M:%S" if exact else "%H:%M", time.localtime(seconds))


def signed(count: int) -> str:
    """`+38.0 MiB`, `-2.0 MiB`."""
    return f"{'+' if count > 0 else ''}{units.size(count)}"


def costs(snapshot: Snapshot) -> tuple[str, ...]:
    """What it costs, in full and shorter; one empty text where that is not known."""
    whole, own, rss, uss = cost(snapshot), snapshot.private_swap, snapshot.totals["rss"], snapshot.totals["uss"]
    if own is None:
        return ("",)
    short = f"Costs {units.size(own)} (private + swap)"
    shared = f"; {units.size(rss - uss)} more are shared or file cache" if rss and uss is not None and rss > uss else ""
    return whole, f"{short}{shared}.", f"{short}."


def counts(snapshot: Snapshot, bytes_per_pixel: float) -> tuple[str, ...]:
    """`pid 4711 · 982 regions in 28 blocks · 1 px = 16 KiB`, and shorter; the pid, which tells it from others of its
    name, goes last."""
    pid, parts = f"pid {snapshot.pid}", []
    if "regions" not in snapshot.absent:
        blocks = len(snapshot.blocks)
        regions = int((snapshot.regions["start"] < TOP_HALF).sum())  # as everywhere: [vsyscall] is none of its own
        parts.append(f"{_count(regions, 'region')} in {_count(blocks, 'block')}")
    if bytes_per_pixel > 0:
        parts.append(scale(bytes_per_pixel))
    return " · ".join([pid, *parts]), " · ".join([pid, *parts[-1:]]), pid


def scale(bytes_per_pixel: float) -> str:
    """`1 px = 16 KiB`; `1 byte = 4 px` where pixels are smaller than that."""
    if bytes_per_pixel >= 1:
        text = units.size(round(bytes_per_pixel)).replace(".0 ", " ")
        return f"1 px = {text}"
    return f"1 byte = {1 / bytes_per_pixel:.3g} px"


def since(difference: Difference, mark: Snapshot) -> str:
    """`+38 MiB since 14:02, 35 MiB of it heap`; what blocks gained and lost where that is nothing in all."""
    begun = clock(mark.time)
    total = difference.totals.grown
    if abs(total) < LITTLE:
        return _unchanged(difference, begun)
    alike = [group for group in difference.groups if group.grown * total > 0]
    text = f"{signed(total)} since {begun}"
    if alike:
        most = max(alike, key=lambda group: abs(group.grown))
        text += f", {units.size(abs(most.grown))} of it {most.name}" if len(alike) > 1 else f", all of it {most.name}"
    return text


def _unchanged(difference: Difference, begun: str) -> str:
    shared = difference.totals.rss or 0
    if difference.gained >= LITTLE:
        return f"As much as at {begun}: {signed(difference.gained)} here, {signed(difference.lost)} there"
    if difference.totals.uss is not None and abs(shared) >= LITTLE:
        return f"Private memory unchanged since {begun}, {signed(shared)} shared or file cache"
    return f"Unchanged since {begun}"


def _count(count: int, word: str) -> str:
    return f"{units.number(count)} {word}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Measured:
    """One bar: `why` tells why there is no value."""

    name: str
    value: int | None
    explanation: str
    why: str = ""

    def words(self) -> str:
        return units.DASH if self.value is None else units.size(self.value)

    def tip(self) -> str:
        exact = f"{units.number(self.value)} bytes" if self.value is not None else f"Not known: {self.why}"
        return f"{self.name}: {exact}\n{self.explanation}"


def bars_of(snapshot: Snapshot, metric: str) -> tuple[Measured, ...]:
    """Committed, resident, and the metric; virtual stands last and is drawn as a stub."""
    why = why_unmeasured(snapshot)
    unknown = f"{why.detail}{f' What would help: {why.remedy}' if why.remedy else ''}"
    name = metric if metric in METRICS and metric != "rss" else "private_swap"
    own = snapshot.private_swap if name == "private_swap" else snapshot.totals[name]
    statm = snapshot.facts.statm
    virtual = snapshot.totals["size"]
    if virtual is None and statm is not None:
        virtual = statm.size * snapshot.page_size
    return (
        Measured("committed", snapshot.committed, _COMMITTED, unknown),
        Measured(
            "resident", resident(snapshot), "All its pages in memory, shared ones counted in full (RSS).", unknown
        ),
        Measured(METRIC_WORDS[name], own, _METRIC_EXPLAINED[name], unknown),
        Measured("virtual", virtual, "All addresses that are mapped, used or not: they cost next to nothing.", unknown),
    )


def resident(snapshot: Snapshot) -> int | None:
    """What is in memory; from statm where it has not been measured region by region."""
    statm = snapshot.facts.statm
    rss = snapshot.totals["rss"]
    return rss if rss is not None or statm is None else statm.resident * snapshot.page_size


_COMMITTED = (
    "Memory that the kernel counts against its commit limit: writable private mappings (VmFlag ac), touched or not. "
    "It can be less than what is resident: pages of files are not counted, nor mappings made with MAP_NORESERVE, as "
    "that of V8's heap."
)
_METRIC_EXPLAINED = {
    "private_swap": "What the process costs by itself: memory only it maps, and its swap.",
    "pss": "What is in memory, each shared page divided among those who map it.",
    "uss": "Private pages in memory, without swap.",
}
