"""The filter language: `perm:wx size:>10M path:libc 0x7f12_3456_7000` chooses regions, and blocks by their regions.

Terms are and-ed; a comma within a term means or; `-` or `not:` before it negates; quotes hold spaces, commas and
colons together. Matching is by plain text without regard to case: no character has a further meaning.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from memviz.core.columns import REGION_COLUMNS
from memviz.core.regions import Mask
from memviz.core.snapshot import Snapshot
from memviz.core.terms import COMPARED, OWN, TEXTS, Part, WrongError, bare, choices_of, comparison, is_told
from memviz.errors import UsageError

_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_KEY = re.compile(r"([A-Za-z_][A-Za-z_0-9]*):(.*)", re.DOTALL)
_NUMERIC = (*(column.name for column in REGION_COLUMNS if column.numeric), OWN)


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


def _part(word: str, numeric: tuple[str, ...]) -> Part:
    body, negated = word, False
    while (rest := _without_not(body)) is not None:
        body, negated = rest, not negated
    try:
        return _positive(body, numeric)._replace(negated=negated)
    except WrongError as error:
        raise UsageError(f"{word}: {error}") from None


def _without_not(word: str) -> str | None:
    if word.startswith("-"):
        return word[1:]
    return word[4:] if word[:4].lower() == "not:" else None


def _positive(body: str, numeric: tuple[str, ...]) -> Part:
    if not body.replace('"', ""):
        raise WrongError("there is nothing to look for")
    compared = COMPARED.fullmatch(body)
    if compared is not None:
        return comparison("size", body)
    found = _KEY.fullmatch(body)
    if found is None:
        return bare(body)
    key, value = found[1].lower(), found[2]
    if key not in TEXTS and key not in numeric:
        near = difflib.get_close_matches(key, (*TEXTS, *numeric), 1)
        hint = f"did you mean {near[0]}:?" if near else "put it in quotes to look for this text"
        raise WrongError(f"there is no column {key}; {hint}")
    if not value.replace('"', ""):
        raise WrongError("what should it be?")
    return TEXTS[key](choices_of(value)) if key in TEXTS else comparison(key, value)
