"""Which process is shown first where nobody chose one: the heaviest that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memviz.core.source import ProcessRow
from memviz.gui.feed.origin import own_processes
from memviz.gui.session.session import Session

MOST_TRIED = 12  # until one can be read


def heaviest(rows: Iterable[ProcessRow], unwanted: set[int]) -> list[ProcessRow]:
    """The processes that somebody may want to see first, heaviest first."""
    fit = [row for row in rows if not row.is_kernel_thread and row.state not in "ZX" and row.pid not in unwanted]
    return sorted(fit, key=lambda row: row.weight, reverse=True)


class Candidates:
    """What is left of the heaviest, while none of them could be read; false when there are no more."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: list[ProcessRow] = []

    def __bool__(self) -> bool:
        return bool(self._rows)

    def begin(self, rows: Sequence[ProcessRow]) -> None:
        """Out of all processes; memviz, its reader and the reader's workers are none."""
        own = own_processes(self._session.source, rows)
        fit = heaviest(rows, {identity.pid for identity in own.marked | own.left_out})
        # where others' are all heavier than those of whoever looks, it is theirs that can be read
        users = {row.user for row in rows if row.identity in own.marked}
        self._rows = fit[:MOST_TRIED] + [row for row in fit[MOST_TRIED:] if row.user in users][:MOST_TRIED]

    def open_next(self) -> None:
        """The next one, if there is one."""
        if self._rows:
            row = self._rows.pop(0)
            self._session.open(row.pid, row.name, chosen=False)
