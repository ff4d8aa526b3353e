"""Where a control group is: from a process or a path to a version and a path that the reader can open."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memviz.core.facts import parse_cgroups
from memviz.core.gather import Answer, gather
from memviz.core.host import Host
from memviz.errors import AccessDenied, MemvizError, NotAnswering, ProcessGone, Unsupported, UsageError
from memviz.text import shown

V1, V2 = "1", "2"
# Which groups can be frozen: version for the reader, controller, and the file and its line that say so
FROZEN = ((V2, "", "cgroup.events", b"frozen 1"), ("freezer", "freezer", "freezer.state", b"FROZEN"))
_MOUNTS = ((V1, b"/sys/fs/cgroup/memory"), (V2, b"/sys/fs/cgroup/unified"), ("", b"/sys/fs/cgroup"))


@dataclass(frozen=True, slots=True)
class Place:
    """A group's version and path; `note` tells the user where it is not the path that was asked for."""

    version: str
    raw: bytes
    note: str = ""


def place_of(host: Host, of: int | str | bytes) -> Place:
    """Raises what `read_cgroup` does."""
    if isinstance(of, int):
        return _of_process(host, of)
    raw = of.encode("utf-8", "surrogateescape") if isinstance(of, str) else of
    return _of_path(host, raw)


def parent_of(raw: bytes) -> bytes:
    """The group above; the root's is the root."""
    return raw.rstrip(b"/").rpartition(b"/")[0] or b"/"


def ask(host: Host, version: str, raw: bytes, names: Sequence[str]) -> Answer | None:
    """Files of one group; None where there is no such group."""
    try:
        return gather(host.link, "cgroup", (version, raw.hex(), ",".join(names)), list(names))
    except ProcessGone:
        return None
    except AccessDenied:
        raise AccessDenied(f"the control group {shown(raw)} may not be read") from None
    except NotAnswering:
        raise NotAnswering(f"the control group {shown(raw)} does not answer") from None


def is_frozen(host: Host, groups: Mapping[str, str]) -> bool:
    """Whether the groups of a process (as `parse_cgroups` gives them) are frozen, as far as that can be read: a state
    file tells the state that such a process was in before."""
    for version, controller, file, sign in FROZEN:
        path = groups.get(controller, "/")
        if path == "/":
            continue
        with contextlib.suppress(MemvizError):
            answer = ask(host, version, path.encode("utf-8", "surrogateescape"), [file])
            if answer is not None and sign in (answer.text(file) or b"").split(b"\n"):
                return True
    return False


def _of_path(host: Host, raw: bytes) -> Place:
    versions = [V1, V2]
    for version, mount in _MOUNTS:
        if raw == mount or raw.startswith(mount + b"/"):
            raw, versions = raw[len(mount) :], [version] if version else versions
            break
    raw = b"/" + b"/".join(part for part in raw.split(b"/") if part)
    if b".." in raw.split(b"/"):
        raise UsageError(f"{shown(raw)}: the path of a control group has no `..`")
    for version in versions:
        if ask(host, version, raw, ("memory.stat",)) is not None:
            return Place(version, raw)
    raise UsageError(f"{shown(raw)}: no such control group")


def _of_process(host: Host, pid: int) -> Place:
    answer = gather(host.link, "files", (str(pid), "cgroup"), ["cgroup"])
    text = answer.text("cgroup")
    if text is None:
        raise Unsupported(f"the control group of process {pid} is not told here")
    groups = parse_cgroups(text)
    version = V1 if "memory" in groups else V2
    path = groups.get("memory" if version == V1 else "")
    if path is None:
        raise Unsupported(f"process {pid} is in no control group that counts memory")
    raw = path.encode("utf-8", "surrogateescape")
    if b".." in raw.split(b"/"):
        raise Unsupported(
            f"process {pid} is in {shown(raw)}, outside the reader's own view of control groups: "
            "read it from the host, not from a container"
        )
    if ask(host, version, raw, ("memory.stat",)) is not None:
        return Place(version, raw)
    return _below_a_mount(host, version, raw, pid)


def _below_a_mount(host: Host, version: str, raw: bytes, pid: int) -> Place:
    """In a container without a view of its own, what is mounted is a part of the hierarchy: the process's path has a
    prefix that cannot be seen. The group is the one whose path is the rest, if the process is among its members."""
    parts = [part for part in raw.split(b"/") if part]
    for start in range(1, len(parts) + 1):
        candidate = b"/" + b"/".join(parts[start:])
        answer = ask(host, version, candidate, ("cgroup.procs",))
        members = (answer.text("cgroup.procs") or b"").split(b"\n") if answer is not None else []
        if str(pid).encode() in members:
            note = f"its whole path is {shown(raw)}; from here it is seen as {shown(candidate)}"
            return Place(version, candidate, note)
    if raw.endswith(b" (deleted)"):
        raise Unsupported(f"the control group of process {pid} has been removed: {shown(raw)}")
    raise Unsupported(f"the control group of process {pid}, {shown(raw)}, cannot be seen from where the reader is")
