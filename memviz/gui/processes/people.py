"""Everything that the list knows of the processes, and the lines that it makes of it; no Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from memviz.core.facts import Identity
from memviz.core.snapshot import Absence
from memviz.core.source import ProcessRow
from memviz.gui.processes.census import Census
from memviz.gui.processes.columns import LIST_COLUMNS, NAME, NUMBERS, SORTED_BY, TEXT
from memviz.gui.processes.history import Minute
from memviz.gui.processes.query import matching
from memviz.gui.processes.tree import Key, Line, arrange, family_sums, held, in_order

OLD = 30.0  # seconds from which on a PSS is shown dim


class Share(NamedTuple):
    """The PSS of one process in bytes, when it was read (monotonic); None where `absent` says why."""

    pss: int | None
    at: float
    absent: Absence | None = None


def lives_on(row: ProcessRow) -> bool:
    """Whether only its first thread has ended, whose state is all that the kernel tells, while others live on."""
    return row.state in "ZX" and (row.threads or 0) > 1


@dataclass
class People:
    """`lines` is what is shown; `stale` tells that its order is held and would be another one."""

    census: Census = field(default_factory=Census)
    minute: Minute = field(default_factory=Minute)
    shares: dict[Identity, Share] = field(default_factory=dict)
    family: dict[Identity, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    sorted_by: str = SORTED_BY
    large_first: bool = True
    tree: bool = False
    filter: str = ""
    closed: set[Key] = field(default_factory=set)
    kernel_open: bool = False
    target: Identity | None = None  # who is open
    own: frozenset[Identity] = frozenset()  # memviz itself
    stale: bool = False
    sums_families: bool = False  # whether somebody looks at them
    _ranks: dict[Identity, int] = field(default_factory=dict)
    _places: dict[Key, int] | None = None
    _found: set[Identity] | None = None  # who fits the filter

    def take(self, rows: Sequence[ProcessRow], now: float) -> None:
        """A new list of all processes; `lines_now` makes lines of it."""
        self.census.update(rows, now)
        self.minute.add({row.identity: row.private_swap for row in rows}, now)
        if len(self.shares) > 2 * len(rows) + 100:
            self.shares = {who: share for who, share in self.shares.items() if who in self.census.known}

    def follow(self, pid: int, identity: Identity | None) -> None:
        """Who is open: who is known to be, else who has that number now; he stays it when he has gone."""
        if identity is not None:
            self.target = identity
        elif self.target is None:
            self.target = next((who for who in self.census.known if who.pid == pid), None)

    def lines_now(self, *, hold: bool = False, keep_order: bool = False) -> list[Line]:
        """What is to be shown. `hold`: nobody moves; `keep_order`: only what the user opened or closed changes."""
        rows = self.census.people()
        self.family = family_sums(rows) if self.sums_families or self.sorted_by == "family" else {}
        if keep_order:
            last = len(self._ranks)
            ordered = sorted(rows, key=lambda row: self._ranks.get(row.identity, last))
        else:
            ordered = in_order(rows, self._sort_value(), self.large_first)
        self._found = {row.identity for row in matching(rows, self.filter)} if self.filter.strip() else None
        lines = arrange(ordered, self._found, tree=self.tree, closed=self.closed, kernel_open=self.kernel_open)
        self.stale = False
        if hold and self.lines:
            kept = held(self.lines, lines, {row.identity: row for row in rows})
            self.stale = [line.key for line in kept] != [line.key for line in lines]
            return kept
        if not keep_order:
            self._ranks = {row.identity: rank for rank, row in enumerate(ordered)}
        return lines

    def set_lines(self, lines: list[Line]) -> None:
        self.lines, self._places = lines, None

    @property
    def places(self) -> dict[Key, int]:
        """Where each key is; made when it is asked for, since lines change in several steps."""
        if self._places is None:
            self._places = {line.key: place for place, line in enumerate(self.lines)}
        return self._places

    def sum_up(self) -> tuple[int, int | None, int]:
        """How many processes fit the filter, kernel threads and those that have gone apart, their private + swap, and
        of how many of them it is not known."""
        rows = [row for row in self.census.known.values() if not row.is_kernel_thread]
        if self._found is not None:
            rows = [row for row in rows if row.identity in self._found]
        known = [row.private_swap for row in rows if row.private_swap is not None]
        return len(rows), sum(known) if known or not rows else None, len(rows) - len(known)

    def value(self, line: Line, name: str) -> object:
        """The value of a column of LIST_COLUMNS; None where it is unknown."""
        return self._value(line.row, name) if line.row is not None else None

    def why_absent(self, line: Line, name: str) -> str:
        """Why a value is not known, and what would help."""
        row = line.row
        if row is None:
            return ""
        if name == "pss":
            share = self.shares.get(row.identity)
            if row.is_kernel_thread:
                return "A kernel thread has no memory of its own."
            return str(share.absent) if share is not None and share.absent is not None else "Not read yet."
        found = _absence(row, name)
        if found is not None:
            return str(found)
        if row.is_kernel_thread:
            return "A kernel thread has no memory of its own."
        return "It has ended: its memory has been given back." if row.state in "ZX" else "The kernel does not tell it."

    def is_denied(self, line: Line, name: str) -> bool:
        """Whether somebody with more rights could read it."""
        row = line.row
        if row is None:
            return False
        share = self.shares.get(row.identity)
        absent = _absence(row, name) if name != "pss" else share.absent if share is not None else None
        return absent is not None and absent.reason == "denied"

    def _value(self, row: ProcessRow, name: str) -> object:
        if name == "pss":
            share = self.shares.get(row.identity)
            return share.pss if share is not None else None
        if name == "family":
            return self.family.get(row.identity)
        if name == "trend":
            return self.minute.growth(row.identity)
        return row.get(name)

    def _sort_value(self) -> Callable[[ProcessRow], Any]:
        """What the rows are sorted by; texts without regard to case."""
        name = self.sorted_by
        if name in ("pss", "family", "trend"):
            return lambda row: self._value(row, name)
        get = attrgetter(name)
        if LIST_COLUMNS[NUMBERS[name]].kind not in (NAME, TEXT):
            return get

        def folded(row: ProcessRow) -> str | None:
            text = get(row)
            return text.casefold() if text is not None else None

        return folded


def _absence(row: ProcessRow, name: str) -> Absence | None:
    """Why a column of a row is not known: most of them come from status."""
    absent = row.absent or {}
    return absent.get(name) or absent.get("status")
