"""touch: what is mapped is only promised; a page takes memory when it is first touched."""

from memviz.demos import MIB, PAGE, memory
from memviz.demos.stage import Facts, Stage, Step

SIZE = 16 * MIB
PAGES = SIZE // PAGE
HALF = PAGES // 2

# Every page once, in an order that scatters: neighbours here are far apart in the region.
SCATTERED = sorted(range(PAGES), key=lambda page: page * 0x9E3779B1 % (1 << 32))


class Pages:
    def __init__(self) -> None:
        self.address = 0

    def facts(self, touched: int) -> Facts:
        return {"address": self.address, "bytes": SIZE, "pages": PAGES, "touched": touched}

    def map(self) -> Facts:
        self.address = memory.lone_region(SIZE)
        return self.facts(0)

    def touch_half(self) -> Facts:
        memory.touch(self.address, SCATTERED[:HALF])
        return self.facts(HALF)

    def touch_all(self) -> Facts:
        memory.touch(self.address, SCATTERED[HALF:])
        return self.facts(PAGES)

    def give_back(self) -> Facts:
        memory.advise(self.address, SIZE, memory.MADV_DONTNEED)
        return self.facts(0)

    def unmap(self) -> Facts:
        memory.unmap(self.address, SIZE)
        return self.facts(0)


def steps(stage: Stage) -> tuple[Step, ...]:
    pages = Pages()
    return (
        Step(
            f"map 16 MiB, {PAGES:,} pages, and touch none of them",
            pages.map,
            "a region of 16 MiB at {address:#x}, with an RSS of 0",
            "regions {pid} --group anonymous",
        ),
        Step(
            f"touch {HALF:,} of {PAGES:,} pages, scattered",
            pages.touch_half,
            "its size is the same, its RSS is 8 MiB",
            "regions {pid} --group anonymous",
        ),
        Step(
            f"touch the other {HALF:,} pages",
            pages.touch_all,
            "its RSS is its size, 16 MiB",
            "regions {pid} --group anonymous",
        ),
        Step(
            "give the memory back, and keep the region (MADV_DONTNEED)",
            pages.give_back,
            "its size is still 16 MiB, its RSS is 0 again",
            "regions {pid} --group anonymous",
        ),
        Step(
            "unmap the region",
            pages.unmap,
            "the region is gone, and the virtual size of the process with it",
            "summary {pid}",
        ),
    )
