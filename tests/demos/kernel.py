"""What the kernel says about a process, read as simply as possible: a second opinion for tests."""

import os
import re
import select
import struct
from pathlib import Path
from typing import NamedTuple

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT = 1 << 63
HEADER = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) ([rwxsp-]{4}) ")
NAME_COLUMN = 73  # on 64 bits; what is before it is filled up with spaces


class Region(NamedTuple):
    """One entry of smaps. Its `fields` are in bytes."""

    start: int
    end: int
    permissions: str
    path: bytes
    fields: dict[str, int]

    @property
    def size(self) -> int:
        return self.end - self.start


def regions(pid: int) -> list[Region]:
    found: list[Region] = []
    for line in Path(f"/proc/{pid}/smaps").read_bytes().split(b"\n"):
        if header := HEADER.match(line):
            start, end, permissions = header.groups()
            name = line[NAME_COLUMN:]
            found.append(Region(int(start, 16), int(end, 16), permissions.decode(), name, {}))
        elif line.endswith(b" kB"):
            field, number, _ = line.decode().split()
            found[-1].fields[field.rstrip(":")] = int(number) * 1024
    return found


def regions_within(pid: int, address: int, size: int) -> list[Region]:
    """Those that have a part in a range; a test's range has borders where regions have theirs."""
    return [region for region in regions(pid) if region.start < address + size and region.end > address]


def total(found: list[Region], field: str) -> int:
    return sum(region.fields[field] for region in found)


def region_at(pid: int, address: int) -> Region:
    (found,) = regions_within(pid, address, 1)
    return found


def present(pid: int, address: int, size: int) -> list[bool]:
    """For each page of a range, whether it is in memory, by pagemap."""
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        entries = os.pread(file.fileno(), size // PAGE * 8, address // PAGE * 8)
    return [bool(entry & PRESENT) for (entry,) in struct.iter_unpack("=Q", entries)]


def status(pid: int, field: str) -> int:
    """A field of /proc/PID/status that is in kB, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_bytes().split(b"\n"):
        if line.startswith(field.encode() + b":"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def limits(pid: int) -> dict[str, str]:
    """The soft limits of /proc/PID/limits, by name."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:25].strip(): line[25:].split()[0] for line in lines}


def processes_of_session(session: int) -> set[int]:
    """All processes of a session that live: who reaps an orphan, and when, is init's affair."""
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            text = (folder / "stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, its_session, *_ = text[text.rindex(b")") + 2 :].split()
        if int(its_session) == session and state != b"Z":
            found.add(int(folder.name))
    return found


def ends(pidfd: int, seconds: float) -> bool:
    """Whether the process of *pidfd* is gone within so many seconds."""
    return bool(select.select([pidfd], [], [], seconds)[0])
