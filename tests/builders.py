"""Small texts to region tables, snapshots and the kernel's own texts.

A region is `START-END PERM [PATH] [name=SIZE ...]`: addresses in hexadecimal pages (`10-14` is four pages at 0x10000),
sizes with k, m or g; `inode=` and `device=` are for files, which get one by their path when it is not given.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from memviz.core.assemble import assemble
from memviz.core.facts import Facts, Identity
from memviz.core.gather import Answer, File
from memviz.core.hello import Hello
from memviz.core.regions import RegionTable
from memviz.core.snapshot import Snapshot
from memviz.proc.maps import MapsDecoder, Raw
from memviz.proc.smaps import SmapsDecoder
from memviz.proc.stat import parse_stat, parse_statm
from memviz.units import parse_size

PAGE = 4096
FIELDS = (
    "Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean Private_Dirty "
    "Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb "
    "Swap SwapPss Locked"
).split()
KEYS = {name.lower() for name in FIELDS} | {"inode", "device", "offset", "flags"}
HELLO = Hello(
    captured=False, page_size=PAGE, clock_ticks=100, kernel="6.18.0", machine="x86_64", uid=1000, cpus=2, time=0.0,
    boot_id="b", capabilities=frozenset(), ptrace_scope=None, python="3.11",
)  # fmt: skip
STAT = b"7 (program) S 1 7 7 0 -1 0 10 0 2 0 30 20 0 0 20 0 1 0 500 4096000 100 18446744073709551615 %d 0 %d 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 %d 0 0 0 0 0\n"  # noqa: E501  # one line of the kernel's


def smaps_text(*lines: str) -> bytes:
    """What the kernel would write for these regions."""
    return b"".join(_block(line) for line in lines)


def maps_text(*lines: str) -> bytes:
    """The same without residency."""
    return b"".join(_header(line)[0] for line in lines)


def _header(line: str) -> tuple[bytes, int, dict[str, str]]:
    words = re.findall(r"(?:\\ |[^ ])+", line)
    start, end = (int(edge, 16) * PAGE for edge in words[0].split("-"))
    permissions, values, path = words[1], {}, ""
    for word in words[2:]:
        key, equals, value = word.partition("=")
        if equals and key in KEYS:
            values[key] = value
        else:
            path = (path + " " + word.replace("\\ ", " ")).strip()
    is_file = path.startswith("/")
    inode = int(values.pop("inode", zlib.crc32(path.encode()) % 90000 + 1 if is_file else 0))
    device = values.pop("device", "08:01" if is_file else "00:00")
    offset = int(values.pop("offset", "0"), 16)
    head = f"{start:08x}-{end:08x} {permissions} {offset:08x} {device} {inode} "
    text = head.ljust(73) + path if path else head
    return text.encode("utf-8", "surrogateescape") + b"\n", end - start, values


def _block(line: str) -> bytes:
    header, size, given = _header(line)
    flags = given.pop("flags", "rd,mr")
    sizes = {name.lower(): parse_size(value) for name, value in given.items()}
    if "rss" in sizes and not {"private_dirty", "private_clean", "shared_clean", "shared_dirty"} & set(sizes):
        sizes["private_dirty"] = sizes["rss"]
    sizes.setdefault("pss", sizes.get("rss", 0))
    sizes |= {"size": size, "kernelpagesize": PAGE, "mmupagesize": PAGE}
    body = "".join(f"{name + ':':<16}{sizes.get(name.lower(), 0) >> 10:8} kB\n" for name in FIELDS)
    body += "THPeligible:           0\nVmFlags: " + "".join(f"{flag} " for flag in flags.split(",")) + "\n"
    return header + body.encode()


def raw(*lines: str) -> Raw:
    """The decoded smaps of these regions."""
    decoder = SmapsDecoder()
    decoder.feed(smaps_text(*lines))
    return decoder.finish()


def regions(*lines: str) -> RegionTable:
    """A table of these regions, without categories and blocks."""
    return RegionTable.of(raw(*lines))


def snapshot(
    *lines: str, start_code: int = 0, start_brk: int = 0, start_stack: int = 0, stack_pointers: Sequence[int] = (),
    measured: bool = True, hello: Hello = HELLO, time: float = 0.0, errno: int = 0,
) -> Snapshot:  # fmt: skip
    """A snapshot of process 7, `program`; addresses as landmarks in bytes; `errno` is what reading smaps gave."""
    stat = parse_stat(STAT % (start_code, start_stack, start_brk))
    facts = Facts(
        Identity("b", 0, 7, 500), stat, parse_statm(b"1000 100 50 10 0 200 0\n"), {"VmPTE": 8192}, 1000,
        (b"/usr/bin/program",), {}, {"Max stack size": 8 << 20}, 0, 0, (), "0-1", hello.page_size, 100,
    )  # fmt: skip
    if measured:
        table = raw(*lines)
    else:
        decoder = MapsDecoder()
        decoder.feed(maps_text(*lines))
        table = decoder.finish()
    source = "smaps" if measured else "maps"
    result = assemble(
        Answer(), facts, hello, source, File(errno=errno, whole=True), table, tuple(stack_pointers), accept_torn=True
    )
    assert result is not None
    return Snapshot(time, result.facts, result.regions, result.categories, result.absent, result.kernel_stack_size)
