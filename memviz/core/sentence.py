"""What is selected, in one plain sentence made of its own facts. What is not known is said to be unknown."""

from __future__ import annotations

import numpy as np

from memviz import units
from memviz.core import categories as kinds
from memviz.core.headline import headline
from memviz.core.pages import GUARD_PAGE, IN_SWAP, NOT_IN_MEMORY, OF_FILE, PRIVATE, ZERO_PAGE, state_at
from memviz.core.part import Part, Picked, bytes_by_state, why_unmeasured
from memviz.core.permissions import EXECUTE, READ, WRITE
from memviz.core.regions import Array, Region
from memviz.core.snapshot import NOT_MEASURED, Snapshot
from memviz.core.source import PageRuns
from memviz.core.touch import touch

# What a category's regions are called in a sentence; {block} is the name of the file or mapping.
SUBJECTS = {
    "vsyscall": "the kernel's vsyscall page",
    "vdso": "pages that the kernel lends to every process",
    "main stack": "the main stack",
    "brk heap": "the heap (brk)",
    "huge pages": "memory of the hugetlb pool",
    "shared anonymous": "shared memory without a name",
    "System V shared memory": "the System V segment {block}",
    "private /dev/zero": "anonymous memory from /dev/zero",
    "kernel buffer": "a buffer shared with the kernel ({block})",
    "memfd": "the memory file {block}",
    "POSIX shared memory": "the shared memory {block}",
    "device": "the device {block}",
    "deleted file": "the deleted file {block}",
    "likely deleted file": "the deleted file {block}",
    "mapped file": "the file {block}",
    "Go heap": "the Go heap of {process}",
    "Java heap": "the Java heap of {process}",
    "V8 heap": "the V8 heap of {process}",
    "Python objects": "Python's objects",
    "malloc arena": "a malloc arena",
    "thread stack": "a thread's stack",
    "joined thread stacks": "the stacks of several threads",
    "stack set by the program": "a thread's stack",
    "memory with stacks": "anonymous memory that holds stacks of threads",
    "likely thread stack": "a thread's stack",
    "just-in-time code": "code that was made while running",
    "Java classes": "descriptions of Java classes",
    "JVM internals": "tables of the Java virtual machine",
    "named heap": "the heap {block}",
    "reserved": "reserved addresses",
    "named anonymous": "anonymous memory called {block}",
    "anonymous": "anonymous memory",
    "other": "a mapping of unknown kind",
}  # fmt: skip
ELF = ("program code", "program data", "program bss", "library code", "library data", "library bss")
STACKS = ("thread stack", "joined thread stacks", "stack set by the program", "likely thread stack")
ONE = {units.KIB: "kilobyte", units.MIB: "megabyte", units.GIB: "gigabyte", units.TIB: "terabyte"}
UNTOUCHED = "nothing of it in memory: never written, or given back"
ALARM = "it may be written and executed at once, which attackers look for"


def sentence(snapshot: Snapshot, picked: Picked, pages: PageRuns | None = None) -> str:
    """The sentence about what is picked in this snapshot; about the process where nothing is."""
    if picked.kind == "nothing":
        return headline(snapshot)
    if picked.kind == "group":
        return of_group(snapshot, picked.group)
    if picked.kind == "range":
        return of_range(snapshot, picked.start, picked.end, pages)
    row = snapshot.regions.find(picked.start)
    if row is None:
        return f"Nothing is mapped at {units.address(picked.start)} (any more)."
    if picked.kind == "block":
        return of_block(snapshot, int(snapshot.regions["block"][row]))
    if picked.kind == "page":
        return of_page(snapshot, row, picked.start, pages)
    return of_region(snapshot, row)


