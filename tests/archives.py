"""Tars byte by byte: the forms that real programs write, and those that only somebody writes who wants to do harm."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable, Iterator

from tests import builders

END = bytes(1024)
STAT, STATM = builders.STAT % (0, 0, 0), b"1000 100 50 10 0 200 0\n"
SMAPS = builders.smaps_text("10-20 rw-p [heap] rss=8k", "30-40 r--p /usr/lib/a.so")
FILES = {
    "stat": STAT,
    "statm": STATM,
    "status": b"Name:\tprogram\nUid:\t0\t0\t0\t0\nVmSize:\t    4000 kB\n",
    "limits": b"Limit                     Soft Limit           Hard Limit           Units     \n",
    "cgroup": b"0::/a\n",
    "oom_score": b"0\n",
    "oom_score_adj": b"0\n",
    "cmdline": b"program\0",
    "smaps": SMAPS,
}
MIB, GIB = 1 << 20, 1 << 30
SIZES = {
    "-1": b"-0000000001\0",
    "-512": b"-0000001000\0",
    "nan": b"NaN\0\0\0\0\0\0\0\0\0",
    "hexadecimal": b"0x10\0\0\0\0\0\0\0\0",
    "nines": b"99999999999\0",
    "letters": b"abcdefghijk\0",
    "binary -1": b"\xff" * 12,
    "binary -512": b"\xff" * 10 + b"\xfe\0",
    "binary least": b"\x80" + b"\xff" * 11,
    "binary 8 EiB": b"\x80\0\0\0\x80" + bytes(7),
    "8 GiB": b"77777777777\0",
    "without an end": b"777777777777",
    "e": b"1e3" + bytes(9),
    "signed": b"+1\0\0\0\0\0\0\0\0\0\0",
    "spaces within": b"1 1\0\0\0\0\0\0\0\0\0",
    "underscore": b"1_0\0\0\0\0\0\0\0\0\0",
    "arabic": "٣٣٣".encode() + bytes(6),
    "binary odd": b"\xc0" + bytes(11),
}


def header(
    name: bytes, size: int | bytes = 0, kind: bytes = b"0", target: bytes = b"", magic: bytes = b"ustar\x0000"
) -> bytes:
    """One header block with its checksum."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = name[:100].ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + field + b"00000000000\0" + b" " * 8 + kind
    block += target[:100].ljust(100, b"\0") + magic
    return signed(block.ljust(512, b"\0"))


def signed(block: bytes) -> bytes:
    """The block with the checksum that belongs to it."""
    block = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def file(name: bytes, data: bytes, **how: bytes) -> bytes:
    return header(name, len(data), **how) + padded(data)


def record(key: bytes, value: bytes) -> bytes:
    """One PAX record."""
    size = len(key) + len(value) + 3
    while len(str(size)) + len(key) + len(value) + 3 != size:
        size = len(str(size)) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (size, key, value)


def pax(*records: bytes, kind: bytes = b"x") -> bytes:
    return file(b"PaxHeaders/x", b"".join(records), kind=kind)


def long(name: bytes, kind: bytes = b"L") -> bytes:
    return file(b"././@LongLink", name + b"\0", kind=kind, magic=b"ustar  \0")


def process(pid: int = 7, **files: bytes | None) -> bytes:
    """Members of a process that can be read, but for `files` of other content, or without those that are None."""
    texts = {**FILES, **files}
    return b"".join(file(b"proc/%d/%s" % (pid, name.encode()), t) for name, t in texts.items() if t is not None)


GOOD = process() + END
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


# -- hostile ones: each class by name, its members by label -----------------------------------------------------------

Members = Iterator[tuple[str, bytes]]


def wrong_sizes() -> Members:
    """Sizes that are none, below zero or absurd, of each kind of member and of each extended header."""
    for label, size in SIZES.items():
        for kind in (b"0", b"\0", b"7", b"x", b"g", b"L", b"K", b"S", b"?"):
            yield f"{label} of {kind!r}", process() + header(b"proc/7/smaps", size, kind) + padded(SMAPS) + END
    for text in (b"-1", b"NaN", b"1e9", b"0x10", b"", b" 7", b"9" * 40, "٣".encode(), b"18446744073709551616"):
        yield f"PAX size {text!r}", process() + pax(record(b"size", text)) + file(b"proc/7/smaps", SMAPS) + END


