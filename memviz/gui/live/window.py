"""The stretch of time that all plots show. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST = 2.0  # seconds: closer nobody sees more, samples come at most ten in a second


@dataclass(frozen=True, slots=True)
class Choice:
    """A length to choose from; None is everything there is."""

    title: str
    seconds: float | None
    explanation: str


CHOICES = (
    Choice("1 min", 60, "Show the last minute."),
    Choice("5 min", 300, "Show the last five minutes."),
    Choice("1 h", 3600, "Show the last hour."),
    Choice("All", None, "Show everything since the process was opened."),
)


@dataclass(frozen=True, slots=True)
class Window:
    """`right` is None while live: then it ends with the newest value."""

    seconds: float | None = 60
    right: float | None = None

    @property
    def is_live(self) -> bool:
        return self.right is None

    def span(self, began: float, newest: float) -> tuple[float, float]:
        """Its left and right edge."""
        right = newest if self.right is None else self.right
        if self.seconds is None:
            return min(began, right - LEAST), right
        return right - self.seconds, right

    def live(self) -> Window:
        return replace(self, right=None)

    def held(self, newest: float) -> Window:
        """Stays where it is, whatever comes."""
        return self if self.right is not None else replace(self, right=newest)

    def looked(self, left: float, right: float, began: float, newest: float) -> Window:
        """What dragging or the wheel left in sight; to look past the newest value means to be live again."""
        seconds = max(right - left, LEAST)
        if right >= newest:
            return Window(seconds, None)
        return Window(seconds, max(right, began + min(seconds, newest - began)))
