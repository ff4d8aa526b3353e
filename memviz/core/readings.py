"""Numbers of a whole host or a control group: declared once as Items, read from flat facts, never guessed.

A fact is one value under `file:key` (`meminfo:MemTotal`) or under its file's name alone (`max_map_count`). An Item
names the facts that it needs and is computed only when all of them are there, so that what is unknown cannot become 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from memviz import units
from memviz.core.snapshot import Absence

MEASURED, DERIVED, ESTIMATED = "measured", "derived", "estimated"
UNLIMITED = "unlimited"  # the fact that a limit is not set; its value is None and its Reading says so

Value = int | float | str


def write_size(value: Value) -> str:
    """Bytes as people read them."""
    return units.size(value) if isinstance(value, int) else str(value)


def write_count(value: Value) -> str:
    """`65,530`"""
    return units.number(value) if isinstance(value, int) else str(value)


def write_percent(value: Value) -> str:
    """A number that is a percentage already."""
    return f"{value:.2f} %" if isinstance(value, int | float) else value


def write_seconds(value: Value) -> str:
    """Seconds as a duration."""
    return units.duration(value) if isinstance(value, int | float) else value


def _itself(value: Value) -> Value:
    return value


def less(whole: int, *parts: int) -> int | Absence:
    """What is left of a number; absent where its parts are larger than it is."""
    left = whole - sum(parts)
    if left < 0:
        return Absence("torn", "the numbers contradict each other: they are not counted at one moment", "read again")
    return left


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is the key in code and JSON; `value` is called with the facts that `needs` names, in their order, then
    with those of `optional` that are there, and gives bytes, a count, a float or a text, or an Absence where the facts
    cannot mean what the item says. `otherwise` is a second way to the same number, for kernels that lack the first. An
    item that needs nothing is the remainder of its waterfall.
    """

    name: str
    title: str
    section: str
    explanation: str
    needs: tuple[str, ...] = ()
    value: Callable[..., Value | Absence] = _itself
    write: Callable[[Value], str] = write_size
    how: str = MEASURED
    optional: tuple[str, ...] = ()
    otherwise: Item | None = None


class Reading(NamedTuple):
    """One item as it was found. `value` is None where it is unknown (`absent` says why) or a limit that is not set."""

    item: Item
    value: Value | None
    unlimited: bool
    how: str
    absent: Absence | None

    @property
    def text(self) -> str:
        """How it is shown: a dash where it is unknown."""
        if self.unlimited:
            return UNLIMITED
        return units.DASH if self.value is None else self.item.write(self.value)


@dataclass(frozen=True, slots=True)
class Readings:
    """Facts by key, and the files that could not be read with the reason."""

    facts: Mapping[str, Value]
    missing: Mapping[str, Absence]

    def number(self, key: str) -> int | None:
        """A fact that is a whole number, else None."""
        found = self.facts.get(key)
        return found if isinstance(found, int) else None

    def why(self, key: str) -> Absence:
        """Why a fact is not there: its file was not read, or this kernel's file does not tell it."""
        file, _, field = key.partition(":")
        return self.missing.get(file) or Absence(
            "unsupported", f"this kernel's {file} has no {field}" if field else f"this kernel has no {file}"
        )

    def read(self, item: Item) -> Reading:
        """The item's value by the first of its ways whose facts are there."""
        way: Item | None = item
        absent: Absence | None = None
        while way is not None:
            key = next((key for key in way.needs if key not in self.facts), None)
            if key is None and way.needs:
                shown_as = item if way is item else replace(item, explanation=way.explanation)
                return self._reading(shown_as, way)
            absent = absent or (self.why(key) if key is not None else None)
            way = way.otherwise
        return Reading(item, None, False, item.how, absent)

    def _reading(self, item: Item, way: Item) -> Reading:
        keys = (*way.needs, *(key for key in way.optional if key in self.facts))
        value = way.value(*(self.facts[key] for key in keys))
        if isinstance(value, Absence):
            return Reading(item, None, False, way.how, value)
        unlimited = value == UNLIMITED
        return Reading(item, None if unlimited else value, unlimited, way.how, None)


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a waterfall: bytes, None where unknown. Only a remainder or a difference may be below zero."""

    name: str
    title: str
    kind: str  # processes, files, kernel, free or other
    size: int | None
    how: str
    explanation: str
    absent: Absence | None = None


OVERLAP = (
    "The parts add up to more than the total: they were counted at slightly different moments, or some memory counts "
    "as two of them."
)


def waterfall(readings: Readings, total: int | None, items: Iterable[Item]) -> tuple[Part, ...]:
    """The items as parts in their order. The sizes that are known sum exactly to `total`: what no part shows is the
    remainder, the item that needs nothing (its size is None where the total is not known)."""
    return balance(total, (_part(readings.read(item)) for item in items))


def _part(reading: Reading) -> Part:
    item, size = reading.item, reading.value
    how = reading.how if item.needs else DERIVED
    return Part(
        item.name, item.title, item.section, size if isinstance(size, int) else None, how, item.explanation,
        reading.absent if item.needs else None,
    )  # fmt: skip


def balance(total: int | None, parts: Iterable[Part]) -> tuple[Part, ...]:
    """Gives the remainder (the only part that is derived, has no size and lacks none) its size."""
    given = tuple(parts)
    if total is None:
        unknown = Absence("unsupported", "the total is not known, so what is left of it is not either")
        return tuple(replace(p, absent=unknown) if is_remainder(p) else p for p in given)
    left = total - sum(part.size for part in given if part.size is not None)
    return tuple(_sized(part, left) if is_remainder(part) else part for part in given)


def _sized(part: Part, left: int) -> Part:
    return replace(part, size=left) if left >= 0 else replace(part, size=left, explanation=OVERLAP)


def is_remainder(part: Part) -> bool:
    """A part whose size is still to be what the others leave."""
    return part.size is None and part.absent is None
