"""The facts of whatever is selected, declared in order: the inspector loops over them. No Qt here."""

from __future__ import annotations

from collections.abc import Callable

from memviz import units
from memviz.core.columns import REGION_COLUMNS
from memviz.core.diff import CHANGES, Change
from memviz.core.listing import Listing
from memviz.core.measures import MEASURES, Measure
from memviz.core.pages import GUARD_PAGE, IN_SWAP, OF_FILE, PRIVATE, ZERO_PAGE, PageState
from memviz.core.readings import DERIVED, MEASURED
from memviz.core.regions import SUMS
from memviz.core.snapshot import UNTOLD
from memviz.core.touch import touch
from memviz.gui.inspector.subject import Fact, Section, Subject, Value
from memviz.gui.session.selection import BLOCK, GROUP, NOTHING, PAGE, RANGE, REGION


def _text(value: Value) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def write_change(value: Value) -> str:
    assert isinstance(value, int)
    return units.signed(value) if value else "no change"


def write_size(value: Value) -> str:
    assert isinstance(value, int)
    return units.size(value)


def _of_region(name: str) -> Callable[[Subject], Value | None]:
    def value(subject: Subject) -> Value | None:
        if subject.row is None or (name in _OF_FILE and not _has_file(subject)):
            return ""
        found: Value | None = Listing(subject.snapshot, [subject.row]).column(name)[0]
        return found

    return value


def _has_file(subject: Subject) -> bool:
    """Whether the region has a file, or a name that the kernel gave it."""
    table, row = subject.snapshot.regions, subject.row
    return row is not None and bool(table["inode"][row] or table.paths[int(table["path_id"][row])])


def _total(name: str) -> Callable[[Subject], Value | None]:
    return lambda subject: subject.part.total(name)


ALWAYS = ("size", "rss", "pss", "uss", "swap")  # told also where they are 0
RARE_MEASURES = ("locked", "pinned", "anon_huge_pages", "hugetlb", "swap_pss", "rss_shmem")
_FROM_MAPS = ("start", "end", "permissions", "offset", "device", "inode", "path")
_OF_FILE = ("path", "offset", "device", "inode")
_DECIDED = ("size", "uss", "group", "category", "block")
_COLUMNS = {column.name: column for column in REGION_COLUMNS}


def _region_fact(name: str) -> Fact:
    column = _COLUMNS[name]
    how = DERIVED if name in _DECIDED else MEASURED
    source = "maps" if name in _FROM_MAPS or name == "size" else "smaps"
    if name in ("group", "category", "block"):
        source = "what the kernel tells of it and its neighbours"
    write = write_size if name in SUMS else column.write if column.numeric else _text
    rare = name not in ALWAYS and name in (*SUMS, "thp_eligible", "protection_key")
    return Fact(name, column.title, how, source, column.explanation, _of_region(name), write, rare)


def _sum_fact(name: str) -> Fact:
    column = _COLUMNS[name]
    source = "a sum over maps" if name == "size" else "a sum over smaps"
    return Fact(name, column.title, DERIVED, source, column.explanation, _total(name), write_size, name not in ALWAYS)


def _category_certainty(subject: Subject) -> str:
    if subject.row is None:
        return ""
    number = int(subject.snapshot.regions["category"][subject.row])
    return "certain" if subject.snapshot.categories[number].sure else "most likely"


def _change(subject: Subject) -> Change | None:
    """How the selection differs from the mark; None where nothing of it does, or there is no mark."""
    found, selection = subject.difference, subject.selection
    if found is None:
        return None
    if selection.kind == NOTHING:
        return found.totals
    if selection.kind == GROUP:
        return next((change for change in found.groups if change.name == selection.group), None)
    if selection.kind == BLOCK and subject.block is not None:
        name = subject.snapshot.blocks.name(subject.block)
        return next((c for c in found.blocks if c.start == selection.start and c.name == name), None)
    if selection.kind == REGION:
        return next((c for c in found.regions if c.start == selection.start and c.state != "gone"), None)
    return None


