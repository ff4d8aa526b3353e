"""`memviz doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

import argparse

HELP = "check what memviz can read here, and say what would help"
EXAMPLE = "memviz --via sudo doctor"
SIGNS = {"good": "✓", "limited": "·", "missing": "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments

    add_output_arguments(parser, rows=False)


def run(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from memviz.cli.output import print_json
    from memviz.cli.target import opened
    from memviz.cli.terminal import print_text
    from memviz.core.checkup import check_up

    with opened(arguments) as host:
        findings = check_up(host)
    if arguments.json:
        print_json({"findings": [asdict(finding) for finding in findings]})
        return 0
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print_text(arguments, finding.detail, f"{SIGNS[finding.state]} {finding.name.ljust(width)}  ")
        if finding.remedy:
            print_text(arguments, finding.remedy, f"  {''.ljust(width)}  → ")
    return 0