def of_region(snapshot: Snapshot, row: int) -> str:
    """`libc's code (1.4 MiB): 62 % in memory, nothing private.`"""
    region, category = snapshot.regions[row], _category(snapshot, row)
    if category.name == "vsyscall":
        return "The kernel's vsyscall page: code at a fixed address for very old programs, no part of the process."
    part = Part(snapshot, np.array([row], np.intp))
    if _is_untouchable(region):
        return _of_untouchable(snapshot, region, category, part)
    if category.name == "anonymous" and snapshot.regions.measured and not part.is_touched:
        return _of_untouched(part)
    return _tell(_name(snapshot, row), part, category)


def of_block(snapshot: Snapshot, index: int) -> str:
    """`The V8 heap of node (335 MiB in 893 pieces): 93 % in memory, all private, most likely.`"""
    blocks = snapshot.blocks
    rows = np.sort(blocks.rows(index))
    if len(rows) == 1:
        return of_region(snapshot, int(rows[0]))
    part, category = Part(snapshot, rows), blocks.category(index)
    inner = _inner(snapshot, rows)
    if category.name in ELF:
        what = "program" if category.name.startswith("program") else "library"
        return _tell(f"the {what} {blocks.name(index)}", part, category)
    if category.name in STACKS and inner is not None:
        return _of_stack(snapshot, rows, inner, category)
    return _tell(_name(snapshot, int(rows[0]) if inner is None else inner), part, category)


def of_group(snapshot: Snapshot, name: str) -> str:
    """`heap: 364 MiB in memory of 669 MiB mapped, in 8 blocks; 91 % of all that node keeps in memory.`"""
    found = snapshot.groups.get(name)
    if found is None:
        return f"{snapshot.name} has no memory of the kind {name}."
    part = Part(snapshot, snapshot.rows_of_group(name))
    place = f"in {_count(found.count, 'region')} of {_count(part.block_count(), 'block')}"
    if found.rss is None:
        return f"{name}: {units.size(found.size)} mapped, {place}; {_unknown(snapshot)}."
    resident = units.size(found.rss) if found.rss else "nothing"
    state = f"{resident} in memory of {units.size(found.size)} mapped, {place}"
    privacy = _privacy(part)
    total = snapshot.totals["rss"] or 0
    share = f"; {units.percent(found.rss, total)} of all that {snapshot.name} keeps in memory" if found.rss else ""
    return f"{name}: " + ", ".join(filter(None, (state, privacy, _swapped(part)))) + share + "."


def of_range(snapshot: Snapshot, start: int, end: int, pages: PageRuns | None = None) -> str:
    """`12.0 MiB of addresses: 5 regions of 3 blocks, 4.0 MiB of it in memory, 1.0 MiB not mapped.`"""
    table = snapshot.regions
    low, high = np.uint64(start), np.uint64(end)
    rows = np.flatnonzero((table["start"] < high) & (table["end"] > low))
    what = f"{units.size(end - start)} of addresses"
    if not len(rows):
        return f"{what}: nothing is mapped there."
    covered = np.minimum(table["end"][rows], high) - np.maximum(table["start"][rows], low)
    mapped = int(covered.sum(dtype=np.uint64))
    part = Part(snapshot, rows)
    words = [f"{_count(len(rows), 'region')} of {_count(part.block_count(), 'block')}"]
    states = bytes_by_state(pages, start, end) if pages is not None else None
    if states is None:
        words.append("what of it is in memory is not known page by page")
    else:
        resident = sum(size for state, size in states.items() if state.resident)
        words.append(f"{units.size(resident)} of it in memory" if resident else "nothing of it in memory")
        if states.get(IN_SWAP):
            words.append(f"{units.size(states[IN_SWAP])} in swap")
    if mapped < end - start:
        words.append(f"{units.size(end - start - mapped)} not mapped")
    return f"{what}: {', '.join(words)}."


