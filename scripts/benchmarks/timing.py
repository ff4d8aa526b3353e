"""Two ways to the same numbers, timed in turns."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.calm import Calm
from benchmarks.record import Disagreement, Measurement, Setting

Ours = TypeVar("Ours")
Peer = TypeVar("Peer")
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """How long it took, and what it gave; the garbage of whoever ran before is not its own."""
    gc.collect()
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def alternate(
    setting: Setting,
    rounds: int,
    ours: Callable[[], Ours],
    peer: Callable[[], Peer],
    agree: Callable[[Ours, Peer], None],
) -> Measurement:
    """Runs both once to warm up, then in turns, each first in every second round. `agree` judges every pair of results,
    and raises Disagreement.
    """
    agree(ours(), peer())
    calm, pairs = Calm(setting.patience), []
    for number in range(rounds):
        calm.wait()
        if number % 2:
            their_time, theirs = timed(peer)
            our_time, our_own = timed(ours)
        else:
            our_time, our_own = timed(ours)
            their_time, theirs = timed(peer)
        agree(our_own, theirs)
        del our_own, theirs
        pairs.append((our_time, their_time))
    return Measurement(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), notes=calm.notes)


def same(what: str, ours: object, peer: object) -> None:
    """Raises Disagreement, which names the first place where two lists differ."""
    if ours == peer:
        return
    if isinstance(ours, list) and isinstance(peer, list):
        same(f"number of {what}", len(ours), len(peer))
        place = next(index for index, (our, their) in enumerate(zip(ours, peer, strict=True)) if our != their)
        what, ours, peer = f"{what} [{place}]", ours[place], peer[place]
    raise Disagreement(f"{what}: ours {str(ours)[:200]}, the peer's {str(peer)[:200]}")
