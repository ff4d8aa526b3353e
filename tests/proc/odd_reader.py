"""Stands in for a reader behind a prefix, and sends what a recipe says: `python odd_reader.py RECIPE COMMAND...`.

A recipe is Python that calls the functions below. It takes the program and the first request off its input before.
"""

from __future__ import annotations

import os
import re
import signal
import struct
import sys
import time
from typing import NoReturn

HEADER = struct.Struct("!2sBBIII")
DATA, FILE, END, BEAT = 1, 2, 3, 4
WHOLE = b"errno=0 alive=1"
request = 0


def frame(kind: int, payload: bytes = b"", number: int = -1, tag: int = 0, length: int = -1, version: int = 1) -> bytes:
    return (
        HEADER.pack(
            b"mv", version, kind, request if number < 0 else number, tag, len(payload) if length < 0 else length
        )
        + payload
    )


def send(*parts: bytes) -> None:
    data = b"".join(parts)
    while data:
        data = data[os.write(1, data) :]


def for_ever(*parts: bytes, every: float = 0.0) -> NoReturn:
    data = b"".join(parts) * (1 if every else max(1, 60_000 // max(1, sum(map(len, parts)))))
    while True:
        send(data)
        if every:
            time.sleep(every)


def drip(data: bytes, every: float) -> None:
    for byte in data:
        send(bytes([byte]))
        time.sleep(every)


def different_words() -> NoReturn:
    at = 0
    while True:
        send(frame(DATA, b"".join(b"%d=%d\n" % (word, at) for word in range(at, at + 4000))))
        at += 4000


def take_program() -> None:
    wanted = int(re.findall(r"read\((\d+)\)", sys.argv[-1])[-1])
    while wanted:
        wanted -= len(os.read(0, wanted))


def take_request() -> int:
    """The next request's number; ends at the end of input."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit(0)
        line += byte
    return int(line.split()[0])


def main() -> None:
    global request
    recipe = sys.argv[1]
    if recipe.startswith("deaf:"):
        recipe = recipe.removeprefix("deaf:")
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    take_program()
    if not recipe.startswith("early:"):
        request = take_request()
    exec(recipe.removeprefix("early:"), globals())
    while True:
        request = take_request()


try:
    main()
except BrokenPipeError:
    os._exit(0)
