"""What memviz can and cannot do on a host, and what would help: the checks behind `memviz doctor`, each declared
once."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable
from dataclasses import dataclass

from memviz.core.hello import NO_PROC, Hello
from memviz.core.host import Host
from memviz.core.install import CURRENT, find_installed
from memviz.core.snapshot import Absence
from memviz.errors import MemvizError
from memviz.proc.link import Link

GOOD, LIMITED, MISSING = "good", "limited", "missing"
PACKAGES = ("numpy", "psutil", "rich", "platformdirs", "PySide6-Essentials", "pyqtgraph")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `state` is good, limited or missing; `remedy` what would help, or an empty text."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def _packages(host: Host) -> list[Finding]:
    findings = []
    for package in PACKAGES:
        try:
            findings.append(Finding(package, GOOD, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            findings.append(Finding(package, MISSING, "not installed", f"pip install {package}"))
    return findings


def _reader(host: Host) -> list[Finding]:
    hello = host.hello
    if hello.captured:
        return [Finding("reader", GOOD, "reads a captured tree")]
    where = "in a process of its own" if isinstance(host.link, Link) else "in this process"
    return [
        Finding("reader", GOOD, f"Python {hello.python}, {where}, on {host.name}"),
        Finding("kernel", GOOD, f"Linux {hello.kernel} on {hello.machine}, pages of {hello.page_size} bytes"),
    ]


def _proc(host: Host) -> list[Finding]:
    """How /proc is mounted, and what that takes away."""
    hello = host.hello
    if hello.captured:
        return []
    if not hello.has_proc:
        return [Finding("/proc", MISSING, NO_PROC.detail, NO_PROC.remedy)]
    mount, why = hello.proc_mount, hello.why_hidden or hello.why_no_file
    if why is not None:
        return [Finding("/proc", LIMITED, why.detail, why.remedy)]
    detail = f"is mounted with {mount.options}, which does not concern this user" if mount and mount.options else ""
    return [Finding("/proc", GOOD, detail or "shows all processes and the whole host")]


def _permissions(host: Host) -> list[Finding]:
    hello = host.hello
    if hello.captured:
        return []
    useful = sorted(hello.capabilities & {"CAP_SYS_PTRACE", "CAP_PERFMON"})
    who = "root" if hello.uid == 0 else f"user {host.user(hello.uid)}"
    if "CAP_SYS_PTRACE" in useful or (hello.kernel_version >= (6, 15) and "CAP_PERFMON" in useful):
        findings = [
            Finding("permissions", GOOD, f"{who}, with {', '.join(useful)}: the regions of every process can be read")
        ]
    else:
        help_ = "memviz --via sudo …" + (", or CAP_PERFMON" if hello.kernel_version >= (6, 15) else "")
        findings = [Finding("permissions", LIMITED, f"{who}: regions can be read of your own processes only", help_)]
    findings.append(_confinement(hello))
    scope = hello.ptrace_scope
    if scope and "CAP_SYS_PTRACE" not in useful:
        detail = (
            f"Yama's ptrace_scope is {scope}: stack pointers and memory contents of other processes are out of reach"
        )
        findings.append(Finding("Yama", LIMITED, detail, "sysctl kernel.yama.ptrace_scope=0, as root"))
    elif scope is not None:
        findings.append(Finding("Yama", GOOD, f"ptrace_scope is {scope}"))
    else:
        findings.append(Finding("Yama", GOOD, "this kernel has no Yama"))
    return findings


def _installed(host: Host) -> list[Finding]:
    """What root runs for `--via sudo` and the window; of this machine, whatever is read."""
    if not isinstance(host.link, Link):
        return []  # a capture
    found = find_installed()
    if found.state == CURRENT:
        return [Finding("installed reader", GOOD, f"{found.path}, of this version; only root can change it")]
    meanwhile = "root runs the reader.py of this memviz instead, which you can change"
    remedy = "memviz doctor --install-reader, as root"
    return [Finding("installed reader", LIMITED, f"{found.detail}; for --via sudo {meanwhile}", remedy)]


def _confinement(hello: Hello) -> Finding:
    """What the reader gave up, and what it could not."""
    if not hello.unconfined:
        given = "the reader can gain no rights and write no file, has limits of memory and descriptors"
        if hello.unconfined is None:
            return Finding("confinement", LIMITED, "the reader is part of this process: it has given up nothing")
        return Finding("confinement", GOOD, given + (", and has dropped all other capabilities" * (hello.uid == 0)))
    return Finding(
        "confinement", LIMITED, "; ".join(map(_not_given_up, hello.unconfined)),
        "a Python with ctypes for the reader" if "ENOSYS" in str(hello.unconfined) else "",
    )  # fmt: skip


_STEPS = {
    "no_new_privs": "the reader could not set no_new_privs",
    "capabilities": "the reader could not drop the capabilities that it does not need",
    "limits": "the reader could not limit its memory, files and descriptors",
}


def _not_given_up(failure: str) -> str:
    step, _, code = failure.partition(":")
    return f"{_STEPS.get(step, step)} ({code})"


def _kernel(host: Host) -> list[Finding]:
    """Kernel features are tried on a process that can be read, not concluded from the version."""
    if host.hello.captured:
        return []
    findings = []
    tried = _readable(host)
    if tried is None:
        return [Finding("kernel features", LIMITED, "there is no process that can be read to try them on")]
    pid, start, end, fields = tried
    for name, use in (("pss_dirty", "dirty PSS"), ("ksm", "merged pages"), ("file_pmd_mapped", "huge file pages")):
        state = GOOD if name in fields else LIMITED
        findings.append(Finding(f"smaps: {name}", state, use if state == GOOD else f"this kernel does not tell {use}"))
    try:
        host.pages(pid, [(start, end)])
        findings.append(Finding("page map", GOOD, "pages can be told one by one"))
    except MemvizError as error:
        findings.append(Finding("page map", LIMITED, str(error)))
    inode = host.sample(pid).identity.inode
    detail = (
        "processes are told apart by pidfd"
        if inode
        else "a reused process number can be missed (pidfd inodes: Linux 6.9)"
    )
    findings.append(Finding("identity", GOOD if inode else LIMITED, detail))
    return findings


def _readable(host: Host) -> tuple[int, int, int, tuple[str, ...]] | None:
    """A small process whose regions can be read: pid, first region, and the fields of its smaps."""
    rows = [row for row in host.processes() if row.rss and not row.is_kernel_thread]
    for row in sorted(rows, key=lambda row: row.rss or 0)[:50]:
        try:
            snapshot = host.snapshot(row.pid)
        except MemvizError:
            continue
        if len(snapshot.regions) and snapshot.regions.measured:
            first = snapshot.regions[0]
            return row.pid, first.start, first.end, snapshot.regions.fields
    return None


def _host_files(host: Host) -> list[Finding]:
    found = host.host_files(["pressure_memory", "vmstat", "meminfo"])
    words = {"pressure_memory": "pressure (PSI)", "vmstat": "vmstat", "meminfo": "meminfo"}
    findings = []
    for name, value in found.items():
        if isinstance(value, Absence):
            findings.append(Finding(words[name], LIMITED, value.detail, value.remedy))
        else:
            findings.append(Finding(words[name], GOOD, "can be read"))
    return findings


CHECKS: tuple[Callable[[Host], list[Finding]], ...] = (
    _packages,
    _reader,
    _proc,
    _permissions,
    _installed,
    _kernel,
    _host_files,
)


def check_up(host: Host) -> list[Finding]:
    """All findings, in order; a check that fails becomes a finding itself."""
    findings = [Finding("memviz's Python", GOOD, sys.version.split()[0])]
    for check in CHECKS:
        try:
            findings += check(host)
        except MemvizError as error:
            findings.append(Finding(check.__name__.strip("_"), MISSING, str(error)))
    return findings
