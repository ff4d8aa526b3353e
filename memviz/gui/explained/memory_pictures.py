"""Pictures of what a process has: its address space, pages and frames, what is resident, what is shared."""

from __future__ import annotations

from memviz import units
from memviz.core.snapshot import Snapshot
from memviz.gui.explained.kit import HEIGHT, RIGHT, SMALL, WIDTH, Kit, point

GAP = ""  # a stretch of addresses where nothing is
# From high addresses to low ones, as it usually is on 64-bit PCs
USUAL_ORDER = (
    ("kernel", "pages of the kernel (vdso)"), ("stack", "main stack"), (GAP, "nothing mapped"),
    ("library", "libraries, and their code"), ("file", "mapped files"), ("shared", "shared memory"),
    ("anonymous", "anonymous memory"), ("reserved", "reserved addresses"), (GAP, "nothing mapped"),
    ("heap", "heap (brk)"), ("data", "the program's data"), ("text", "the program's code"),
)  # fmt: skip


def space(kit: Kit, snapshot: Snapshot | None, group: str = "") -> None:
    """The address space from top to bottom; one group stands out. Not to scale."""
    high, left, wide = 21.0, 16.0, 204.0
    top = 22.0
    groups = snapshot.groups if snapshot is not None else {}
    kit.note(left, 3, wide, "high addresses")
    if snapshot is not None:
        kit.note(left + wide + 16, 3, 220, kit.fitted(f"{snapshot.name}: in memory, of mapped", 215, SMALL))
    for name, title in USUAL_ORDER:
        if name == GAP:
            kit.box(left, top, wide, 12, None, dashed=True)
            kit.note(left, top - 1, wide, "gap", align=RIGHT, size=9)
            top += 14
            continue
        is_it = name == group or not group
        fill = kit.hue(name, 1.0 if is_it else 0.22)
        kit.box(left, top, wide, high, fill, title, size=11, line=kit.theme.text if name == group else None)
        found = groups.get(name)
        told = "none" if snapshot is not None else ""
        if found is not None:
            resident = units.size(found.rss) if found.rss is not None else units.DASH
            told = f"{resident} of {units.size(found.size)}"
        kit.note(left + wide + 16, top + 3, 210, f"{name}: {told}" if told else name, dim=name != group,
                 bold=name == group)  # fmt: skip
        top += high + 2
    kit.note(left, top + 1, wide, "low addresses")
    kit.note(left + wide + 16, top + 1, 220, "usual order; sizes are not to scale", size=9.5)


AWAY = (0, 6)  # column and row of a page that is mapped, but has no frame


def paging(kit: Kit, snapshot: Snapshot | None) -> None:
    """Pages of two processes, and the frames that stand behind some of them."""
    page, step, top = 22.0, 26.0, 42.0
    sheet = {"heap": kit.hue("heap"), "text": kit.hue("text"), "anonymous": kit.hue("anonymous")}
    kit.note(16, 8, 110, "pages of process A", dim=False)
    kit.note(178, 8, 110, "frames of memory", dim=False)
    kit.note(336, 8, 110, "pages of process B", dim=False)
    a = ("heap", "heap", "", "text", "", "anonymous", "heap", "")
    b = ("", "text", "", "heap", "", "anonymous", "", "heap")
    frames = ("heap", "", "text", "heap", "anonymous", "", "heap", "heap", "anonymous")
    links_a, links_b = ((0, 3), (1, 0), (3, 2), (5, 4)), ((1, 2), (3, 6), (5, 8), (7, 7))
    for column, (x, names) in enumerate(((16, a), (190, frames), (350, b))):
        for row, name in enumerate(names):
            fill = sheet.get(name)
            text = "" if name else "free" if column == 1 else "not mapped"
            if (column, row) == AWAY:
                fill, text = None, "not in memory"
            edge = sheet.get(name) if fill is None else None
            wide = 94 if column != 1 else 80
            kit.box(x, top + row * step, wide, page, fill, text, dashed=fill is None, size=9.5, line=edge)
    for start, end in links_a:
        kit.arrow(point(110, top + start * step + 11), point(189, top + end * step + 11))
    for start, end in links_b:
        kit.arrow(point(350, top + start * step + 11), point(271, top + end * step + 11))
    kit.note(16, HEIGHT - 24, WIDTH - 32, "Both may use the same address; one frame may stand behind pages of both.")


