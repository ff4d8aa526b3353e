"""huge: where huge pages are asked for, one touch brings 2 MiB."""

import errno

from memviz.demos import MIB, PAGE, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

SETTINGS = "/sys/kernel/mm/transparent_hugepage/"
COUNT = 4  # huge pages
LARGEST = 32 * MIB  # of a huge page; with base pages of 64 KiB it would be 512 MiB


def setting(name: str) -> str:
    try:
        with open(SETTINGS + name, encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        raise NotHere("this kernel has no transparent huge pages") from None


class Region:
    """Memory that begins where a huge page would."""

    def __init__(self, advice: int) -> None:
        self.advice = advice
        self.address = self.huge = 0

    def facts(self) -> Facts:
        size = COUNT * self.huge
        return {
            "address": self.address,
            "bytes": size,
            "huge_bytes": self.huge,
            "resident": memory.resident_pages(self.address, size) * PAGE,
        }

    def map(self) -> Facts:
        if "[never]" in setting("enabled"):
            raise NotHere(f"huge pages are switched off ({SETTINGS}enabled is 'never')")
        huge = int(setting("hpage_pmd_size"))
        if huge > LARGEST:
            raise NotHere(f"a huge page has {huge // MIB} MiB here: too much for a demo")
        memory.control(memory.PR_SET_THP_DISABLE, 0)
        # Everything but the aligned part stays inaccessible.
        lowest = memory.map_memory((COUNT + 2) * huge, memory.NONE)
        self.huge = huge
        self.address = (lowest // huge + 1) * huge
        memory.protect(self.address, COUNT * huge, memory.READ | memory.WRITE)
        try:
            memory.advise(self.address, COUNT * huge, self.advice)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise NotHere("this kernel has no transparent huge pages") from None
        return self.facts()

    def touch(self) -> Facts:
        self.need()
        memory.touch(self.address, range(0, COUNT * self.huge // PAGE, self.huge // PAGE))
        return {**self.facts(), "touched": COUNT}

    def tear(self) -> Facts:
        self.need()
        memory.advise(self.address + PAGE, PAGE, memory.MADV_DONTNEED)
        return self.facts()

    def need(self) -> None:
        if not self.huge:
            raise NotHere("there is no such region")


def steps(stage: Stage) -> tuple[Step, ...]:
    small, large = Region(memory.MADV_NOHUGEPAGE), Region(memory.MADV_HUGEPAGE)

    def map_and_touch_small() -> Facts:
        small.map()
        return small.touch()

    return (
        Step(
            f"map the room of {COUNT} huge pages without huge pages, and touch each of the {COUNT}",
            map_and_touch_small,
            f"a region of {{bytes:,}} bytes with an RSS of {COUNT} pages",
            "regions {pid} --group anonymous",
        ),
        Step(
            "map as much again, and ask for huge pages (MADV_HUGEPAGE)",
            large.map,
            "a region of {bytes:,} bytes with an RSS of 0",
            "regions {pid} --group anonymous",
        ),
        Step(
            f"touch one byte in each of the {COUNT}",
            large.touch,
            f"{COUNT} touches brought {{resident:,}} bytes; AnonHugePages says how much is huge",
            "regions {pid} --group anonymous",
        ),
        Step(
            f"give back one page of {PAGE:,} bytes in the first huge page",
            large.tear,
            "the RSS has lost one page, AnonHugePages a whole huge page: it was split",
            "regions {pid} --group anonymous",
        ),
    )
