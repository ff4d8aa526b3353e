"""Tables of texts: numbers right-aligned, as wide as it takes into a pipe, and as wide as the terminal on one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from memviz.cli.terminal import LEAST, folded, is_rich, room_of_line, width_of

if TYPE_CHECKING:
    from memviz.core.columns import Column
    from memviz.core.listing import Values

GAP = "  "


@dataclass(frozen=True, eq=False)
class Cells:
    """One column as texts: the title first, then the rows, then the sum where there is one."""

    column: Column
    texts: list[str]

    @cached_property
    def width(self) -> int:
        return max(map(width_of, self.texts))


def print_table(
    arguments: argparse.Namespace,
    columns: Sequence[Column],
    values: Sequence[Values],
    total: Mapping[str, object] | None = None,
    spare: Mapping[str, str] | None = None,
) -> None:
    """With a line of sums below where there is one. On a terminal the widest column of texts is folded where lines
    would be too long. If that does not do, the columns named in `spare` are left out, in that order; where `spare`
    names another column for one, the texts of the one take the empty places of the other."""
    cells = [_cells(column, of_column, total) for column, of_column in zip(columns, values, strict=True)]
    if is_rich(arguments):
        _print_for_people(cells, spare or {}, total is not None)
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(cells))


def _print_for_people(cells: list[Cells], spare: Mapping[str, str], has_sums: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    room = room_of_line()
    shown = fitting(cells, room, spare)
    lines = list(_lines(fold_longest(shown, room)))
    sums = lines.pop() if has_sums else ""
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(lines[0], "bold"))
    console.print(Text("─" * min(room, max(map(width_of, lines))), "dim"))
    sys.stdout.writelines(f"{line}\n" for line in lines[1:])
    if sums:
        console.print(Text(sums, "bold"))
    kept = {one.column.name for one in shown}
    left_out = ", ".join(one.column.title for one in cells if one.column.name not in kept)
    if left_out:
        console.print(Text(f"no room here for: {left_out} (--plain shows them)", "dim"))


def texts_of(column: Column, values: Values) -> list[str]:
    """What is shown for each value; equal ones are written once."""
    written = {value: column.show(value) for value in set(values)}
    return [written[value] for value in values]


def _cells(column: Column, values: Values, total: Mapping[str, object] | None) -> Cells:
    texts = [column.title, *texts_of(column, values)]
    if total is not None:
        found = total.get(column.name)
        texts.append("" if found is None else found if isinstance(found, str) else column.show(found))
    return Cells(column, texts)


def fitting(cells: list[Cells], room: int, spare: Mapping[str, str]) -> list[Cells]:
    """Without so many of the spare columns that the line fits, the column of long texts having LEAST places."""
    shown = {one.column.name: one for one in cells}
    widths = {name: one.width for name, one in shown.items()}
    longest = _longest(cells)
    if longest is not None:
        name = cells[longest].column.name
        widths[name] = min(widths[name], LEAST)
    for name, other in spare.items():
        if sum(widths[name] for name in shown) + len(GAP) * (len(shown) - 1) <= room:
            break
        gone = shown.pop(name, None)
        if gone is not None and other in shown:
            into = shown[other]
            both = zip(into.texts, gone.texts, strict=True)
            shown[other] = Cells(into.column, [text or f"[{instead}]" for text, instead in both])
    return list(shown.values())


def _longest(cells: list[Cells]) -> int | None:
    """Which column may be folded: the widest one that is not of numbers."""
    texts = [at for at, one in enumerate(cells) if not one.column.numeric]
    return max(texts, key=lambda at: cells[at].width, default=None)


def fold_longest(cells: list[Cells], room: int) -> list[Cells]:
    """The same with further rows below those whose longest text does not fit."""
    at = _longest(cells)
    if at is None:
        return cells
    rest = sum(one.width for one in cells) - cells[at].width + len(GAP) * (len(cells) - 1)
    width = room - rest
    if cells[at].width <= width or width < LEAST / 2:  # it fits, or folding would not help
        return cells
    parts = [folded(text, width) for text in cells[at].texts]
    result = []
    for number, one in enumerate(cells):
        if number == at:
            texts = [part for of_row in parts for part in of_row]
        else:
            texts = [
                cell for text, row in zip(one.texts, parts, strict=True) for cell in (text, *[""] * (len(row) - 1))
            ]
        result.append(Cells(one.column, texts))
    return result


def _lines(cells: list[Cells]) -> Iterator[str]:
    """Every row as one line, in columns."""
    columns = [*map(_aligned, cells[:-1]), cells[-1].texts if not cells[-1].column.numeric else _aligned(cells[-1])]
    return (GAP.join(row).rstrip() for row in zip(*columns, strict=True))


def _aligned(cells: Cells) -> list[str]:
    width = cells.width
    move: Callable[[str, int], str] = str.rjust if cells.column.numeric else str.ljust
    # a character that takes two places counts as one in Python's own alignment
    return [move(text, width if text.isascii() else width - width_of(text) + len(text)) for text in cells.texts]
