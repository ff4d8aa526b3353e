"""Small real programs, each of which does one thing to its memory at a time: `memviz demo NAME`.

Each is run by path, in a process of its own that loads nothing of memviz but this folder, so that
what memviz shows of it is what it did. `stage.py` tells how a demo declares its steps and what it
prints. This file is the register, and is read by the demos themselves: it costs them little.
"""

import math
import os
import sys
from typing import NamedTuple

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
TIB = 1 << 40
PAGE = os.sysconf("SC_PAGE_SIZE")

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Number(NamedTuple):
    """The one number that a demo can be given: what it counts, and its bounds."""

    what: str
    default: int
    most: int


class Demo(NamedTuple):
    """One demo, and what it may use at most: it sets these limits on itself before its first step.

    `address_space` is RLIMIT_AS, in bytes: everything mapped, reservations too. `data` is
    RLIMIT_DATA, in bytes: what is private and writable. Both hold for each process of a demo.
    `seconds` is how long it may live at most; `--limit` can say less, and does unless told.
    """

    name: str
    title: str
    shows: str
    address_space: int = 512 * MIB
    data: int = 128 * MIB
    number: Number | None = None
    seconds: float = math.inf

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def path(self) -> str:
        return os.path.join(FOLDER, self.module + ".py")


MOST_REGIONS = 65_000

DEMOS: tuple[Demo, ...] = (
    Demo(
        "touch",
        "A page costs memory when it is first touched",
        "size and RSS: 16 MiB mapped, touched by halves, given back",
    ),
    Demo(
        "leak",
        "A heap that only grows, beside a cache that only works",
        "a leak of 1 MiB a step, and a busy cache that does not leak",
        number=Number("MiB to leak, one a step", default=16, most=256),
        data=512 * MIB,
        address_space=GIB,
    ),
    Demo(
        "copy-on-write",
        "Two processes share pages until one of them writes",
        "PSS and private pages of a fork whose child writes more and more",
    ),
    Demo(
        "stack",
        "A stack grows when it is used, and never shrinks",
        "the high-water mark of a stack; the stack and guard of a thread",
    ),
    Demo(
        "fragment",
        "Freed is not given back",
        "a heap that stays large though half is free, and malloc_trim",
    ),
    Demo(
        "files",
        "A mapped file: shared pages, private copies, and a deleted name",
        "clean and dirty pages of a private and a shared file mapping",
    ),
    Demo(
        "threads",
        "Every thread brings a stack, and soon an arena",
        "eight named threads, their stacks and guards, malloc's arenas",
        address_space=2 * GIB,
        data=256 * MIB,
    ),
    Demo(
        "sparse",
        "A reservation of 16 TiB that costs next to nothing",
        "a vast reserved range, used in 1,000 places, and page tables",
        address_space=17 * TIB,
        data=256 * MIB,
    ),
    Demo(
        "regions",
        "Neighbours that do not merge",
        "thousands of regions, up to what the kernel allows a process",
        number=Number("regions", default=2_000, most=MOST_REGIONS),
        address_space=512 * MIB + MOST_REGIONS * PAGE,
        data=128 * MIB + MOST_REGIONS * PAGE,
    ),
    Demo(
        "guard",
        "Pages that no one may touch",
        "guards that split a region (mprotect), and others (MADV_GUARD)",
    ),
    Demo(
        "shared",
        "Shared memory of three kinds, and some that no region shows",
        "shared anonymous, memfd and SysV memory; an unmapped memfd",
    ),
    Demo(
        "huge",
        "One touch, 2 MiB",
        "transparent huge pages: asked for, touched and split",
        address_space=GIB,
        data=512 * MIB,
    ),
    Demo(
        "jit",
        "Machine code that the program wrote itself",
        "code in a page that is writable, then executable; then both",
    ),
    Demo(
        "names",
        "Names that try to fool whoever reads them",
        "names with line breaks, terminal codes, bidi and forged rows",
    ),
    Demo(
        "stuck",
        "A process that does not answer",
        "a locked memory map (needs root and /dev/fuse; lasts 50 s)",
        seconds=50.0,
    ),
)


def find(name: str) -> Demo:
    """KeyError when there is no demo *name*."""
    return {demo.name: demo for demo in DEMOS}[name]


def command(name: str, *arguments: str) -> list[str]:
    """What to execute for a demo: an isolated Python, without site packages, run on this folder."""
    return [sys.executable, "-I", "-S", FOLDER, name, *arguments]
