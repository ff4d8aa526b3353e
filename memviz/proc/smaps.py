"""/proc/PID/smaps: bytes in, columns out, some 60 ms for 65,000 regions.

Every block of one kernel has the same lines, and nearly every line the same length (`Name:` padded, the value
right-aligned in eight characters, ` kB`). The layout is learned from the first block; blocks that keep to it are
decoded together, every byte of them checked; the others go through `parse_block`, which is the definition.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from memviz.errors import Malformed
from memviz.proc.digits import SPACES, Bools, Index, padded_decimal, words
from memviz.proc.maps import (
    BATCH,
    HEADER,
    HEADER_COLUMNS,
    Columns,
    Names,
    OddRows,
    Raw,
    compact,
    decode_headers,
    join,
    keep_freed_memory,
    parse_header,
)

# fs/proc/task_mmu.c, show_smap_vma_flags: the order in which the kernel writes them
FLAGS = (
    "rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd", "pf", "lo", "io", "sr", "rr", "dc", "de", "lf", "ac", "nr",
    "ht", "sf", "ar", "wf", "dd", "sd", "mm", "hg", "nh", "mg", "bt", "mt", "um", "uw", "ui", "ss", "sl", "gu", "lg",
)  # fmt: skip
MOST_FIELDS = 256  # of a block; Linux 6.18 has 24
LONGEST_BLOCK = 1 << 19  # bytes; a path has 16 KiB at most, and the other lines a few
LINE = 28  # bytes of `Name:` + value + ` kB\n`, while the value is below 10^8 kB
VALUE = re.compile(rb"([A-Za-z][!-9;-~]*):[ \t]*(\d{1,20})( kB)?")  # tabs: THPeligible of Linux 5.0 to 6.5
TEXT = re.compile(rb"[A-Za-z][!-9;-~]*:(?:[ \t]+[^ \t\d].*)?")  # a line of another kind, as a later kernel may have
FLAG = re.compile(rb"[a-z0-9]{2}|\?\?")  # the kernel itself writes ?? for a flag that it has no name for
_BLOCK = re.compile(rb"(?:\A|\n)(?=[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][ps] )")
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|_|(?<=[A-Z]{3})(?=[A-Z][a-z])|(?<=THP)|(?<=MMU)(?=P)")


def snake(name: str) -> str:
    """The column of a field: `Shared_Clean` is shared_clean, `AnonHugePages` is anon_huge_pages."""
    return "_".join(part.lower() for part in _WORDS.split(name) if part)


class Layout(NamedTuple):
    """The lines of a block after its header: `fields` of LINE bytes each, `extras` (`name: number`), then the flags."""

    fields: tuple[bytes, ...]
    extras: tuple[tuple[bytes, int], ...]  # the line up to its number, and the length of the line

    @property
    def lines(self) -> int:
        return 2 + len(self.fields) + len(self.extras)

    @property
    def columns(self) -> tuple[str, ...]:
        lines = [*self.fields, *(prefix for prefix, _ in self.extras)]
        return tuple(snake(line.partition(b":")[0].decode("ascii")) for line in lines)


def parse_block(lines: list[bytes], names: Names, flags: Names) -> tuple[tuple[int, ...], dict[str, int], int | None]:
    """Header values, fields (kB already as bytes), and the bits of VmFlags (None where the kernel tells none)."""
    header = parse_header(lines[0], names)
    fields: dict[str, int] = {}
    bits = None
    for line in lines[1:]:
        if line.startswith(b"VmFlags:"):
            bits = flag_bits(line[8:], flags)
            continue
        if line.startswith(b"Name:"):  # Android before the name was part of the header
            header = (*header[:-1], header[-1] or names[line[5:].strip()])
            continue
        match = VALUE.fullmatch(line)
        if match is None:
            if TEXT.fullmatch(line):
                continue
            raise Malformed(f"not a line of smaps: {line[:80]!r}")
        value = int(match[2]) << 10 if match[3] else int(match[2])
        if value >= 1 << 64 or snake(match[1].decode("ascii")) in fields:
            raise Malformed(f"not a line of smaps: {line[:80]!r}")
        fields[snake(match[1].decode("ascii"))] = value
    if len(fields) > MOST_FIELDS:
        raise Malformed(f"a region with more than {MOST_FIELDS} fields")
    size = fields.get("size")
    if size is not None and size != header[1] - header[0]:
        raise Malformed(f"a region of {header[1] - header[0]} bytes says that its size is {size}")
    return header, fields, bits


def flag_bits(text: bytes, flags: Names) -> int:
    """VmFlags as bits, numbered as in `flags`, which learns the names it does not know."""
    bits = 0
    for name in text.split():
        if not FLAG.fullmatch(name) or flags[name] > 63:
            raise Malformed(f"not VmFlags: {text[:80]!r}")
        bits |= 1 << flags[name]
    return bits


def learn(text: bytes) -> Layout | None:
    """The layout of a block, or None where its form is none that can be decoded in bulk."""
    *block, rest = text.split(b"\n")
    try:
        parse_block(block, Names({b"": 0}), Names())
    except (Malformed, IndexError):
        return None
    if rest:
        return None
    fields: list[bytes] = []
    extras: list[tuple[bytes, int]] = []
    has_flags = False
    for line in block[1:]:
        match = VALUE.fullmatch(line)
        if line.startswith(b"VmFlags: ") and not has_flags:
            has_flags = True
        elif match is None or has_flags or (match[3] and extras):
            return None
        elif match[3]:
            name = match[1] + b":"
            fields.append(name.ljust(16))
        else:
            extras.append((line[: match.start(2)].rstrip(b" "), len(line) + 1))
    if not fields or not has_flags or max(map(len, fields)) > 16 or len(set(fields)) < len(fields):
        return None
    return Layout(tuple(fields), tuple(extras))


class SmapsDecoder:
    """Feed it the bytes of a smaps file as they arrive; `finish` gives the table (see `Raw`; columns as in `snake`)."""

    def __init__(self) -> None:
        keep_freed_memory()
        self.names = Names({b"": 0})
        self.flags = Names({name.encode(): bit for bit, name in enumerate(FLAGS)})
        self._bits: dict[bytes, int | None] = {}  # a line of flags -> its bits, None if it is none
        self._layout: Layout | None = None
        self._columns: tuple[str, ...] = ()  # field columns, in the order of the first block
        self._has_flags = False
        self._pieces: list[Columns] = []
        self._odd = OddRows()
        self._waiting: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; decodes when a batch is full."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= BATCH:
            text = b"".join(self._waiting)
            end = _last_block(text)
            self._decode(text[:end])
            self._waiting, self._size = [text[end:]], len(text) - end
            self._odd.check(self._size, LONGEST_BLOCK)

    def finish(self) -> Raw:
        """The table; a block that ends in the middle is odd, not a row."""
        self._decode(b"".join(self._waiting))
        types = dict(HEADER_COLUMNS)
        if self._has_flags:
            types["flags"] = np.uint64
        columns = join(self._pieces, types)
        for index, name in enumerate(self._columns):
            if name != "size":  # derived from start and end, and checked against them
                shift = 10 if self._layout and index < len(self._layout.fields) else 0
                columns[name] = _join([piece[name] for piece in self._pieces], shift)
        known = {bit: name.decode() for name, bit in self.flags.items()}
        return Raw(columns, tuple(self.names), tuple(known[bit] for bit in range(min(len(known), 64))), self._odd)

    def _decode(self, text: bytes) -> None:
        if not text:
            return
        if not self._columns:
            self._layout = learn(text[: _first_block(text)])
            if self._layout is not None:
                self._columns, self._has_flags = self._layout.columns, True
        if self._layout is None or not self._decode_alike(text, self._layout):
            self._decode_singly(_blocks(text))

    # -- many blocks at once ----------------------------------------------------------------------------------------

    def _decode_alike(self, text: bytes, layout: Layout) -> bool:
        """Decodes blocks that all have as many lines as the layout; False where one has not."""
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 0x0A)
        if len(ends) % layout.lines or ends[-1] != len(text) - 1:
            return False
        lines = ends.reshape(-1, layout.lines)
        starts = np.empty(len(lines), np.intp)
        starts[0], starts[1:] = 0, lines[:-1, -1] + 1
        padded = text + bytes(LINE * len(layout.fields) + 64)
        columns, good = decode_headers(padded, starts, lines[:, 0], self.names)
        fields, fine = _fields(padded, lines[:, 0] + 1, layout)
        good &= fine & (lines[:, len(layout.fields)] == lines[:, 0] + LINE * len(layout.fields))
        extras, fine = _extras(padded, lines, layout)
        good &= fine
        values = dict(zip(self._columns, [*fields, *extras], strict=True))
        if "size" in values:
            good &= values["size"].astype(np.uint64) << np.uint64(10) == columns["end"] - columns["start"]
        columns["flags"] = self._all_flags(text, lines, good)
        if good.all():
            self._pieces.append({**columns, **values})
        else:
            blocks = [text[a:b] for a, b in zip(starts[~good].tolist(), (lines[~good, -1] + 1).tolist(), strict=True)]
            if not all(_is_one_block(block) for block in blocks):
                return False  # as many lines as there should be, but not where they should be
            shifts = [10] * len(fields) + [0] * len(extras)
            wide = {name: _bytes(values[name], shift) for name, shift in zip(values, shifts, strict=True)}
            self._pieces.append(self._mend(blocks, {**columns, **wide}, good))
        return True

    def _mend(self, blocks: list[bytes], columns: Columns, good: Bools) -> Columns:
        """Parses the rows that are not `good` one by one, in their places, and leaves out what cannot be understood."""
        keep = np.ones(len(good), np.bool_)
        for row, block in zip(np.flatnonzero(~good).tolist(), blocks, strict=True):
            piece = self._one(block)
            if piece is None:
                keep[row] = False
                continue
            for name, column in columns.items():
                column[row] = piece[name]
        return {name: column[keep] for name, column in columns.items()}

    def _all_flags(self, text: bytes, lines: npt.NDArray[np.intp], good: Bools) -> npt.NDArray[np.uint64]:
        """Bits of the last line of each block; a line equal to the one before of its length is not looked up again."""
        begins, lengths = lines[:, -2] + 1, lines[:, -1] - lines[:, -2] - 1
        result = np.zeros(len(lines), np.uint64)
        for length in np.flatnonzero(np.bincount(lengths)).tolist():
            rows = np.flatnonzero(lengths == length)
            if length < 9:
                good[rows] = False
                continue
            same = np.ndarray((len(text) - length + 1,), f"V{length}", text, strides=(1,))[begins[rows]]
            chars = same.view(np.uint8).reshape(len(rows), length)
            new = np.flatnonzero(np.concatenate(([True], (chars[1:] != chars[:-1]).any(axis=1))))
            bits = [self._known_bits(chars[row].tobytes()) for row in new.tolist()]
            good[rows[np.repeat([b is None for b in bits], np.diff(np.append(new, len(rows))))]] = False
            known = np.array([b or 0 for b in bits], np.uint64)
            result[rows] = np.repeat(known, np.diff(np.append(new, len(rows))))
        return result

    def _known_bits(self, line: bytes) -> int | None:
        if line not in self._bits:
            try:
                self._bits[line] = flag_bits(line[9:], self.flags) if line.startswith(b"VmFlags: ") else None
            except Malformed:
                self._bits[line] = None
        return self._bits[line]

    # -- one block after the other ----------------------------------------------------------------------------------

    def _one(self, block: bytes) -> dict[str, Any] | None:
        """One block as a row of columns; None, and the block is counted as odd, where it cannot be understood."""
        try:
            if not block.endswith(b"\n"):
                raise Malformed("a block ends in the middle")
            header, fields, flags = parse_block(block[:-1].split(b"\n"), self.names, self.flags)
            if not self._columns:
                self._columns, self._has_flags = tuple(fields), flags is not None
            if set(fields) != set(self._columns) or (flags is not None) != self._has_flags:
                raise Malformed("other fields than the first block has")
        except Malformed:
            self._odd.append(block)
            return None
        return {**dict(zip(HEADER_COLUMNS, header, strict=True)), **fields, "flags": flags or 0}

    def _decode_singly(self, blocks: list[bytes]) -> None:
        rows = [row for block in blocks if (row := self._one(block)) is not None]
        if rows:
            types: dict[str, type] = {**HEADER_COLUMNS, "flags": np.uint64, **dict.fromkeys(self._columns, np.uint64)}
            self._pieces.append({name: np.array([row[name] for row in rows], kind) for name, kind in types.items()})


def _bytes(part: npt.NDArray[Any], shift: int) -> npt.NDArray[np.uint64]:
    """A part of a column in bytes: where every block is alike it is kept in the file's units, as uint32."""
    return part.astype(np.uint64) << np.uint64(shift) if part.dtype == np.uint32 else part


