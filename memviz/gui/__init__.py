"""The application, and a widget of it for other applications. Importing this package does not import Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memviz.gui.embed import MemoryAnalysisGUI

__all__ = ["MemoryAnalysisGUI"]


def __getattr__(name: str) -> Any:
    """`MemoryAnalysisGUI` brings Qt along only for who asks for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from memviz.gui import embed

    return getattr(embed, name)