def header_bombs() -> Members:
    for kind in (b"x", b"g", b"L", b"K"):
        for size in (2 * MIB, GIB, 7 * GIB):
            yield f"{kind!r} of {size}", header(b"a", size, kind) + bytes(MIB) + GOOD
        yield f"{kind!r} again and again", pax(record(b"path", b"a"), kind=kind) * 3000 + GOOD
    for label, text in {
        "no length": b"a=b\n",
        "length 0": b"0 a=b\n",
        "length beyond": b"999 a=b\n",
        "length huge": b"9" * 30 + b" a=b\n",
        "length below zero": b"-6 a=b\n",
        "no equals": b"6 abc\n",
        "no key": b"5 =b\n",
        "no newline": b"6 a=bb",
        "zeros": bytes(64),
        "length too short": b"3 a=b\n",
        "binary": bytes(range(256)),
    }.items():
        for kind in (b"x", b"g"):
            yield (
                f"records with {label} in {kind!r}",
                process() + file(b"h", text, kind=kind) + file(b"proc/7/comm", b"a") + END,
            )
    yield "nested long names", b"".join(long(b"n" * 200) for _ in range(5000)) + GOOD
    yield "an extended header at the end", process() + pax(record(b"path", b"a")) + END
    yield "a thousand paths in one", pax(*[record(b"path", b"%d" % at) for at in range(1000)]) + file(b"a", b"") + GOOD


def names() -> Members:
    odd = (
        b"../escaped/stat",
        b"proc/../../stat",
        b"proc/7/..",
        b"..",
        b"/../x/stat",
        b"proc/7/a\0b/stat",
        b"",
        b"/",
        b"//",
        b".",
        b"./.",
        b"proc/7/\x1b[31mstat",
        b"proc/7/\nstat",
        b"\xff\xfe/stat",
        b"proc/\xff/stat",
        b"n" * 5000,
        b"a/" * 2000 + b"stat",
        b"proc/" + b"9" * 300 + b"/stat",
        b"proc/-1/stat",
        b"proc/7/stat/",
        b"proc/7/stat/stat",
        "proc/٣/stat".encode(),
        "proc/²/stat".encode(),
        b"proc",
        b"proc/7",
        b"proc/7/smaps/x/stat",
        b"c:\\stat",
        b"\xe2\x80\xae/../stat",
    )
    for name in odd:
        for before, how in ((pax(record(b"path", name)), "PAX"), (long(name), "GNU"), (b"", "plain")):
            for kind in (b"0", b"5", b"2", b"1"):
                shown = name if not before else b"short"
                yield f"{how} {name[:30]!r} {kind!r}", process() + before + header(shown, 0, kind, b"proc/7/stat") + END


def links() -> Members:
    for kind in (b"1", b"2"):
        for target in (
            b"/proc/self/smaps",
            b"/etc/passwd",
            b"../../../../etc/passwd",
            b"proc/7/smaps",
            b"smaps",
            b"",
            b"/dev/zero",
            b".",
        ):
            for name in (b"smaps", b"stat", b"statm", b"exe"):
                yield f"{kind!r} {name!r} -> {target!r}", process() + header(b"proc/7/" + name, 0, kind, target) + END
    for kind in (b"3", b"4", b"6", b"D", b"M", b"V", b"N", b"A", b"Z"):
        for name in (b"smaps", b"stat"):
            yield f"{name!r} of kind {kind!r}", process() + header(b"proc/7/" + name, 0, kind) + END
    chain = b"".join(header(b"proc/%d/stat" % at, 0, b"1", b"proc/%d/stat" % (at + 1)) for at in range(8, 300))
    yield "a chain of hard links", process() + chain + END
    yield "proc is a link", header(b"proc", 0, b"2", b"/proc") + process() + END
    yield "the process is a link", header(b"proc/7", 0, b"2", b"/proc/1") + process() + END


