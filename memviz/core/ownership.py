"""Files that nobody but root can change or replace: the condition for running one as root.

Every name on the way is looked at as the kernel walks it: each folder from the root of the file system down, each
symbolic link and each folder of its target. Each must belong to root and not be writable by its group or by others. A
sticky folder such as /tmp is refused like any other that others can write: they can put new names there. Permissions by
POSIX ACL count, because the kernel shows the widest of them as the group's. What passes can be changed by root only, so
it still is what was looked at when it is run.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

ROOT = 0
MOST_LINKS = 40  # the kernel's limit for one path
WRITABLE = stat.S_IWGRP | stat.S_IWOTH


def weak_place(
    path: str,
    *,
    folder: bool = False,
    may_be_missing: bool = False,
    lstat: Callable[[str], os.stat_result] = os.lstat,
    readlink: Callable[[str], str] = os.readlink,
) -> str:
    """A clause that names the first place on the way to a file (or `folder`) that others than root can change; empty
    where there is none. With `may_be_missing` the end of the way need not exist: only root can put something there."""
    if not path.startswith("/"):
        return f"{path!r} is not an absolute path"
    here, links = "/", 0
    waiting = path.split("/")[::-1]  # names, the next one last; an empty one is the folder itself, like "."
    while waiting:
        name = waiting.pop()
        place = os.path.dirname(here) if name == ".." else os.path.join(here, name) if name not in ("", ".") else here
        try:
            found = lstat(place)
        except FileNotFoundError:
            return "" if may_be_missing else f"{place} does not exist"
        except (OSError, ValueError) as error:
            return f"{place!r} cannot be looked at ({getattr(error, 'strerror', error)})"
        if found.st_uid != ROOT:
            return f"{place} belongs to user {found.st_uid}"
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > MOST_LINKS:
                return f"{path} leads through too many symbolic links"
            try:
                target = readlink(place)
            except OSError as error:
                return f"{place!r} cannot be looked at ({error.strerror})"
            waiting.extend(target.split("/")[::-1])
            here = "/" if target.startswith("/") else here
            continue
        if found.st_mode & WRITABLE:
            return f"{place} can be written by others than root"
        if not stat.S_ISDIR(found.st_mode) and waiting:
            return f"{place} is not a folder"
        here = place
    if stat.S_ISDIR(found.st_mode) != folder or not (folder or stat.S_ISREG(found.st_mode)):
        return f"{here} is not a {'folder' if folder else 'regular file'}"
    return ""


def is_roots_own(path: str) -> bool:
    """Whether nobody but root can change the file, or put another one in its place."""
    return not weak_place(path)
