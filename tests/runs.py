"""Small texts to runs of pages."""

from __future__ import annotations

import numpy as np

from memviz.core.pages import FILE, PRESENT, SWAPPED
from memviz.core.source import PageRuns
from tests import builders


def page_runs(*runs: str) -> PageRuns:
    """`10-14 a`: pages in hexadecimal; a anonymous, f of a file, s swapped."""
    bits = {"a": PRESENT, "f": PRESENT | FILE, "s": SWAPPED}
    words = [run.split() for run in runs]
    edges = [[int(edge, 16) * builders.PAGE for edge in range_.split("-")] for range_, _ in words]
    columns = np.array(edges, np.uint64).reshape(-1, 2)
    return PageRuns(columns[:, 0], columns[:, 1], np.array([bits[letter] for _, letter in words], np.uint64))
