"""What hypothesis makes: region tables, and their maps and smaps texts byte for byte as the kernel writes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from hypothesis import strategies as st

from memviz.proc.maps import EXECUTE, MINOR_BITS, READ, SHARED, WRITE, Raw
from memviz.proc.smaps import FLAGS, snake

# show_smap() of Linux 6.18, and some that other kernels lack or that do not exist yet
FIELDS = (
    "KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean Private_Dirty Referenced "
    "Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb Swap SwapPss "
    "Locked Nobody_Knows"
).split()
EXTRAS = ("THPeligible", "ProtectionKey", "Later")
TOP = 1 << 64
WIDE = 10**8  # kB: from here on a value takes more than the eight characters of its column


@dataclasses.dataclass(frozen=True)
class Region:
    """One entry as the kernel knows it: `fields` in kB by name, `path` as it is shown (newlines are `\\012` there)."""

    start: int
    end: int
    permissions: str
    offset: int
    device: tuple[int, int]
    inode: int
    path: bytes
    fields: tuple[tuple[str, int], ...] = ()
    extras: tuple[tuple[str, int], ...] = ()
    flags: tuple[str, ...] | None = None


# -- as the kernel writes it ------------------------------------------------------------------------------------------


def maps_line(region: Region, word: int = 8) -> bytes:
    """show_vma_header_prefix() and the name; `word` is the kernel's sizeof(void *)."""
    major, minor = region.device
    head = (
        f"{region.start:08x}-{region.end:08x} {region.permissions} {region.offset:08x} "
        f"{major:02x}:{minor:02x} {region.inode} "
    ).encode()
    if region.path:
        head = head.ljust(25 + 6 * word - 1) + b" " + region.path  # seq_setwidth() and seq_pad()
    return head + b"\n"


def smaps_block(region: Region, word: int = 8) -> bytes:
    """show_smap(): the same line, then one for each field, and the flags."""
    lines = [field_line(name, value) for name, value in region.fields]
    lines += [f"{name + ':':<16}{value:8}\n" for name, value in region.extras]
    if region.flags is not None:
        lines.append("VmFlags: " + "".join(f"{flag} " for flag in region.flags) + "\n")
    return maps_line(region, word) + "".join(lines).encode()


def field_line(name: str, kib: int) -> str:
    if len(name) == 15:  # "Private_Hugetlb: " leaves seven characters
        return f"{name}: {kib:7} kB\n"
    return f"{name + ':':<16}{kib:8} kB\n"


def maps_text(regions: Sequence[Region], word: int = 8) -> bytes:
    return b"".join(maps_line(region, word) for region in regions)


def smaps_text(regions: Sequence[Region], word: int = 8) -> bytes:
    return b"".join(smaps_block(region, word) for region in regions)


# -- what a decoder made of it ----------------------------------------------------------------------------------------


def letters(bits: int) -> str:
    named = zip("rwx", (READ, WRITE, EXECUTE), strict=True)
    return "".join(letter if bits & bit else "-" for letter, bit in named) + ("s" if bits & SHARED else "p")


def decoded(raw: Raw) -> list[dict[str, object]]:
    """The rows of a table, each with its columns by name; text and flags spelled out."""
    rows = []
    for index in range(len(raw)):
        row: dict[str, object] = {name: int(column[index]) for name, column in raw.columns.items()}
        row["permissions"] = letters(int(raw.columns["permissions"][index]))
        row["path"] = raw.paths[int(raw.columns["path_id"][index])]
        del row["path_id"]
        if "flags" in row:
            bits = int(raw.columns["flags"][index])
            row["flags"] = {name for bit, name in enumerate(raw.flag_names) if bits >> bit & 1}
        rows.append(row)
    return rows


