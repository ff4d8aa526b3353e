"""Facts of one process besides its regions: from stat, statm, status, limits, cgroup and the command line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import NamedTuple

from memviz.proc.keyed import parse_counts, parse_keyed
from memviz.proc.stat import Stat, Statm
from memviz.text import shown

GENERIC = ("MainThread", "Main")  # what runtimes call every program's first thread
CUT_NAME = 15  # bytes of a name that the kernel keeps (TASK_COMM_LEN without its end)
# Ids are hexadecimal; only LXC has names, and tells by its folder or prefix that they are one
_CONTAINER = re.compile(
    rb"(?:/docker/|docker-|libpod-|crio-|cri-containerd-|cri-containerd:|/kubepods[^/]*/.*/)([0-9a-f]{12,64})(?:\.scope)?(?:/|$)"
    rb"|/(?:lxc/|lxc\.payload\.)([\w.-]+)"
    rb"|/([0-9a-f]{64})(?:\.scope)?$"
)
_RUNTIMES = re.compile(r"(python|pypy|perl|ruby|node|nodejs|bash|sh|dash|java|php|deno|bun|lua)[\d.]*")


class _Options(NamedTuple):
    """How an interpreter reads its options, as far as it takes to find the program among them. Letters are those that
    may be joined behind one `-`: after `code` the program stands in the command line or is read from elsewhere, after
    `subject` its name follows, and so does a value after `value`; the rest of the word belongs to `attached`."""

    code: str = ""
    subject: str = ""
    value: str = ""
    attached: str = ""
    words: tuple[str, ...] = ()  # whole words that take a value
    names: tuple[str, ...] = ()  # whole words that the program's name follows


_SHELL = _Options(code="cs", value="oO", words=("--rcfile", "--init-file"))
_PYTHON = _Options(code="c", subject="m", value="WX", words=("--check-hash-based-pycs",))
_NODE = _Options(code="ep", value="rC", words=("--require", "--import", "--loader", "--conditions"))
_OPTIONS = {
    "python": _PYTHON, "pypy": _PYTHON, "bash": _SHELL, "sh": _SHELL, "dash": _SHELL, "node": _NODE, "nodejs": _NODE,
    "perl": _Options(code="eE", value="I", attached="CDFiMmVx"),
    "ruby": _Options(code="e", value="CEIr", attached="FiKTWx"),
    "php": _Options(code="BERr", subject="Ff", value="cdStz"),
    "lua": _Options(code="e", value="l"), "bun": _Options(code="ep", value="r"),
    "java": _Options(
        words=("-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"),
        names=("-jar", "-m", "--module"),
    ),
}  # fmt: skip


class Identity(NamedTuple):
    """Which process this is, also after its number was used again: unequal identities are different processes."""

    boot_id: str
    inode: int  # of its pidfd; 0 where the kernel gives none
    pid: int
    start_ticks: int

    def may_be(self, other: Identity) -> bool:
        """Whether both may mean one process: an inode that one of two readers could not tell decides nothing."""
        inodes = {self.inode, other.inode} - {0}
        return self._replace(inode=0) == other._replace(inode=0) and len(inodes) <= 1


class Facts(NamedTuple):
    """What the kernel tells of a process at one moment; every size in bytes, None where it was not told."""

    identity: Identity
    stat: Stat
    statm: Statm | None
    status: Mapping[str, int]  # the lines of status that are one number, kB as bytes
    uid: int | None
    command: tuple[bytes, ...]
    cgroups: Mapping[str, str]  # controller (or "" for version 2) -> path
    limits: Mapping[str, int | None]  # soft limits; None is unlimited
    oom_score: int | None
    oom_score_adj: int | None
    namespace_pids: tuple[int, ...]  # the pid in each nested namespace, the innermost last
    cpus_allowed: str
    page_size: int
    clock_ticks: int
    is_ending: bool = False  # every thread of it that is left is on its way out

    @property
    def pid(self) -> int:
        return self.identity.pid

    @property
    def name(self) -> str:
        """A telling name: `java · kafka.Kafka`, `python · gunicorn app:wsgi`."""
        return shown(self.raw_name)

    @property
    def raw_name(self) -> bytes:
        """The same without escapes."""
        return raw_name(self.stat.comm, self.command)

    @property
    def container(self) -> str:
        """The id of the container it runs in, as its control group tells; empty where it tells none."""
        return next(
            (
                found
                for path in self.cgroups.values()
                if (found := container_of(path.encode("utf-8", "surrogateescape")))
            ),
            "",
        )

    @property
    def cpu_seconds(self) -> float:
        return (self.stat.user_ticks + self.stat.system_ticks) / self.clock_ticks


def read_status(text: bytes) -> tuple[dict[str, int], int | None, tuple[int, ...], str]:
    """Numbers, real uid, pids in nested namespaces and the allowed processors of a status file."""
    keyed = parse_keyed(text)
    uids, pids = keyed.get("Uid", b"").split(), keyed.get("NSpid", b"").split()
    uid = int(uids[0]) if uids and uids[0].isdigit() else None
    inner = tuple(int(pid) for pid in pids[1:] if pid.isdigit())
    return parse_counts(text), uid, inner, keyed.get("Cpus_allowed_list", b"").decode("ascii", "replace")


def parse_cgroups(text: bytes) -> dict[str, str]:
    """`0::/user.slice` and `4:memory:/a`: path by controller, version 2 under the empty name."""
    result = {}
    for line in text.split(b"\n"):
        parts = line.split(b":", 2)
        if len(parts) == 3:
            for controller in parts[1].split(b","):
                result[controller.decode("ascii", "backslashreplace")] = parts[2].decode("utf-8", "surrogateescape")
    return result


def container_of(path: bytes) -> str:
    """The container's id out of a control group path, or an empty text."""
    found = _CONTAINER.search(path)
    return shown(next(filter(None, found.groups())))[:12] if found else ""