def sparse_files() -> Members:
    for real in (3 * GIB, 300 * GIB, 3 << 40):
        old = bytearray(header(b"proc/7/smaps", 512, b"S", magic=b"ustar  \0"))
        old[386:410] = b"%011o\0%011o\0" % (0, 512)
        old[483:495] = b"\x80" + real.to_bytes(11, "big")
        yield f"GNU of {real}", process() + signed(bytes(old)) + bytes(512) + END
        for major, map_ in (
            (b"0", (record(b"GNU.sparse.map", b"0,512"),)),
            (b"0", (record(b"GNU.sparse.offset", b"0"), record(b"GNU.sparse.numbytes", b"512"))),
        ):
            told = pax(record(b"GNU.sparse.major", major), record(b"GNU.sparse.size", b"%d" % real), *map_)
            yield f"PAX 0 of {real} {len(map_)}", process() + told + file(b"proc/7/smaps", bytes(512)) + END
        for text in (
            b"1\n0\n512\n",
            b"0\n",
            b"-1\n",
            b"9" * 30 + b"\n",
            b"99999\n" + b"0\n1\n" * 900,
            b"\n" * 512,
            b"1\n512\n0\n",
            b"2\n0\n9\n0\n9\n",
            bytes(512),
        ):
            told = pax(
                record(b"GNU.sparse.major", b"1"),
                record(b"GNU.sparse.minor", b"0"),
                record(b"GNU.sparse.realsize", b"%d" % real),
            )
            yield (
                f"PAX 1.0 of {real} {text[:9]!r}",
                process() + told + file(b"proc/7/smaps", padded(text) + bytes(512)) + END,
            )
    for numbers in (b"0", b"0,-1", b"-1,5", b"a,b", b"5,5,0,5", b"0,99999999999", b"," * 9000, b"1,1," * 9000 + b"2,2"):
        told = pax(record(b"GNU.sparse.size", b"600"), record(b"GNU.sparse.map", numbers))
        yield f"map {numbers[:9]!r}", process() + told + file(b"proc/7/smaps", bytes(512)) + END
    chained = bytearray(header(b"proc/7/smaps", 0, b"S", magic=b"ustar  \0"))
    chained[482], chained[483:495] = 1, b"00000001000\0"
    yield (
        "GNU extensions without end",
        process() + signed(bytes(chained)) + (bytes(504) + b"\1" + bytes(7)) * 4000 + END,
    )
    for real in (40 * MIB, 100 * MIB):  # each within the limit of one file
        one = bytearray(header(b"proc/7/smaps", 0, b"S", magic=b"ustar  \0"))
        one[483:495] = b"%011o\0" % real
        yield f"many of {real}", signed(bytes(one)) * 60 + GOOD


def shapes() -> Members:
    deep = b"d/" * 5000
    yield (
        "5,000 folders",
        b"".join(pax(record(b"path", deep[: 2 * at])) + header(b"a", 0, b"5") for at in (1, 100, 5000)) + GOOD,
    )
    yield "5,000 folders, GNU", long(deep + b"stat") + header(b"a") + GOOD
    yield "600 folders", pax(record(b"path", b"d/" * 600 + b"stat")) + header(b"a") + GOOD
    yield "the same name 20,000 times", file(b"proc/7/stat", STAT) * 20_000 + GOOD
    yield "tiny members", header(b"proc/1/comm") * 210_000 + GOOD
    yield "tiny members of many processes", b"".join(header(b"proc/%d/stat" % at) for at in range(1, 210_000)) + END
    yield "many empty folders", b"".join(header(b"%d/x/y/z" % at, 0, b"5") for at in range(210_000)) + END
    yield "a file, then a folder", process() + header(b"proc/7/stat", 0, b"5") + END
    yield "a file in a file", process() + file(b"proc/7/stat/stat", STAT) + END
    yield "a folder, then a file", header(b"proc/7/stat", 0, b"5") + file(b"proc/7/stat/stat", STAT) + GOOD
    yield from {
        "nothing": b"",
        "a line": b"hello\n",
        "one byte": b"\0",
        "zeros": bytes(20_000),
        "a list": b"10-20 rw-p\n" * 900,
        "noise": random.Random(1).randbytes(50_000),
        "only a header": header(b"proc/7/stat", 99),
        "no process": file(b"readme", b"hello") + END,
        "an empty proc": header(b"proc/", 0, b"5") + END,
        "zip": b"PK\3\4" + bytes(600),
        "zstd": b"\x28\xb5\x2f\xfd" + bytes(600),
        "gzip of a line": gzip.compress(b"hello\n"),
        "gzip of nothing": gzip.compress(b""),
        "xz of nothing": lzma.compress(b""),
        "bz2 of nothing": bz2.compress(b""),
        "gzip's magic": b"\x1f\x8b",
        "bz2's": b"BZh",
        "xz's": b"\xfd7zXZ\0",
        "lzma's": b"]\0\0",
        "gzip of gzip": gzip.compress(gzip.compress(GOOD)),
    }.items()


