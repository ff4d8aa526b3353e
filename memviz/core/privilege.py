"""The ways to start a reader with more rights: the command that asks for them, the Python, and the program.

What root runs should not be a file that the user can write. The interpreter is checked with all that it loads, and the
program is the copy that `memviz doctor --install-reader` has put where only root can change it (`install.py`). Where
there is no such copy, or it is of another version, root runs the text of memviz's own reader.py, sent over standard
input as to other hosts: whoever can change memviz's folder, or this process, then decides what root runs. That is as
with any program of one's own that is started through sudo, and it is said before the password is asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass

from memviz.core.host import Host
from memviz.core.install import CURRENT, MISSING, PYTHONS, find_installed
from memviz.core.ownership import is_roots_own, weak_place
from memviz.errors import Unsupported
from memviz.proc import reader

SYSTEM_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/run/wrappers/bin")
OWN_TEXT = (
    "Root will run the reader.py of this memviz, which whoever can change memviz's files can change; "
    "`memviz doctor --install-reader` installs one that only root can change"
)
SECONDS = 10.0  # for a Python to say what it loads
# What a Python loads before and while it runs the reader, files and folders; pwd and ctypes are loaded when needed
LOADED = """
import json, os, sys
sys.path.append(sys.argv[1])
import pwd, reader
try:
    import ctypes
except ImportError:
    pass
sys.path.pop()
beside = os.path.dirname(sys.executable)
files = {sys.executable, os.path.join(beside, "pyvenv.cfg"), os.path.join(os.path.dirname(beside), "pyvenv.cfg")}
for name, module in list(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    if name != "reader" and spec is not None:
        files.update(path for path in (spec.origin if spec.has_location else "", spec.cached) if path)
print(json.dumps([sorted(files), sys.path]))
"""


@dataclass(frozen=True, slots=True)
class Way:
    """`prefix` starts a command with more rights; `hint` says where the password is asked for and what root will run.
    `program` is the installed reader; without one the text of reader.py is sent to `python`."""

    prefix: str
    hint: str
    python: str
    program: str = ""


def ways() -> tuple[Way, ...]:
    """What there is on this machine, the most convenient first."""
    installed = find_installed()
    program = installed.path if installed.state == CURRENT else ""
    python = installed.python if program else next((path for path in PYTHONS if is_roots_own(path)), "")
    if not python:
        return ()
    found = []
    folders = os.pathsep.join(SYSTEM_FOLDERS)
    pkexec, sudo = (shutil.which(name, path=folders) for name in ("pkexec", "sudo"))
    asked = "Waiting for the password that is asked for …"
    if pkexec is not None and is_roots_own(pkexec):
        found.append((pkexec, asked))
    if sudo is not None and is_roots_own(sudo):
        if os.environ.get("SUDO_ASKPASS"):
            found.append((f"{sudo} -A", asked))
        elif _has_terminal():
            found.append((sudo, "Type the password in the terminal that memviz was started from."))
        else:
            found.append((f"{sudo} -n", "Asking sudo …"))
    now = "" if installed.state == MISSING else f" (now {installed.detail})"
    own = "" if program else f" {OWN_TEXT}{now}."
    return tuple(Way(prefix, hint + own, python, program) for prefix, hint in found)


def check_way(way: Way) -> None:
    """Raises Unsupported where others than root could change what root would run, or what that loads. Takes as long as
    a Python to start."""
    _refuse(way, _weak_file(way) or _weak_module(way.python))


def _weak_file(way: Way) -> str:
    return (weak_place(way.program) if way.program else "") or weak_place(way.python)


def _refuse(way: Way, weak: str) -> None:
    if weak:
        name = way.program or way.python
        raise Unsupported(f"{name} could be changed by others than root, so it is not run as root: {weak}")


def _weak_module(python: str) -> str:
    """The same clause as `weak_place`, of the standard library that this Python loads. It is asked without rights."""
    command = [python, "-I", "-S", "-B", "-c", LOADED, os.path.dirname(reader.__file__)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, env={})
        files, folders = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return f"{python} does not say what it loads"
    return next(filter(None, (weak_place(path, may_be_missing=True) for path in files)), "") or next(
        filter(None, (weak_folder(path) for path in folders)), ""
    )


def weak_folder(path: str) -> str:
    """The same of an entry of sys.path: a folder, a zip file, or nothing yet."""
    return weak_place(path, may_be_missing=True, folder=not path.endswith(".zip"))


def open_privileged(way: Way) -> Host:
    """Starts the reader of a way that `check_way` has passed; its first answer may wait for a password. Raises
    MemvizError."""
    _refuse(way, _weak_file(way))
    from memviz.proc.link import Link

    return Host(Link(way.prefix, way.python, way.program), "this machine, as administrator")


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
