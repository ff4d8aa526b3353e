"""A tar as a stream of members: V7, ustar, PAX and GNU with long names and sparse files, each within fixed limits.

tarfile of the standard library believes every size, keeps every header and calls itself for each extended one, and
what it accepts differs between the releases of one Python. Here nothing is allocated because a header asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from memviz.errors import Malformed
from memviz.text import clipped, shown

BLOCK = 512
EMPTY = bytes(BLOCK)
PIECE = 1 << 16
MOST_BYTES = 512 << 20  # of the whole archive: six processes of 60,000 regions, and the small files of thousands
LONGEST_NAME = 4096  # PATH_MAX
LARGEST_HEADER = 1 << 20  # bytes of one extended header: PAX records, a long name, the map of a sparse file
MOST_EXTENSIONS = 8  # extended headers of one member; there are three kinds
SHOWN_NAME = 80  # characters of a name in an error

FILE, HARD_LINK, SYMBOLIC_LINK, FOLDER = b"0", b"1", b"2", b"5"
WITHOUT_CONTENT = (HARD_LINK, SYMBOLIC_LINK, b"3", b"4", FOLDER, b"6")
LONG_NAME, LONG_TARGET, OWN, COMMON, SPARSE, INCREMENTAL_FOLDER = b"L", b"K", b"x", b"g", b"S", b"D"

_OCTAL = re.compile(rb"[0-7]*")
_DECIMAL = re.compile(rb"[0-9]{1,19}")


class Extent(NamedTuple):
    """Stored bytes of a sparse file: where they belong, and how many."""

    offset: int
    length: int


def readable(name: bytes) -> str:
    """A name as an error shows it."""
    return clipped(shown(name[: 8 * SHOWN_NAME]), SHOWN_NAME)


class ByteStream:
    """Bytes that arrive in chunks, taken in other lengths."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._data, self._at = chunks, b"", 0
        self.position = 0

    def some(self, most: int) -> bytes:
        """The next bytes, at least one; none at the end."""
        while self._at >= len(self._data):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._data, self._at = chunk, 0
        piece = self._data[self._at : self._at + most]
        self._at += len(piece)
        self.position += len(piece)
        return piece

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes; raises Malformed where there are fewer."""
        while size:
            piece = self.some(min(size, PIECE))
            if not piece:
                raise Malformed("ends in the middle: it was cut off")
            size -= len(piece)
            yield piece

    def up_to(self, size: int) -> bytes:
        """So many bytes in one, fewer at the end; `size` is below a limit of the caller's."""
        data = self.some(size)
        while len(data) < size and (piece := self.some(size - len(data))):
            data += piece
        return data

    def exactly(self, size: int) -> bytes:
        """The same; raises Malformed where there are fewer."""
        return b"".join(self.pieces(size))


@dataclass(slots=True)
class Member:
    """A member of the archive. `size` counts the holes of a sparse file; `kind` is FILE for all regular ones."""

    name: bytes
    kind: bytes
    target: bytes
    size: int
    modified: int
    _stream: ByteStream
    _extents: list[Extent]
    _stored: int  # bytes of content that are still to be read, the padding of the last block not counted
    _padding: int

    def content(self) -> Iterator[bytes]:
        """The bytes in pieces, holes as zeros. Only before the next member is asked for, and once."""
        at = 0
        for extent in self._extents:
            yield from _zeros(extent.offset - at)
            for piece in self._stream.pieces(extent.length):
                self._stored -= len(piece)
                yield piece
            at = extent.offset + extent.length
        yield from _zeros(self.size - at)

    def skip_rest(self) -> None:
        for _ in self._stream.pieces(self._stored + self._padding):
            pass


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield bytes(min(count, PIECE))
        count -= PIECE


