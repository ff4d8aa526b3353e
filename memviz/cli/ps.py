"""`memviz ps`: the processes, heaviest first."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from memviz.errors import Unsupported

if TYPE_CHECKING:
    from memviz.core.source import ProcessRow

HELP = "list the processes, heaviest first"
EXAMPLE = "memviz ps --limit 10"
COLUMNS = ("pid", "user", "state", "threads", "private_swap", "rss", "swap", "cpu_seconds", "name")
SPARE = dict.fromkeys(("swap", "threads", "state", "user", "cpu_seconds"), "")  # what a narrow terminal leaves out
SORTED_BY = "private_swap"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.choose import add_choice_arguments
    from memviz.cli.output import add_output_arguments

    parser.add_argument("word", nargs="?", metavar="TEXT", help="only processes with this in their name or command")
    add_choice_arguments(parser, SORTED_BY)
    parser.add_argument("--tree", action="store_true", help="children below their parents")
    parser.add_argument("--kernel", action="store_true", help="kernel threads too")
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.choose import chosen_columns, in_order
    from memviz.cli.output import note, print_csv, print_json, values_of
    from memviz.cli.table import print_table
    from memviz.cli.target import opened_source
    from memviz.core.columns import PROCESS_COLUMNS
    from memviz.core.plain import absent_dict, process_dict
    from memviz.core.portable import PortableSource
    from memviz.core.tree import process_forest

    columns = chosen_columns(PROCESS_COLUMNS, arguments.columns, COLUMNS)
    with opened_source(arguments) as source:
        everybody = source.processes()
        hidden = None if isinstance(source, PortableSource) else source.hello.why_hidden
    if not everybody:
        raise Unsupported(f"no process is listed in {source.name}: it is empty, or /proc is not mounted there")
    rows = [row for row in everybody if arguments.kernel or not row.is_kernel_thread]
    if arguments.word:
        word = arguments.word.lower()
        rows = [row for row in rows if word in row.name.lower() or word in (row.command or "").lower()]
    order = in_order(PROCESS_COLUMNS, arguments.sort or SORTED_BY, lambda name: [row.get(name) for row in rows])
    rows = [rows[at] for at in order]
    depths: dict[int, int] = {}
    if arguments.tree:
        branches = process_forest(rows)
        rows, depths = [branch.row for branch in branches], {branch.row.pid: branch.depth for branch in branches}
    rows = rows[: arguments.limit]

    def getter(row: ProcessRow) -> Callable[[str], object]:
        indent = "  " * depths.get(row.pid, 0)
        return lambda name: indent + row.name if name == "name" else row.get(name)

    for row in rows:
        why = (row.absent or {}).get("command")
        if why is not None and why.reason == "not answering":
            note(f"process {row.pid} ({row.name}): {why}")
    if hidden is not None:
        note(f"processes: {hidden}")
    if arguments.json:
        absent = absent_dict({"processes": hidden} if hidden is not None else {})
        print_json({"processes": [process_dict(row) for row in rows], "absent": absent})
    elif arguments.csv:
        print_csv(columns, values_of(columns, [row.get for row in rows]))
    else:
        print_table(arguments, columns, values_of(columns, [getter(row) for row in rows]), spare=_spare(arguments))
        if len(everybody) > len(rows):
            print(f"{len(rows)} of {len(everybody)} processes ({_why_hidden(arguments)})")
    return 0


def _spare(arguments: argparse.Namespace) -> dict[str, str]:
    return {} if arguments.columns else SPARE


def _why_hidden(arguments: argparse.Namespace) -> str:
    reasons = [] if arguments.kernel else ["--kernel shows kernel threads"]
    reasons += ["filtered"] if arguments.word else []
    reasons += ["limited"] if arguments.limit is not None else []
    return ", ".join(reasons)
