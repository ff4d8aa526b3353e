"""`memviz system`: what the memory of the whole machine is used for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memviz.core.readings import Part, Reading

HELP = "show what the machine's memory is used for"
EXAMPLE = "memviz --via 'ssh HOST' system"
KNOWN_ANYHOW = frozenset(("page_size", "cpus", "thp_enabled"))  # facts that no file of /proc tells


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments

    parser.add_argument("--all", action="store_true", help="explain every number, and show the unknown ones too")
    add_output_arguments(parser, rows=False)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import note, print_json
    from memviz.cli.target import opened_source
    from memviz.core.portable import PortableSource
    from memviz.core.system import read_system, system_as_dict
    from memviz.core.system_items import SECTIONS
    from memviz.errors import error_of

    with opened_source(arguments) as source:
        system = source.system() if isinstance(source, PortableSource) else read_system(source)
    if arguments.json:
        print_json(system_as_dict(system))
    missing = system.absent.get("memory_total")
    if missing is not None and not system.readings.facts.keys() - KNOWN_ANYHOW:
        raise error_of(missing.reason)(f"{system.name}: {missing.detail}; {missing.remedy}".removesuffix("; "))
    if missing is not None:
        note(f"memory: {missing}")
    if arguments.json:
        return 0
    print(f"{system.name}: what its memory is used for")
    print_waterfall(arguments, system.waterfall)
    for section in SECTIONS:
        rows = [row for row in system.rows if row.item.section == section]
        print_readings(arguments, section, rows)
    return 0


def print_waterfall(arguments: argparse.Namespace, parts: tuple[Part, ...]) -> None:
    """The parts of a whole with their shares; they sum to the total on the last line."""
    from memviz.cli.output import bar, size_or_dash
    from memviz.cli.terminal import print_text
    from memviz.units import percent

    sizes = [part.size for part in parts if part.size is not None]
    total = sum(sizes)
    shown = [part for part in parts if part.size or arguments.all]
    width = max((len(part.title) for part in shown), default=0)
    for part in shown:
        size = part.size or 0
        numbers = f"{size_or_dash(part.size):>10}  {percent(size, total):>7}  {bar(max(size, 0), total)}"
        print_text(arguments, part.explanation if arguments.all else "", f"  {part.title:<{width}}  {numbers}   ")
    print(f"  {'total':<{width}}  {size_or_dash(total if sizes else None):>10}\n")


def print_readings(arguments: argparse.Namespace, title: str, rows: list[Reading]) -> None:
    """The items of one section, the unknown ones only on request."""
    from memviz.cli.output import print_pairs

    shown = [row for row in rows if arguments.all or row.absent is None]
    if not shown:
        return
    print(title.capitalize())
    meanings = [(_meaning(row),) if arguments.all else () for row in shown]
    print_pairs(
        arguments,
        ((row.item.title, f"{row.text:>12}", *meaning) for row, meaning in zip(shown, meanings, strict=True)),
    )
    print()


def _meaning(row: Reading) -> str:
    return f"{row.how}: {row.item.explanation}" + (f" ({row.absent})" if row.absent else "")
