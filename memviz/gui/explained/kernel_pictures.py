"""Pictures of what the kernel and the processor do: the page cache, swap, faults, page tables, the TLB."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from memviz.core.snapshot import Snapshot
from memviz.gui.explained.kit import CENTRE, WIDTH, Kit, point


def cache(kit: Kit, snapshot: Snapshot | None) -> None:
    """A file on disk, its pages in the cache, a process that shares them and one that has a copy."""
    file, copy, disk = kit.hue("file"), kit.hue("heap"), kit.hue("kernel", 0.5)
    kit.note(16, 8, 100, "file on disk", dim=False)
    kit.note(160, 8, 110, "page cache", dim=False)
    kit.note(330, 8, 120, "processes", dim=False)
    for row in range(5):
        kit.box(16, 34 + row * 30, 80, 26, disk, f"page {row}", size=10)
    for row in (0, 1, 3):
        kit.box(160, 34 + row * 30, 90, 26, file, f"page {row}", size=10)
        kit.arrow(point(96, 47 + row * 30), point(159, 47 + row * 30))
    for row in (2, 4):
        kit.box(160, 34 + row * 30, 90, 26, None, "not read yet", dashed=True, size=10)
    kit.box(330, 34, 114, 26, file, "A reads page 0", size=10)
    kit.box(330, 64, 114, 26, file, "B reads page 1", size=10)
    kit.box(330, 94, 114, 26, file, "A reads page 1", size=10)
    for start, end in ((47, 47), (77, 77), (107, 77)):
        kit.arrow(point(330, start), point(251, end))
    kit.box(330, 160, 114, 30, copy, "B's copy of page 3", size=10)
    kit.arrow(point(250, 140), point(329, 172), kit.hue("heap"), dashed=True)
    kit.note(330, 194, 120, "B writes to it: copy on write")
    kit.box(16, 236, WIDTH - 32, 44, None,
            "Clean pages of the cache can be dropped and read again. B's copy cannot: it belongs to no file.",
            size=11)  # fmt: skip


def swapping(kit: Kit, snapshot: Snapshot | None) -> None:
    """Where pages go when memory is short."""
    kit.note(150, 8, 160, "memory is short", dim=False, align=CENTRE, size=13)
    kit.box(16, 40, 130, 54, kit.hue("file"), "clean page\nof a file")
    kit.box(165, 40, 130, 54, kit.hue("file", 0.6), "changed page\nof a shared file")
    kit.box(314, 40, 130, 54, kit.hue("anonymous"), "anonymous or\nshmem page")
    for x in (81, 230, 379):
        kit.arrow(point(x, 96), point(x, 140))
    kit.box(16, 142, 130, 44, None, "dropped", dashed=True)
    kit.box(165, 142, 130, 44, kit.hue("kernel", 0.5), "written to its file")
    kit.box(314, 142, 130, 44, kit.hue("stack"), "written to swap")
    for x in (81, 230, 379):
        kit.arrow(point(x, 188), point(x, 226), dashed=True)
    kit.note(16, 190, 62, "when needed")
    kit.box(16, 228, 428, 36, None, "major page fault: read back from the file, or from swap", line=kit.theme.warn)
    kit.note(16, 272, 428, "Without swap the right way is closed: anonymous pages must stay.")


def fault(kit: Kit, snapshot: Snapshot | None) -> None:
    """What happens when a page is touched."""
    good, warn, alarm = kit.theme.good, kit.theme.warn, kit.theme.alarm
    kit.box(150, 8, 160, 28, kit.hue("anonymous"), "a page is touched")
    kit.arrow(point(230, 36), point(230, 52))
    kit.box(130, 53, 200, 28, None, "does the page table permit it?")
    kit.arrow(point(330, 67), point(366, 67), good)
    kit.note(334, 50, 40, "yes")
    kit.box(367, 53, 78, 28, None, "it goes on", line=good)
    kit.arrow(point(230, 81), point(230, 104))
    kit.note(236, 84, 120, "no: page fault")
    kit.box(130, 105, 200, 28, None, "does a region permit it?")
    kit.arrow(point(330, 119), point(346, 119), alarm)
    kit.note(332, 103, 30, "no")
    kit.box(347, 105, 98, 28, None, "segmentation fault", line=alarm, size=10)
    for x in (81, 230, 379):
        kit.arrow(point(230, 133), point(x, 174))
    kit.note(237, 136, 40, "yes")
    kit.box(16, 175, 130, 44, kit.hue("heap"), "new, or shared and now written", size=11)
    kit.box(165, 175, 130, 44, kit.hue("file"), "its contents are in the page cache", size=11)
    kit.box(314, 175, 130, 44, kit.hue("stack"), "on disk: in the file, or in swap", size=11)
    kit.note(16, 224, 130, "a frame of zeros, or a copy", align=CENTRE)
    kit.note(165, 224, 130, "it is entered", align=CENTRE)
    kit.note(314, 224, 130, "it is read, the task waits", align=CENTRE)
    kit.box(16, 256, 279, 26, None, "minor fault", line=good)
    kit.box(314, 256, 130, 26, None, "major fault", line=warn)


def tree(kit: Kit, snapshot: Snapshot | None) -> None:
    """How an address of 48 bits leads through four tables to a byte in a frame."""
    names, hues = (
        ("9 bits", "9 bits", "9 bits", "9 bits", "12 bits"),
        ("kernel", "kernel", "library", "library", "heap"),
    )
    at, edges = 16.0, []
    kit.note(16, 6, 300, "an address, cut into five numbers", dim=False)
    for name, hue, wide in zip(names, hues, (76, 76, 76, 76, 124), strict=True):
        kit.box(at, 24, wide, 24, kit.hue(hue), name, size=11)
        edges.append(at + wide / 2)
        at += wide
    levels = ("512 GiB an entry", "1 GiB", "2 MiB", "4 KiB")
    for number, text in enumerate(levels):
        x = 16 + number * 86
        for row in range(6):
            is_it = row == (1, 3, 2, 4)[number]
            kit.box(x, 100 + row * 17, 60, 16, kit.hue("library") if is_it else kit.theme.empty)
        kit.note(x - 6, 206, 76, text, align=CENTRE)
        kit.arrow(point(edges[number], 49), point(x + 30, 98), dashed=True)
        row = (1, 3, 2, 4)[number]
        if number < 3:
            kit.arrow(point(x + 60, 108 + row * 17), point(x + 85, 108))
    kit.arrow(point(16 + 3 * 86 + 60, 108 + 4 * 17), point(371, 150))
    kit.box(372, 104, 72, 98, kit.hue("heap", 0.5))
    kit.box(372, 158, 72, 8, kit.hue("stack"))
    kit.words(QRectF(372, 104, 72, 40), "frame", size=11)
    kit.arrow(point(edges[4], 49), point(420, 156), dashed=True)
    kit.note(364, 206, 88, "the byte", align=CENTRE)
    kit.note(16, 236, 428, "Each table is one page of 512 entries. Tables exist only where something is mapped, so the "
             "tree of most processes is small.", size=11)  # fmt: skip


def lookaside(kit: Kit, snapshot: Snapshot | None) -> None:
    """The two ways from an address to memory."""
    kit.box(16, 100, 84, 44, kit.hue("anonymous"), "address")
    kit.arrow(point(100, 122), point(137, 122))
    kit.box(138, 84, 96, 76, kit.hue("heap"), "TLB\nlatest\ntranslations")
    kit.arrow(point(234, 100), point(351, 78), kit.theme.good)
    kit.note(236, 62, 110, "hit: at once", dim=False)
    kit.box(352, 44, 92, 60, kit.hue("file"), "frame")
    kit.arrow(point(186, 160), point(186, 202), kit.theme.warn)
    kit.note(194, 168, 150, "miss: the processor walks", dim=False)
    kit.box(92, 204, 190, 44, kit.hue("library"), "page table: up to four reads")
    kit.arrow(point(282, 226), point(398, 106), kit.theme.warn)
    kit.arrow(point(110, 204), point(150, 162), kit.theme.dim, dashed=True)
    kit.note(16, 166, 106, "and it is remembered")
    kit.note(300, 206, 150, "no entry there: page fault, the kernel decides")
    kit.note(
        16, 268, 428, "1,500 entries cover about 6 MiB with pages of 4 KiB, about 3 GiB with pages of 2 MiB.", size=11
    )


SEEN = (
    "regions, permissions, files", "what of them is resident, page by page", "private and shared, RSS, PSS, swap",
    "numbers of faults, sizes of page tables", "pressure, limits, control groups",
)  # fmt: skip
UNSEEN = (
    "which frame a page has, with whom it is shared", "when a page was used", "what is in the TLB and in caches",
    "free pieces inside a heap", "memory of graphics cards", "pages of another user",
)  # fmt: skip


def seen(kit: Kit, snapshot: Snapshot | None) -> None:
    """What the kernel tells an ordinary program, and what it does not."""
    half = (WIDTH - 48) / 2
    for x, title, texts, edge in (
        (16.0, "told in /proc", SEEN, kit.theme.good), (32 + half, "not told", UNSEEN, kit.theme.dim),
    ):  # fmt: skip
        kit.words(QRectF(x, 8, half, 22), title, size=13, bold=True)
        for row, text in enumerate(texts):
            kit.box(x, 36 + row * 42, half, 36, None, text, line=edge, size=11, dashed=texts is UNSEEN)