def members(stream: ByteStream) -> Iterator[Member]:
    """Members in their order, up to the mark of the end; raises Malformed."""
    common: dict[bytes, bytes] = {}
    while (header := _header(stream)) is not None:
        own: list[tuple[bytes, bytes]] = []
        long_name = long_target = None
        extensions = 0
        while (kind := header[156:157]) in (LONG_NAME, LONG_TARGET, OWN, COMMON):
            text = _extension(stream, header)
            if kind == OWN:
                own += _records(text)
            elif kind == COMMON:
                common.update((key, value) for key, value in _records(text) if key in (b"path", b"linkpath", b"size"))
            elif kind == LONG_NAME:
                long_name = text.partition(b"\0")[0]
            else:
                long_target = text.partition(b"\0")[0]
            extensions += 1
            following = _header(stream)
            if following is None or extensions > MOST_EXTENSIONS:
                if following is None and kind == COMMON and not own:
                    return
                raise Malformed(f"an extended header without its member, or more than {MOST_EXTENSIONS} for one")
            header = following
        member = _member(stream, header, {**common, **dict(own)}, own, long_name, long_target)
        yield member
        member.skip_rest()


def _header(stream: ByteStream) -> bytes | None:
    """The next header block; None at the mark of the end."""
    at = stream.position
    block = stream.up_to(BLOCK)
    if len(block) < BLOCK:
        raise Malformed("ends without the mark of its end: it was cut off" if at else "not a tar" if block else "empty")
    if block == EMPTY:
        return None
    told = _octal(block[148:156])
    rest = block[:148] + b" " * 8 + block[156:]
    # some programs of old added the bytes as signed numbers
    if told != sum(rest) and told != sum(memoryview(rest).cast("b")):
        raise Malformed(f"the header at byte {at:,} is damaged" if at else "not a tar")
    return block


