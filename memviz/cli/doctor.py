"""`memviz doctor`: what works here, what does not, and what to do about it; and a reader that only root can change."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from memviz.errors import AccessDenied, UsageError

HELP = "check what memviz can read here, and say what would help"
EXAMPLE = "memviz --via sudo doctor"
SIGNS = {"good": "✓", "limited": "·", "missing": "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.output import add_output_arguments

    add_output_arguments(parser, rows=False)
    reader = parser.add_argument_group("a reader that only root can change, for --via sudo and the window")
    what = reader.add_mutually_exclusive_group()
    what.add_argument("--install-reader", action="store_true", help="install it, with an action for polkit (as root)")
    what.add_argument("--uninstall-reader", action="store_true", help="take both away again (as root)")
    reader.add_argument("--dry-run", action="store_true", help="say what would be written or removed, and do nothing")
    reader.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)  # stands for /, as DESTDIR does


def run(arguments: argparse.Namespace) -> int:
    if arguments.install_reader or arguments.uninstall_reader:
        return change_reader(arguments)
    if arguments.dry_run:
        raise UsageError("--dry-run belongs to --install-reader or --uninstall-reader")
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


def change_reader(arguments: argparse.Namespace) -> int:
    """Installs the reader or takes it away. Raises AccessDenied with the command to type where this is not root."""
    from memviz.core.install import install, installed_files, plan, uninstall

    if arguments.via or arguments.proc_root:
        raise UsageError("the reader is installed on this machine only: without --via and --proc-root")
    if not arguments.dry_run and os.geteuid() != 0:
        option = "--install-reader" if arguments.install_reader else "--uninstall-reader"
        raise AccessDenied(f"only root may do that; type: {sudo_command(option)}")
    if arguments.install_reader:
        for target in plan(arguments.root) if arguments.dry_run else install(arguments.root):
            done = "would write" if arguments.dry_run else "wrote"
            print(f"{done} {target.path} (mode {target.mode:04o}, root:root, SHA-256 {target.sha256})")
        return 0
    paths = installed_files(arguments.root) if arguments.dry_run else uninstall(arguments.root)
    for path in paths:
        print(f"{'would remove' if arguments.dry_run else 'removed'} {path}")
    if not paths:
        print("no reader is installed")
    return 0


def sudo_command(option: str) -> str:
    """This memviz, run as root for this once."""
    started = os.path.abspath(sys.argv[0])
    is_script = os.path.basename(started) == "memviz" and os.access(started, os.X_OK)
    return shlex.join(["sudo", *([started] if is_script else [sys.executable, "-m", "memviz"]), "doctor", option])
