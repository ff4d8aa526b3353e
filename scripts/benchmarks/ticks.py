"""The resident size of many processes at once, as a list or a plot that is on the screen wants it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import psutil

from benchmarks.record import Measurement, Setting
from benchmarks.targets import host, sleepers
from benchmarks.timing import alternate, same

PAGE = os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def statm_files(pids: list[int]) -> Iterator[list[int]]:
    """Open descriptors of statm."""
    with contextlib.ExitStack() as stack:
        files = [os.open(f"/proc/{pid}/statm", os.O_RDONLY) for pid in pids]
        for file in files:
            stack.callback(os.close, file)
        yield files


def beside_pread(setting: Setting, rounds: int) -> Measurement:
    """Through the reader, beside the bare reads on kept descriptors (which are parsed off the clock)."""

    def agree(ours: list[int | None], texts: list[bytes]) -> None:
        same("rss", ours, [int(text.split()[1]) * PAGE for text in texts])

    with sleepers(setting.followed) as pids, statm_files(pids) as files, host() as here:

        def read() -> list[bytes]:
            return [os.pread(file, 128, 0) for file in files]

        return alternate(setting, rounds, lambda: here.resident(pids), read, agree)


def beside_psutil(setting: Setting, rounds: int) -> Measurement:
    """Through the reader, beside psutil with kept Process objects."""

    def agree(ours: list[int | None], theirs: list[int]) -> None:
        same("rss", ours, theirs)

    with sleepers(setting.followed) as pids, host() as here:
        kept = [psutil.Process(pid) for pid in pids]

        def read() -> list[int]:
            return [process.memory_info().rss for process in kept]

        return alternate(setting, rounds, lambda: here.resident(pids), read, agree)