def _changed(name: str) -> Callable[[Subject], Value | None]:
    def value(subject: Subject) -> Value | None:
        if subject.difference is None:
            return ""
        change = _change(subject)
        return 0 if change is None else getattr(change, name)

    return value


def _news(subject: Subject) -> str:
    change = _change(subject)
    return {"new": "new: it was not there", "gone": "gone"}.get(change.state, "") if change is not None else ""


def _offset_in_region(subject: Subject) -> int | None:
    row = subject.row
    return None if row is None else subject.selection.start - int(subject.snapshot.regions["start"][row])


def _offset_in_file(subject: Subject) -> Value:
    row = subject.row
    if row is None or not subject.snapshot.regions[row].raw_path.startswith(b"/"):
        return ""
    return subject.snapshot.regions[row].offset + (_offset_in_region(subject) or 0)


def _in_state(state: PageState) -> Callable[[Subject], Value | None]:
    return lambda subject: subject.states.get(state, 0) if subject.states is not None else None


def _hex(value: Value) -> str:
    return f"{value:#x}"


def _address(value: Value) -> str:
    assert isinstance(value, int)
    return units.address(value)


def _number(value: Value) -> str:
    assert isinstance(value, int)
    return units.number(value)


def _outside(name: str) -> Callable[[Subject], Value | None]:
    return lambda s: next((item.size for item in s.snapshot.outside if item.name == name), None)


def _measure_fact(measure: Measure) -> Fact:
    write = write_size if measure.write is units.size else _number
    rare = measure.name in RARE_MEASURES
    return Fact(measure.name, measure.title, measure.how, measure.source, measure.explanation,
                lambda subject: measure.value(subject.snapshot), write, rare)  # fmt: skip


def _regions(explanation: str) -> Fact:
    return Fact("regions", "Regions", DERIVED, "maps", explanation, lambda s: len(s.part.rows), _number)


def _blocks(explanation: str) -> Fact:
    return Fact("blocks", "Blocks", DERIVED, "maps", explanation, lambda s: s.part.block_count(), _number)


def _touching(subject: Subject) -> Value:
    if subject.row is None or subject.state is None:
        return ""
    return touch(subject.snapshot, subject.row, subject.selection.start, subject.state).sentence


# -- the facts ---------------------------------------------------------------------------------------------------------

