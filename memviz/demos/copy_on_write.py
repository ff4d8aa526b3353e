"""copy-on-write: after a fork both processes have the same pages, until one of them writes."""

import os

from memviz.demos import MIB, PAGE, memory
from memviz.demos.stage import Facts, Stage, Step

SIZE = 16 * MIB
PAGES = SIZE // PAGE
HALF = PAGES // 2


class Fork:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.address = 0
        self.child = 0
        self.written = 0
        # To the child: how many pages to have written; back: an empty line when it has.
        self.orders, self.to_child = os.pipe()
        self.from_child, self.answers = os.pipe()

    def facts(self) -> Facts:
        return {
            "parent": os.getpid(),
            "child": self.child,
            "address": self.address,
            "bytes": SIZE,
            "pages": PAGES,
            "written": self.written,
        }

    def fill(self) -> Facts:
        self.address = memory.lone_region(SIZE)
        memory.fill(self.address, SIZE)
        return self.facts()

    def fork(self) -> Facts:
        self.child = self.stage.fork(self.obey)
        return self.facts()

    def obey(self) -> None:
        """What the child does."""
        memory.name_this_thread(b"demo-cow-child")
        while order := os.read(self.orders, 8):
            memory.touch(self.address, range(int.from_bytes(order, "little")))
            os.write(self.answers, b"\n")

    def write(self, pages: int) -> Facts:
        self.written = pages
        os.write(self.to_child, pages.to_bytes(8, "little"))
        os.read(self.from_child, 1)
        return self.facts()

    def end(self) -> Facts:
        self.stage.end(self.child)
        return self.facts()


def steps(stage: Stage) -> tuple[Step, ...]:
    fork = Fork(stage)
    return (
        Step(
            f"map 16 MiB and write all {PAGES:,} pages",
            fork.fill,
            "a region of 16 MiB; RSS, PSS and USS of it are 16 MiB",
            "regions {pid} --group anonymous",
        ),
        Step(
            "fork",
            fork.fork,
            "the same region in {parent} and in {child}: in each its RSS is 16 MiB, its PSS 8 MiB",
            "regions {child} --group anonymous",
        ),
        Step(
            "let the child write one page",
            lambda: fork.write(1),
            "one page of the child is private; so is the parent's, which is now alone with it",
            "regions {child} --group anonymous",
        ),
        Step(
            f"let the child write {HALF:,} pages",
            lambda: fork.write(HALF),
            "half of the region is private in each; together they use 24 MiB",
            "regions {child} --group anonymous",
        ),
        Step(
            "end the child",
            fork.end,
            "{child} is gone; all 16 MiB are private to {pid}, without one page copied",
            "regions {pid} --group anonymous",
        ),
    )
