"""The pixels of all lanes, from what lies under each of them. Needs no Qt: a terminal may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from memviz.core.regions import Array, Mask
from memviz.gui.map.strip import Strip
from memviz.gui.map.terrain import OF_FILE, PRIVATE, SWAP, ZERO, Terrain

GROUND, LINE, QUIET, STRONG = range(4)
STACK = (PRIVATE, SWAP, OF_FILE, ZERO)  # from the bottom of a lane to its top
LEAST_BLOCK, LEAST_REGION = 4, 9  # pixels from which on the borders of blocks and regions show
Pixels = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colours as 0xffRRGGBB: `table[entry, ink]`, and what all entries share."""

    table: Array
    ground: int
    dots: int
    alarm: int


def paint(
    terrain: Terrain, strip: Strip, entry: Array, palette: Palette, count: int, thickness: int, pitch: int
) -> Pixels:
    """`count` lanes of equal width, `pitch` apart: an array of shape (count * pitch, width). `entry` is the row of the
    palette's table for each region."""
    width = len(strip) // count
    inks, levels = _inks(terrain, strip, entry, palette), _levels(strip, thickness)
    signs = _signs(terrain, strip, width)
    out = np.empty((count, pitch, width), np.uint32)
    out[:, thickness:] = palette.ground
    shaped = [ink.reshape(count, width) for ink in inks]
    heights = {kind: level.reshape(count, width) for kind, level in levels.items()}
    top = np.max([level.max() for level in levels.values()]) if levels else 0
    for y in range(thickness):
        line, height = out[:, y], thickness - y
        line[:] = shaped[GROUND]
        for kind in reversed(STACK):
            if kind in heights and height <= top:
                np.copyto(line, _ink_of(kind, y, shaped), where=heights[kind] >= height)
        for pattern, ink in signs:
            if (mask := pattern(y, thickness)) is not None:
                np.copyto(line, _chosen(ink, shaped, palette), where=mask.reshape(count, width))
    _outline(out, shaped, heights, thickness)
    lanes, columns = np.divmod(strip.folds, width)
    out[lanes[:, None], np.arange(1, thickness, 4), columns[:, None]] = palette.dots
    return out.reshape(count * pitch, width)


def _chosen(ink: int, shaped: list[Array], palette: Palette) -> Any:
    return np.uint32(palette.alarm) if ink < 0 else shaped[ink]


def _ink_of(kind: int, y: int, shaped: list[Array]) -> Array:
    """Strong for what costs; files quiet; the zero page only ruled."""
    if kind == ZERO:
        return shaped[QUIET if y % 3 == 0 else GROUND]
    return shaped[QUIET if kind == OF_FILE else STRONG]


def _inks(terrain: Terrain, strip: Strip, entry: Array, palette: Palette) -> list[Array]:
    """The four inks of every pixel; borders of blocks, regions and cells are left blank."""
    none = strip.row < 0
    which = entry[strip.row]
    inks = [palette.table[:, ink][which] for ink in range(4)]
    blank = none.copy()
    faint = np.zeros(len(none), np.bool_)
    block = np.where(none, -1, terrain.block[strip.row].astype(np.int64))
    blank[_borders(block, LEAST_BLOCK)] = True
    faint[_borders(strip.row, LEAST_REGION)] = True
    if strip.cells is not None:
        faint |= strip.cells
    for ink in inks:
        if ink is not inks[GROUND]:
            np.copyto(ink, inks[GROUND], where=faint)
    for ink in inks:
        ink[blank] = palette.ground
    return inks


def _borders(value: Array, least: int) -> Array:
    """The first pixel of each run of one value that is long enough to spare it."""
    first = np.flatnonzero(value[1:] != value[:-1]) + 1
    length = np.diff(np.append(first, len(value)))
    found: Array = first[length >= least]
    return found


def _levels(strip: Strip, thickness: int) -> dict[int, Array]:
    """How high each kind reaches, from the bottom; what is there shows at least one pixel."""
    levels: dict[int, Array] = {}
    below: Array | None = None
    for kind in STACK:
        share = strip.shares.get(kind)
        if share is None:
            continue
        level = np.rint(share * thickness)
        level[(share > 0) & (level < 1)] = 1
        level[strip.fold | (strip.row < 0)] = 0
        if below is not None:
            level = np.minimum(level + below, thickness)
        below = level
        levels[kind] = level.astype(np.uint8)
    return levels


def _signs(terrain: Terrain, strip: Strip, width: int) -> list[tuple[Any, int]]:
    """Patterns over the fill: each gives, for a line of pixels, where it lies, and has an ink (-1 for alarm)."""
    x = np.arange(len(strip)) % width
    signs: list[tuple[Any, int]] = []
    if strip.averaged is not None and strip.averaged.any():
        averaged = strip.averaged
        signs.append((lambda y, t: averaged & ((x + y) % 6 < 2), GROUND))
    if (swap := strip.shares.get(SWAP)) is not None and swap.any():
        swapped = swap > 0
        signs.append((lambda y, t: swapped & ((x - y) % 5 < 2), GROUND))
    if strip.wider is not None and strip.wider.any():
        wider = strip.wider
        signs.append((lambda y, t: wider if y % 4 < 2 else None, GROUND))
    alarming = terrain.alarming[strip.row] & (strip.row >= 0)
    if alarming.any():
        signs.append((lambda y, t: alarming if y < 3 else None, -1))
    return signs


def _outline(out: Array, shaped: list[Array], heights: dict[int, Array], thickness: int) -> None:
    """A fine line around what is mapped, where it is not full."""
    top: Mask | None = None
    empty: Mask | None = None
    for level in heights.values():
        full, none = level >= thickness, level == 0
        top = full if top is None else top | full
        empty = none if empty is None else empty & none
    for y, spared in ((0, top), (thickness - 1, None if empty is None else ~empty)):
        np.copyto(out[:, y], shaped[LINE], where=True if spared is None else ~spared)
