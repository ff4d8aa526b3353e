"""What a command does when it could read nothing of what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from memviz.errors import AccessDenied, MemvizError, NotAnswering, ProcessGone, Unsupported

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot

ERRORS: dict[str, type[MemvizError]] = {"denied": AccessDenied, "not answering": NotAnswering, "gone": ProcessGone}


def refuse(snapshot: Snapshot) -> NoReturn:
    """Raises the error that belongs to the reason why there are no regions."""
    why = snapshot.absent["regions"]
    error = ERRORS.get(why.reason, Unsupported)
    raise error(f"process {snapshot.pid}: {why.detail}" + (f"; {why.remedy}" if why.remedy else ""))
