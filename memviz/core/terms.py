"""What each term of the filter language asks of a snapshot (see core.query): one function a kind of term."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from memviz.core.categories import GROUPS
from memviz.core.regions import SUMS, Array, Mask
from memviz.core.snapshot import Snapshot
from memviz.proc.maps import EXECUTE, READ, SHARED, WRITE
from memviz.text import shown
from memviz.units import parse_size

COMPARED = re.compile(r"(>=|<=|>|<|=)(.*)", re.DOTALL)
OWN = "private_swap"  # USS + swap: no column of regions, but what views rank by
_CHOICE = re.compile(r'(?:"[^"]*"?|[^",])+')
_ADDRESS = re.compile(r"0x[0-9a-f_]+(-(0x)?[0-9a-f_]+)?|[0-9a-f]{6,16}-[0-9a-f]{6,16}", re.IGNORECASE)
_TOP = (1 << 64) - 1
_LETTERS = {"r": READ, "w": WRITE, "x": EXECUTE, "s": SHARED}


class WrongError(Exception):
    """What is wrong with a word; `parse` says with which."""


Test = Callable[[Snapshot], "Mask | None"]  # None: this snapshot does not tell


class Part(NamedTuple):
    """One term: `regions` over rows; `blocks` over blocks where the term is judged on the block itself; `column` is
    what it compares."""

    negated: bool
    regions: Test
    blocks: Test | None = None
    column: str = ""


def choices_of(value: str) -> list[str]:
    """What stands between commas, without quotes."""
    choices = [choice.replace('"', "") for choice in _CHOICE.findall(value)]
    choices = [choice for choice in choices if choice]
    if not choices:
        raise WrongError("there is nothing to look for")
    return choices


def _any(masks: Iterable[Mask]) -> Mask:
    mask: Mask = np.logical_or.reduce(list(masks))
    return mask


# -- numbers and addresses --------------------------------------------------------------------------------------------


def comparison(name: str, text: str) -> Part:
    sign, number = _compared(text)
    compare = _COMPARE[sign]
    wanted = np.uint64(number)

    def regions(snapshot: Snapshot) -> Mask | None:
        return compare(_sum(snapshot.regions.__getitem__, name), wanted) if is_told(snapshot, name) else None

    def blocks(snapshot: Snapshot) -> Mask | None:
        return compare(_sum(snapshot.blocks.sums, name), wanted) if is_told(snapshot, name) else None

    return Part(False, regions, blocks if name in SUMS or name == OWN else None, name)


def is_told(snapshot: Snapshot, name: str) -> bool:
    """Whether a snapshot tells a column of numbers."""
    return all(part in snapshot.regions for part in parts_of(name))


def parts_of(name: str) -> tuple[str, ...]:
    """The columns of the kernel that a column is the sum of."""
    return ("uss", "swap") if name == OWN else (name,)


def _sum(column: Callable[[str], Array], name: str) -> Array:
    first, *others = parts_of(name)
    values = column(first)
    for other in others:
        values = values + column(other)
    return values


def _compared(text: str) -> tuple[str, int]:
    found = COMPARED.fullmatch(text)
    sign, digits = (found[1], found[2]) if found is not None else ("=", text)
    digits = digits.replace('"', "").strip()
    try:
        if digits[:2].lower() == "0x":
            number = int(digits, 16)
        else:
            number = int(digits) if digits.isdecimal() else parse_size(digits)
    except ValueError:
        raise WrongError("a size is a number and K, M, G or T, such as >10M") from None
    if number > _TOP:
        raise WrongError("that is larger than any address")
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
        raise WrongError("not an address") from None
    if value > _TOP:
        raise WrongError("addresses have 64 bits")
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


def bare(body: str) -> Part:
    """Addresses, or a word in path or block; of several between commas, any."""
    addresses: list[str] = []
    words: list[str] = []
    if body.startswith('"'):
        words = choices_of(body)
    else:
        for choice in choices_of(body):
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
            raise WrongError(f"the groups are {', '.join(names)}")
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
        raise WrongError("permissions are letters of r, w, x, s (shared), p (private)")
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


TEXTS: dict[str, Callable[[list[str]], Part]] = {
    "path": _path, "name": lambda words: bare(",".join(f'"{word}"' for word in words)), "block": _block,
    "group": _group, "category": _category, "perm": _perm, "permissions": _perm, "flag": _flag, "flags": _flag,
}  # fmt: skip
