"""What a command does when it could read no region of what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memviz.core.headline import headline
from memviz.errors import error_of

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot


def refuse(snapshot: Snapshot, *, quiet: bool = False) -> int:
    """Raises the error that belongs to the reason why there are no regions. Of a process that is ending there is
    nothing to read, which is no failure: it says so (unless `quiet`), and gives the exit status 0."""
    why = snapshot.absent["regions"]
    if why.reason == "ending":
        if not quiet:
            print(headline(snapshot))
        return 0
    raise error_of(why.reason)(f"process {snapshot.pid}: {why.detail}" + (f"; {why.remedy}" if why.remedy else ""))
