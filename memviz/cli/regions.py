"""`memviz regions`: every region of a process, or its blocks, filtered, sorted, summed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memviz.errors import UsageError

if TYPE_CHECKING:
    from memviz.core.columns import Column
    from memviz.core.listing import Listing, Values
    from memviz.core.snapshot import Snapshot

HELP = "list the regions (VMAs) of a process, or its blocks"
EXAMPLE = "memviz regions firefox --biggest --group heap --min 1M --sort rss"
COLUMNS = ("start", "size", "rss", "pss", "uss", "swap", "permissions", "category", "path")
FAST_COLUMNS = ("start", "size", "permissions", "category", "path")
BLOCK_COLUMNS_SHOWN = ("start", "regions", "size", "rss", "pss", "uss", "swap", "group", "name")
# What a narrow terminal leaves out; a region without a path then has its category there
SPARE = {"swap": "", "uss": "", "category": "path", "pss": ""}
BLOCK_SPARE = dict.fromkeys(("swap", "uss", "group", "pss"), "")
SORTED_BY = "start"
LETTERS = {"r": 1, "w": 2, "x": 4, "s": 8}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.choose import add_choice_arguments
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument
    from memviz.cli.values import amount

    add_target_argument(parser)
    parser.add_argument(
        "--blocks", action="store_true", help="show blocks (a library, a heap, a stack) instead of regions"
    )
    parser.add_argument("--group", metavar="NAME", help="only this group: text, data, heap, stack, library, ...")
    parser.add_argument(
        "--perm", metavar="LETTERS", help="only regions that permit all of these: r w x, s shared, p private"
    )
    parser.add_argument("--min", type=amount, metavar="SIZE", help="only what is at least this large: 10M, 4K")
    parser.add_argument("--path", metavar="TEXT", help="only what has this in its path or block's name")
    add_choice_arguments(parser, SORTED_BY)
    parser.add_argument(
        "--fast", action="store_true", help="read maps instead of smaps: no residency, less work for the kernel"
    )
    add_output_arguments(parser, report=True)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import note
    from memviz.cli.refuse import refuse
    from memviz.cli.target import opened, read

    _check_words(arguments)
    with opened(arguments) as host:
        snapshot = read(host, arguments, measured=not arguments.fast)
    if "regions" in snapshot.absent and not arguments.json:
        return refuse(snapshot)
    if arguments.report:
        from memviz.core.reports import regions_report

        print(regions_report(snapshot), end="")
    elif arguments.blocks:
        _print_blocks(snapshot, arguments)
    else:
        _print_regions(snapshot, arguments)
    for name, absence in snapshot.absent.items():
        # nothing here is counted in pages, and what keeps the regions away is told at the end
        if not (arguments.fast and name == "residency") and name not in ("regions", "page_size"):
            note(f"{name}: {absence}")
    if "regions" in snapshot.absent:
        return refuse(snapshot, quiet=True)  # JSON has said so as well; a script sees it by the exit status
    return 0


def _check_words(arguments: argparse.Namespace) -> None:
    from memviz.core.categories import GROUPS

    names = [group.name for group in GROUPS]
    if arguments.group is not None and arguments.group not in names:
        raise UsageError(f"unknown group {arguments.group!r}; there are {', '.join(names)}")
    if arguments.perm is not None and not set(arguments.perm) <= set("rwxsp"):
        raise UsageError(f"{arguments.perm!r}: permissions are letters of r, w, x, s, p")
    if arguments.perm is not None and arguments.blocks:
        raise UsageError("--perm is for regions: a block has parts of several permissions")
    others = ("blocks", "group", "perm", "min", "path", "sort", "columns", "limit")
    given = {name: getattr(arguments, name) for name in others}
    unheeded = [f"--{name}" for name, value in given.items() if value is not None and value is not False]
    if arguments.report and unheeded:
        raise UsageError(f"--report is a fixed form of all regions: it cannot heed {', '.join(unheeded)}")


def matching_rows(snapshot: Snapshot, arguments: argparse.Namespace) -> list[int]:
    """The rows that fit all filters, in order of address."""
    import numpy as np

    from memviz.text import shown

    table = snapshot.regions
    mask = table["size"] >= np.uint64(arguments.min or 0)
    if arguments.perm:
        mask &= table.permits(sum(LETTERS[letter] for letter in set(arguments.perm) - {"p"}))
        if "p" in arguments.perm:
            mask &= ~table.permits(LETTERS["s"])
    if arguments.path and len(table):
        word, blocks = arguments.path.lower(), snapshot.blocks
        by_path = np.array([word in shown(path).lower() for path in table.paths])
        by_block = np.array([word in blocks.name(index).lower() for index in range(len(blocks))])
        mask &= by_path[table["path_id"]] | by_block[table["block"]]
    rows = np.flatnonzero(mask)
    if arguments.group:
        rows = np.intersect1d(rows, snapshot.rows_of_group(arguments.group), assume_unique=True)
    result: list[int] = rows.tolist()
    return result


def _print_regions(snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.choose import chosen_columns, in_order
    from memviz.cli.output import print_csv, print_json
    from memviz.cli.table import print_table
    from memviz.core.columns import REGION_COLUMNS, column_of
    from memviz.core.listing import Listing
    from memviz.core.regions import SUMS

    known = list(REGION_COLUMNS)
    known += [column_of(name) for name in snapshot.regions.fields if name not in {c.name for c in known}]
    usual = COLUMNS if snapshot.regions.measured or "regions" in snapshot.absent else FAST_COLUMNS
    columns = chosen_columns(known, arguments.columns, usual)
    fitting = matching_rows(snapshot, arguments)
    order = in_order(known, arguments.sort or SORTED_BY, lambda name: _values(Listing(snapshot, fitting), name))
    chosen = [fitting[at] for at in order[: arguments.limit]]
    if arguments.json:
        from memviz.core.plain import regions_dict

        print_json(regions_dict(snapshot, chosen))
        return
    listing = Listing(snapshot, chosen)
    values = [_values(listing, column.name) for column in columns]
    if arguments.csv:
        print_csv(columns, values)
        return
    sums: dict[str, object] = {
        name: int(snapshot.regions.counted(name)[fitting].sum()) for name in SUMS if name in snapshot.regions
    }
    sums |= _counted(columns, sums, len(fitting), len(chosen), "regions")
    print_table(arguments, columns, values, sums, {} if arguments.columns else SPARE)


def _values(listing: Listing, name: str) -> Values:
    """A column as tables and CSV have it: flags in one text."""
    values = listing.column(name)
    return [None if flags is None else " ".join(flags) for flags in values] if name == "flags" else values


def _counted(columns: list[Column], sums: dict[str, object], found: int, shown: int, what: str) -> dict[str, object]:
    """How many there are, in the last column that has no sum."""
    text = f"{found:,} {what}" + (f", {shown:,} shown" if shown < found else "")
    free = [column.name for column in columns if column.name not in sums]
    return {free[-1]: text} if free else {}


def _print_blocks(snapshot: Snapshot, arguments: argparse.Namespace) -> None:
    from memviz.cli.choose import chosen_columns, in_order
    from memviz.cli.output import print_csv, print_json, values_of
    from memviz.cli.table import print_table
    from memviz.core.columns import BLOCK_COLUMNS
    from memviz.core.regions import SUMS

    columns = chosen_columns(BLOCK_COLUMNS, arguments.columns, BLOCK_COLUMNS_SHOWN)
    word = (arguments.path or "").lower()
    blocks = [
        block
        for block in snapshot.blocks
        if block.sums["size"] >= (arguments.min or 0)
        and (not arguments.group or block.group == arguments.group)
        and (not word or word in block.name.lower())
    ]
    order = in_order(BLOCK_COLUMNS, arguments.sort or SORTED_BY, lambda name: [block.get(name) for block in blocks])
    shown = [blocks[at] for at in order[: arguments.limit]]
    values = values_of(columns, [block.get for block in shown])
    if arguments.json:
        from memviz.core.plain import blocks_list, head
        from memviz.core.unknown import account, of_snapshot

        answer = {**head(snapshot), "blocks": blocks_list(shown)}
        print_json(account(answer, of_snapshot(snapshot), snapshot.absent))
    elif arguments.csv:
        print_csv(columns, values)
    else:
        sums: dict[str, object] = {
            name: sum(block.sums[name] for block in blocks) for name in SUMS if name in snapshot.regions
        }
        sums["regions"] = sum(block.regions for block in blocks)
        sums |= _counted(columns, sums, len(blocks), len(shown), "blocks")
        print_table(arguments, columns, values, sums, {} if arguments.columns else BLOCK_SPARE)
