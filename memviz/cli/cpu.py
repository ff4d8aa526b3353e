"""`memviz cpu`: how a process and its threads use the processor."""

from __future__ import annotations

import argparse

HELP = "show the CPU use of a process and its threads"
EXAMPLE = "memviz cpu 1234 --interval 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments
    from memviz.cli.target import add_target_argument
    from memviz.cli.values import number

    seconds = number("number of seconds from 0.01 to 3600", 0.01, 3600)
    add_target_argument(parser)
    parser.add_argument("--interval", type=seconds, default=0.5, metavar="SECONDS", help="measure for this long (0.5)")
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.output import print_csv, print_json, print_pairs, values_of
    from memviz.cli.table import print_table
    from memviz.cli.target import find_pid, opened
    from memviz.core.columns import THREAD_COLUMNS
    from memviz.core.cpu import watch_cpu
    from memviz.core.plain import cpu_dict
    from memviz.units import DASH, number

    with opened(arguments) as host:
        cpu = watch_cpu(host, find_pid(host, arguments), arguments.interval)
    listed = values_of(THREAD_COLUMNS, [thread.get for thread in cpu.threads])
    if arguments.json:
        print_json(cpu_dict(cpu))
    elif arguments.csv:
        print_csv(THREAD_COLUMNS, listed)
    else:
        switches = (cpu.voluntary_switches, cpu.involuntary_switches)
        waited, taken = (DASH if count is None else number(count) for count in switches)
        print_pairs(
            arguments,
            [
                (
                    "usage",
                    f"{cpu.percent:.1f} % of one CPU over {cpu.interval:.2f} s" if cpu.percent is not None else DASH,
                ),
                ("time", f"{cpu.user_seconds:.2f} s in the program, {cpu.system_seconds:.2f} s in the kernel"),
                ("status", cpu.status),
                ("priority", f"nice {cpu.nice}, io {cpu.io_priority or DASH}"),
                ("may run on", f"CPU {cpu.affinity}" if cpu.affinity else DASH),
                ("switches", f"{waited} waited, {taken} were taken off (first thread)"),
            ],
            indent="",
        )
        print_table(arguments, THREAD_COLUMNS, listed)
    return 0
