"""How commands print: a table on a terminal, plain columns into a pipe, CSV and JSON on request."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from memviz import units

if TYPE_CHECKING:
    from memviz.core.columns import Column

Row = Callable[[str], object]  # the value of a column by name
BAR = 24


def add_output_arguments(parser: argparse.ArgumentParser, *, rows: bool = True) -> None:
    """--json and --plain everywhere, --csv where rows make sense."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON with documented, stable keys; sizes in bytes")
    form.add_argument("--plain", action="store_true", help="print plain columns also on a terminal")
    if rows:
        form.add_argument("--csv", action="store_true", help="print comma-separated values; sizes in bytes")


def is_rich(arguments: argparse.Namespace) -> bool:
    """Whether to draw for a person at a terminal."""
    return sys.stdout.isatty() and not arguments.plain and os.environ.get("TERM") != "dumb"


def print_json(value: Any) -> None:
    """Escaped to ASCII: nothing that a target chose can act on a terminal."""
    import json

    json.dump(value, sys.stdout, indent=2, ensure_ascii=True, allow_nan=False)
    print()


def print_csv(columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Column names, then raw values; unknown ones are empty."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    for row in rows:
        writer.writerow("" if (value := row(column.name)) is None else value for column in columns)


def print_table(
    arguments: argparse.Namespace, columns: Sequence[Column], rows: Iterable[Row], total: Row | None = None
) -> None:
    """A table of texts, numbers right-aligned, with a line of sums below where there is one."""
    texts = [[column.show(row(column.name)) for column in columns] for row in rows]
    sums = [_sum_text(column, total) for column in columns] if total else None
    if is_rich(arguments):
        _print_rich(columns, texts, sums)
    else:
        _print_plain(columns, texts, sums)


def _sum_text(column: Column, total: Row) -> str:
    value = total(column.name)
    return "" if value is None else column.show(value)


def _print_plain(columns: Sequence[Column], texts: list[list[str]], sums: list[str] | None) -> None:
    lines = [[column.title for column in columns], *texts, *([sums] if sums else [])]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        cells = (
            text.rjust(width) if column.numeric else text.ljust(width)
            for column, text, width in zip(columns, line, widths, strict=True)
        )
        print("  ".join(cells).rstrip())


def _print_rich(columns: Sequence[Column], texts: list[list[str]], sums: list[str] | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_footer=sums is not None, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(
            Text(column.title),
            Text(sums[at]) if sums else "",
            justify="right" if column.numeric else "left",
            no_wrap=column.numeric,
            overflow="fold",
        )
    for line in texts:
        table.add_row(*map(Text, line))
    Console(highlight=False).print(table)


def bar(part: float, whole: float) -> str:
    """A bar of BAR characters' length at most."""
    eighths = round(8 * BAR * part / whole) if whole else 0
    full, rest = divmod(min(eighths, 8 * BAR), 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def print_pairs(pairs: Iterable[tuple[str, str]], indent: str = "  ") -> None:
    """Names and values in two columns."""
    items = list(pairs)
    width = max((len(name) for name, _ in items), default=0)
    for name, value in items:
        print(f"{indent}{name.ljust(width)}  {value}".rstrip())


def note(text: str) -> None:
    """A remark on stderr: the answer on stdout stays clean."""
    print(f"memviz: {text}", file=sys.stderr)


def size_or_dash(value: int | None) -> str:
    """A size, or a dash where it is unknown."""
    return units.DASH if value is None else units.size(value)
