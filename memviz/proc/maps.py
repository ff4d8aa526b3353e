"""/proc/PID/maps, and the header lines of smaps: bytes in, columns out.

`parse_header` reads one line and is the definition; `decode_headers` reads thousands at once and gives the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from memviz.errors import Malformed
from memviz.proc.digits import U8, Bools, Index, decimal, find, hexadecimal, words

READ, WRITE, EXECUTE, SHARED = 1, 2, 4, 8
MINOR_BITS = 20  # as in the kernel's MKDEV
# Bytes decoded by one round of array operations: long enough to be fast, short enough for the GIL, and for what is left
# to do when the last of them have come. A region takes some 700 bytes of smaps, and some 50 of maps.
MOST_ODD = 32 << 20  # bytes of rows that are not understood, from which on the whole is not what it should be
ODD_ROW = 100  # bytes that such a row takes besides its own
BATCH, MAPS_BATCH = 1 << 20, 1 << 18
HEADER = re.compile(  # the kernel writes eight digits at least, some collectors take the zeros away
    rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) "  # where, how, from where in the file
    rb"([0-9a-f]{2,3}):([0-9a-f]{2,5}) (\d{1,20})(?: +(.*))?",  # device, inode, path
    re.DOTALL,
)
PERMISSION_BITS = {
    ord("-"): 0, ord("p"): 0, ord("r"): READ, ord("w"): WRITE, ord("x"): EXECUTE, ord("s"): SHARED,
}  # fmt: skip

# The columns that every maps file has, with their types
HEADER_COLUMNS: dict[str, type] = {
    "start": np.uint64, "end": np.uint64, "permissions": np.uint8, "offset": np.uint64,
    "device": np.uint32, "inode": np.uint64, "path_id": np.uint32,
}  # fmt: skip
Columns = dict[str, npt.NDArray[Any]]


@dataclass(slots=True)
class Raw:
    """What a maps or smaps file says: columns of equal length (memory in bytes), the paths that `path_id` numbers,
    the names of the bits of `flags`, and the rows that could not be understood (counted here, in no column)."""

    columns: Columns
    paths: tuple[bytes, ...]
    flag_names: tuple[str, ...] = ()
    odd: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.columns["start"])


@functools.cache
def keep_freed_memory() -> None:
    """Once a process: makes malloc keep what the temporaries of a batch leave, instead of giving it back to the
    kernel and
    faulting it in again for the next one. glibc does so for blocks as large as the largest mapped one that was
    freed."""
    np.empty(16 << 20, np.uint8)


class Names(dict[bytes, int]):
    """Numbers byte strings in the order in which they are first seen."""

    def __missing__(self, name: bytes) -> int:
        self[name] = number = len(self)
        return number


def parse_header(line: bytes, names: Names) -> tuple[int, ...]:
    """The values of HEADER_COLUMNS from one line without its newline; raises Malformed."""
    match = HEADER.fullmatch(line)
    if match is None:
        raise Malformed(f"not a line of maps: {line[:80]!r}")
    start, end, letters, offset, major, minor, inode, path = match.groups()
    low, high, number = int(start, 16), int(end, 16), int(inode)
    if low >= high or number >= 1 << 64:
        raise Malformed(f"not a range of addresses: {line[:80]!r}")
    permissions = sum(PERMISSION_BITS[letter] for letter in letters)
    device = int(major, 16) << MINOR_BITS | int(minor, 16)
    return low, high, permissions, int(offset, 16), device, number, names[path or b""]


def decode_headers(text: bytes, starts: Index, ends: Index, names: Names) -> tuple[Columns, Bools]:
    """Columns of the header lines text[starts[i]:ends[i]]; the boolean array is False for the rows to parse one by one.

    `ends` are the positions of the newlines. `text` is at least eight bytes longer than the last start.
    """
    data, word = np.frombuffer(text, np.uint8), words(text)
    dash = find(data, starts, 0x2D, 8, 16)
    low, good = hexadecimal(word, starts, dash - starts)
    good &= dash >= 0
    space = find(data, dash + 1, 0x20, 8, 16)
    high, fine = hexadecimal(word, dash + 1, space - dash - 1)
    good &= fine & (space >= 0) & (low < high)
    last = len(text) - 1
    at = [data[np.minimum(space + step, last)] for step in range(1, 6)]
    permissions = np.zeros(len(starts), np.uint8)
    for letter, char, bit, other in zip(at, b"rwxs", (READ, WRITE, EXECUTE, SHARED), b"---p", strict=False):
        permissions |= (letter == char).astype(np.uint8) * np.uint8(bit)
        good &= (letter == char) | (letter == other)
    good &= at[4] == 0x20
    begin = space + 6
    space = find(data, begin, 0x20, 8, 16)
    offset, fine = hexadecimal(word, begin, space - begin)
    good &= fine & (space >= 0)
    device, fine = _devices(data, space + 1)
    good &= fine
    begin = space + 7
    # d:i is followed by a space, also where there is no path
    space = find(data, begin, 0x20, 1, 17)
    inode, fine = decimal(word, np.maximum(space, 8), space - begin)
    good &= fine & (space >= 0) & (space < ends)
    columns: Columns = {
        "start": low, "end": high, "permissions": permissions, "offset": offset, "device": device, "inode": inode,
        "path_id": _paths(text, data, space, ends, good, names),
    }  # fmt: skip
    return columns, good


def _devices(data: U8, at: Index) -> tuple[npt.NDArray[np.uint32], Bools]:
    """`MM:mm ` of two digits each, which is nearly every device; the others are parsed one by one."""
    last = len(data) - 1
    chars = [data[np.minimum(at + step, last)] for step in range(6)]
    good = (chars[2] == 0x3A) & (chars[5] == 0x20)
    value = np.zeros(len(at), np.uint32)
    for char, shift in ((chars[0], 4 + MINOR_BITS), (chars[1], MINOR_BITS), (chars[3], 4), (chars[4], 0)):
        is_digit, is_letter = (char >= 0x30) & (char <= 0x39), (char >= 0x61) & (char <= 0x66)
        good &= is_digit | is_letter
        value |= ((char & 0x0F) + is_letter * np.uint8(9)).astype(np.uint32) << np.uint32(shift)
    return value, good


def _paths(text: bytes, data: U8, space: Index, ends: Index, good: Bools, names: Names) -> npt.NDArray[np.uint32]:
    result = np.full(len(space), names[b""], np.uint32)
    rows = np.flatnonzero(good & (space + 1 < ends))
    begin, stop = space[rows] + 1, ends[rows]
    padded = np.arange(len(rows))
    while padded.size:  # the path begins at a fixed column: some thirty rounds at most
        padded = padded[(data[begin[padded]] == 0x20) & (begin[padded] < stop[padded])]
        begin[padded] += 1
    ids = [names[text[a:b]] for a, b in zip(begin.tolist(), stop.tolist(), strict=True)]
    result[rows] = np.array(ids, np.uint32)
    return result


class OddRows(list[bytes]):
    """Rows that were not understood."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = self._size = 0

    def check(self, waiting: int, longest: int = MOST_ODD) -> None:
        """Raise Malformed where they are too many to be odd, with `waiting` bytes of a row that has no end yet."""
        self._size += sum(len(row) + ODD_ROW for row in self[self._counted :])
        self._counted = len(self)
        if self._size + waiting > MOST_ODD or waiting > longest:
            raise Malformed(f"this is no map of a process: {(self or [b''])[0][:80]!r}")