def _octal(field: bytes) -> int | None:
    """A number of a header, octal or (GNU) binary with the first bit set; None where it is none, or below zero."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.partition(b"\0")[0].strip(b" ")
    return int(text or b"0", 8) if _OCTAL.fullmatch(text) else None


def _size(field: bytes, name: bytes) -> int:
    size = _octal(field)
    if size is None:
        raise Malformed(f"{readable(name)}: its size is no number, or below zero")
    return size


def _extension(stream: ByteStream, header: bytes) -> bytes:
    size = _size(header[124:136], b"an extended header")
    if size > LARGEST_HEADER:
        raise Malformed(f"an extended header of more than {LARGEST_HEADER >> 20} MiB")
    return stream.exactly(size + -size % BLOCK)[:size]


def _records(text: bytes) -> list[tuple[bytes, bytes]]:
    """PAX records: `LENGTH KEY=VALUE` and a newline, where the length counts all of it."""
    found, at = [], 0
    while at < len(text):
        space = text.find(b" ", at, at + 12)
        digits = text[at : max(space, at)]
        end = at + int(digits) if digits.isdigit() else 0
        key, equals, value = text[space + 1 : end - 1].partition(b"=")
        if not (space < end <= len(text) and text[end - 1 : end] == b"\n" and key and equals):
            raise Malformed("an extended header whose records have another form than PAX")
        found.append((key, value))
        at = end
    return found


def _decimal(text: bytes, name: bytes) -> int:
    if not _DECIMAL.fullmatch(text):
        raise Malformed(f"{readable(name)}: its extended header has no number where one should be")
    return int(text)


def _member(
    stream: ByteStream, header: bytes, records: dict[bytes, bytes], own: list[tuple[bytes, bytes]],
    long_name: bytes | None, long_target: bytes | None,
) -> Member:  # fmt: skip
    kind = header[156:157]
    name = header[:100].partition(b"\0")[0]
    if header[257:263] == b"ustar\0" and (prefix := header[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    name = records.get(b"path", long_name if long_name is not None else name)
    name = records.get(b"GNU.sparse.name", name)
    target = records.get(b"linkpath", long_target if long_target is not None else header[157:257].partition(b"\0")[0])
    if not name or len(name) > LONGEST_NAME or b"\0" in name:
        raise Malformed(f"{readable(name)}: a name that no file has" if name else "a member without a name")
    if kind in (b"\0", b"7"):  # regular of old (where a folder is told by its name alone), and contiguous
        kind = FOLDER if kind == b"\0" and name.endswith(b"/") else FILE
    size = _decimal(records[b"size"], name) if b"size" in records else _size(header[124:136], name)
    modified = _octal(header[136:148]) or 0
    if kind in WITHOUT_CONTENT:  # whatever size it tells
        return Member(name, kind, target, 0, modified, stream, [], 0, 0)
    stored, padding = size, -size % BLOCK
    if stored > MOST_BYTES:
        raise Malformed(f"{readable(name)}: a member of more than {MOST_BYTES >> 20} MiB")
    extents = [Extent(0, size)] if size else []
    if kind == SPARSE:
        kind, size = FILE, _size(header[483:495], name)
        extents = _gnu_extents(stream, header, name)
    elif records.get(b"GNU.sparse.major") == b"1":
        size = _decimal(records.get(b"GNU.sparse.realsize", b""), name)
        extents, used = _extents_before_content(stream, stored, name)
        stored -= used
    elif b"GNU.sparse.size" in records:
        size = _decimal(records[b"GNU.sparse.size"], name)
        numbers = [value for key, value in own if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes")]
        extents = _extents(records[b"GNU.sparse.map"].split(b",") if b"GNU.sparse.map" in records else numbers, name)
    if kind == INCREMENTAL_FOLDER:  # its content is a list of names
        kind = FOLDER
    at = 0
    for extent in extents:
        if extent.offset < at:
            raise _no_map(name)
        at = extent.offset + extent.length
    if at > size or sum(extent.length for extent in extents) != stored:
        raise _no_map(name)
    return Member(name, kind, target, size, modified, stream, extents, stored, padding)


# -- sparse files: where the stored bytes belong ----------------------------------------------------------------------


def _no_map(name: bytes) -> Malformed:
    return Malformed(f"{readable(name)}: a sparse file whose map makes no sense")


def _extents(numbers: list[bytes], name: bytes) -> list[Extent]:
    """Extents of a list that alternates offsets and lengths; empty ones only tell where the file ends."""
    if len(numbers) % 2:
        raise _no_map(name)
    values = [_decimal(number, name) for number in numbers]
    return [Extent(*pair) for pair in zip(values[::2], values[1::2], strict=True) if pair[1]]


def _gnu_extents(stream: ByteStream, header: bytes, name: bytes) -> list[Extent]:
    """The old form: four in the header, and 21 in each block that follows while the one before says so."""
    found: list[Extent] = []
    fields, more, read = header[386:482], header[482], 0
    while True:
        for at in range(0, len(fields) - 23, 24):
            extent = Extent(_size(fields[at : at + 12], name), _size(fields[at + 12 : at + 24], name))
            if extent.length:
                found.append(extent)
        if not more:
            return found
        read += BLOCK
        if read > LARGEST_HEADER:
            raise _no_map(name)
        block = stream.exactly(BLOCK)
        fields, more = block[:504], block[504]


def _extents_before_content(stream: ByteStream, stored: int, name: bytes) -> tuple[list[Extent], int]:
    """PAX 1.0: the content begins with the number of extents and their numbers, a line each, in whole blocks. Also
    how many bytes that took."""
    text, lines, wanted = bytearray(), 0, 1
    while lines < wanted:
        if len(text) + BLOCK > min(stored, LARGEST_HEADER):
            raise _no_map(name)
        text += (block := stream.exactly(BLOCK))
        if not lines and b"\n" in block:
            wanted = 1 + 2 * _decimal(bytes(text).partition(b"\n")[0], name)
        lines += block.count(b"\n")
    return _extents(bytes(text).split(b"\n")[1:wanted], name), len(text)
