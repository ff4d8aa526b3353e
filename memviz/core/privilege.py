"""Which programs can start a reader with more rights, and the Python that may be given to them.

What runs as root must not be a file that the user can write: neither the interpreter nor any folder on the way to it.
The reader itself goes over standard input, as it does to other hosts.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from memviz.core.host import Host
from memviz.errors import Unsupported

PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3")
SYSTEM_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/run/wrappers/bin")
ROOT = 0


@dataclass(frozen=True, slots=True)
class Way:
    """`prefix` starts a command with more rights; `hint` says where the password is asked for."""

    prefix: str
    hint: str
    python: str


def is_roots_own(path: str) -> bool:
    """Whether nobody but root can change the file, or put another one in its place."""
    try:
        real = Path(path).resolve(strict=True)
        for place in (real, *real.parents, *Path(path).absolute().parents):
            found = place.stat()
            if found.st_uid != ROOT or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return False
    except (OSError, RuntimeError):
        return False
    return True


def ways() -> tuple[Way, ...]:
    """What there is on this machine, the most convenient first."""
    python = next((path for path in PYTHONS if is_roots_own(path)), "")
    if not python:
        return ()
    found = []
    folders = os.pathsep.join(SYSTEM_FOLDERS)
    pkexec, sudo = (shutil.which(name, path=folders) for name in ("pkexec", "sudo"))
    if pkexec is not None and is_roots_own(pkexec):
        found.append(Way(pkexec, "Waiting for the password that is asked for …", python))
    if sudo is not None and is_roots_own(sudo):
        if os.environ.get("SUDO_ASKPASS"):
            found.append(Way(f"{sudo} -A", "Waiting for the password that is asked for …", python))
        elif _has_terminal():
            found.append(Way(sudo, "Type the password in the terminal that memviz was started from.", python))
        else:
            found.append(Way(f"{sudo} -n", "Asking sudo …", python))
    return tuple(found)


def open_privileged(way: Way) -> Host:
    """Starts the reader; its first answer may wait for a password. Raises MemvizError."""
    if not is_roots_own(way.python):
        raise Unsupported(f"{way.python} could be changed by others than root, so it is not run as root")
    from memviz.proc.link import Link

    return Host(Link(way.prefix, way.python), "this machine, as administrator")


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