def of_page(snapshot: Snapshot, row: int, address: int, pages: PageRuns | None = None) -> str:
    """`This page of the heap (brk) is in memory, private, and was written.`"""
    region = snapshot.regions[row]
    name = _name(snapshot, row)
    what = f"This page of {name}"
    category = _category(snapshot, row)
    if category.group == "kernel":
        return f"{what} belongs to the kernel: the process may use it, and it costs the process nothing."
    if _is_untouchable(region):
        return f"{what} may be neither read, written nor executed: touching it ends in SIGSEGV."
    state = state_at(pages, address) if pages is not None else None
    if state is None:
        return f"{what}: whether it is in memory is not known."
    is_shared = category.group == "shared"
    is_file = region.raw_path.startswith(b"/") and not is_shared
    place = "is in memory" if is_shared else "is in memory, in the page cache"
    told = {
        ZERO_PAGE: "was read but never written: it shows the common page of zeros and costs nothing",
        PRIVATE: _written(region, is_file),
        OF_FILE: f"{place}, where every process that maps it shares it",
        IN_SWAP: "is in swap: touching it reads it back",
    }
    if state is GUARD_PAGE:
        return f"{what} is a guard (MADV_GUARD_INSTALL): it has no memory, and touching it ends in SIGSEGV."
    if state is NOT_IN_MEMORY:
        return f"{what} is not in memory for this process: {touch(snapshot, row, address, state).words}."
    return f"{what} {told[state]}."


# -- pieces ------------------------------------------------------------------------------------------------------------


def _tell(subject: str, part: Part, category: kinds.Category) -> str:
    """Subject, size and state, with what is special about it."""
    extent = units.size(part.size)
    count = len(part.rows)
    if count > 1:
        scattered = category.blocks in (kinds.SCATTERED, kinds.ALIKE)
        extent += f" in {count:,} {'pieces' if scattered else 'regions'}"
    head = f"{_begin(subject, category)} ({extent})" if category.sure else f"Most likely {subject} ({extent})"
    words = [_residency(part), _privacy(part), _swapped(part), _special(part)]
    text = f"{head}: {', '.join(word for word in words if word)}"
    ends = [_growth(part, category), ALARM if _alarms(part) else ""]
    return "; ".join([text, *filter(None, ends)]) + "."


def _residency(part: Part) -> str:
    rss, size = part.total("rss"), part.size
    if rss is None:
        return _unknown(part.snapshot)
    if part.pool:
        return f"{units.size(part.pool)} of it are in memory, from the hugetlb pool"
    if not rss:
        return "nothing in memory"
    if rss == size:
        return "all in memory"
    share = units.percent(rss, size)
    return f"{'nearly all' if share == '100 %' else share} in memory"


def _privacy(part: Part) -> str:
    """Who else has it, as far as the kernel counts."""
    rss, uss = part.total("rss"), part.total("uss")
    if not rss or uss is None:
        return ""
    if not uss:
        return "nothing private"
    copies = part.total("anonymous")
    if copies is None or copies >= uss:
        return "all private" if uss == rss else f"{units.size(uss)} private"
    alone = "mapped by no other process" if uss == rss else f"{units.size(uss)} mapped by no other process"
    return alone + (f", {units.size(copies)} of that private copies" if copies else "")


def _swapped(part: Part) -> str:
    swap = part.known("swap")
    return f"{units.size(swap)} in swap" if swap else ""


def _special(part: Part) -> str:
    huge, locked = part.known("anon_huge_pages"), part.known("locked")
    words = [f"{units.size(huge)} of it in huge pages" if huge else "", "locked into memory" if locked else ""]
    return ", ".join(filter(None, words))


def _growth(part: Part, category: kinds.Category) -> str:
    """How far the main stack may grow by itself."""
    if category.name != "main stack":
        return ""
    limits = part.snapshot.facts.limits
    if "Max stack size" not in limits:
        return ""
    limit = limits["Max stack size"]
    return "it grows by itself" + (f", up to {units.size(limit)}" if limit is not None else ", without a limit")


