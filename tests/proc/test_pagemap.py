"""Runs of pages: what is decoded, and on a real process that both ways to ask give the same."""

from __future__ import annotations

import errno
import itertools
import struct
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.errors import Malformed
from memviz.proc import reader
from memviz.proc.link import Direct
from memviz.proc.pagemap import FILE, GUARD, PFNZERO, PRESENT, SWAPPED, PageDecoder
from memviz.proc.smaps import SmapsDecoder
from tests.programs import running

PAGE = 4096
TOP = 0x7FFF_FFFF_F000  # of a process with four levels of page tables
Run = tuple[int, int, int]

CATEGORIES = st.sampled_from(
    [PRESENT, SWAPPED, PRESENT | FILE, PRESENT | PFNZERO, SWAPPED | FILE, SWAPPED | GUARD, SWAPPED | FILE | GUARD]
)


def entry(bits: int) -> int:
    """A pagemap entry of such a page."""
    return (
        bool(bits & PRESENT) << 63 | bool(bits & SWAPPED) << 62 | bool(bits & FILE) << 61 | bool(bits & GUARD) << 58
        | bool(bits & PRESENT) * 0x1234
    )  # fmt: skip


def decode(*frames: tuple[int, bytes]) -> list[Run]:
    decoder = PageDecoder(PAGE)
    for tag, data in frames:
        decoder.feed(tag, data)
    return list(zip(*(column.tolist() for column in decoder.finish()), strict=True))


