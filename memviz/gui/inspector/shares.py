"""What a part of memory is made of: the stretches of the bar below the sentence. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

from memviz.core.part import Part


class Share(NamedTuple):
    """A stretch of the bar: `look` is private, shared, pool, swap or absent."""

    title: str
    size: int
    look: str


def shares_of(part: Part) -> tuple[Share, ...]:
    """The parts of a part's size, which they add up to; none where residency is not known."""
    rss, uss = part.total("rss"), part.total("uss")
    if rss is None or uss is None or not part.size:
        return ()
    swap, pool = part.known("swap"), part.pool
    shares = (
        Share("private", uss, "private"), Share("shared", rss - uss, "shared"), Share("of the pool", pool, "pool"),
        Share("in swap", swap, "swap"), Share("not in memory", max(part.size - rss - swap - pool, 0), "absent"),
    )  # fmt: skip
    return tuple(share for share in shares if share.size)
