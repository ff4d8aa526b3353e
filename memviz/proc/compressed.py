"""The bytes of a plain or compressed file in chunks, within fixed limits of size and of processor time."""

from __future__ import annotations

import bz2
import lzma
import time
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from memviz.errors import Malformed

CHUNK = 1 << 18
MOST_SECONDS = 7.0  # of processor time, which does not run while others use the machine
XZ_MEMORY = 100 << 20  # `xz -9` needs 65 MiB; the header of a file may ask for 4 GiB
TOO_SLOW = f"takes more than {MOST_SECONDS:.0f} s to unpack; unpack it yourself and name the folder"
DAMAGED = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)  # what the three decompressors raise


class Decompressor(Protocol):
    """The interface that bz2 and lzma share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Gunzip:
    """zlib behind the same interface."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))


def _unxz() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=XZ_MEMORY)


FORMATS: tuple[tuple[bytes, str, Callable[[], Decompressor]], ...] = (
    (b"\x1f\x8b", "gzip", Gunzip),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", "xz", _unxz),
    (b"\x5d\0\0", "lzma", _unxz),
)


def chunks(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Chunks of at most CHUNK bytes of what the file holds, decompressed `most` bytes; raises Malformed."""
    start, total = time.thread_time(), 0
    for chunk in _decompressed(file):
        total += len(chunk)
        if total > most:
            raise Malformed(f"holds more than {most >> 20} MiB")
        if time.thread_time() - start > MOST_SECONDS:
            raise Malformed(TOO_SLOW)
        yield chunk


def _decompressed(file: BinaryIO) -> Iterator[bytes]:
    data = file.read(CHUNK)
    found = [known for known in FORMATS if data.startswith(known[0])]
    if not found:
        while data:
            yield data
            data = file.read(CHUNK)
        return
    magic, name, new = found[0]
    while data.startswith(magic):  # compressed files may be joined to one
        decompressor = new()
        while not decompressor.eof:
            try:
                chunk = decompressor.decompress(data, CHUNK)
            except DAMAGED as error:
                raise Malformed(f"its {name} data are damaged: {error}") from None
            data = file.read(CHUNK) if decompressor.needs_input and not decompressor.eof else b""
            if not chunk and not data and decompressor.needs_input and not decompressor.eof:
                raise Malformed(f"its {name} data end too early: it was cut off")
            yield chunk
        data = decompressor.unused_data.lstrip(b"\0") or file.read(CHUNK).lstrip(b"\0")
        if len(data) < len(magic):
            data += file.read(CHUNK)
