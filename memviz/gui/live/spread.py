"""Labels beside each other that do not overlap. No Qt."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Places between `low` and `high`, at least `distance` apart, in the order of `wanted` and close to it.

    Where there is too little room they come closer, evenly.
    """
    if not wanted:
        return []
    distance = min(distance, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    groups: list[list[float]] = []  # [sum of wanted first places, how many]: each a run of touching labels
    for rank, index in enumerate(order):
        groups.append([wanted[index] - rank * distance, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += count
    ceiling = high - (len(wanted) - 1) * distance
    places, rank = [0.0] * len(wanted), 0
    for total, count in groups:
        first = min(max(total / count, low), ceiling)
        for _ in range(int(count)):
            places[order[rank]] = first + rank * distance
            rank += 1
    return places
