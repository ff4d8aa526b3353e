"""`memviz layout`: the address space counted in pages."""

from __future__ import annotations

import argparse

HELP = "count the pages of a process: resident, shared, by permission"
EXAMPLE = "memviz layout 1234"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument

    add_target_argument(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import print_csv, print_json, values_of
    from memviz.cli.refuse import refuse
    from memviz.cli.table import print_table
    from memviz.cli.target import opened, read
    from memviz.core.columns import LAYOUT_COLUMNS
    from memviz.core.layout import PAGE_COUNTS, count_pages
    from memviz.core.plain import layout_dict

    with opened(arguments) as host:
        snapshot = read(host, arguments)
    if arguments.json:
        print_json(layout_dict(snapshot))
        return 0
    if "regions" in snapshot.absent:
        return refuse(snapshot)
    pages = count_pages(snapshot)
    rows = []
    for count in PAGE_COUNTS:
        number = pages[count.name]
        values = {
            "name": count.title,
            "pages": number,
            "size": number * snapshot.page_size if number is not None else None,
            "how": count.how,
            "explanation": count.explanation,
        }
        rows.append(values.get)
    listed = values_of(LAYOUT_COLUMNS, rows)
    if arguments.csv:
        print_csv(LAYOUT_COLUMNS, listed)
    else:
        print(f"{snapshot.name} (pid {snapshot.pid}), pages of {snapshot.page_size} bytes")
        print_table(arguments, LAYOUT_COLUMNS, listed)
    return 0
