"""The reason behind every null of a plain dict: each has an entry under `absent`, by its own key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from memviz.core.measures import MEASURES
from memviz.core.snapshot import Absence

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot

Why = Callable[[str], Absence]  # of a key, or of `PART.KEY`

NO_LIMIT = Absence("none", "no limit is set")
# The entries of `Snapshot.absent` that tell why something that a file would have told is not there
BY_FILE = {"smaps": ("regions", "residency"), "maps": ("regions",)}
TABLES = ("total", "totals", "groups", "blocks", "regions", "region", "below", "above", "pages")  # made of regions
SOURCES = {measure.name: measure.source for measure in MEASURES}


def account(answer: dict[str, Any], why: Why, absent: Mapping[str, Absence] | None = None) -> dict[str, Any]:
    """The answer with `absent`: what is given, and for each null in it, however deep, the reason by the null's own key.
    A part that has an `absent` of its own has accounted for itself."""
    reasons = {name: reason._asdict() for name, reason in (absent or {}).items()}
    for path in _nulls(answer):
        key = path.rpartition(".")[2]
        if key not in reasons:
            reasons[key] = why(path)._asdict()
    return {**answer, "absent": reasons}


def _nulls(value: object, part: str = "") -> dict[str, None]:
    """The keys whose value is null, each once, in order; of what lies deeper `PART.KEY` with the outermost part."""
    found: dict[str, None] = {}
    items = (
        value.items() if isinstance(value, dict) else (("", each) for each in value) if isinstance(value, list) else ()
    )
    for key, item in items:
        if item is None:
            found[f"{part}.{key}" if part else key] = None
        elif not (isinstance(item, dict) and "absent" in item):
            found |= _nulls(item, part or key)
    return found


def of_snapshot(snapshot: Snapshot) -> Why:
    """Why a number of a process is unknown, by the file that would have told it."""
    absent, facts = snapshot.absent, snapshot.facts

    def why(path: str) -> Absence:
        part, _, key = path.rpartition(".")
        if key in facts.limits and facts.limits[key] is None:
            return NO_LIMIT
        if key in OTHERS:
            file, otherwise = OTHERS[key]
            return absent.get(file) or otherwise
        if key == "largest_gap" and "regions" not in absent:
            return Absence("none", "there are no two regions with a gap between them")
        source = "smaps" if part in TABLES else SOURCES.get(key, "smaps")
        for file in source.split(" or "):
            for name in BY_FILE.get(file, (file,)):
                if name in absent:
                    return absent[name]
        return snapshot.no_memory or Absence("unsupported", f"this kernel's {source} does not tell {key}")

    return why


# What is no measure: the file that tells it, and why it is not there where that file was read
OTHERS = {
    "user": ("status", Absence("unsupported", "status does not tell it")),
    "namespace_pids": ("status", Absence("unsupported", "status does not tell it")),
    "command": ("cmdline", Absence("unsupported", "cmdline does not tell it")),
    "limits": ("limits", Absence("unsupported", "limits does not tell it")),
    "cgroups": ("cgroup", Absence("unsupported", "cgroup does not tell it")),
    "container": ("cgroup", Absence("none", "its control group is that of no container")),
    "percent": ("statm", Absence("unsupported", "the memory of the host is not known")),
    "block": ("regions", Absence("none", "nothing is mapped there")),
    "region": ("regions", Absence("none", "nothing is mapped there")),
    "touch": ("regions", Absence("none", "nothing is mapped there")),
    "below": ("regions", Absence("none", "no region lies below")),
    "above": ("regions", Absence("none", "no region lies above")),
    "offset_in_file": ("regions", Absence("none", "no file is mapped there")),
}
