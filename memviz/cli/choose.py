"""Columns, order and number of rows, as options give them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from memviz.errors import UsageError

if TYPE_CHECKING:
    from memviz.core.columns import Column

SMALL_FIRST = ("start", "end", "pid", "ppid", "tid")  # numbers that are places or names, not amounts


def add_choice_arguments(parser: argparse.ArgumentParser, usual: str) -> None:
    """--sort, --columns and --limit; `usual` is the column that rows are sorted by when none is named."""
    from memviz.cli.values import count

    direction = "large amounts first, all else from small to large; -COLUMN the other way round"
    parser.add_argument("--sort", metavar="COLUMN", help=f"sort by this column ({usual}): {direction}")
    parser.add_argument("--columns", metavar="A,B", help="which columns to show, or `all`")
    parser.add_argument("--limit", type=count("number of rows"), metavar="N", help="show the first N only")


def joined(words: Sequence[str]) -> list[str]:
    """`--sort -rss` as `--sort=-rss`: argparse would take a word that begins with a minus for another option."""
    result: list[str] = []
    for word in words:
        if result[-1:] == ["--sort"] and word.startswith("-") and not word.startswith("--"):
            result[-1] = f"--sort={word}"
        else:
            result.append(word)
    return result


def column_named(known: Sequence[Column], name: str) -> Column:
    """Raises UsageError."""
    for column in known:
        if column.name == name:
            return column
    raise UsageError(f"unknown column {name!r}; there are {', '.join(column.name for column in known)}")


def chosen_columns(known: Sequence[Column], text: str | None, usual: Sequence[str]) -> list[Column]:
    """The columns named in `text` (comma-separated, or `all`), else the usual ones. Raises UsageError."""
    if text == "all":
        return list(known)
    return [column_named(known, name) for name in (usual if text is None else text.split(","))]


def in_order(known: Sequence[Column], text: str, values_of: Callable[[str], Sequence[Any]]) -> list[int]:
    """The places of rows by a column, `-name` the other way; unknown values last. Raises UsageError."""
    name = text.removeprefix("-")
    large_first = column_named(known, name).numeric and name not in SMALL_FIRST
    values = values_of(name)
    have = [at for at, value in enumerate(values) if value is not None]
    lack = [at for at, value in enumerate(values) if value is None]
    have.sort(key=values.__getitem__, reverse=large_first != text.startswith("-"))
    return have + lack
