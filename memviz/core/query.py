"""The filter language: `perm:wx size:>10M path:libc 0x7f12_3456_7000` chooses regions, and blocks by their regions.

Terms are and-ed; a comma within a term means or; `-` or `not:` before it negates; quotes hold spaces, commas and
colons together. Matching is by plain text without regard to case: no character has a further meaning.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from memviz.core.categories import GROUPS
from memviz.core.columns import REGION_COLUMNS
from memviz.core.regions import SUMS, Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.errors import UsageError
from memviz.proc.maps import EXECUTE, READ, SHARED, WRITE
from memviz.text import shown
from memviz.units import parse_size

_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_CHOICE = re.compile(r'(?:"[^"]*"?|[^",])+')
_KEY = re.compile(r"([A-Za-z_]+):(.*)", re.DOTALL)
_COMPARED = re.compile(r"(>=|<=|>|<|=)(.*)", re.DOTALL)
_ADDRESS = re.compile(r"0x[0-9a-f_]+(-(0x)?[0-9a-f_]+)?|[0-9a-f]{6,16}-[0-9a-f]{6,16}", re.IGNORECASE)
_TOP = (1 << 64) - 1
_LETTERS = {"r": READ, "w": WRITE, "x": EXECUTE, "s": SHARED}
_OWN = "private_swap"  # USS + swap: no column of regions, but what views rank by
_NUMERIC = (*(column.name for column in REGION_COLUMNS if column.numeric), _OWN)


class Term(NamedTuple):
    """One kind of term: `name` is what it begins with (empty where nothing does)."""

    name: str
    example: str
    explanation: str


TERMS = (
    Term("", "libc", "A word alone: in the path, or in the name of the block."),
    Term("path:", "path:/usr/lib", "In the path, or in the name that the kernel gives the region."),
    Term("block:", "block:stack", "In the name of the block that the region is a part of."),
    Term("group:", "group:heap,stack", "One of these groups; the beginning of its name is enough."),
    Term("category:", "category:arena", "In the name of the category."),
    Term("perm:", "perm:wx", "All of these permissions: r w x, p private, s shared; perm:r--p means exactly these."),
    Term("flag:", "flag:ac", "One of these flags of the kernel (VmFlags), two letters each."),
    Term("size:", "size:>10M", "Larger than 10 MiB; also < >= <= =, and units K M G T. Just >10M means the same."),
    Term("rss:", "rss:>1M", "Any column of numbers is compared like size: pss: uss: swap: private_dirty: and so on."),
    Term(
        "0x", "0x7f12_3456_7000", "The region that holds this address; with two addresses, every region between them."
    ),
    Term("-", "-group:file", "What the term does not fit; not:group:file is the same."),
    Term('"', 'path:"my file"', "Quotes keep spaces, commas and colons together."),
)

Test = Callable[[Snapshot], "Mask | None"]  # None: this snapshot does not tell


class Part(NamedTuple):
    """One term: `regions` over rows; `blocks` over blocks where the term is judged on the block itself; `column` is
    what it compares."""

    negated: bool
    regions: Test
    blocks: Test | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What a text asks for; one without terms fits everything."""

    text: str
    parts: tuple[Part, ...] = ()
    help: ClassVar[tuple[Term, ...]] = TERMS

    def __bool__(self) -> bool:
        return bool(self.parts)

    def regions(self, snapshot: Snapshot) -> Mask:
        """Which rows fit every term. What is not known fits neither a term nor its contrary."""
        mask = np.ones(len(snapshot.regions), np.bool_)
        for part in self.parts:
            mask &= _judged(part.negated, part.regions(snapshot), len(mask))
        return mask

    def blocks(self, snapshot: Snapshot) -> Mask:
        """Which blocks fit: their own sums the terms that compare sizes (`size:`, `rss:` …), and at least one of
        their regions all other terms."""
        mask = np.zeros(len(snapshot.blocks), np.bool_)
        mask[snapshot.regions["block"][self._within(snapshot)]] = True
        for part in self.parts:
            if part.blocks is not None:
                mask &= _judged(part.negated, part.blocks(snapshot), len(mask))
        return mask

    def unfolded(self, snapshot: Snapshot) -> Mask:
        """Which rows show under the blocks that fit: sizes are the block's matter, so small pieces of a large block
        show too."""
        mask: Mask = self._within(snapshot)
        if any(part.blocks is not None for part in self.parts):
            mask = mask & self.blocks(snapshot)[snapshot.regions["block"]]
        return mask

    def unknown(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The columns that it asks for and this snapshot does not tell: nothing can fit them."""
        names = (part.column for part in self.parts if part.column and not is_told(snapshot, part.column))
        return tuple(dict.fromkeys(names))

    def _within(self, snapshot: Snapshot) -> Mask:
        mask = np.ones(len(snapshot.regions), np.bool_)
        for part in self.parts:
            if part.blocks is None:
                mask &= _judged(part.negated, part.regions(snapshot), len(mask))
        return mask


def parse(text: str, fields: Iterable[str] = ()) -> Query:
    """What a text asks for; raises UsageError that says what is wrong with which word. `fields` are names of further
    columns that the kernel at hand tells."""
    numeric = (*_NUMERIC, *fields)
    return Query(text, tuple(_part(word, numeric) for word in _WORD.findall(text)))


def quoted(text: str) -> str:
    """A text as one value of a term; a `"` in it cannot be said, and what follows it is left out."""
    text = text.partition('"')[0]
    return text if re.fullmatch(r"[\w./\[\]+]+", text) else f'"{text}"'


def _judged(negated: bool, mask: Mask | None, count: int) -> Mask:
    if mask is None:
        return np.zeros(count, np.bool_)
    return ~mask if negated else mask


def _any(masks: Iterable[Mask]) -> Mask:
    mask: Mask = np.logical_or.reduce(list(masks))
    return mask


def _part(word: str, numeric: tuple[str, ...]) -> Part:
    body, negated = word, False
    while (rest := _without_not(body)) is not None:
        body, negated = rest, not negated
    if not body.replace('"', ""):
        raise UsageError(f"{word}: nothing to look for")
    return _positive(body, numeric)._replace(negated=negated)


def _without_not(word: str) -> str | None:
    if word.startswith("-"):
        return word[1:]
    return word[4:] if word[:4].lower() == "not:" else None


def _positive(body: str, numeric: tuple[str, ...]) -> Part:
    compared = _COMPARED.fullmatch(body)
    if compared is not None:
        return _comparison("size", body)
    found = _KEY.fullmatch(body)
    if found is None:
        return _bare(body)
    key, value = found[1].lower(), found[2]
    if key not in _TEXTS and key not in numeric:
        near = difflib.get_close_matches(key, (*_TEXTS, *numeric), 1)
        hint = f"did you mean {near[0]}:?" if near else "put it in quotes to look for this text"
        raise UsageError(f"{key}: is no column; {hint}")
    if not value.replace('"', ""):
        raise UsageError(f"{key}: what should it be?")
    return _TEXTS[key](_choices(value)) if key in _TEXTS else _comparison(key, value)


def _choices(value: str) -> list[str]:
    """What stands between commas, without quotes."""
    choices = [choice.replace('"', "") for choice in _CHOICE.findall(value)]
    choices = [choice for choice in choices if choice]
    if not choices:
        raise UsageError(f"{value}: nothing to look for")
    return choices


# -- numbers and addresses --------------------------------------------------------------------------------------------


def _comparison(name: str, text: str) -> Part:
    sign, number = _compared(text)
    compare = _COMPARE[sign]
    wanted = np.uint64(number)

    def regions(snapshot: Snapshot) -> Mask | None:
        return compare(_sum(snapshot.regions.__getitem__, name), wanted) if is_told(snapshot, name) else None

    def blocks(snapshot: Snapshot) -> Mask | None:
        return compare(_sum(snapshot.blocks.sums, name), wanted) if is_told(snapshot, name) else None

    return Part(False, regions, blocks if name in SUMS or name == _OWN else None, name)


def is_told(snapshot: Snapshot, name: str) -> bool:
    """Whether a snapshot tells a column of numbers."""
    return all(part in snapshot.regions for part in _parts(name))


def _parts(name: str) -> tuple[str, ...]:
    return ("uss", "swap") if name == _OWN else (name,)


def _sum(column: Callable[[str], Array], name: str) -> Array:
    first, *others = _parts(name)
    values = column(first)
    for other in others:
        values = values + column(other)
    return values


def _compared(text: str) -> tuple[str, int]:
    found = _COMPARED.fullmatch(text)
    sign, digits = (found[1], found[2]) if found is not None else ("=", text)
    digits = digits.replace('"', "").strip()
    try:
        if digits[:2].lower() == "0x":
            number = int(digits, 16)
        else:
            number = int(digits) if digits.isdecimal() else parse_size(digits)
    except ValueError:
        raise UsageError(f"{text}: a size is a number and K, M, G or T, such as >10M") from None
    if number > _TOP:
        raise UsageError(f"{text}: larger than any address")
    return sign, number


_COMPARE: dict[str, Callable[[Array, np.uint64], Mask]] = {
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal, "=": np.equal,
}  # fmt: skip


def _addresses(text: str) -> Test:
    edges = [_address(edge) for edge in text.split("-")]
    first, last = min(edges), max(edges)

    def regions(snapshot: Snapshot) -> Mask:
        table = snapshot.regions
        mask: Mask = (table["start"] <= np.uint64(last)) & (table["end"] > np.uint64(first))
        if last != first:
            mask &= table["start"] < np.uint64(last)  # a range ends before its second address
        return mask

    return regions


def _address(text: str) -> int:
    try:
        value = int(text.strip("_"), 16)
    except ValueError:
        raise UsageError(f"{text}: not an address") from None
    if value > _TOP:
        raise UsageError(f"{text}: addresses have 64 bits")
    return value


# -- texts ------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def _lowered(paths: tuple[bytes, ...]) -> tuple[str, ...]:
    """Paths as people see them, in lower case: made once for a snapshot, whatever is typed."""
    return tuple(shown(path).lower() for path in paths)


def _holding(texts: Iterable[str], words: list[str]) -> Mask:
    return np.array([any(word in text for word in words) for text in texts], np.bool_)


def _path(words: list[str]) -> Part:
    wanted = [word.lower() for word in words]

    def regions(snapshot: Snapshot) -> Mask:
        table = snapshot.regions
        return _spread(_holding(_lowered(table.paths), wanted), table["path_id"])

    return Part(False, regions)


def _spread(values: Mask, ids: Array) -> Mask:
    """What holds for a thing, for each row that has its number."""
    mask: Mask = values[ids] if len(values) else np.zeros(len(ids), np.bool_)
    return mask


def _block(words: list[str]) -> Part:
    wanted = [word.lower() for word in words]
    return Part(False, lambda snapshot: _spread(_named_blocks(snapshot, wanted), snapshot.regions["block"]))


def _named_blocks(snapshot: Snapshot, wanted: list[str]) -> Mask:
    """The name of a block hangs on the category and path of its first region: each pair is looked at once."""
    blocks, table = snapshot.blocks, snapshot.regions
    category, path = (table[name][blocks.first].astype(np.int64) for name in ("category", "path_id"))
    keys, first, inverse = np.unique(category * max(len(table.paths), 1) + path, return_index=True, return_inverse=True)
    if not len(keys):
        return np.zeros(0, np.bool_)
    return _holding((blocks.name(int(index)).lower() for index in first), wanted)[inverse]


def _bare(body: str) -> Part:
    """Addresses, or a word in path or block; of several between commas, any."""
    addresses: list[str] = []
    words: list[str] = []
    if body.startswith('"'):
        words = _choices(body)
    else:
        for choice in _choices(body):
            (addresses if _ADDRESS.fullmatch(choice) else words).append(choice)
    tests = [_addresses(text) for text in addresses]
    if words:
        tests += [_path(words).regions, _block(words).regions]

    def regions(snapshot: Snapshot) -> Mask:
        return _any(mask for test in tests if (mask := test(snapshot)) is not None)

    return Part(False, regions)


def _group(words: list[str]) -> Part:
    names = [group.name for group in GROUPS]
    wanted = tuple(word.lower() for word in words)
    for word in wanted:
        if not any(name.startswith(word) for name in names):
            raise UsageError(f"group:{word}: the groups are {', '.join(names)}")
    return Part(
        False, lambda snapshot: _of_category(snapshot, [c.group.startswith(wanted) for c in snapshot.categories])
    )


def _category(words: list[str]) -> Part:
    wanted = [word.lower() for word in words]
    return Part(
        False,
        lambda snapshot: _of_category(
            snapshot, [any(word in c.name.lower() for word in wanted) for c in snapshot.categories]
        ),
    )


def _of_category(snapshot: Snapshot, fits: list[bool]) -> Mask:
    return _spread(np.array(fits, np.bool_), snapshot.regions["category"])


def _perm(words: list[str]) -> Part:
    tests = [_permits(word.lower()) for word in words]

    def regions(snapshot: Snapshot) -> Mask:
        bits = snapshot.regions["permissions"]
        return _any((bits & np.uint8(care)) == np.uint8(wanted) for care, wanted in tests)

    return Part(False, regions)


def _permits(word: str) -> tuple[int, int]:
    """Which bits matter, and how they have to be."""
    exact = re.fullmatch(r"[r-][w-][x-][sp]?", word)
    if not exact and not set(word) <= set("rwxsp"):
        raise UsageError(f"perm:{word}: permissions are letters of r, w, x, s (shared), p (private)")
    wanted = sum(bit for letter, bit in _LETTERS.items() if letter in word)
    care = wanted | (READ | WRITE | EXECUTE if "-" in word else 0) | (SHARED if "p" in word else 0)
    return care, wanted


def _flag(words: list[str]) -> Part:
    wanted = [word.lower() for word in words]

    def regions(snapshot: Snapshot) -> Mask | None:
        if "flags" not in snapshot.regions:
            return None
        return _any(snapshot.regions.flagged(name) for name in wanted)

    return Part(False, regions, column="flags")


_TEXTS: dict[str, Callable[[list[str]], Part]] = {
    "path": _path, "name": lambda words: _bare(",".join(f'"{word}"' for word in words)), "block": _block,
    "group": _group, "category": _category, "perm": _perm, "permissions": _perm, "flag": _flag, "flags": _flag,
}  # fmt: skip
