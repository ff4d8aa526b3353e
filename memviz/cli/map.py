"""`memviz map`: the address space as a picture, in the terminal or in a file."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot
    from memviz.core.source import PageRuns
    from memviz.gui.map.cells import Cells

HELP = "draw the address space, in the terminal or as a picture"
EXAMPLE = "memviz map 1234 -o map.png --size 1600x900"
GUTTER = 18  # places of an address and what stands beside it
LEAST_WIDTH, MOST_WIDTH = 24, 240
USUAL_LINES = 24
LEVELS = " ▁▂▃▄▅▆▇█"
GAP, FOLD, GUARD = " ", "┊", "x"
# For what has no colours: a letter a group, large where at least half of the cell is in memory
LETTERS = {
    "text": "t", "data": "d", "heap": "h", "stack": "s", "library": "l", "anonymous": "a", "file": "f", "shared": "m",
    "kernel": "k", "reserved": "r",
}  # fmt: skip


EMPTY: dict[str, Any] = {"bytes_per_cell": None, "rows": [], "letters": dict(LETTERS, fold=FOLD, guard=GUARD)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.open import add_picture_arguments
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument
    from memviz.cli.values import count

    lines = count("number of lines from 1 to 500", 1, 500)
    add_target_argument(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="draw into FILE, without a display: PNG, or SVG; - is the standard output",
    )
    parser.add_argument("--lines", type=lines, metavar="N", help=f"of the map in the terminal ({USUAL_LINES} at most)")
    add_picture_arguments(parser)
    add_output_arguments(parser, rows=False)


def run(arguments: argparse.Namespace) -> int:
    from memviz.errors import UsageError

    if arguments.output:
        if arguments.json or arguments.plain or arguments.lines:
            raise UsageError("--json, --plain and --lines are for the terminal, -o is for a picture")
        return _draw(arguments)
    if arguments.size or arguments.scale:
        raise UsageError("--size and --scale are for pictures: add -o FILE")
    return _print(arguments)


def _draw(arguments: argparse.Namespace) -> int:
    from memviz.cli.open import file_named
    from memviz.cli.target import find_pid, opened_source
    from memviz.errors import Unsupported
    from memviz.gui.shell.needs import why_no_picture

    if why := why_no_picture():
        raise Unsupported(f"no picture: {why}")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if arguments.scale:
        os.environ["QT_SCALE_FACTOR"] = f"{arguments.scale:g}"
    with opened_source(arguments) as source:
        from memviz.gui.shell.app import Wish
        from memviz.gui.shell.picture import draw_map

        wish = Wish(find_pid(source, arguments), theme=arguments.theme or "", size=arguments.size)
        return draw_map(source, wish, file_named(arguments.output))


def _print(arguments: argparse.Namespace) -> int:
    from memviz import units
    from memviz.cli.output import print_json
    from memviz.cli.refuse import refuse
    from memviz.cli.target import opened, read
    from memviz.cli.terminal import is_rich, print_text
    from memviz.core.headline import cost, headline
    from memviz.core.plain import head
    from memviz.core.unknown import account, of_snapshot
    from memviz.gui.map.cells import make_cells

    with opened(arguments) as host:
        snapshot = read(host, arguments)
        if "regions" in snapshot.absent:
            if arguments.json:
                print_json(account({**head(snapshot), **EMPTY}, of_snapshot(snapshot), snapshot.absent))
            return refuse(snapshot, quiet=arguments.json)
        pages = _pages(host, snapshot)
    if not len(snapshot.regions):
        print_text(arguments, headline(snapshot))
        return 0
    width, height = _room(arguments)
    cells = make_cells(snapshot, pages, width, height)
    letters = as_letters(cells)
    if arguments.json:
        rows = [{"start": f"{start:#x}", "cells": row} for start, row in zip(cells.start, letters, strict=True)]
        legend = dict(LETTERS, fold=FOLD, guard=GUARD)
        answer = {**head(snapshot), "bytes_per_cell": cells.scale, "rows": rows, "letters": legend}
        print_json(account(answer, of_snapshot(snapshot), snapshot.absent))
        return 0
    print_text(arguments, headline(snapshot))
    if words := cost(snapshot):
        print_text(arguments, words)
    print()
    console = _console() if is_rich(arguments) else None
    if console is not None:
        _print_colours(console, cells, snapshot, arguments.theme or "dark")
    else:
        for start, row in zip(cells.start, letters, strict=True):
            print(f"{units.address(start):>{GUTTER - 2}}  {row}".rstrip())
        print()
        print_text(arguments, _legend_words(snapshot))
    print_text(arguments, f"A cell is {units.size(round(cells.scale))}, filled by the part of it that is in memory; "
                          f"{FOLD} stands for a stretch that nothing has touched.")  # fmt: skip
    return 0


def _pages(host: Any, snapshot: Snapshot) -> PageRuns | None:
    """Page by page where that can be known; else averages of regions have to do."""
    from memviz.core.regions import TOP_HALF
    from memviz.errors import MemvizError

    table = snapshot.regions
    low = table["end"][table["start"] < TOP_HALF]
    if not len(low):
        return None
    try:
        found: PageRuns = host.pages(snapshot.pid, [(int(table["start"][0]), int(low[-1]))])
    except MemvizError:
        return None
    return found


def _room(arguments: argparse.Namespace) -> tuple[int, int]:
    """Cells of a line, and lines."""
    import shutil

    terminal = shutil.get_terminal_size()
    width = min(max(terminal.columns - GUTTER, LEAST_WIDTH), MOST_WIDTH)
    return width, arguments.lines or min(max(terminal.lines - 10, 8), USUAL_LINES)


def as_letters(cells: Cells) -> list[str]:
    """A text for each line: groups as letters, large where at least half is in memory, `.` where nothing is, `x` where
    there are guard pages besides."""
    from memviz.gui.map.cells import FOLD as FOLDED
    from memviz.gui.map.cells import group_names

    names = [LETTERS.get(name, "?") for name in group_names()]
    result = []
    for groups, fills, guards in zip(cells.group.tolist(), cells.fill.tolist(), cells.guard.tolist(), strict=True):
        signs = []
        for group, fill, guard in zip(groups, fills, guards, strict=True):
            if group < 0:
                signs.append(FOLD if group == FOLDED else GAP)
            else:
                signs.append(
                    names[group].upper() if fill >= 0.5 else names[group] if fill > 0 else GUARD if guard else "."
                )
        result.append("".join(signs))
    return result


def _legend_words(snapshot: Snapshot) -> str:
    from memviz import units
    from memviz.cli.output import size_or_dash

    words = [
        f"{LETTERS.get(name, '?')} {name} {size_or_dash(found.rss)} of {units.size(found.size)}"
        for name, found in snapshot.groups.items()
    ]
    return " · ".join(words)


def _console() -> Any:
    """None where the terminal has no colours, or nobody wants them."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    return console if console.color_system is not None and not console.no_color else None


