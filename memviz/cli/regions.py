"""`memviz regions`: every region of a process, or its blocks, filtered, sorted, summed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memviz.errors import UsageError

if TYPE_CHECKING:
    from memviz.core.snapshot import Snapshot

HELP = "list the regions (VMAs) of a process, or its blocks"
EXAMPLE = "memviz regions firefox --biggest --group heap --min 1M --sort rss"
COLUMNS = ("start", "size", "rss", "pss", "uss", "swap", "permissions", "category", "path")
FAST_COLUMNS = ("start", "size", "permissions", "category", "path")
BLOCK_COLUMNS_SHOWN = ("start", "regions", "size", "rss", "pss", "uss", "swap", "group", "name")
LETTERS = {"r": 1, "w": 2, "x": 4, "s": 8}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument

    add_target_argument(parser)
    parser.add_argument(
        "--blocks", action="store_true", help="show blocks (a library, a heap, a stack) instead of regions"
    )
    parser.add_argument("--group", metavar="NAME", help="only this group: text, data, heap, stack, library, ...")
    parser.add_argument(
        "--perm", metavar="LETTERS", help="only regions that permit all of these: r w x, s shared, p private"
    )
    parser.add_argument("--min", metavar="SIZE", help="only what is at least this large: 10M, 4K")
    parser.add_argument("--path", metavar="TEXT", help="only what has this in its path or block's name")
    parser.add_argument(
        "--sort", default="start", metavar="COLUMN", help="sort by this column (start); -NAME turns it round"
    )
    parser.add_argument("--columns", metavar="A,B", help="which columns to show, or `all`")
    parser.add_argument("--limit", type=int, metavar="N", help="show the first N only; the sums are of all that fit")
    parser.add_argument(
        "--fast", action="store_true", help="read maps instead of smaps: no residency, less work for the kernel"
    )
    parser.add_argument("--report", action="store_true", help="print the fixed text report")
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import note
    from memviz.cli.refuse import refuse
    from memviz.cli.target import opened, read

    smallest = _smallest(arguments.min)
    _check_words(arguments)
    with opened(arguments) as host:
        snapshot = read(host, arguments, measured=not arguments.fast)
    if "regions" in snapshot.absent and not arguments.json:
        refuse(snapshot)
    if arguments.report:
        from memviz.core.reports import regions_report

        print(regions_report(snapshot), end="")
    elif arguments.blocks:
        _print_blocks(snapshot, arguments, smallest)
    else:
        _print_regions(snapshot, arguments, smallest)
    for name, absence in snapshot.absent.items():
        if not (arguments.fast and name == "residency"):
            note(f"{name}: {absence}")
    return 0


def _smallest(text: str | None) -> int:
    from memviz.units import parse_size

    try:
        return parse_size(text) if text else 0
    except ValueError:
        raise UsageError(f"{text!r} is no size; write 4096, 64K, 10M or 1.5G") from None


def _check_words(arguments: argparse.Namespace) -> None:
    from memviz.core.categories import GROUPS

    names = [group.name for group in GROUPS]
    if arguments.group and arguments.group not in names:
        raise UsageError(f"unknown group {arguments.group!r}; there are {', '.join(names)}")
    if arguments.perm and not set(arguments.perm) <= set("rwxsp"):
        raise UsageError(f"{arguments.perm!r}: permissions are letters of r, w, x, s, p")


def matching_rows(snapshot: Snapshot, arguments: argparse.Namespace, smallest: int) -> list[int]:
    """The rows that fit all filters, in order of address."""
    import numpy as np

    table = snapshot.regions
    mask = table["size"] >= np.uint64(smallest)
    if arguments.group:
        fits = np.array([category.group == arguments.group for category in snapshot.categories])
        mask &= fits[table["category"]] if len(table) else mask
    if arguments.perm:
        mask &= table.permits(sum(LETTERS[letter] for letter in set(arguments.perm) - {"p"}))
        if "p" in arguments.perm:
            mask &= ~table.permits(LETTERS["s"])
    rows: list[int] = np.flatnonzero(mask).tolist()
    if arguments.path:
        word = arguments.path.lower()
        names = [snapshot.blocks.name(index).lower() for index in range(len(snapshot.blocks))]
        rows = [row for row in rows if word in table[row].path.lower() or word in names[int(table["block"][row])]]
    return rows


class RegionRow:
    """A row of the table as columns want it."""

    def __init__(self, snapshot: Snapshot, row: int) -> None:
        self._snapshot, self.row = snapshot, row

    def get(self, name: str) -> object:
        """The value of a column; None where this kernel does not tell it."""
        table = self._snapshot.regions
        if name in ("category", "group"):
            category = self._snapshot.categories[int(table["category"][self.row])]
            return category.name if name == "category" else category.group
        if name == "block":
            return self._snapshot.blocks.name(int(table["block"][self.row]))
        region = table[self.row]
        if name in ("path", "permissions", "device"):
            return getattr(region, name)
        if name == "flags":
            return " ".join(region.flags) if region.flags is not None else None
        return region.get(name)


def _print_regions(snapshot: Snapshot, arguments: argparse.Namespace, smallest: int) -> None:
    from memviz.cli.choose import chosen_columns, sorted_by
    from memviz.cli.output import print_csv, print_json, print_table
    from memviz.core.columns import REGION_COLUMNS, column_of
    from memviz.core.regions import SUMS

    numbers = matching_rows(snapshot, arguments, smallest)
    known = list(REGION_COLUMNS)
    known += [column_of(name) for name in snapshot.regions.fields if name not in {c.name for c in known}]
    rows = [RegionRow(snapshot, row) for row in numbers]
    if arguments.sort != "start":
        rows = sorted_by(rows, known, arguments.sort)
    shown = rows[: arguments.limit]
    if arguments.json:
        from memviz.core.plain import regions_dict

        print_json(regions_dict(snapshot, [row.row for row in shown]))
        return
    usual = COLUMNS if snapshot.regions.measured or "regions" in snapshot.absent else FAST_COLUMNS
    columns = chosen_columns(known, arguments.columns, usual)
    if arguments.csv:
        print_csv(columns, [row.get for row in shown])
        return
    sums: dict[str, object] = {
        name: int(snapshot.regions.counted(name)[numbers].sum()) for name in SUMS if name in snapshot.regions
    }
    sums["category" if any(c.name == "category" for c in columns) else columns[-1].name] = _counted(numbers, shown)
    print_table(arguments, columns, [row.get for row in shown], sums.get)


def _counted(numbers: list[int], shown: list[RegionRow]) -> str:
    return f"{len(numbers)} regions" + (f", {len(shown)} shown" if len(shown) < len(numbers) else "")


def _print_blocks(snapshot: Snapshot, arguments: argparse.Namespace, smallest: int) -> None:
    from memviz.cli.choose import chosen_columns, sorted_by
    from memviz.cli.output import print_csv, print_json, print_table
    from memviz.core.columns import BLOCK_COLUMNS
    from memviz.core.regions import SUMS

    if arguments.perm:
        raise UsageError("--perm is for regions: a block has parts of several permissions")
    word = (arguments.path or "").lower()
    blocks = [
        block
        for block in snapshot.blocks
        if block.sums["size"] >= smallest
        and (not arguments.group or block.group == arguments.group)
        and (not word or word in block.name.lower())
    ]
    found = len(blocks)
    blocks = sorted_by(blocks, BLOCK_COLUMNS, arguments.sort)
    shown = blocks[: arguments.limit]
    columns = chosen_columns(BLOCK_COLUMNS, arguments.columns, BLOCK_COLUMNS_SHOWN)
    if arguments.json:
        from memviz.core.plain import absent_dict, blocks_list, head

        wanted = [block.index for block in shown]
        listed = blocks_list(snapshot)
        print_json({**head(snapshot), "blocks": [listed[i] for i in wanted], "absent": absent_dict(snapshot.absent)})
    elif arguments.csv:
        print_csv(columns, [block.get for block in shown])
    else:
        sums: dict[str, object] = {
            name: sum(block.sums[name] for block in blocks) for name in SUMS if name in snapshot.regions
        }
        sums["regions"] = sum(block.regions for block in blocks)
        sums["name"] = f"{found} blocks" + (f", {len(shown)} shown" if len(shown) < found else "")
        print_table(arguments, columns, [block.get for block in shown], sums.get)