def pages_of(runs: list[Run]) -> dict[int, int]:
    return {page: bits for start, end, bits in runs for page in range(start // PAGE, end // PAGE)}


@given(st.lists(st.none() | CATEGORIES, max_size=40), st.integers(0, 1 << 40), st.integers(1, 12))
def test_that_runs_and_entries_of_the_same_pages_decode_to_the_same(
    pages: list[int | None], first: int, piece: int
) -> None:
    address = first * PAGE
    triples = [(address + n * PAGE, address + (n + 1) * PAGE, bits) for n, bits in enumerate(pages) if bits]
    scanned = decode(*((0, struct.pack("<3Q", *triple)) for triple in triples))
    entries = [entry(bits or 0) for bits in pages]
    read = decode(
        *(
            (1, struct.pack(f"<{len(part) + 1}Q", address + n * PAGE, *part))
            for n in range(0, len(entries), piece)
            if (part := entries[n : n + piece])
        )
    )
    expected = {first + n: GUARD if bits & GUARD else bits for n, bits in enumerate(pages) if bits}
    assert pages_of(scanned) == expected
    assert pages_of(read) == {page: bits & ~PFNZERO for page, bits in expected.items()}
    for runs in (scanned, read):  # merged as far as they can be
        assert all(a[1] < b[0] or a[2] != b[2] for a, b in itertools.pairwise(runs))


@pytest.mark.parametrize(
    "triples",
    [
        [(0, 8192, PRESENT), (4096, 12288, PRESENT)],
        [(8192, 12288, PRESENT), (0, 4096, PRESENT)],
        [(4096, 4096, PRESENT)],
    ],
)
def test_that_runs_that_overlap_or_go_backwards_are_refused(triples: list[Run]) -> None:
    with pytest.raises(Malformed, match="overlap"):
        decode(*((0, struct.pack("<3Q", *triple)) for triple in triples))


@pytest.mark.parametrize(("tag", "data"), [(0, bytes(23)), (0, bytes(8)), (1, b""), (1, bytes(12)), (2, bytes(24))])
def test_that_garbage_in_the_place_of_runs_is_malformed(tag: int, data: bytes) -> None:
    with pytest.raises(Malformed, match="page runs"):
        PageDecoder(PAGE).feed(tag, data)


def test_that_no_pages_are_no_runs() -> None:
    assert decode() == []
    assert decode((1, bytes(800))) == []


# -- on a real process ------------------------------------------------------------------------------------------------

TARGET = """
import ctypes, mmap, os, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def area(pages, protection=3, flags=0x22, fd=-1):
    return libc.mmap(None, pages << 12, protection, flags, fd, 0)
def write(address): ctypes.c_char.from_address(address).value = b"x"
def read(address): return ctypes.c_char.from_address(address).value
sparse = area(64)
for page in range(0, 64, 3): write(sparse + page * 4096)
many = area(6000)
for page in range(0, 6000, 2): write(many + page * 4096)
zero = area(16)
for page in range(0, 16, 2): read(zero + page * 4096)
guarded = area(16)
for page in range(16): write(guarded + page * 4096)
guards = libc.madvise(guarded + 4 * 4096, 5 * 4096, 102) == 0
shared = area(8, flags=0x21)
for page in (0, 1, 5): write(shared + page * 4096)
file = tempfile.TemporaryFile(dir=sys.argv[1])
file.write(bytes(16 * 4096)); file.flush()
private = area(16, flags=0x02, fd=file.fileno())
for page in range(0, 16, 2): read(private + page * 4096)
for page in range(0, 16, 5): write(private + page * 4096)
reserved = area((16 << 40) >> 12, protection=0, flags=0x4022)
libc.mprotect(ctypes.c_void_p(reserved + (7 << 40)), ctypes.c_size_t(65536), 3)
for page in range(0, 16, 4): write(reserved + (7 << 40) + page * 4096)
print(int(guards), sparse, zero, guarded, shared, private, reserved, many, flush=True)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, int]]]:
    """A process at rest that has pages of all kinds: its pid, and where they are."""
    folder = tmp_path_factory.mktemp("pages")
    with running([sys.executable, "-S", "-c", TARGET, str(folder)], "ready") as (pid, lines):
        names = "guards sparse zero guarded shared private reserved many".split()
        yield pid, dict(zip(names, map(int, lines[0].split()), strict=True))


def ask_pages(pid: int, ranges: str, how: str) -> tuple[list[Run], dict[str, str]]:
    decoder, values = PageDecoder(PAGE), {}
    for frame in Direct(reader.Reader()).ask("pages", str(pid), str(PageDecoder.MASK), ranges, how):
        if frame.kind == reader.DATA:
            decoder.feed(frame.tag, frame.data)
        else:
            values = frame.values()
    return list(zip(*(column.tolist() for column in decoder.finish()), strict=True)), values


def smaps_of(pid: int) -> dict[str, np.ndarray]:
    decoder = SmapsDecoder()
    for frame in Direct(reader.Reader()).ask("files", str(pid), "smaps"):
        if frame.kind == reader.DATA:
            decoder.feed(frame.data)
    return {name: np.asarray(column) for name, column in decoder.finish().columns.items()}


def regions_but_reservations(pid: int) -> list[tuple[int, int, int]]:
    columns = smaps_of(pid)
    rows = zip(columns["start"].tolist(), columns["end"].tolist(), columns["rss"].tolist(), strict=True)
    return [(start, end, rss) for start, end, rss in rows if end - start < 1 << 40 and end <= TOP]


def as_ranges(regions: list[tuple[int, int, int]]) -> str:
    return ",".join(f"{start:x}-{end:x}" for start, end, _ in regions)


def scan_or_skip(pid: int, ranges: str) -> list[Run]:
    frames = Direct(reader.Reader()).ask("pages", str(pid), str(PageDecoder.MASK), ranges, "scan")
    if any(frame.kind == reader.DATA and frame.tag == 1 for frame in frames):
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    runs, values = ask_pages(pid, ranges, "scan")
    assert values["errno"] == "0"
    return runs


@pytest.mark.live
def test_that_a_scan_and_the_entries_of_pagemap_tell_the_same_of_every_page(target: tuple[int, dict[str, int]]) -> None:
    pid, _ = target
    ranges = as_ranges(regions_but_reservations(pid))
    scanned = pages_of(scan_or_skip(pid, ranges))
    read, values = ask_pages(pid, ranges, "pagemap")
    assert values["errno"] == "0"
    assert "rest" not in values
    assert {page: bits & ~PFNZERO for page, bits in scanned.items()} == pages_of(read)
    assert len(scanned) > 500


@pytest.mark.live
def test_that_of_more_runs_than_one_call_returns_each_is_told_once(target: tuple[int, dict[str, int]]) -> None:
    pid, where = target
    start = where["many"]
    runs = scan_or_skip(pid, f"{start:x}-{start + 6000 * PAGE:x}")
    assert runs == [(start + n * PAGE, start + (n + 1) * PAGE, PRESENT) for n in range(0, 6000, 2)]


@pytest.mark.live
def test_that_present_pages_but_the_zero_page_are_the_resident_ones(target: tuple[int, dict[str, int]]) -> None:
    pid, _ = target
    regions = regions_but_reservations(pid)
    pages = pages_of(scan_or_skip(pid, as_ranges(regions)))
    for start, end, rss in regions:
        bits = [pages.get(page, 0) for page in range(start // PAGE, end // PAGE)]
        resident = sum(bool(b & PRESENT) and not b & PFNZERO for b in bits)
        assert resident * PAGE == rss, f"{start:x}-{end:x}"


@pytest.mark.live
def test_that_each_page_is_what_the_process_made_of_it(target: tuple[int, dict[str, int]]) -> None:
    pid, where = target
    pages = pages_of(scan_or_skip(pid, f"0-{TOP:x}"))

    def bits(area: str, count: int, offset: int = 0) -> list[int]:
        first = (where[area] + offset) // PAGE
        return [pages.get(page, 0) for page in range(first, first + count)]

    assert bits("sparse", 64) == [PRESENT if n % 3 == 0 else 0 for n in range(64)]
    assert bits("zero", 16) == [PRESENT | PFNZERO if n % 2 == 0 else 0 for n in range(16)]
    assert bits("shared", 8) == [PRESENT | FILE if n in (0, 1, 5) else 0 for n in range(8)]
    assert [bits("private", 16)[n] for n in (0, 5, 10, 15)] == [PRESENT] * 4
    assert bits("private", 16)[2] == PRESENT | FILE
    assert bits("reserved", 16, 7 << 40) == [PRESENT if n % 4 == 0 else 0 for n in range(16)]


@pytest.mark.live
@pytest.mark.parametrize("how", ["scan", "pagemap"])
def test_that_guard_pages_are_neither_present_nor_swapped(target: tuple[int, dict[str, int]], how: str) -> None:
    pid, where = target
    if not where["guards"]:
        pytest.skip("this kernel has no MADV_GUARD_INSTALL")
    start = where["guarded"]
    runs, _ = ask_pages(pid, f"{start:x}-{start + 16 * PAGE:x}", how)
    edges = [start, start + 4 * PAGE, start + 9 * PAGE, start + 16 * PAGE]
    assert runs == list(zip(edges[:-1], edges[1:], (PRESENT, GUARD, PRESENT), strict=True))


@pytest.mark.live
def test_that_reading_entries_stops_when_the_budget_is_used_up_and_says_where(
    target: tuple[int, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, where = target
    monkeypatch.setattr(reader, "PAGEMAP_BUDGET", 100_000)
    read = 0
    real = reader.os.pread

    def counted(fd: int, size: int, offset: int) -> bytes:
        nonlocal read
        read += size // 8
        return real(fd, size, offset)

    monkeypatch.setattr(reader.os, "pread", counted)
    start = where["reserved"]
    runs, values = ask_pages(pid, f"{start:x}-{start + (16 << 40):x}", "pagemap")
    assert values["errno"] == "0"
    rest = int(values["rest"], 16)
    assert start <= rest < start + 100_000 * PAGE
    assert read <= 100_000 + 1  # one entry more tells that the process still has this address space
    assert all(end <= rest for _, end, _ in runs)


@pytest.mark.live
def test_that_a_scan_crosses_a_reservation_of_16_tebibytes_at_once(target: tuple[int, dict[str, int]]) -> None:
    pid, where = target
    start = where["reserved"]
    pages = pages_of(scan_or_skip(pid, f"{start:x}-{start + (16 << 40):x}"))
    assert sorted(pages) == [(start + (7 << 40)) // PAGE + n for n in (0, 4, 8, 12)]


@pytest.mark.live
@pytest.mark.parametrize("how", ["scan", "pagemap"])
def test_that_vsyscall_has_no_pages_and_does_not_spoil_the_rest(target: tuple[int, dict[str, int]], how: str) -> None:
    pid, where = target
    sparse = where["sparse"]
    ranges = f"{sparse:x}-{sparse + PAGE:x},ffffffffff600000-ffffffffff601000"
    runs, values = ask_pages(pid, ranges, how)
    assert runs == [(sparse, sparse + PAGE, PRESENT)]
    assert values["errno"] == "0"


@pytest.mark.live
def test_that_a_range_beyond_what_a_process_may_map_is_refused_not_told_empty(
    target: tuple[int, dict[str, int]],
) -> None:
    pid, where = target
    scan_or_skip(pid, f"{where['sparse']:x}-{where['sparse'] + PAGE:x}")
    for end in (1 << 63, 1 << 60):
        runs, values = ask_pages(pid, f"{where['sparse']:x}-{end:x}", "scan")
        assert int(values["errno"]) == errno.EFAULT, runs


@pytest.mark.live
def test_that_a_kernel_that_knows_fewer_categories_is_asked_for_those(
    target: tuple[int, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, where = target
    scan_or_skip(pid, f"{where['sparse']:x}-{where['sparse'] + PAGE:x}")
    real = reader.fcntl.ioctl

    def as_6_7(fd: int, request: int, argument: bytes) -> int:
        if struct.unpack("12Q", argument)[11] > 0xFF:
            raise OSError(22, "as Linux 6.7 says to PAGE_IS_GUARD")
        return int(real(fd, request, argument)) if isinstance(argument, bytearray) else 0

    monkeypatch.setattr(reader.fcntl, "ioctl", as_6_7)
    runs, values = ask_pages(pid, f"{where['zero']:x}-{where['zero'] + PAGE:x}", "scan")
    assert runs == [(where["zero"], where["zero"] + PAGE, PRESENT | PFNZERO)]
    assert values["errno"] == "0"
