"""What describes the host that is read: nothing of it may be taken from the asking side."""

from __future__ import annotations

import re
from typing import NamedTuple

from memviz.core.snapshot import Absence

NO_PROC = Absence("unsupported", "/proc is not mounted there, or shows no process", "mount -t proc proc /proc")
_NUMBERS = re.compile(r"\d+")


class ProcMount(NamedTuple):
    """What the options of the mount of /proc take away."""

    hidepid: str  # off, noaccess, invisible or ptraceable
    only_pids: bool  # subset=pid: nothing but processes

    @property
    def hides(self) -> bool:
        """Whether processes of other users are not shown to everybody."""
        return self.hidepid != "off"

    @property
    def options(self) -> str:
        """`hidepid=invisible,subset=pid`, as mount(8) takes it."""
        return ",".join([f"hidepid={self.hidepid}"] * self.hides + ["subset=pid"] * self.only_pids)


HIDEPID = {"0": "off", "1": "noaccess", "2": "invisible", "4": "ptraceable"}


def parse_mounts(text: bytes) -> ProcMount | None:
    """The mount of /proc that is on top, out of /proc/self/mounts; None where there is none."""
    found = None
    for line in text.split(b"\n"):
        words = line.split(b" ")
        if len(words) >= 4 and words[1:3] == [b"/proc", b"proc"]:
            pairs = (word.partition("=") for word in words[3].decode("ascii", "replace").split(","))
            options = {key: value for key, _, value in pairs}
            hidepid = options.get("hidepid", "off")
            found = ProcMount(HIDEPID.get(hidepid, hidepid), options.get("subset") == "pid")
    return found


class Hello(NamedTuple):
    """What describes the host that is read, as its reader tells it; a captured tree may tell nothing."""

    captured: bool
    page_size: int
    clock_ticks: int
    kernel: str
    machine: str
    uid: int | None
    cpus: int | None
    time: float
    boot_id: str
    capabilities: frozenset[str]
    ptrace_scope: int | None
    python: str
    page_size_told: bool = True  # False where it is only the usual one
    unconfined: tuple[str, ...] | None = (
        None  # what the reader could not give up (`step:ERRNO`); None: not in a process
    )
    proc_mount: ProcMount | None = None  # how /proc is mounted there; None where nobody can tell
    has_proc: bool = True  # False where there is no /proc at all

    @property
    def why_hidden(self) -> Absence | None:
        """Why there may be processes that are not listed; None where all are."""
        mount = self.proc_mount
        if mount is None or not mount.hides or "CAP_SYS_PTRACE" in self.capabilities:
            return None
        detail = f"/proc is mounted with hidepid={mount.hidepid}: processes of other users may be hidden"
        return Absence("hidden", detail, "read as root: `memviz --via sudo …`")

    @property
    def why_no_file(self) -> Absence | None:
        """Why a file of the host that every /proc has is not there; None where it should be."""
        if not self.has_proc:
            return NO_PROC
        if self.proc_mount is not None and self.proc_mount.only_pids:
            return Absence("hidden", "/proc is mounted with subset=pid: it shows nothing but processes",
                           "mount /proc without subset=pid")  # fmt: skip
        return None

    @property
    def kernel_version(self) -> tuple[int, ...]:
        """`(6, 18)`; empty where it is not known."""
        return tuple(int(part) for part in _NUMBERS.findall(self.kernel)[:2])
