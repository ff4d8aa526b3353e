"""A copy of the reader that only root can change, with a polkit action of its own: put there, found, taken away.

The copy is reader.py behind a first line that names the interpreter, and is run by its path. It is used when its text
equals that of this memviz. `root` is the folder that stands for `/`, for packagers (DESTDIR) and tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
from pathlib import Path
from typing import NamedTuple

from memviz.core.ownership import ROOT, is_roots_own, weak_place
from memviz.errors import MemvizError, Unsupported
from memviz.files import write_file
from memviz.proc import reader

READER = "usr/local/libexec/memviz/reader.py"
ACTIONS = "usr/share/polkit-1/actions"
POLICY = f"{ACTIONS}/io.github.memviz.reader.policy"
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3")
OPTIONS = b" -ISB\n"  # isolated, without site packages, writing no compiled files
LONGEST = 1 << 20  # bytes: a longer file is no reader
MISSING, CURRENT, DIFFERENT, UNSAFE = "missing", "current", "different", "unsafe"
# No allow_gui: a reader needs no display. Kept for some minutes, since the window starts a new one for a new host.
POLICY_TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig>
  <vendor>memviz</vendor>
  <action id="io.github.memviz.reader">
    <description>Read how processes use memory</description>
    <message>Authentication is required to let memviz read the memory maps of all processes</message>
    <defaults>
      <allow_any>auth_admin</allow_any>
      <allow_inactive>auth_admin</allow_inactive>
      <allow_active>auth_admin_keep</allow_active>
    </defaults>
    <annotate key="org.freedesktop.policykit.exec.path">/{reader}</annotate>
  </action>
</policyconfig>
"""


class Installed(NamedTuple):
    """The installed reader: `state` is missing, current, different or unsafe; `detail` says why it is not used."""

    state: str
    path: str
    python: str = ""
    detail: str = ""


class InstalledFile(NamedTuple):
    """A file to install."""

    path: Path
    mode: int
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def program_for(via: str) -> str:
    """The installed reader where `via` is nothing but sudo or pkexec on this machine; else an empty text."""
    try:
        name, *options = shlex.split(via)
    except ValueError:
        return ""  # nothing, or no command: whoever starts it says so
    if os.path.basename(name) not in ("sudo", "pkexec") or not {"-n", "-A"}.issuperset(options):
        return ""
    installed = find_installed()
    return installed.path if installed.state == CURRENT else ""


def own_text() -> bytes:
    """The reader of this memviz."""
    return Path(reader.__file__).read_bytes()


def find_installed(root: Path = Path("/")) -> Installed:
    """Its state. A reader that others than root can change is never used, whatever it holds."""
    path = root / READER
    if not os.path.lexists(path):
        return Installed(MISSING, str(path), detail="this machine has no reader that only root can change")
    if weak := weak_place(str(path)):
        return Installed(UNSAFE, str(path), detail=f"others than root can change the installed reader: {weak}")
    try:
        with open(path, "rb") as file:
            first, text = file.readline(LONGEST), file.read(LONGEST)
    except OSError as error:
        return Installed(UNSAFE, str(path), detail=f"the installed reader cannot be read: {error.strerror}")
    python = os.fsdecode(first.removeprefix(b"#!").removesuffix(OPTIONS))
    if text != own_text() or first != first_line(python) or python not in PYTHONS:
        return Installed(DIFFERENT, str(path), detail="the installed reader is of another version than this memviz")
    if weak := weak_place(python):
        return Installed(UNSAFE, str(path), python, f"others than root can change its interpreter: {weak}")
    return Installed(CURRENT, str(path), python)


def first_line(python: str) -> bytes:
    return b"#!" + os.fsencode(python) + OPTIONS


def plan(root: Path = Path("/")) -> tuple[InstalledFile, ...]:
    """The files to install, nothing done yet; the policy only where there is polkit. Raises Unsupported where others
    than root could change them."""
    python = next((path for path in PYTHONS if is_roots_own(path)), "")
    if not python:
        raise Unsupported(f"none of {', '.join(PYTHONS)} is a Python that only root can change")
    targets = [InstalledFile(root / READER, 0o755, first_line(python) + own_text())]
    if (root / ACTIONS).is_dir():
        targets.append(InstalledFile(root / POLICY, 0o644, POLICY_TEXT.format(reader=READER).encode()))
    for target in targets:
        if weak := weak_place(str(target.path.parent), folder=True, may_be_missing=True):
            raise Unsupported(f"{target.path} would not be safe there: {weak}")
    return tuple(targets)


def install(root: Path = Path("/")) -> tuple[InstalledFile, ...]:
    """Writes the files of the plan, each whole or not at all. Raises MemvizError."""
    targets = plan(root)
    for target in targets:
        try:
            _make_folders(target.path.parent)
            write_file(target.path, target.content, mode=target.mode, fresh=True)
        except OSError as error:
            raise MemvizError(f"{target.path} cannot be written: {error.strerror}") from None
    found = find_installed(root)
    if found.state != CURRENT:
        raise MemvizError(f"{found.path} was written, but will not be used: {found.detail}")
    return targets


def installed_files(root: Path = Path("/")) -> tuple[Path, ...]:
    """Those that `uninstall` would remove."""
    return tuple(path for path in (root / POLICY, root / READER) if os.path.lexists(path))


def uninstall(root: Path = Path("/")) -> tuple[Path, ...]:
    """The files that were there. Raises MemvizError."""
    removed = installed_files(root)
    for path in removed:
        try:
            path.unlink()
        except OSError as error:
            raise MemvizError(f"{path} cannot be removed: {error.strerror}") from None
    with contextlib.suppress(OSError):  # it was not there, or holds something that is not ours
        (root / READER).parent.rmdir()
    return removed


def _make_folders(folder: Path) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(0o755)
        place.chmod(0o755)  # whatever the umask
        os.chown(place, ROOT, ROOT)
