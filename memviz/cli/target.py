"""Which process a command is about, and the source it is read from."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memviz.errors import ProcessGone, UsageError
from memviz.text import clipped, shown
from memviz.units import is_pid

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
        help="a process number, a name or part of one, or a container by the beginning of its id",
    )
    parser.add_argument("--biggest", action="store_true", help="of several processes take the one with the most memory")


def say_waiting(via: str) -> None:
    """One line on stderr: a password may be asked for elsewhere, or the host cannot be reached."""
    print(f"memviz: waiting for `{shown(via)}` to start the reader (Ctrl-C ends it)", file=sys.stderr, flush=True)


@contextlib.contextmanager
def opened_source(arguments: argparse.Namespace) -> Iterator[Host | PortableSource]:
    """The same for commands that have something to say on systems other than Linux too."""
    from memviz.core.connect import open_source

    source = open_source(arguments.via, arguments.proc_root, on_wait=say_waiting)
    try:
        yield source
    finally:
        source.close()


@contextlib.contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Host]:
    """The host that the global options name; closed in the end."""
    from memviz.core.connect import open_host

    host = open_host(arguments.via, arguments.proc_root, on_wait=say_waiting)
    try:
        yield host
    finally:
        host.close()


def find_pid(host: Host | PortableSource, arguments: argparse.Namespace) -> int:
    """Raises UsageError where the words fit several processes or none."""
    word: str | None = arguments.target
    if word is not None and is_pid(word):
        return int(word)
    if word is None and not arguments.biggest:
        raise UsageError("which process? give a process number or a name, or --biggest")
    rows = candidates(host, arguments)
    found = rows if word is None else matching(host, rows, word)
    name = repr(clipped(word or "", 60))
    if not found:
        hidden = getattr(getattr(host, "hello", None), "why_hidden", None)
        more = f" ({hidden.detail})" if hidden is not None else ""
        raise ProcessGone(f"no process is called {name}{more}" if word is not None else f"no process can be read{more}")
    if len(found) == 1 or arguments.biggest:
        return found[0].pid
    lines = [f"  {row.pid:>8}  {row.name}" for row in found[:CANDIDATES]]
    more = f"\n  and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
    raise UsageError(
        f"{len(found)} processes fit {name}; name one by its number, or add --biggest:\n" + "\n".join(lines) + more
    )


def matching(host: Host | PortableSource, rows: list[ProcessRow], word: str) -> list[ProcessRow]:
    """The processes of a container, else those of exactly this name, else those whose name or command has the word
    in it."""
    from memviz.core.facts import container_of

    if word.startswith("container:"):
        from memviz.core.host import Host

        beginning = word.removeprefix("container:")[:12]
        groups = host.control_groups() if isinstance(host, Host) and beginning else {}
        return [
            row
            for row in rows
            if container_of(groups.get(row.pid, "").encode("utf-8", "surrogateescape")).startswith(beginning or "?")
        ]
    exact = [row for row in rows if word in (row.name, *row.name.split(" · "), program(row))]
    lower = word.lower()
    return exact or [row for row in rows if lower in row.name.lower()]


def program(row: ProcessRow) -> str:
    """The file name of the program, from its command line."""
    return (row.command or "").partition(" ")[0].rsplit("/", 1)[-1]


def candidates(host: Host | PortableSource, arguments: argparse.Namespace) -> list[ProcessRow]:
    """The processes that somebody may mean who gives no number, heaviest first."""
    everybody = host.processes()
    ours = _ours(host, everybody, arguments)
    rows = [row for row in everybody if not row.is_kernel_thread and row.state not in "ZX" and row.pid not in ours]
    return sorted(rows, key=lambda row: row.weight, reverse=True)


def _ours(host: Host | PortableSource, rows: list[ProcessRow], arguments: argparse.Namespace) -> set[int]:
    """This command, its reader and the reader's workers are not what anybody asks about. Our numbers mean nothing in
    a capture or on another machine; behind --via it is this one where our own command line is at our own number."""
    ours = {os.getpid(), getattr(getattr(host, "link", None), "pid", os.getpid())}
    command = " ".join(map(shown, sys.orig_argv)).rstrip()
    if arguments.proc_root:
        return set()
    if arguments.via and not any(row.pid == os.getpid() and (row.command or "").rstrip() == command for row in rows):
        return set()
    readers = ours - {os.getpid()}
    while more := {row.pid for row in rows if row.ppid in readers} - readers:
        readers |= more
    return ours | readers


def read(host: Host, arguments: argparse.Namespace, *, measured: bool = True) -> Snapshot:
    """The snapshot that the command is about."""
    return host.snapshot(find_pid(host, arguments), measured=measured)
