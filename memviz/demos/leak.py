"""leak: blocks that are allocated and forgotten, beside a cache that is busy and does not grow."""

from memviz.demos import KIB, MIB, memory
from memviz.demos.stage import Facts, Stage, Step

BLOCK = 112  # bytes asked for; with malloc's own 16 it takes 128
BLOCKS = MIB // 128  # in every step
CACHE = 4 * MIB
ENTRY = 64 * KIB


class Leak:
    def __init__(self) -> None:
        self.cache = memory.lone_region(CACHE)
        memory.fill(self.cache, CACHE)
        self.forgotten = 0

    def work(self) -> Facts:
        """As a server would: new answers replace old ones, and each leaves something behind."""
        for entry in range(CACHE // ENTRY):
            memory.fill(self.cache + entry * ENTRY, ENTRY)
        last = 0
        for _ in range(BLOCKS):
            last = memory.allocate(BLOCK)
            memory.fill(last, BLOCK)
        self.forgotten += BLOCKS
        return {
            "forgotten": self.forgotten,
            "bytes": self.forgotten * 128,
            "last_address": last,
            "cache_address": self.cache,
            "cache_bytes": CACHE,
        }


def steps(stage: Stage) -> tuple[Step, ...]:
    leak = Leak()
    return tuple(
        Step(
            f"serve requests that forget 1 MiB in {BLOCKS:,} blocks ({mib} of {stage.number} MiB)",
            leak.work,
            "the heap holds {bytes:,} bytes that nobody knows of; the cache of 4 MiB stays 4 MiB",
            "regions {pid} --group heap",
        )
        for mib in range(1, stage.number + 1)
    )
