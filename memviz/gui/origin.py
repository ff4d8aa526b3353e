"""Where a session's data comes from, in words for people."""

from __future__ import annotations

import os
from dataclasses import dataclass

from memviz.core.source import Source
from memviz.text import clipped

HERE, CAPTURED, ADMINISTRATOR = "this machine", "captured tree", "as administrator"


@dataclass(frozen=True, slots=True)
class Origin:
    """`is_here`: process numbers mean processes of this machine, ours among them."""

    name: str
    is_here: bool
    is_captured: bool

    @property
    def words(self) -> str:
        """`read from this machine`."""
        text = "captured, not alive" if self.is_captured else f"from {clipped(self.name, 50)}"
        return f"{text} · memviz runs as root" if os.geteuid() == 0 and self.is_here else text


def origin_of(source: Source) -> Origin:
    return Origin(source.name, source.name.startswith((HERE, "psutil")), source.name == CAPTURED)
