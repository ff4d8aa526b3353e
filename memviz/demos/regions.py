"""regions: neighbours with different permissions do not merge, and there may be only so many."""

import errno

from memviz.demos import PAGE, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

SPARE = 1_000  # regions the program has itself, or will need


def most_allowed() -> int | None:
    """vm.max_map_count, when it can be read."""
    try:
        with open("/proc/sys/vm/max_map_count", "rb") as file:
            return int(file.read())
    except OSError:
        return None


class Stripes:
    """Pages that are in turn writable and read-only: each is a region."""

    def __init__(self, pages: int) -> None:
        self.pages = pages
        self.writable = range(0, pages, 2)
        self.regions = self.merged = 1
        self.address = memory.lone_region(pages * PAGE)

    def facts(self) -> Facts:
        return {"address": self.address, "bytes": self.pages * PAGE, "regions": self.regions}

    def split(self) -> Facts:
        for page in range(1, self.pages, 2):
            try:
                memory.protect(self.address + page * PAGE, PAGE, memory.READ)
            except OSError as error:
                if error.errno != errno.ENOMEM:
                    raise
                self.merge()
                raise NotHere(f"the kernel stopped at {page:,}: vm.max_map_count is {most_allowed()}") from None
        self.regions = self.pages
        return self.facts()

    def merge(self) -> Facts:
        memory.protect(self.address, self.pages * PAGE, memory.READ | memory.WRITE)
        self.regions = self.merged
        return self.facts()

    def touch(self) -> Facts:
        if self.regions < self.pages:
            raise NotHere("the regions could not be made")
        memory.touch(self.address, self.writable)
        # What was touched as a region of its own stays one: its pages belong to its own anon_vma.
        self.merged = len(self.writable)
        return {**self.facts(), "touched": len(self.writable)}


def steps(stage: Stage) -> tuple[Step, ...]:
    stripes = Stripes(stage.number)
    allowed = most_allowed()
    is_close = allowed is not None and stage.number + SPARE > allowed
    warning = f" (close to vm.max_map_count, {allowed:,})" if is_close else ""
    return (
        Step(
            f"make {stage.number:,} regions of one page{warning}",
            stripes.split,
            "{regions:,} regions in a row, in turn writable and read-only, with an RSS of 0",
            "regions {pid} --group anonymous",
        ),
        Step(
            "make all of them writable",
            stripes.merge,
            "one region: the kernel merges neighbours that differ in nothing",
            "regions {pid} --group anonymous",
        ),
        Step(
            "make every second one read-only again",
            stripes.split,
            "{regions:,} regions in a row, as before",
            "regions {pid} --group anonymous",
        ),
        Step(
            "touch the writable ones",
            stripes.touch,
            "{touched:,} of them have an RSS of one page",
            "regions {pid} --group anonymous",
        ),
        Step(
            "make all of them writable again",
            stripes.merge,
            "{regions:,} regions: what was touched apart stays apart, alike as it is",
            "regions {pid} --group anonymous",
        ),
    )
