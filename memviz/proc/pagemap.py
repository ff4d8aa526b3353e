"""Page runs: what PAGEMAP_SCAN returns, or pagemap entries turned into the same.

Guard pages (MADV_GUARD_INSTALL) look swapped in both, and are no pages: they have the bit GUARD alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from memviz.errors import Malformed

Array = npt.NDArray[np.uint64]
# PAGE_IS_... of include/uapi/linux/fs.h; GUARD since 6.15
FILE, PRESENT, SWAPPED, PFNZERO, HUGE, GUARD = 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 8
# bits of an entry of /proc/PID/pagemap
ENTRY_PRESENT, ENTRY_OTHER, ENTRY_FILE, ENTRY_GUARD = 63, 62, 61, 58


class PageDecoder:
    """Feed it DATA frames of the reader's `pages`; `finish` gives start, end and bits of runs, in order, merged.

    The bits are FILE, PRESENT, SWAPPED, PFNZERO and GUARD; entries of pagemap tell PFNZERO of no page.
    """

    MASK = FILE | PRESENT | SWAPPED | PFNZERO | GUARD

    def __init__(self, page_size: int) -> None:
        self._page = np.uint64(page_size)
        self._pieces: list[npt.NDArray[np.uint64]] = []

    def feed(self, tag: int, data: bytes) -> None:
        """Tag 0: triples of PAGEMAP_SCAN; tag 1: an address and entries of pagemap. Raises Malformed."""
        if tag not in (0, 1) or len(data) % (24 if tag == 0 else 8) or (tag == 1 and not data):
            raise Malformed("page runs that end in the middle")
        numbers = np.frombuffer(data, "<u8")
        if tag == 0:
            runs = numbers.reshape(-1, 3).copy()
            runs[runs[:, 2] & np.uint64(GUARD) != 0, 2] = GUARD
            self._pieces.append(runs)
        else:
            self._pieces.append(self._runs(numbers[0], numbers[1:]))

    def _runs(self, address: np.uint64, entries: Array) -> npt.NDArray[np.uint64]:
        bits = np.zeros(len(entries), np.uint64)
        for source, meaning in ((ENTRY_FILE, FILE), (ENTRY_PRESENT, PRESENT), (ENTRY_OTHER, SWAPPED)):
            bits |= (entries >> np.uint64(source) & np.uint64(1)) * np.uint64(meaning)
        bits[bits & np.uint64(PRESENT | SWAPPED) == 0] = 0
        bits[entries >> np.uint64(ENTRY_GUARD) & np.uint64(1) == 1] = GUARD
        first = np.flatnonzero(np.diff(bits, prepend=~bits[:1]))
        last = np.append(first[1:], len(bits)).astype(np.uint64)
        runs = np.stack(
            [address + first.astype(np.uint64) * self._page, address + last * self._page, bits[first]], axis=1
        )
        kept: npt.NDArray[np.uint64] = runs[runs[:, 2] != 0]
        return kept

    def finish(self) -> tuple[Array, Array, Array]:
        """Raises Malformed when runs overlap or stand in the wrong order."""
        runs = np.concatenate([np.empty((0, 3), np.uint64), *self._pieces])
        start, end, bits = runs[:, 0], runs[:, 1], runs[:, 2]
        if (start >= end).any() or (start[1:] < end[:-1]).any():
            raise Malformed("the kernel returned page runs that overlap")
        new = np.ones(len(runs), np.bool_)
        new[1:] = (start[1:] != end[:-1]) | (bits[1:] != bits[:-1])
        last = np.append(new[1:], True)[: len(runs)]
        return start[new], end[last], bits[new]