_WORDS = {"size": "Mapped", "rss": "RSS", "pss": "PSS", "uss": "USS", "swap": "Swap"}
_SINCE_MARK = (
    Fact("news", "It is", DERIVED, "the mark and now", "Whether it was there when the mark was set.", _news, _text),
    *(Fact(f"change {name}", _WORDS[name], DERIVED, "the mark and now", f"How {_WORDS[name]} has changed since the "
           "mark was set.", _changed(name), write_change) for name in CHANGES),
)  # fmt: skip
_PAGE = (
    Fact("state", "State", MEASURED, "pagemap", "What the page table of the process says about this page.",
         lambda s: s.state.name if s.state else None, _text),
    Fact("state meaning", "That means", MEASURED, "pagemap", "What this state means.",
         lambda s: s.state.explanation if s.state else "", _text, sentence=True),
    Fact("touch", "A touch", DERIVED, "maps and pagemap", "What the kernel does when the program touches this page.",
         _touching, _text, sentence=True),
    Fact("address", "Address", DERIVED, "the selection", "The first byte of the page.",
         lambda s: s.selection.start, _address),
    Fact("page size", "Size", MEASURED, "the reader", "The unit in which memory is mapped on the target's machine.",
         lambda s: s.snapshot.page_size, write_size),
    Fact("number", "Which page", DERIVED, "maps", "Its number among the pages of the region; the first is 0.",
         lambda s: (_offset_in_region(s) or 0) // s.snapshot.page_size if s.row is not None else "", _number),
    Fact("offset in region", "In the region at", DERIVED, "maps", "How far it lies from the region's first address.",
         lambda s: _offset_in_region(s) if s.row is not None else "", _hex),
    Fact("offset in file", "In the file at", DERIVED, "maps", "Which byte of the file the page begins with.",
         _offset_in_file, _hex),
)  # fmt: skip
_RANGE = (
    Fact("start", "From", DERIVED, "the selection", "The first address of the range.",
         lambda s: s.selection.start, _address),
    Fact("end", "To before", DERIVED, "the selection", "The first address after the range.",
         lambda s: s.selection.end, _address),
    Fact("extent", "Addresses", DERIVED, "the selection", "End minus start.",
         lambda s: s.selection.end - s.selection.start, write_size),
    Fact("states", "Private, in memory", MEASURED, "pagemap", "Pages of the range in frames of their own.",
         _in_state(PRIVATE), write_size),
    Fact("states", "Of files, in memory", MEASURED, "pagemap", "Pages of files and of shared memory that are mapped.",
         _in_state(OF_FILE), write_size),
    Fact("states", "In swap", MEASURED, "pagemap", "Pages of the range that were written to swap.",
         _in_state(IN_SWAP), write_size),
    Fact("states", "Zero page", MEASURED, "pagemap", "Pages that were read but never written.",
         _in_state(ZERO_PAGE), write_size),
    Fact("states", "Guards", MEASURED, "pagemap", "Pages of the range that nobody may touch (MADV_GUARD_INSTALL).",
         _in_state(GUARD_PAGE), write_size),
    _regions("How many regions lie in it, in part or as a whole."),
    _blocks("How many blocks have a region in it."),
)  # fmt: skip
_SAME = (
    Fact("certainty", "That is", DERIVED, "the rule of the category", "Whether the category is a fact or a likelihood.",
         _category_certainty, _text),
)  # fmt: skip
_BLOCK = (
    Fact("start", "Start", MEASURED, "maps", "The first address of its first region.",
         lambda s: s.selection.start, _address),
    _regions("How many regions it is made of."),
    Fact("spread", "How it lies", DERIVED, "maps", "How the pieces of a scattered block lie.",
         lambda s: s.snapshot.blocks.detail(s.block) if s.block is not None else "", _text),
)  # fmt: skip
_GROUP = (
    _regions("How many regions are of this kind."),
    _blocks("How many blocks have a region of this kind."),
    Fact("kinds", "Finer kinds", DERIVED, "maps", "The categories that it consists of here.",
         lambda s: ", ".join(category.name for category in s.part.categories()), _text),
)  # fmt: skip
_PROCESS = tuple(map(_measure_fact, MEASURES))
_OUTSIDE = tuple(
    Fact(name, name[:1].upper() + name[1:], MEASURED, "its owner", explanation, _outside(name), write_size)
    for name, explanation in UNTOLD.items()
)

SECTIONS = (
    Section("Since the mark", (NOTHING, GROUP, BLOCK, REGION), _SINCE_MARK),
    Section("This page", (PAGE,), _PAGE),
    Section("This range", (RANGE,), _RANGE),
    Section("This block", (BLOCK,), _BLOCK),
    Section("This group", (GROUP,), _GROUP),
    Section("Its region", (PAGE, REGION), (
        *map(_region_fact, ("start", "end", "size", "permissions", "group", "category")), *_SAME, _region_fact("block"),
    )),
    Section("Its memory", (PAGE, REGION), tuple(_region_fact(name) for name in SUMS if name != "size")),
    Section("Its memory", (GROUP, BLOCK), tuple(map(_sum_fact, SUMS))),
    Section("Its file", (PAGE, REGION), tuple(map(_region_fact, _OF_FILE))),
    Section("For the kernel", (PAGE, REGION), tuple(map(_region_fact, (
        "kernel_page_size", "mmu_page_size", "thp_eligible", "protection_key", "flags"
    )))),
    Section("The process", (NOTHING,), _PROCESS),
    Section("Outside the map", (NOTHING,), _OUTSIDE),
)  # fmt: skip
