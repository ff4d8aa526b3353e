"""memviz: see the memory of a running process.

`snapshot(pid)` and `MemoryAnalyzer` are loaded on first use, so that `import memviz` costs nothing.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["MemoryAnalyzer", "MemvizError", "__version__", "snapshot"]

if TYPE_CHECKING:
    from memviz.core.analyzer import MemoryAnalyzer, snapshot
    from memviz.errors import MemvizError


# A fork waits until an import is over: a child would find the module's lock held by a thread that it does not have.
_importing = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_importing.acquire, after_in_parent=_importing.release, after_in_child=_importing.release
    )


def __getattr__(name: str) -> object:
    if name in ("MemoryAnalyzer", "snapshot"):
        with _importing:
            import memviz.core.analyzer as analyzer

        return getattr(analyzer, name)
    if name == "MemvizError":
        import memviz.errors as errors

        return errors.MemvizError
    raise AttributeError(f"module 'memviz' has no attribute {name!r}")