def split_command(text: bytes) -> tuple[bytes, ...]:
    """Arguments of a cmdline file; a process that rewrote its title gives one argument."""
    return tuple(text.rstrip(b"\0").split(b"\0")) if text.rstrip(b"\0") else ()


def telling_name(comm: bytes, command: tuple[bytes, ...]) -> str:
    """The program's name, and for an interpreter or virtual machine what it runs."""
    return shown(raw_name(comm, command))


def raw_name(comm: bytes, command: tuple[bytes, ...]) -> bytes:
    """The bytes of the telling name."""
    own, *arguments = (word.decode("utf-8", "surrogateescape") for word in (comm, *command))
    return _bytes(_name(own, arguments))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _name(own: str, arguments: list[str]) -> str:
    if not arguments:
        return own
    program = arguments[0].rsplit("/", 1)[-1].lstrip("-")
    runtime = _RUNTIMES.fullmatch(program)
    if runtime is None:
        return program if len(_bytes(own)) == CUT_NAME and program.startswith(own) else own
    subject = _subject(runtime[1], arguments[1:])
    if not subject.startswith(own) and not own.startswith((runtime[1], *GENERIC)):
        subject = own  # it has given itself a name
    return f"{runtime[1]} · {subject}" if subject else own if own.startswith(runtime[1]) else f"{runtime[1]} · {own}"


def _subject(runtime: str, arguments: list[str]) -> str:
    """What an interpreter runs; empty where its program has no name."""
    options = _OPTIONS.get(runtime, _Options())
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in options.words:
            del rest[:1]
        elif word in options.names or word == "--":
            return _with_argument(rest)
        elif word == "-" or word.startswith(("--eval", "--print", "/dev/fd/")):
            return ""
        elif not word.startswith(("-", "+")):
            return _with_argument([word, *rest])
        elif not word.startswith("--"):
            kind, after = _last_option(options, word[1:])
            if kind == "code":
                return ""
            if kind == "subject":
                return _with_argument([after, *rest] if after else rest)
            if kind == "value" and not after:
                del rest[:1]
    return ""


def _last_option(options: _Options, letters: str) -> tuple[str, str]:
    """Of options that are joined in one word the one that ends it, by its kind, and what follows it in the word."""
    for at, letter in enumerate(letters, 1):
        for kind in ("code", "subject", "value", "attached"):
            if letter in getattr(options, kind):
                return kind, letters[at:]
    return "", ""


def _with_argument(words: list[str]) -> str:
    if not words:
        return ""
    name = words[0].rsplit("/", 1)[-1]
    pairs = itertools.pairwise(words)  # behind an option stands perhaps its value
    follows = next((word for before, word in pairs if not word.startswith("-") and not before.startswith("-")), "")
    return f"{name} {follows}" if ":" in follows and "/" not in follows and len(follows) < 40 else name
