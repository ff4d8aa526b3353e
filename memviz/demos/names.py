"""names: what a file, a memfd, a mapping or a thread may be called by one who means no good."""

import ctypes
import errno
import os
from collections.abc import Callable
from functools import partial

from memviz.demos import PAGE, memory
from memviz.demos.folder import Folder
from memviz.demos.stage import Facts, NotHere, Stage, Step

# What is odd about it, and the name of a file; a slash makes a folder.
FILES: tuple[tuple[str, bytes], ...] = (
    (
        "a line break and a forged row",
        b"one\n7f0000000000-7f0000001000 rwxp 00000000 00:00 0                          [heap]",
    ),
    (
        "a carriage return and a forged row",
        b"two\r7f0000000000-7f0000001000 rwxp 00000000 08:01 1 /etc/shadow",
    ),
    ("a carriage return and a forged field", b"three\rPss:          99999999 kB"),
    (
        "line separators of Unicode and a forged field",
        "four\u2028Swap:  77777777 kB\u2029\x85Rss: 1 kB".encode(),
    ),
    ("codes for a terminal", b"\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b[0m"),
    ("letters that turn the direction of writing", "\u202egnp.exe\u2066txt".encode()),
    ("bytes that are not UTF-8", b"caf\xe9 \xff\xfe \xc3"),
    ("an end that says it was deleted", b"alive (deleted)"),
    ("a backslash and digits, like an escaped line break", b"back\\012slash"),
    ("'[heap]', in brackets like the kernel's own", b"[heap]"),
    ("spaces at both ends", b"  spaces  "),
    ("markup", b"<b>bold</b> &amp; [red]rich[/red] %s {0}"),
    ("more bytes than a path may have", b"/".join([b"P" * 250] * 20) + b"/deep"),
)

MEMFDS: tuple[tuple[str, bytes], ...] = (
    ("codes for a terminal", b"\x1b[31mred\n\x07"),
    ("an end that says it was deleted", b"gone (deleted)"),
)


class Names:
    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def file(self, name: bytes) -> Facts:
        try:
            descriptor = self.folder.create(name, PAGE)
        except OSError as error:
            if error.errno not in (errno.EILSEQ, errno.EINVAL):
                raise
            raise NotHere("this file system does not take such names") from None
        path = os.path.join(os.fsencode(self.folder.path), name)
        return mapped(descriptor, path)

    def memfd(self, name: bytes) -> Facts:
        descriptor = os.memfd_create(os.fsdecode(name))
        os.ftruncate(descriptor, PAGE)
        return mapped(descriptor, b"/memfd:" + name)


def mapped(descriptor: int, path: bytes) -> Facts:
    address = memory.map_memory(PAGE, memory.READ, memory.SHARED, descriptor)
    os.close(descriptor)
    return {"address": address, "bytes": PAGE, "path": os.fsdecode(path)}


def name_anonymous_memory() -> Facts:
    address = memory.lone_region(PAGE)
    name = b"libc.so.6 (deleted)"
    text = ctypes.create_string_buffer(name)
    try:
        memory.control(
            memory.PR_SET_VMA,
            memory.PR_SET_VMA_ANON_NAME,
            address,
            PAGE,
            ctypes.addressof(text),
        )
    except OSError:
        raise NotHere("this kernel was built without CONFIG_ANON_VMA_NAME") from None
    return {"address": address, "bytes": PAGE, "name": os.fsdecode(name)}


def name_process() -> Facts:
    name = b") R 1 1\n\x1b[31m ("
    memory.name_this_thread(name)
    return {"comm": os.fsdecode(name)}


def steps(stage: Stage) -> tuple[Step, ...]:
    names = Names(stage.folder())

    def step(what: str, kind: str, act: Callable[[bytes], Facts], name: bytes) -> Step:
        return Step(
            f"map a {kind}; in its name: {what}",
            partial(act, name),
            "one region at {address:#x}: its name has to be shown, and must do nothing else",
        )

    return (
        *(step(what, "file", names.file, name) for what, name in FILES),
        *(step(what, "memfd", names.memfd, name) for what, name in MEMFDS),
        Step(
            "give anonymous memory the name of a deleted library",
            name_anonymous_memory,
            "an anonymous region with a name of its own at {address:#x}",
            "regions {pid} --group anonymous",
        ),
        Step(
            "name the process with brackets, a line break and colours",
            name_process,
            "a process whose name looks like the end of one, and like fields of /proc/PID/stat",
            "summary {pid}",
        ),
    )
