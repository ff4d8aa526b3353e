"""files: one file mapped privately and shared, written through both, and deleted under them."""

import os

from memviz.demos import MIB, PAGE, memory
from memviz.demos.folder import Folder
from memviz.demos.stage import Facts, Stage, Step

SIZE = 4 * MIB
PAGES = SIZE // PAGE
PART = PAGES // 4
NAME = b"letters.txt"


class Mappings:
    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.path = os.path.join(folder.path, os.fsdecode(NAME))
        self.descriptor = folder.create(NAME, 0)
        os.write(self.descriptor, b"a" * SIZE)
        self.private = self.shared = 0

    def facts(self) -> Facts:
        known: Facts = {"private_address": self.private, "bytes": SIZE, "path": self.path}
        if self.shared:
            known["shared_address"] = self.shared
        return known

    def map_private(self) -> Facts:
        self.private = memory.map_memory(SIZE, flags=memory.PRIVATE, descriptor=self.descriptor)
        return self.facts()

    def read(self) -> Facts:
        memory.read_pages(self.private, PAGES)
        return {**self.facts(), "read": PAGES}

    def write_private(self) -> Facts:
        memory.touch(self.private, range(PART))
        return {**self.facts(), "written": PART}

    def map_shared(self) -> Facts:
        self.shared = memory.map_memory(SIZE, flags=memory.SHARED, descriptor=self.descriptor)
        return self.facts()

    def write_shared(self) -> Facts:
        memory.touch(self.shared, range(PAGES - PART, PAGES))
        return {**self.facts(), "written": PART}

    def delete(self) -> Facts:
        self.folder.delete(NAME)
        return self.facts()


def steps(stage: Stage) -> tuple[Step, ...]:
    mappings = Mappings(stage.folder())
    return (
        Step(
            "map a file of 4 MiB, privately",
            mappings.map_private,
            "a region with the file's name and an RSS of 0: nothing was read yet",
            "regions {pid} --group file",
        ),
        Step(
            "read every page of it",
            mappings.read,
            "4 MiB are resident and clean: they belong to the file, not to the process",
            "regions {pid} --group file",
        ),
        Step(
            f"write to {PART:,} pages",
            mappings.write_private,
            "1 MiB is private, dirty and anonymous: copies, which the file never sees",
            "regions {pid} --group file",
        ),
        Step(
            "map the same file again, shared",
            mappings.map_shared,
            "a second region with the same name",
            "regions {pid} --group file",
        ),
        Step(
            f"write to {PART:,} other pages through it",
            mappings.write_shared,
            "1 MiB of the second is resident and dirty, but never anonymous: the file gets it",
            "regions {pid} --group file",
        ),
        Step(
            "delete the file",
            mappings.delete,
            "both regions are called '(deleted)'; the file lives on for as long as they do",
            "regions {pid} --group file",
        ),
    )
