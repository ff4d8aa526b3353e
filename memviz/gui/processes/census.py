"""Who is there, who is new and who has gone, by identity: a number that is used again is another process."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from memviz.core.facts import Identity
from memviz.core.source import ProcessRow

FRESH, KEPT = 2.0, 3.0  # seconds that a new one is marked, and that one which has gone is still shown


class Gone(NamedTuple):
    """A process that is not in the list any more: its last row, and when that was noticed."""

    row: ProcessRow
    since: float


@dataclass(slots=True)
class Census:
    """Times are those of a monotonic clock."""

    known: dict[Identity, ProcessRow] = field(default_factory=dict)
    fresh: dict[Identity, float] = field(default_factory=dict)
    gone: dict[Identity, Gone] = field(default_factory=dict)
    begun: bool = False

    def update(self, rows: Iterable[ProcessRow], now: float) -> None:
        """A new list. In the first one, and in the first after a pause (`pause`), nobody is new and nobody goes."""
        present = {row.identity: row for row in rows}
        if self.begun:
            for identity in self.known.keys() - present.keys():
                self.gone[identity] = Gone(self.known[identity], now)
            for identity in present.keys() - self.known.keys():
                if self.gone.pop(identity, None) is None:  # one that a list had missed is not new
                    self.fresh[identity] = now
        for identity in self.gone.keys() & present.keys():
            del self.gone[identity]
        self.known, self.begun = present, True

    def pause(self) -> None:
        """Nobody looks from here on: what changes meanwhile is no news."""
        self.begun = False
        self.fresh.clear()

    def forget(self, now: float, keep: Collection[Identity | None] = ()) -> None:
        """What was new long enough is not new any more; who has gone leaves the list, but for those in `keep`."""
        self.fresh = {who: since for who, since in self.fresh.items() if now - since < FRESH and who in self.known}
        self.gone = {who: gone for who, gone in self.gone.items() if now - gone.since < KEPT or who in keep}

    def is_moving(self, kept: Identity | None) -> bool:
        """Whether somebody is still marked as new, or is to leave: all who have gone but `kept`."""
        return bool(self.fresh) or bool(self.gone.keys() - {kept})

    def is_due(self, now: float, kept: Identity | None) -> bool:
        """Whether `forget` would forget anybody."""
        return any(now - since >= FRESH for since in self.fresh.values()) or any(
            now - gone.since >= KEPT for who, gone in self.gone.items() if who != kept
        )

    def people(self) -> list[ProcessRow]:
        """Everybody to be shown, in order of pid, those who have gone among them."""
        rows = list(self.known.values())
        if self.gone:
            rows.extend(gone.row for gone in self.gone.values())
            rows.sort(key=lambda row: row.identity.pid)
        return rows
