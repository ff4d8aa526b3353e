"""Everything that can be followed over time, each declared once: plots, read-out, CSV and help loop over SERIES."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from memviz import units
from memviz.core.categories import GROUPS
from memviz.core.snapshot import Sample, Snapshot

# Where a value comes from: one sample, the difference of two, or a snapshot (dear, so seldom)
SAMPLE, PAIR, SNAPSHOT = "sample", "pair", "snapshot"
BYTES, RATE, PERCENT, COUNT = "bytes", "a second", "percent", "count"

NO_STATUS = "the kernel does not tell it of this process"
FIRST_PAIR = "a rate needs two samples"
NO_SNAPSHOT = "its page tables have not been walked yet"
NOT_ASKED = "ask for smaps"  # the remedy of a snapshot that was to have the regions only


@dataclass(frozen=True, slots=True)
class Series:
    """`value` gives a number or None; `colour` is a colour of the theme, or `group:NAME`; `missing` says why there may
    be no value, where the source does not say it."""

    name: str
    title: str
    unit: str
    explanation: str
    origin: str
    value: Callable[..., float | None]
    colour: str
    missing: str = NO_STATUS
    dashed: bool = False  # where it stands beside another one of the same process and colour: pinned ones
    short: str = ""  # for the end of its line, where the title is long
    group: str = ""  # that it is the memory of

    @property
    def label(self) -> str:
        return self.short or self.title


def _rate(of: Callable[[Sample], float | None]) -> Callable[[Sample, Sample], float | None]:
    """How much a counter grows in a second."""

    def value(before: Sample, after: Sample) -> float | None:
        old, new, seconds = of(before), of(after), after.time - before.time
        return (new - old) / seconds if old is not None and new is not None and seconds > 0 else None

    return value


def _cpu(before: Sample, after: Sample) -> float | None:
    share = _rate(lambda sample: sample.cpu_seconds)(before, after)
    return 100 * share if share is not None else None


def _group(name: str) -> Callable[[Snapshot], float | None]:
    def value(snapshot: Snapshot) -> float | None:
        if "regions" in snapshot.absent or not snapshot.regions.measured:
            return None
        found = snapshot.groups.get(name)
        return (found.rss or 0) if found is not None else 0

    return value


SERIES: tuple[Series, ...] = (
    Series(
        "private_swap", "Anonymous + swap", BYTES,
        "Its anonymous memory, and what of it is in swap (RssAnon + VmSwap of status): cheap to read at every sample. "
        "Private + swap, which is measured page by page, counts private pages of files as well.",
        SAMPLE, lambda sample: sample.private_swap, "accent", short="Anon + swap",
    ),
    Series(
        "rss", "RSS", BYTES, "Resident set size: all its pages in memory, those shared with others counted in full.",
        SAMPLE, lambda sample: sample.rss, "text", dashed=True,
    ),
    Series(
        "pss", "PSS", BYTES,
        "Proportional set size: shared pages are divided by the number of processes that map them. Measured by walking "
        "its page tables, so seldom: drawn as steps.",
        SNAPSHOT, lambda snapshot: snapshot.totals["pss"], "group:shared", NO_SNAPSHOT,
    ),
    Series(
        "uss", "USS", BYTES,
        "Unique set size: pages that no other process maps. Measured by walking its page tables, so seldom: drawn as "
        "steps.",
        SNAPSHOT, lambda snapshot: snapshot.totals["uss"], "good", NO_SNAPSHOT,
    ),
    Series(
        "swap", "Swap", BYTES, "Its anonymous memory that was written to swap (VmSwap of status).",
        SAMPLE, lambda sample: sample.swap, "warn",
    ),
    Series(
        "rss_anonymous", "Anonymous", BYTES, "Resident pages that belong to no file (RssAnon of status).",
        SAMPLE, lambda sample: sample.rss_anonymous, "group:anonymous",
    ),
    Series(
        "rss_file", "File", BYTES, "Resident pages of files, its program and libraries among them (RssFile of status).",
        SAMPLE, lambda sample: sample.rss_file, "group:file",
    ),
    Series(
        "rss_shmem", "Shared memory", BYTES, "Resident pages of shared memory and tmpfs (RssShmem of status).",
        SAMPLE, lambda sample: sample.rss_shmem, "group:shared", short="Shmem",
    ),
    *(
        Series(
            f"group_{group.name}", group.name.capitalize(), BYTES,
            f"Resident memory of the group “{group.name}”. Measured by walking its page tables, so seldom: drawn as "
            "steps.",
            SNAPSHOT, _group(group.name), f"group:{group.name}", NO_SNAPSHOT, group=group.name,
        )
        for group in GROUPS
    ),
    Series(
        "minor_faults", "Minor faults", RATE,
        "Page faults a second that needed no disk: memory touched for the first time, or mapped by another already.",
        PAIR, _rate(lambda sample: sample.minor_faults), "accent", FIRST_PAIR, short="Minor",
    ),
    Series(
        "major_faults", "Major faults", RATE, "Page faults a second that had to wait for a disk.",
        PAIR, _rate(lambda sample: sample.major_faults), "alarm", FIRST_PAIR, short="Major",
    ),
    Series(
        "cpu", "CPU", PERCENT, "Processor time used, as a share of one processor: two busy threads make 200 %.",
        PAIR, _cpu, "good", FIRST_PAIR,
    ),
    Series("threads", "Threads", COUNT, "Number of threads.", SAMPLE, lambda sample: sample.threads, "group:stack"),
)  # fmt: skip

BY_NAME = {series.name: series for series in SERIES}
SAMPLED = tuple(series for series in SERIES if series.origin != SNAPSHOT)
MEASURED = tuple(series for series in SERIES if series.origin == SNAPSHOT)


def of_sample(before: Sample | None, after: Sample) -> list[float]:
    """A value for each of SAMPLED; NaN where there is none, for the ring."""
    return [_plain(_of_sample(series, before, after)) for series in SAMPLED]


def of_snapshot(snapshot: Snapshot) -> list[float]:
    """A value for each of MEASURED; NaN where there is none, for the ring."""
    return [_plain(series.value(snapshot)) for series in MEASURED]


def reasons(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Why a snapshot has no value for a series, for those that it has none for."""
    why = snapshot.absent.get("regions") or snapshot.absent.get("residency")
    for series in MEASURED:
        if series.value(snapshot) is None:
            was_asked = why is not None and why.remedy != NOT_ASKED
            yield series.name, str(why) if was_asked else series.missing


def written(unit: str, value: float | None) -> str:
    """A value in words; a dash where there is none."""
    if value is None or math.isnan(value):
        return units.DASH
    if unit == BYTES:
        return units.size(round(value))
    if unit == PERCENT:
        return f"{value:.1f} %" if value < 99.95 else f"{value:,.0f} %"
    if unit == RATE:
        return f"{value:,.1f} /s" if 0 < value < 9.95 else f"{value:,.0f} /s"
    return f"{value:,.0f}"


def _of_sample(series: Series, before: Sample | None, after: Sample) -> Any:
    if series.origin == SAMPLE:
        return series.value(after)
    return series.value(before, after) if before is not None else None


def _plain(value: float | None) -> float:
    return math.nan if value is None else float(value)