def resident(kit: Kit, snapshot: Snapshot | None) -> None:
    """What RSS is made of, and what it leaves out."""
    left, wide = 16.0, WIDTH - 32
    share, virtual, inside = 0.62, "", ""
    statm = snapshot.facts.statm if snapshot is not None else None
    if snapshot is not None and statm is not None and statm.size:
        share = min(max(statm.resident / statm.size, 0.2), 0.8)
        virtual = f" {units.size(statm.size * snapshot.page_size)}"
        inside = f" {units.size(statm.resident * snapshot.page_size)}"
    kit.note(left, 8, wide, f"VIRT: all mapped addresses{virtual}", dim=False)
    kit.box(left, 26, wide, 30, kit.theme.empty)
    kit.box(left, 26, wide * share, 30, kit.hue("anonymous", 0.35), "in memory", size=11)
    kit.words(kit.box(left + wide * share, 26, wide * (1 - share), 30), "not in memory", size=11)
    kit.line(point(left, 56), point(left, 92))
    kit.line(point(left + wide * share, 56), point(left + wide, 92))
    kit.note(left + 6, 72, wide, f"RSS{inside}, drawn out", dim=False)
    _kinds(kit, snapshot, left, wide)
    kit.note(left, 172, wide, "not counted in RSS", dim=False)
    absent = (("swap", 0.0, 0.15), ("page tables", 0.17, 0.2), ("hugetlb pool", 0.39, 0.21),
              ("files read, but not mapped", 0.62, 0.38))  # fmt: skip
    for text, across, part in absent:
        kit.box(left + wide * across, 190, wide * part, 32, kit.theme.dim, hatched=True)
        inner = kit.box(left + wide * across + 4, 196, wide * part - 8, 20, kit.theme.ground, line=kit.theme.ground)
        kit.words(inner, text, size=10)
    kit.note(left, 240, wide, "Pages that others map too are counted in full: they are in the RSS of each.")


def _kinds(kit: Kit, snapshot: Snapshot | None, left: float, wide: float) -> None:
    """The three kinds of resident pages, as large as they are in the process."""
    status = snapshot.facts.status if snapshot is not None else {}
    kinds = (("anonymous", "RssAnon", "anonymous", 60), ("file", "RssFile", "of files", 35),
             ("shared", "RssShmem", "shmem", 5))  # fmt: skip
    whole = sum(status.get(key, usual) for _, key, _, usual in kinds) or 1
    at = left
    for group, key, title, usual in kinds:
        width = wide * status.get(key, usual) / whole
        kit.box(at, 92, max(width, 1), 38, kit.hue(group), title if width > 64 else "", size=11)
        at += width
    anonymous = wide * status.get("RssAnon", 60) / whole
    kit.line(point(left + anonymous, 136), point(left + wide, 136), kit.theme.dim)
    kit.note(left + wide - 90, 139, 90, "top's SHR", align=RIGHT)
    sizes = [f"{title} {units.size(status[key])}" for _, key, title, _ in kinds if key in status]
    kit.note(left, 139, wide - 90, " · ".join(sizes))


def sharing(kit: Kit, snapshot: Snapshot | None) -> None:
    """Two processes that share two of their pages, and what each number says then."""
    page, step, top = 24.0, 28.0, 36.0
    own, other, common = kit.hue("heap"), kit.hue("anonymous"), kit.hue("shared")
    kit.note(16, 8, 120, "process A", dim=False, bold=True)
    kit.note(190, 8, 120, "frames", dim=False)
    kit.note(350, 8, 100, "process B", dim=False, bold=True)
    frames = (own, own, own, common, common, other)
    for row, colour in enumerate(frames):
        y = top + row * step
        kit.box(190, y, 80, page, colour, ("A only", "A only", "A only", "A and B", "A and B", "B only")[row], size=10)
        if row < 5:
            kit.box(16, y, 94, page, colour)
            kit.arrow(point(110, y + 12), point(189, y + 12))
        if row > 2:
            kit.box(350, y, 94, page, colour)
            kit.arrow(point(350, y + 12), point(271, y + 12))
    rows = (("RSS", "5 pages", "3 pages"), ("PSS", "3 + 2/2 = 4", "1 + 2/2 = 2"), ("USS", "3", "1"))
    for number, (name, first, second) in enumerate(rows):
        y = 214 + number * 20
        kit.note(16, y, 60, name, dim=False, bold=True, size=12)
        kit.note(60, y, 110, first, dim=False, size=12)
        kit.note(350, y, 110, second, dim=False, size=12)
    kit.note(172, 214, 170, "6 frames are in use. RSS adds up to 8, PSS to 6, USS to 4.", size=12)
