"""fragment: a heap shrinks by whole free pages, and free blocks seldom add up to one."""

from memviz.demos import KIB, MIB, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

BLOCK = 2 * KIB  # with malloc's own bytes: no two fit a page of 4 KiB exactly, none fills one
BLOCKS = 16 * MIB // BLOCK


class Heap:
    def __init__(self) -> None:
        self.blocks: list[int] = []
        self.first = self.last = 0

    def facts(self) -> Facts:
        return {
            "first_address": self.first,
            "last_address": self.last,
            "block_bytes": BLOCK,
            "live_blocks": len(self.blocks),
        }

    def allocate(self) -> Facts:
        for _ in range(BLOCKS):
            block = memory.allocate(BLOCK)
            memory.fill(block, BLOCK)
            self.blocks.append(block)
        self.first, self.last = self.blocks[0], self.blocks[-1]
        return self.facts()

    def free_every_second(self) -> Facts:
        for block in self.blocks[::2]:
            memory.free(block)
        del self.blocks[::2]
        return self.facts()

    def free_all_but_the_last(self) -> Facts:
        for block in self.blocks[:-1]:
            memory.free(block)
        del self.blocks[:-1]
        return self.facts()

    def trim(self) -> Facts:
        try:
            memory.trim(0)
        except OSError as error:
            raise NotHere(f"{error.strerror}: it is glibc's") from None
        return self.facts()


def steps(stage: Stage) -> tuple[Step, ...]:
    heap = Heap()
    return (
        Step(
            f"allocate {BLOCKS:,} blocks of 2 KiB with malloc",
            heap.allocate,
            "the heap has grown by 16 MiB, all of it resident",
            "regions {pid} --group heap",
        ),
        Step(
            "free every second block",
            heap.free_every_second,
            "half of it is free, and nothing changed: malloc keeps it for later",
            "regions {pid} --group heap",
        ),
        Step(
            "ask malloc to give back what it can (malloc_trim)",
            heap.trim,
            "still hardly a change: there is no page without a block that lives",
            "regions {pid} --group heap",
        ),
        Step(
            "free all blocks but the last",
            heap.free_all_but_the_last,
            "one block of 2 KiB at the end keeps all 16 MiB: the heap shrinks only from its end",
            "regions {pid} --group heap",
        ),
        Step(
            "ask malloc once more",
            heap.trim,
            "now the RSS of the heap has fallen by nearly 16 MiB; its size has not",
            "regions {pid} --group heap",
        ),
    )