def _alarms(part: Part) -> bool:
    return bool(part.snapshot.regions.permits(WRITE | EXECUTE)[part.rows].any())


def _unknown(snapshot: Snapshot) -> str:
    why = why_unmeasured(snapshot)
    if why == NOT_MEASURED:
        return "what of it is in memory has not been measured yet"
    return f"what of it is in memory is not known ({why.reason})"


def _of_untouched(part: Part) -> str:
    """`An anonymous gigabyte, nothing of it in memory: …`"""
    one = ONE.get(part.size)
    subject = f"An anonymous {one}" if one else f"Anonymous memory ({units.size(part.size)})"
    return f"{subject}, {UNTOUCHED}."


def _of_untouchable(snapshot: Snapshot, region: Region, category: kinds.Category, part: Part) -> str:
    """Addresses that nobody may use: a guard, the end of an arena, a reserve."""
    extent = units.size(part.size)
    if category.name in STACKS:
        likely = "" if category.sure else ", most likely"
        return f"The guard below a thread's stack ({extent}{likely}): an overflow that touches it ends the program."
    if category.name == "malloc arena":
        return f"The unopened end of a malloc arena ({extent}): reserved addresses that cost nothing."
    if category.name != "reserved":
        return (
            f"A part of {snapshot.blocks.name(int(snapshot.regions['block'][region.row]))} without access ({extent})."
        )
    rss = part.total("rss")
    if rss:
        return f"Reserved addresses ({extent}): no access, but {units.size(rss)} of it in memory from before."
    state = "nothing in memory; they cost nothing" if rss == 0 else _unknown(snapshot)
    return f"Reserved addresses ({extent}): no access, {state}."


def _of_stack(snapshot: Snapshot, rows: Array, inner: int, category: kinds.Category) -> str:
    """A stack together with its guard."""
    body = Part(snapshot, _usable(snapshot, rows))
    guard = Part(snapshot, rows).size - body.size
    text = _tell("a thread's stack", body, category).removesuffix(".")
    return f"{text}, above a guard of {units.size(guard)}." if guard else f"{text}."


def _written(region: Region, is_file: bool) -> str:
    if is_file:
        return "is in memory and private: it was copied from its file when it was written"
    if region.get("anon_huge_pages"):
        return "is in memory and private: it, or the huge page around it, was written"
    return "is in memory, private, and was written"


def _name(snapshot: Snapshot, row: int) -> str:
    """What a region is called in a sentence."""
    category, region = _category(snapshot, row), snapshot.regions[row]
    block = snapshot.blocks.name(int(snapshot.regions["block"][row]))
    if category.name in ELF:
        if category.name.endswith("bss"):
            return f"{block}'s variables that began as zero"
        if "x" in region.permissions:
            return f"{block}'s code"
        return f"{block}'s variables" if "w" in region.permissions else f"{block}'s read-only data"
    template = SUBJECTS.get(category.name, category.name)
    return template.replace("{block}", block).replace("{process}", snapshot.name)


def _begin(subject: str, category: kinds.Category) -> str:
    """With a capital letter, unless a file's name comes first."""
    is_name = category.name in ELF and not subject.startswith("the ")
    return subject if is_name else subject[:1].upper() + subject[1:]


def _inner(snapshot: Snapshot, rows: Array) -> int | None:
    """The first row of a block that may be used at all."""
    usable = _usable(snapshot, rows)
    return int(usable[0]) if len(usable) else None


def _usable(snapshot: Snapshot, rows: Array) -> Array:
    """Those of the rows that may be read, written or executed."""
    usable: Array = rows[snapshot.regions["permissions"][rows] & np.uint8(READ | WRITE | EXECUTE) != 0]
    return usable


def _category(snapshot: Snapshot, row: int) -> kinds.Category:
    return snapshot.categories[int(snapshot.regions["category"][row])]


def _is_untouchable(region: Region) -> bool:
    return region.permissions.startswith("---")


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
