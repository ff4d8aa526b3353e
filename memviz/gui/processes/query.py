"""The filter above the list: `python`, `user:root`, `pid:42`, `>100M`, `-bash`; all words must fit."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence

from memviz.core.source import ProcessRow
from memviz.units import parse_size

HELP = """Every word must be found in the name, the command, the user or the pid.
  python server   both words
  -bash           without this word
  user:root       also name: command: pid: ppid: state:
  >100M  <=1G     anonymous + swap"""

Test = Callable[[ProcessRow], bool | None]  # None: it is not known
_SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
_FIELDS = ("name", "command", "user", "pid", "ppid", "state")
_UNFINISHED = (*(f"{field}:" for field in _FIELDS), *_SIGNS)
_EXACT = ("pid", "ppid", "state")
_SIZE = re.compile(f"({'|'.join(_SIGNS)})(.+)")  # as in core.query; the longer signs come first


def tests_of(text: str) -> list[Test]:
    """One for each word; `user:` and `>` say nothing yet, somebody is still typing. What is no size after `>` is looked
    for as it stands."""
    tests = []
    for word in text.lower().split():
        bare = word.removeprefix("-")
        if bare and bare not in _UNFINISHED:
            tests.append(_not(_test(bare)) if bare != word else _test(bare))
    return tests


def matching(rows: Sequence[ProcessRow], text: str) -> list[ProcessRow]:
    """The rows that fit every word."""
    tests = tests_of(text)
    return [row for row in rows if all(test(row) for test in tests)]


def _test(word: str) -> Test:
    size = _SIZE.fullmatch(word)
    if size is not None:
        try:
            return _sized(size[1], parse_size(size[2]))
        except ValueError:
            pass
    field, colon, rest = word.partition(":")
    if colon and rest and field in _FIELDS:
        if field in _EXACT:
            return lambda row: str(row.get(field)).lower() == rest
        return lambda row: rest in str(row.get(field) or "").lower()
    return lambda row: (
        word in row.name.lower()
        or (row.command is not None and word in row.command.lower())
        or word in str(row.identity.pid)
        or (row.user is not None and word in row.user.lower())
    )


def _not(test: Test) -> Test:
    """What is not known fits neither a word nor its contrary."""
    return lambda row: (found := test(row)) is not None and not found


def _sized(sign: str, limit: int) -> Test:
    compare = _SIGNS[sign]
    return lambda row: bool(compare(row.private_swap, limit)) if row.private_swap is not None else None
