"""`memviz explain`: what lies at an address."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memviz.core.host import Host
    from memviz.core.pages import PageState
    from memviz.core.snapshot import Snapshot

HELP = "say in words what lies at an address"
EXAMPLE = "memviz explain 1234 0x7ffd1c2e4a10"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument
    from memviz.cli.values import address

    add_target_argument(parser)
    parser.add_argument(
        "address", type=address, metavar="ADDRESS", help="hexadecimal, with or without 0x; _ may group the digits"
    )
    add_output_arguments(parser, rows=False)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import print_json
    from memviz.cli.refuse import refuse
    from memviz.cli.target import opened, read
    from memviz.cli.terminal import print_text
    from memviz.core.explain import explain
    from memviz.core.plain import absent_dict, head, region_dict
    from memviz.text import hex_entry
    from memviz.units import size

    address: int = arguments.address
    with opened(arguments) as host:
        snapshot = read(host, arguments)
        state = _page_state(host, snapshot, address)
    if "regions" in snapshot.absent:
        refuse(snapshot)
    found = explain(snapshot, address)
    table = snapshot.regions
    if arguments.json:
        rows = {"region": found.row, "below": found.below, "above": found.above}
        print_json(
            {
                **head(snapshot),
                "address": f"{address:#x}",
                "sentence": found.sentence,
                "meaning": found.meaning,
                "page": state.name if state is not None else None,
                "offset_in_file": found.offset_in_file,
                "block": snapshot.blocks.name(found.block) if found.block is not None else None,
                **hex_entry("block", snapshot.blocks.raw_name(found.block) if found.block is not None else None),
                **{key: region_dict(snapshot, row) if row is not None else None for key, row in rows.items()},
                "absent": absent_dict(snapshot.absent),
            }
        )
        return 0
    print_text(arguments, found.sentence)
    if found.meaning:
        print_text(arguments, found.meaning)
    if state is not None:
        print_text(arguments, f"This page: {state.name}. {state.explanation}")
    for title, row in (("below", found.below), ("here", found.row), ("above", found.above)):
        if row is not None:
            region = table[row]
            name = region.path or snapshot.blocks.name(int(table["block"][row]))
            where = f"{region.start:>16x}-{region.end:<16x} {region.permissions}"
            print_text(arguments, name, f"  {title:<6}{where} {size(region.size):>10}  ")
    return 0


def _page_state(host: Host, snapshot: Snapshot, address: int) -> PageState | None:
    """The state of the very page; None where there is none, or where it may not be asked for."""
    from memviz.core.pages import state_at
    from memviz.core.regions import TOP_HALF
    from memviz.errors import MemvizError

    if snapshot.regions.find(address) is None or address >= TOP_HALF:
        return None
    start = address - address % snapshot.page_size
    try:
        return state_at(host.pages(snapshot.pid, [(start, start + snapshot.page_size)]), address)
    except MemvizError:
        return None
