"""Snapshots of small processes that hypothesis makes: some regions of few names, so that blocks and repeats occur."""

from __future__ import annotations

from hypothesis import strategies as st

from memviz.core.snapshot import Snapshot
from tests import builders

PATHS = (
    "", "", "", "[heap]", "[stack]", "/usr/lib/libc.so.6", "/usr/lib/libz.so.1", "/bin/program",
    "/data/my\\ file (deleted)", "[anon:a b]", "/dev/shm/x", "/strange/\u202e%s\"'*?[(.txt",
)  # fmt: skip
PERMISSIONS = ("r-xp", "rw-p", "r--p", "---p", "rwxp", "rw-s")
FLAGS = ("rd,mr", "rd,wr,ac", "rd,ex,gd", "zz")


@st.composite
def lines(draw: st.DrawFn, most: int = 10) -> list[str]:
    """Regions as builders read them, in order of address."""
    edges = sorted(draw(st.lists(st.integers(1, 400), unique=True, max_size=2 * most)))
    result = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        rss = draw(st.integers(0, end - start)) * 4
        swap = draw(st.sampled_from((0, 0, 4)))
        path, permissions = draw(st.sampled_from(PATHS)), draw(st.sampled_from(PERMISSIONS))
        flags = draw(st.sampled_from(FLAGS))
        result.append(f"{start:x}-{end:x} {permissions} {path} rss={rss}k swap={swap}k flags={flags}")
    return result


@st.composite
def snapshots(draw: st.DrawFn, most: int = 10, *, measured: bool | None = None) -> Snapshot:
    is_measured = draw(st.integers(0, 4)) > 0 if measured is None else measured
    return builders.snapshot(*draw(lines(most)), measured=is_measured)