def contents() -> Members:
    """Files that are not what a kernel writes, or not so much of it."""
    row = b"%x-%x ---p 0 00:00 0\n"
    kinds: dict[str, dict[str, bytes | None]] = {
        "a row of 20 MiB": {"smaps": b"a" * (20 * MIB)},
        "a row of 100 KiB in maps": {"maps": b"1-2 r" + b"a" * 100_000, "smaps": None},
        "400,000 rows": {"maps": b"".join(row % (at, at + 1) for at in range(1, 400_000)), "smaps": None},
        "headers alone": {"smaps": b"".join(row % (at, at + 1) for at in range(1, 400_000))},
        "newlines": {"smaps": b"\n" * (20 * MIB)},
        "lines": {"smaps": b"x\n" * (10 * MIB)},
        "fields": {"smaps": row % (1, 2) + b"".join(b"A%x: 1 kB\n" % at for at in range(100_000))},
        "noise": {"smaps": random.Random(2).randbytes(20 * MIB)},
        "noise in all": {name: bytes(range(256)) * 99 for name in FILES},
        "a status of 20 MiB": {"status": b"a a" * (7 * MIB)},
        "a command line of 20 MiB": {"cmdline": b"a\0" * (10 * MIB)},
        "a file of 129 MiB": {"smaps": bytes(129 * MIB)},
        "nothing": dict.fromkeys(FILES, b""),
    }
    for label, files in kinds.items():
        yield label, process(**files) + END


def bombs() -> Members:
    """600 MiB in some KiB, in one compressed stream and in several that are joined."""
    zeros = bytes(50 * MIB)
    begin = process() + header(b"proc/7/other", 500 * MIB)
    again = header(b"proc/7/another", 500 * MIB)
    for name, pack in PACKERS.items():
        packed = pack(zeros)
        yield f"{name}, joined", pack(begin) + packed * 10 + pack(again) + packed * 10
        yield f"{name}, kept", pack(process() + header(b"proc/7/smaps", 120 * MIB)) + packed * 12
        yield f"{name}, behind the end", pack(GOOD) + packed * 12
        yield f"{name}, of nothing", pack(b"") * 100_000 + pack(GOOD)
        yield f"{name}, garbage behind", pack(GOOD) + b"garbage" * 99
        yield f"{name}, its own magic behind", pack(GOOD) + pack(b"")[:6] + b"garbage" * 99
    yield "gz in one stream", gzip.compress(begin + zeros * 10 + again + zeros * 2, 1)
    huge = lzma.compress(GOOD, lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}])
    yield "lzma that asks for 4 GiB", huge[:1] + b"\xff\xff\xff\xff" + huge[5:]


def cuts_and_flips() -> Members:
    chance = random.Random(7)
    whole = pax(record(b"path", b"proc/7/status")) + file(b"a", b"Name:\tx\n") + GOOD
    for name, text in {"tar": whole, **{name: pack(whole) for name, pack in PACKERS.items()}}.items():
        step = max(len(text) // 60, 1)
        for at in (*range(16), *range(16, len(text), step), *range(max(len(text) - 8, 0), len(text))):
            yield f"{name} cut at {at}", text[:at]
        for _ in range(120):
            flipped = bytearray(text)
            for _ in range(chance.choice((1, 1, 3, 20))):
                flipped[chance.randrange(min(len(text), 3000))] ^= 1 << chance.randrange(8)
            yield f"{name} flipped", bytes(flipped)
    for _ in range(300):  # a wrong header whose checksum is right
        block = bytearray(whole[1024:1536])
        for _ in range(chance.choice((1, 2, 8))):
            block[chance.randrange(512)] = chance.randrange(256)
        yield "flipped and signed", whole[:1024] + signed(bytes(block)) + whole[1536:]


HOSTILE: dict[str, Callable[[], Members]] = {
    each.__name__: each
    for each in (wrong_sizes, header_bombs, names, links, sparse_files, shapes, contents, bombs, cuts_and_flips)
}
