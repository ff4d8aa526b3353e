"""Stands in for a reader behind a prefix, and misbehaves: `python fake_reader.py MODE COMMAND...`.

It takes the program off its input as the real command would. With `patched:CODE` it runs that program with changes.
"""

from __future__ import annotations

import os
import re
import signal
import struct
import sys
import time

HEADER = struct.Struct("!2sBBIII")
DATA, FILE, END, BEAT = 1, 2, 3, 4


def frame(
    kind: int, request: int, payload: bytes = b"", magic: bytes = b"mv", version: int = 1, length: int = -1
) -> bytes:
    return HEADER.pack(magic, version, kind, request, 0, len(payload) if length < 0 else length) + payload


def send(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def program() -> bytes:
    wanted = int(re.findall(r"read\((\d+)\)", sys.argv[-1])[-1])
    text = b""
    while len(text) < wanted:
        text += os.read(0, wanted - len(text))
    return text


def requests() -> list[bytes]:
    return os.read(0, 1 << 16).split(b"\n")[:-1]


def number(line: bytes) -> int:
    return int(line.split()[0])


def main() -> None:
    mode = sys.argv[1]
    text = program()
    if mode.startswith("patched:"):
        names = {"__name__": "patched"}
        exec(compile(text, "reader", "exec"), names)
        exec(mode.removeprefix("patched:"), names)
        exec("main()", names)
        return
    if mode == "deaf":
        for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        time.sleep(60)
    if mode == "status":
        sys.exit(7)
    if mode == "banner":
        send(b"Welcome to this machine\n")
    first = number(requests()[0])
    match mode:
        case "garbage" | "banner":
            send(bytes(range(256)))
        case "version":
            send(frame(END, first, b"errno=0", version=2))
        case "oversized":
            send(frame(DATA, first, length=(1 << 16) + 1))
        case "kind":
            send(frame(9, first, b"errno=0"))
        case "cut":
            send(frame(DATA, first, b"half of it", length=100))
            sys.exit(0)
        case "killed":
            send(frame(DATA, first, b"some"))
            os.kill(os.getpid(), signal.SIGKILL)
        case "silent":
            time.sleep(60)
        case "beating":
            for _ in range(600):
                send(frame(BEAT, first))
                time.sleep(0.1)
        case "drop":
            # one byte after the other, then a frame for nobody, then the end
            for byte in frame(DATA, first, b"slow") + frame(DATA, 999, b"not yours") + frame(END, first, b"errno=0 x"):
                send(bytes([byte]))
        case "late":
            answered = [first]
            while answered:
                for number_ in answered:
                    send(frame(DATA, number_, b"x") + frame(END, number_, b"errno=0"))
                answered = [number(line) for line in requests()]
                time.sleep(0.6)
        case "not reading":
            time.sleep(60)
    while requests():
        pass


main()