def _print_colours(console: Any, cells: Cells, snapshot: Snapshot, theme: str) -> None:
    from rich.style import Style
    from rich.text import Text

    from memviz import units
    from memviz.cli.output import size_or_dash
    from memviz.gui.map.inks import Inks

    inks = Inks.of(theme)

    def style(ink: str, ground: str | None = None) -> Style:
        return Style(color=ink, bgcolor=ground)

    for line, start in enumerate(cells.start):
        text = Text(f"{units.address(start):>{GUTTER - 2}}  ", style=style(inks.dim))
        letters = cells.letters[line]
        for place, (group, fill, own) in enumerate(
            zip(cells.group[line].tolist(), cells.fill[line].tolist(), cells.own[line].tolist(), strict=True)
        ):
            if group < 0:
                text.append(FOLD if group == -2 else GAP, style(inks.line))
                continue
            ink, ground = inks.cell(group, own)
            if letters[place] != " ":
                text.append(letters[place], style(inks.text, inks.mixed(ink, ground, 0.55 * fill)))
            else:
                text.append(LEVELS[_level(fill)], style(ink, ground))
        console.print(text)
    console.print()
    legend = Text()
    for name, found in snapshot.groups.items():
        amount = f"{size_or_dash(found.rss)} of {units.size(found.size)}"
        if legend and legend.cell_len + len(name) + len(amount) + 4 > console.width:
            console.print(legend)
            legend = Text()
        legend.append("██ ", style(inks.group(name)))
        legend.append(f"{name} ", style(inks.text))
        legend.append(f"{amount}   ", style(inks.dim))
    legend.rstrip()
    console.print(legend)


def _level(fill: float) -> int:
    """What little is in memory shows too."""
    return 0 if fill <= 0 else max(1, round(fill * (len(LEVELS) - 1)))