def expected(region: Region) -> dict[str, object]:
    """The row that a decoder should make of it."""
    row: dict[str, object] = {
        "start": region.start, "end": region.end, "permissions": region.permissions, "offset": region.offset,
        "device": region.device[0] << MINOR_BITS | region.device[1], "inode": region.inode, "path": region.path,
    }  # fmt: skip
    row |= {snake(name): value << 10 for name, value in region.fields if name != "Size"}
    row |= {snake(name): value for name, value in region.extras}
    if region.flags is not None:
        row["flags"] = set(region.flags)
    return row


# -- tables -----------------------------------------------------------------------------------------------------------

PAGE_SIZES = st.sampled_from([4096, 4096, 16384, 65536])
PERMISSIONS = st.tuples(st.sampled_from("r-"), st.sampled_from("w-"), st.sampled_from("x-"), st.sampled_from("ps"))
# Names as seq_path() shows them: anything but NUL and newline; never with a space first
PATHS = st.one_of(
    st.sampled_from([b"", b"", b"[heap]", b"[stack]", b"/usr/lib/libc.so.6", b"/dev/zero (deleted)", b"[anon:a b]"]),
    st.binary(min_size=1, max_size=40).map(lambda name: b"/" + name.replace(b"\n", b"\\012").replace(b"\0", b"0")),
)
DEVICES = st.one_of(
    st.tuples(st.integers(0, 0xFF), st.integers(0, 0xFF)), st.tuples(st.integers(0, 0xFFF), st.integers(0, 0xFFFFF))
)
KIB = st.one_of(st.just(0), st.integers(0, 5000), st.integers(0, WIDE - 1), st.integers(WIDE, (1 << 54) - 1))
FLAG_NAMES = st.sampled_from((*FLAGS, "zz", "q7", "??"))


@st.composite
def tables(draw: st.DrawFn, word: int = 8, max_size: int = 8, measured: bool = True) -> list[Region]:
    """Regions in order that do not overlap. With `measured` they have one kernel's fields, some with huge values."""
    page = draw(PAGE_SIZES)
    limit = (1 << 8 * word) // page
    edges = draw(st.lists(st.integers(1, limit - 1), min_size=0, max_size=2 * max_size, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    names = draw(st.lists(st.sampled_from(FIELDS), unique=True, min_size=1)) if measured else []
    names = [name for name in FIELDS if name in names]
    extras = [name for name in EXTRAS if measured and draw(st.booleans())]
    has_flags = measured and draw(st.integers(0, 9)) > 0
    result = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        fields = [("Size", (end - start) * page >> 10)] if measured else []
        fields += [(name, draw(KIB)) for name in names]
        flags = tuple(draw(st.lists(FLAG_NAMES, max_size=9))) if has_flags else None
        result.append(
            Region(
                start * page, end * page, "".join(draw(PERMISSIONS)), draw(st.integers(0, TOP // page - 1)) * page,
                draw(DEVICES), draw(st.one_of(st.integers(0, 10**7), st.integers(0, TOP - 1))), draw(PATHS),
                tuple(fields), tuple((name, draw(st.integers(0, 99))) for name in extras), flags,
            )
        )  # fmt: skip
    return result


@st.composite
def chunks(draw: st.DrawFn, text: bytes) -> list[bytes]:
    """The same bytes in pieces of any size, some of them empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


INTERESTING = b"\n :-0129afgkB%\0\xff\xe2\x80\xa8\r)("


@st.composite
def mutated(draw: st.DrawFn, text: bytes, most: int = 6) -> bytes:
    """The text with a few bytes changed, removed, repeated or put in, or cut off somewhere."""
    mutable = bytearray(text)
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, len(mutable)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(("put", "put", "insert", "remove", "repeat", "cut"))):
            case "put":
                mutable[at : at + 1] = bytes([draw(st.sampled_from(INTERESTING))])
            case "insert":
                mutable[at:at] = draw(st.binary(max_size=8))
            case "remove":
                del mutable[at : at + length]
            case "repeat":
                mutable[at:at] = mutable[max(0, at - length) : at]
            case "cut":
                del mutable[max(at, len(mutable) - 3 * length) :]
    return bytes(mutable)
