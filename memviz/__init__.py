"""memviz: see the memory of a running process.

`snapshot(pid)` and `MemoryAnalyzer` are loaded on first use, so that `import memviz` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["MemoryAnalyzer", "MemvizError", "__version__", "snapshot"]

if TYPE_CHECKING:
    from memviz.core.analyzer import MemoryAnalyzer, snapshot
    from memviz.errors import MemvizError


def __getattr__(name: str) -> object:
    if name in ("MemoryAnalyzer", "snapshot"):
        import memviz.core.analyzer as analyzer

        return getattr(analyzer, name)
    if name == "MemvizError":
        import memviz.errors as errors

        return errors.MemvizError
    raise AttributeError(f"module 'memviz' has no attribute {name!r}")
