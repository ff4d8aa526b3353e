"""When something that costs time is due again: what is dear is asked for less often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Cadence:
    """Due no sooner than `factor` times its last cost after it was last asked for, within `least` and `most`
    seconds."""

    factor: float
    least: float = 0.0
    asked: float = float("-inf")
    cost: float = 0.0
    most: float = float("inf")

    def is_due(self, now: float, *, hurry: float = 1.0) -> bool:
        """`hurry` below 1 shortens the wait: there is reason to believe that something changed."""
        return now - self.asked >= self.wait(hurry)

    def wait(self, hurry: float = 1.0) -> float:
        """Seconds from one time to the next, by the last cost."""
        return max(self.least, min(self.factor * self.cost, self.most) * hurry)

    def begin(self, now: float) -> None:
        self.asked = now

    def end(self, now: float, cost: float) -> None:
        """What was begun has come and took `cost` seconds; a lone slow answer does not set the pace for ever."""
        self.asked, self.cost = max(self.asked, now - cost), cost

    def forget(self) -> None:
        """Another target: due at once."""
        self.asked, self.cost = float("-inf"), 0.0
