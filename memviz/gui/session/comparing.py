"""The difference from a session's mark to what it shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from memviz.core.diff import Difference, diff

if TYPE_CHECKING:
    from memviz.gui.session.session import Session

JOB = "difference"


def compare(session: Session) -> None:
    """Works it out away from this thread, since 65,000 regions take a while; `difference_changed` tells when it is
    there, or that there is none any more."""

    def put(difference: Difference | None) -> None:
        if difference is not None or session.difference is not None:
            session.difference = difference
            session.difference_changed.emit(difference)

    mark, snapshot = session.mark, session.snapshot
    if mark is None or snapshot is None:
        session.jobs.cancel(JOB)
        put(None)
    else:
        session.jobs.run(
            JOB, partial(diff, mark, snapshot), put,
            lambda error: session.said.emit(f"The difference to the mark could not be worked out: {error}"),
        )  # fmt: skip
