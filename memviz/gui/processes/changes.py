"""From one order of keys to another by removing and inserting runs: what a view follows without losing its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

Runs = list[tuple[int, int]]  # first and last, both included


def runs(keys: Sequence[Any], wanted: Callable[[Any], bool]) -> Runs:
    """The places of wanted keys, as runs, in order."""
    result: Runs = []
    for place, key in enumerate(keys):
        if wanted(key):
            if result and result[-1][1] == place - 1:
                result[-1] = (result[-1][0], place)
            else:
                result.append((place, place))
    return result


def removed(old: Sequence[Any], new: Collection[Any]) -> Runs:
    """What goes, the last run first: the places before it stay as they are."""
    return runs(old, lambda key: key not in new)[::-1]


def inserted(new: Sequence[Any], old: Collection[Any]) -> Runs:
    """What comes, the first run first: places are those it has when it is there."""
    return runs(new, lambda key: key not in old)