class MapsDecoder:
    """Feed it the bytes of a maps file as they arrive; `finish` gives the table."""

    def __init__(self) -> None:
        keep_freed_memory()
        self.names = Names({b"": 0})
        self._pieces: list[Columns] = []
        self._odd = OddRows()
        self._waiting: list[bytes] = []
        self._size, self._enough = 0, MAPS_BATCH

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; decodes when a batch is full."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= self._enough:
            text = b"".join(self._waiting)
            end = text.rfind(b"\n") + 1
            self._decode(text[:end])
            self._waiting, self._size = [text[end:]], len(text) - end
            # a line without an end is not looked through again and again
            self._enough = max(MAPS_BATCH, 2 * self._size)
            self._odd.check(self._size)

    def finish(self) -> Raw:
        """The table; a last line without its newline is not taken for a row."""
        text = b"".join(self._waiting)
        end = text.rfind(b"\n") + 1
        self._decode(text[:end])
        if text[end:]:
            self._odd.append(text[end:])
        return Raw(join(self._pieces, HEADER_COLUMNS), tuple(self.names), odd=self._odd)

    def _decode(self, text: bytes) -> None:
        if not text:
            return
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 0x0A)
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        columns, good = decode_headers(text + bytes(64), starts, ends, self.names)
        keep = mend(columns, good, [text[a:b] for a, b in _spans(starts, ends, ~good)], self.names, self._odd)
        self._pieces.append(columns if keep is None else {name: column[keep] for name, column in columns.items()})


def _spans(starts: Index, ends: Index, chosen: Bools) -> Iterable[tuple[int, int]]:
    return zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True)


def mend(columns: Columns, good: Bools, lines: list[bytes], names: Names, odd: list[bytes]) -> Bools | None:
    """Parses the rows that are not `good` one by one, in place; tells which rows to keep (None: all)."""
    keep = None
    for row, line in zip(np.flatnonzero(~good).tolist(), lines, strict=True):
        try:
            values = parse_header(line, names)
        except Malformed:
            odd.append(line)
            keep = np.ones(len(good), np.bool_) if keep is None else keep
            keep[row] = False
            continue
        for column, value in zip(HEADER_COLUMNS, values, strict=True):
            columns[column][row] = value
    return keep


def join(pieces: list[Columns], types: dict[str, type]) -> Columns:
    """One read-only array a column out of the pieces; a column that is the same everywhere takes no room."""
    result: Columns = {}
    for name, kind in types.items():
        parts = [piece.pop(name) for piece in pieces]
        result[name] = compact(np.concatenate(parts).astype(kind, copy=False) if parts else np.empty(0, kind))
    return result


def compact(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same values read-only; where all are equal, one value that is broadcast over the length."""
    if len(column) > 1 and (column == column[0]).all():
        column = np.broadcast_to(column[:1].copy(), column.shape)
    column.flags.writeable = False
    return column
