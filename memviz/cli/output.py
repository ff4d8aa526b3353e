"""How commands print: a table on a terminal, plain columns into a pipe, CSV and JSON on request."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from memviz import units
from memviz.cli.terminal import print_text, width_of
from memviz.text import csv_lines

if TYPE_CHECKING:
    from memviz.core.columns import Column
    from memviz.core.listing import Values

BAR = 24


def add_output_arguments(parser: argparse.ArgumentParser, *, rows: bool = True, report: bool = False) -> None:
    """--json and --plain everywhere, --csv where rows make sense, --report where there is one: one of them at once."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON with documented, stable keys; sizes in bytes")
    form.add_argument("--plain", action="store_true", help="print the same on a terminal as into a pipe")
    if rows:
        form.add_argument(
            "--csv", action="store_true",
            help="print comma-separated values; sizes in bytes; an apostrophe stands before a text that a spreadsheet "
            "would compute (one that begins with = + - @) and before one that begins with an apostrophe",
        )  # fmt: skip
    if report:
        form.add_argument("--report", action="store_true", help="print the text report of fixed form")


def print_json(value: Any) -> None:
    """Escaped to ASCII: nothing that a target chose can act on a terminal."""
    sys.stdout.writelines(json_pieces(value))
    print()


def json_pieces(value: Any, indent: str = "") -> Iterator[str]:
    """A key a line, and an item of a list of objects a line: what is large stays readable line by line."""
    import json

    compact = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    inner, separator = indent + "  ", ",\n"
    if isinstance(value, dict) and value:
        yield "{\n"
        for at, (key, item) in enumerate(value.items()):
            yield f"{separator if at else ''}{inner}{compact(str(key))}: "
            yield from json_pieces(item, inner)
        yield f"\n{indent}}}"
    elif isinstance(value, list) and value and isinstance(value[0], dict | list):
        yield "[\n"
        for at, item in enumerate(value):
            yield f"{separator if at else ''}{inner}{compact(item)}"
        yield f"\n{indent}]"
    else:
        yield compact(value)


def values_of(columns: Sequence[Column], rows: Sequence[Callable[[str], object]]) -> list[Values]:
    """What rows that give a value by the name of its column have in these columns."""
    return [[row(column.name) for row in rows] for column in columns]


def print_csv(columns: Sequence[Column], values: Sequence[Values]) -> None:
    """Column names, then raw values; unknown ones are empty."""
    sys.stdout.writelines(csv_lines((column.name for column in columns), zip(*values, strict=True)))


def bar(part: float, whole: float) -> str:
    """A bar of BAR characters' length at most."""
    eighths = round(8 * BAR * part / whole) if whole else 0
    full, rest = divmod(min(eighths, 8 * BAR), 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def print_pairs(arguments: argparse.Namespace, rows: Iterable[tuple[str, ...]], indent: str = "  ") -> None:
    """Names, values and perhaps remarks in columns; what stands last may take several lines of a terminal."""
    items = list(rows)
    width = max((width_of(name) for name, *_ in items), default=0)
    for name, *values in items:
        before = f"{indent}{name}{' ' * (width - width_of(name))}  " + "".join(f"{value}  " for value in values[:-1])
        print_text(arguments, values[-1], before)


def note(text: str) -> None:
    """A remark on stderr: the answer on stdout stays clean."""
    print(f"memviz: {text}", file=sys.stderr)


def size_or_dash(value: int | None) -> str:
    """A size, or a dash where it is unknown."""
    return units.DASH if value is None else units.size(value)
