"""Which process a command is about, and the source it is read from."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memviz.errors import ProcessGone, UsageError

if TYPE_CHECKING:
    from memviz.core.host import Host
    from memviz.core.portable import PortableSource
    from memviz.core.snapshot import Snapshot
    from memviz.core.source import ProcessRow

CANDIDATES = 12  # so many are listed when a name is not enough


def add_target_argument(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """PID, name or container, and --biggest."""
    parser.add_argument(
        "target",
        metavar="PID|NAME|container:ID",
        nargs="?" if optional else None,
        help="process number, name, or container (all by the beginning of their id)",
    )
    parser.add_argument("--biggest", action="store_true", help="of several processes take the one with the most memory")


@contextlib.contextmanager
def opened_source(arguments: argparse.Namespace) -> Iterator[Host | PortableSource]:
    """The same for commands that have something to say on systems other than Linux too."""
    from memviz.core.connect import open_source

    source = open_source(arguments.via, arguments.proc_root)
    try:
        yield source
    finally:
        source.close()


@contextlib.contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Host]:
    """The host that the global options name; closed in the end."""
    from memviz.core.connect import open_host

    host = open_host(arguments.via, arguments.proc_root)
    try:
        yield host
    finally:
        host.close()


def find_pid(host: Host | PortableSource, arguments: argparse.Namespace) -> int:
    """Raises UsageError where the words fit several processes or none."""
    word: str | None = arguments.target
    if word is not None and word.isdigit():
        return int(word)
    if word is None and not arguments.biggest:
        raise UsageError("which process? give a process number or a name, or --biggest")
    rows = [row for row in host.processes() if not row.is_kernel_thread and row.state not in "ZX"]
    rows = [row for row in rows if not is_ours(host, row)]
    found = rows if word is None else matching(host, rows, word)
    if not found:
        raise ProcessGone(f"no process is called {word!r}" if word else "no process can be read")
    found.sort(key=lambda row: row.private_swap or row.rss or 0, reverse=True)
    if len(found) == 1 or arguments.biggest:
        return found[0].pid
    lines = [f"  {row.pid:>8}  {row.name}" for row in found[:CANDIDATES]]
    more = f"\n  and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
    raise UsageError(
        f"{len(found)} processes fit {word!r}; name one by its number, or add --biggest:\n" + "\n".join(lines) + more
    )


def matching(host: Host | PortableSource, rows: list[ProcessRow], word: str) -> list[ProcessRow]:
    """The processes of a container, else those of exactly this name, else those whose name or command has the word
    in it."""
    from memviz.core.facts import container_of

    if word.startswith("container:"):
        from memviz.core.host import Host

        beginning = word.removeprefix("container:")[:12]
        groups = host.control_groups() if isinstance(host, Host) and beginning else {}
        return [row for row in rows if container_of(groups.get(row.pid, "").encode()).startswith(beginning or "?")]
    exact = [row for row in rows if word in (row.name, *row.name.split(" · "), program(row))]
    lower = word.lower()
    return exact or [row for row in rows if lower in row.name.lower()]


def program(row: ProcessRow) -> str:
    """The file name of the program, from its command line."""
    return (row.command or "").partition(" ")[0].rsplit("/", 1)[-1]


def is_ours(host: Host | PortableSource, row: ProcessRow) -> bool:
    """This command, its reader and the reader's workers are not what anybody asks about."""
    ours = {os.getpid(), getattr(getattr(host, "link", None), "pid", None)}
    return row.pid in ours or row.ppid in ours - {os.getpid()}


def read(host: Host, arguments: argparse.Namespace, *, measured: bool = True) -> Snapshot:
    """The snapshot that the command is about."""
    return host.snapshot(find_pid(host, arguments), measured=measured)
