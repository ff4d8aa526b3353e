"""Where the map has been: zooms are undone and redone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

MOST = 100  # views that are kept


class View(NamedTuple):
    """A place to come back to: the page at the first lane's start, and bytes per pixel (0: everything)."""

    page: float
    scale: float


@dataclass(slots=True)
class Views:
    """Views before and after the one that shows."""

    past: list[View] = field(default_factory=list)
    future: list[View] = field(default_factory=list)

    def left(self, view: View) -> None:
        """The user went from here to somewhere new."""
        self.past = [*self.past[-MOST:], view]
        self.future.clear()

    def back(self, here: View) -> View | None:
        return _walk(self.past, self.future, here)

    def forward(self, here: View) -> View | None:
        return _walk(self.future, self.past, here)


def _walk(source: list[View], other: list[View], here: View) -> View | None:
    if not source:
        return None
    other.append(here)
    return source.pop()
