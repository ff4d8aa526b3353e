"""What a command does when it could read nothing of what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from memviz.errors import error_of

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot


def refuse(snapshot: Snapshot) -> NoReturn:
    """Raises the error that belongs to the reason why there are no regions."""
    why = snapshot.absent["regions"]
    raise error_of(why.reason)(f"process {snapshot.pid}: {why.detail}" + (f"; {why.remedy}" if why.remedy else ""))
