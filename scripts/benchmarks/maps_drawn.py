"""Frames of the map: with very many regions and page runs, beside few regions and beside one graphics item a region."""

from __future__ import annotations

import numpy as np

from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from tests import builders

PRESENT, FILE = 1 << 3, 1 << 2
LONGEST = 16  # pages of a made-up run, and of the untouched stretch after it


def made_up(regions: int, runs: int) -> tuple[Snapshot, PageRuns]:
    """A process of so many regions that take turns in kind, with runs of pages strewn over them."""
    rng = np.random.default_rng(7)
    kinds = ("rw-p", "r--p /usr/lib/lib%d.so.1", "r-xp /usr/lib/lib%d.so.1", "rw-p /usr/lib/lib%d.so.1")
    lengths = rng.integers(1, LONGEST, 5 * runs)
    total, bottom = int(lengths.sum()), 0x7F00_0000_0000 >> 12
    edges = np.sort(rng.choice(total, 2 * regions, replace=False)) + bottom
    lines = [
        f"{start:x}-{end:x} " + (kinds[n % 4] % (n // 40) if n % 4 else kinds[0])
        for n, (start, end) in enumerate(edges.reshape(-1, 2).tolist())
    ]
    snapshot = builders.snapshot(*lines)
    ends = np.cumsum(lengths)[: 5 * runs // 2 * 2].reshape(-1, 2) + bottom
    inside = np.searchsorted(edges, ends, "right")
    ends = ends[(inside[:, 0] == inside[:, 1]) & (inside[:, 0] % 2 == 1)][:runs]
    start, end = ends[:, 0].astype(np.uint64) << np.uint64(12), ends[:, 1].astype(np.uint64) << np.uint64(12)
    bits = np.where(rng.random(len(start)) < 0.6, PRESENT, PRESENT | FILE).astype(np.uint64)
    return snapshot, PageRuns(start, end, bits)