def _join(parts: list[npt.NDArray[Any]], shift: int) -> npt.NDArray[np.generic]:
    """One column out of its parts; a part that is one value throughout takes no room (its stride is 0)."""
    if not parts:
        return compact(np.empty(0, np.uint64))
    if all(part.strides == (0,) for part in parts) and len({int(part[0]) for part in parts}) == 1:
        return np.broadcast_to(_bytes(parts[0][:1], shift), (sum(map(len, parts)),))
    return compact(np.concatenate([_bytes(part, shift) for part in parts]))


def _fields(text: bytes, begin: Index, layout: Layout) -> tuple[list[npt.NDArray[np.uint32]], Bools]:
    """Values of the fixed lines in kB, an array a line, and which rows keep to the layout in every byte.

    Most of the text is the same in every block: what equals the first block needs no second look.
    """
    count = len(layout.fields)
    width = LINE * count
    bodies = np.ndarray((len(text) - width + 1,), f"V{width}", text, strides=(1,))[begin]
    quads = bodies.view("<u4").reshape(len(begin), count, LINE // 4)
    differs = np.bitwise_or.reduce(quads ^ quads[0], axis=0) != 0
    good = np.ones(len(begin), np.bool_)
    template = np.frombuffer(b"".join(name + bytes(8) + b" kB\n" for name in layout.fields), "<u4").reshape(count, -1)
    fixed = np.array([True, True, True, True, False, False, True])
    if differs[:, fixed].any() or (quads[0] != template)[:, fixed].any():
        good = (quads == template)[:, :, fixed].all(axis=(1, 2))
    word = np.ndarray((len(begin), count), "<u8", bodies, offset=16, strides=(width, LINE))
    varying = np.flatnonzero(differs[:, 4] | differs[:, 5])
    first, fine = padded_decimal(word[0].copy())
    narrow = first.astype(np.uint32)
    # one value for all rows: an array of stride 0, which np.broadcast_to makes forty times as slowly
    values = [np.ndarray(good.shape, np.uint32, narrow, 4 * index, (0,)) for index in range(count)]
    numbers, fine_rows = padded_decimal(word[:, varying])
    for place, index in enumerate(varying.tolist()):
        values[index] = numbers[:, place].astype(np.uint32)
    fine[varying] = True
    return values, good & fine_rows.all(axis=1) & fine.all()


def _extras(text: bytes, lines: npt.NDArray[np.intp], layout: Layout) -> tuple[list[npt.NDArray[np.uint32]], Bools]:
    """Values of the lines without a unit, which are few: `THPeligible:           1`."""
    good = np.ones(len(lines), np.bool_)
    values = []
    word, data = words(text), np.frombuffer(text, np.uint8)
    for index, (prefix, length) in enumerate(layout.extras):
        end = lines[:, 1 + len(layout.fields) + index]
        begin = lines[:, len(layout.fields) + index] + 1
        good &= end - begin + 1 == length
        for at, char in enumerate(prefix):
            good &= data[begin + at] == char
        room = length - 1 - len(prefix)
        for at in range(len(prefix), length - 9):
            good &= data[begin + at] == 0x20
        mask = np.uint64((1 << 8 * max(8 - room, 0)) - 1)
        column, fine = padded_decimal((word[np.maximum(end - 8, 0)] & ~mask) | (SPACES & mask))
        values.append(column.astype(np.uint32))
        good &= fine
    return values, good


# -- where blocks begin -----------------------------------------------------------------------------------------------


def _first_block(text: bytes) -> int:
    """Where the second block begins."""
    return next(_inner_edges(text), len(text))


def _last_block(text: bytes) -> int:
    """Where the last block begins, which may not be complete."""
    at = len(text)
    while (at := text.rfind(b"\n", 0, at)) >= 0:
        line = text[at + 1 : text.find(b"\n", at + 1)] if text.find(b"\n", at + 1) >= 0 else b""
        if HEADER.fullmatch(line):
            return at + 1
    return 0


def _blocks(text: bytes) -> list[bytes]:
    edges = [0, *_inner_edges(text), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def _is_one_block(text: bytes) -> bool:
    return _BLOCK.match(text) is not None and next(_inner_edges(text), None) is None


def _inner_edges(text: bytes) -> Iterator[int]:
    return (found.end() for found in _BLOCK.finditer(text) if found.end())
