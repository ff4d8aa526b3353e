"""`memviz explain`: what lies at an address."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memviz.core.host import Host
    from memviz.core.pages import PageState
    from memviz.core.snapshot import Absence, Snapshot
    from memviz.core.touch import Touch

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
    from memviz.core.plain import head, region_dict
    from memviz.core.unknown import account, of_snapshot
    from memviz.text import hex_entry
    from memviz.units import size

    address: int = arguments.address
    with opened(arguments) as host:
        snapshot = read(host, arguments)
        if "regions" in snapshot.absent:
            if arguments.json:
                print_json(
                    account({**head(snapshot), "address": f"{address:#x}"}, of_snapshot(snapshot), snapshot.absent)
                )
            return refuse(snapshot, quiet=arguments.json)
        found = explain(snapshot, address)
        state, why = _page_state(host, snapshot, address)
        touching = _touch(host, snapshot, found.row, address, state) if found.row is not None else None
    table = snapshot.regions
    if arguments.json:
        absent = {**snapshot.absent, **({"page": why} if why is not None else {})}
        rows = {"region": found.row, "below": found.below, "above": found.above}
        answer = {
            **head(snapshot),
            "address": f"{address:#x}",
            "sentence": found.sentence,
            "meaning": found.meaning,
            "page": state.name if state is not None else None,
            "touch": {name: outcome._asdict() for name, outcome in touching._asdict().items()} if touching else None,
            "offset_in_file": found.offset_in_file,
            "block": snapshot.blocks.name(found.block) if found.block is not None else None,
            **hex_entry("block", snapshot.blocks.raw_name(found.block) if found.block is not None else None),
            **{key: region_dict(snapshot, row) if row is not None else None for key, row in rows.items()},
        }
        print_json(account(answer, of_snapshot(snapshot), absent))
        return 0
    print_text(arguments, found.sentence)
    if found.meaning:
        print_text(arguments, found.meaning)
    if touching is not None:
        print_text(arguments, f"This page: {state.name if state is not None else 'not known'}. {touching.sentence}")
    for title, row in (("below", found.below), ("here", found.row), ("above", found.above)):
        if row is not None:
            region = table[row]
            name = region.path or snapshot.blocks.name(int(table["block"][row]))
            where = f"{region.start:>16x}-{region.end:<16x} {region.permissions}"
            print_text(arguments, name, f"  {title:<6}{where} {size(region.size):>10}  ")
    return 0


def _page_state(host: Host, snapshot: Snapshot, address: int) -> tuple[PageState | None, Absence | None]:
    """The state of the very page, or why it is not known."""
    from memviz.core.pages import state_at
    from memviz.core.regions import TOP_HALF
    from memviz.core.snapshot import Absence
    from memviz.errors import MemvizError

    if snapshot.regions.find(address) is None:
        return None, Absence("none", "nothing is mapped there")
    if address >= TOP_HALF:
        return None, Absence("none", "it is the kernel's, and no page of the process")
    start = address - address % snapshot.page_size
    try:
        return state_at(host.pages(snapshot.pid, [(start, start + snapshot.page_size)]), address), None
    except MemvizError as error:
        return None, Absence(error.reason or "unsupported", str(error))


def _touch(host: Host, snapshot: Snapshot, row: int, address: int, state: PageState | None) -> Touch:
    """What a touch of the page does; the reader is asked for the size of a file only where that decides."""
    from memviz.core.touch import may_end_early, touch

    region = snapshot.regions[row]
    size = None
    if may_end_early(snapshot, row, state):
        size = host.mapped_size(snapshot.pid, region.start, region.end)
    return touch(snapshot, row, address, state, size)
