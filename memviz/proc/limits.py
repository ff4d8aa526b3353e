"""Most that is accepted from a reader: a program behind `--via` may send anything, for ever."""

from __future__ import annotations

from typing import NamedTuple

FRAME_COST = 1 << 10  # bytes that a frame counts for besides its payload: many small ones cost memory too
SMALL = 1 << 20  # of answers that do not grow with the host
# Answers that are a few lines, whatever the host: everything else may be as long as the map of a large process.
LARGEST = {"hello": SMALL, "users": SMALL}


class Limits(NamedTuple):
    """Seconds and bytes. What an honest reader needs is far below: it gives up a worker that sends nothing for 120 s,
    and the smaps of 200,000 regions are 150 MB."""

    silence: float = 10.0  # without a byte; the reader sends a BEAT every second while it works on a request
    first_silence: float = 120.0  # before the first word of a reader behind a prefix: a password may have to be typed
    progress: float = 130.0  # without a part of the answer, and as many BEATs
    slowest: int = 1 << 10  # bytes a second of an answer that takes longer than that
    answer_time: float = 1800.0  # of one answer, as far as it is waited for
    answer_bytes: int = 1 << 30  # of one answer, and of frames that belong to no request
    notice: float = 2.0  # without a first word, until it is said what is waited for

    def largest(self, verb: str) -> int:
        """Bytes that an answer to this verb may have."""
        return min(LARGEST.get(verb, self.answer_bytes), self.answer_bytes)
