"""What the inspector looks at, and what a fact about it is. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from memviz.core.diff import Difference
from memviz.core.pages import PageState, state_at
from memviz.core.part import Part, bytes_by_state, why_unmeasured
from memviz.core.snapshot import UNTOLD, Absence, Snapshot
from memviz.core.source import PageRuns
from memviz.gui.session.selection import GROUP, NOTHING, Selection, block_of, rows_of

NOT_OF_REGIONS = ("stat", "statm", "status", "oom_score", "oom_score_adj")  # files that tell of the process


@dataclass(frozen=True)
class Subject:
    """What is selected, looked up in a snapshot."""

    snapshot: Snapshot
    selection: Selection
    pages: PageRuns | None = None
    pages_absent: Absence | None = None
    difference: Difference | None = None

    @property
    def kind(self) -> str:
        return self.selection.kind

    @cached_property
    def part(self) -> Part:
        return Part(self.snapshot, rows_of(self.selection, self.snapshot))

    @cached_property
    def row(self) -> int | None:
        """The region that it is, or begins in."""
        return self.snapshot.regions.find(self.selection.start) if self.kind not in (NOTHING, GROUP) else None

    @cached_property
    def block(self) -> int | None:
        return block_of(self.selection, self.snapshot)

    @cached_property
    def state(self) -> PageState | None:
        """The state of the page; None where it is not known."""
        return state_at(self.pages, self.selection.start) if self.pages is not None else None

    @cached_property
    def states(self) -> dict[PageState, int] | None:
        """Bytes of the range by the state of their pages."""
        if self.pages is None:
            return None
        return bytes_by_state(self.pages, self.selection.start, self.selection.end)

    def why(self, name: str, source: str) -> Absence:
        """Why a number is not known that `source` should tell."""
        if name in ("state", "states"):
            return self.pages_absent or Absence("unsupported", "the pages have not been looked at yet")
        if name in UNTOLD:
            return Absence("unsupported", "the kernel does not tell it in /proc/PID")
        if source in self.snapshot.absent:
            return self.snapshot.absent[source]
        if self.snapshot.regions.measured or source in NOT_OF_REGIONS:
            return Absence("unsupported", f"this kernel's {source.split()[-1]} does not tell it")
        return why_unmeasured(self.snapshot)


Value = object
PLAIN, HEADING, DIGITS = "plain", "heading", "digits"  # how a line looks; addresses in a font of one width


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` gives what `write` makes text of, None where it is unknown. `how` it is known: measured, derived or
    estimated, and out of which `source`. A fact that is `often_zero` is told in one line with others when it is 0; one
    that is a `sentence` takes the place of how it is known too, which the tooltip tells."""

    name: str
    title: str
    how: str
    source: str
    explanation: str
    value: Callable[[Subject], Value | None]
    write: Callable[[Value], str]
    often_zero: bool = False
    sentence: bool = False


class Line(NamedTuple):
    """A row that is shown; `known` is empty where the value takes its place too. `raw` is what is copied, perhaps of a
    number."""

    name: str
    title: str
    text: str
    known: str
    tip: str
    raw: str
    look: str = PLAIN
    is_number: bool = False

    @property
    def is_heading(self) -> bool:
        return self.look == HEADING


class Section(NamedTuple):
    """Facts under one heading, for some kinds of selection."""

    title: str
    kinds: tuple[str, ...]
    facts: tuple[Fact, ...]
