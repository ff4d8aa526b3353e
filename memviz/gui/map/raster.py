"""The pixels of all lanes, from what lies under each of them. Needs no Qt: a terminal may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from memviz.core.regions import Array, Mask
from memviz.gui.map.strip import Strip
from memviz.gui.map.terrain import GUARDED, OF_FILE, PRIVATE, SWAP, ZERO, Terrain

GROUND, LINE, QUIET, STRONG = range(4)
STEPS = 32  # of fill that are told apart
SEAM = 32  # pixels on both sides of where a scrolled picture was cut
LEAST_BLOCK, LEAST_REGION = 4, 9  # pixels from which on the borders of blocks and regions show
Pixels = npt.NDArray[np.uint32]
Pattern = Callable[[int], "Mask | None"]


class Line(NamedTuple):
    """What a line of pixels across a lane depends on: `level` is how many of the steps of fill reach it."""

    steps: int
    level: int
    is_top: bool
    is_bottom: bool
    is_hatched: bool


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colours as 0xffRRGGBB: `table[entry, ink]`, and what all entries share. `lines` keeps how every code looks in a
    kind of line."""

    table: Array
    ground: int
    dots: int
    alarm: int
    lines: dict[Line, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The line as pixels, all of it side by side: `count` of them from `at` on are looked at, the room on both sides is
    what scrolling grows into. Whoever paints the next picture paints into the same buffer."""

    buffer: Pixels  # (y, place along the line)
    at: int
    count: int

    @property
    def pixels(self) -> Pixels:
        """What is looked at."""
        return self.buffer[:, self.at : self.at + self.count]


def paint(
    terrain: Terrain, strip: Strip, codes: Array, palette: Palette, thickness: int, film: Film | None = None
) -> Film:
    """A strip as pixels. `codes` is what `codes_of` made of it; `film` one that nobody looks at any more: fresh memory
    costs a millisecond."""
    count = len(strip)
    shape = (thickness, 2 * count)
    buffer = film.buffer if film is not None and film.buffer.shape == shape else np.empty(shape, np.uint32)
    film = Film(buffer, count // 2, count)
    _paint_pixels(film.pixels, terrain, strip, codes, palette)
    return film


def paint_scrolled(old: Film, step: int, terrain: Terrain, strip: Strip, codes: Array, palette: Palette) -> Film:
    """What `paint` makes of the strip, when `old` shows it but for `step` pixels (at most half of it) at one end: what
    stays in sight stays where it is in the buffer, only what comes in is painted."""
    count, at = old.count, old.at + step
    if not 0 <= at <= count:  # the end of the buffer: back to its middle
        kept = old.pixels[:, max(step, 0) : count + min(step, 0)]
        at = count // 2
        first = at + max(-step, 0)
        old.buffer[:, first : first + kept.shape[1]] = kept
    film = Film(old.buffer, at, count)
    low, high = (max(count - step - SEAM, 0), count) if step >= 0 else (0, min(SEAM - step, count))
    _paint_pixels(film.pixels[:, low:high], terrain, strip.part(low, high), codes[low:high], palette)
    return film


def _paint_pixels(out: Pixels, terrain: Terrain, strip: Strip, codes: Array, palette: Palette) -> None:
    """Each pixel follows from its place on the line alone, never from where on the screen it is: so a film can move."""
    thickness = len(out)
    lines = _lines(palette, thickness)
    for y, colours in enumerate(lines):
        np.take(colours, codes, out=out[y], mode="clip")
    for pattern, ink in _signs(terrain, strip):
        shade: Array = np.full(1, palette.alarm, np.uint32)
        if ink >= 0:
            which = codes % (len(lines[0]) // 2) // (steps_of(thickness) + 1) ** 2
            shade = palette.table[which % len(palette.table), ink]
        for y in range(thickness):
            if (mask := pattern(y)) is not None:
                np.copyto(out[y], shade, where=mask)
    out[1::4, strip.folds] = palette.dots


def steps_of(thickness: int) -> int:
    """How many heights of fill lanes of a thickness tell apart."""
    return min(thickness, STEPS)


def codes_of(terrain: Terrain, strip: Strip, entry: Array, palette: Palette, thickness: int) -> Array:
    """The column of the palette that each pixel shows. `entry` is the row of the palette's table for each region."""
    steps = steps_of(thickness)
    which = _entries(terrain, strip, entry, len(palette.table))
    strong, all_ = _levels(strip, which, steps, len(palette.table))
    codes: Array = (which * (steps + 1) + strong) * (steps + 1) + all_
    if strip.wider is not None:
        codes[strip.wider] += (len(palette.table) + 1) * (steps + 1) ** 2
    return codes


def scrolled_codes(
    old: Array, step: int, terrain: Terrain, strip: Strip, entry: Array, palette: Palette, thickness: int
) -> Array:
    """The codes of a strip whose pixels but for `step` at one end were drawn before."""
    count = len(old)
    codes = np.empty_like(old)
    if step >= 0:
        codes[: count - step] = old[step:]
        low, high = max(count - step - SEAM, 0), count
    else:
        codes[-step:] = old[:step]
        low, high = 0, min(-step + SEAM, count)
    fresh = codes_of(terrain, strip.part(low, high), entry, palette, thickness)
    inner = SEAM // 2  # next to the cut itself a run of pixels may look shorter than it is
    if step >= 0:
        codes[low + (inner if low else 0) :] = fresh[inner if low else 0 :]
    else:
        codes[: high - (inner if high < count else 0)] = fresh[: high - (inner if high < count else 0)]
    return codes


def _lines(palette: Palette, thickness: int) -> list[Array]:
    """For each y, the colour of every code: (entry, strong up to here, anything up to there). The last entry is
    nothing at all. Once more the same, hatched: drawn wider than it is. Of thick lanes many lines are alike, and those
    of all thick lanes are the same: kept ones serve while a pane is resized."""
    steps = steps_of(thickness)
    if palette.lines and next(iter(palette.lines)).steps != steps:
        palette.lines.clear()
    kinds = [
        Line(steps, -(-(thickness - y) * steps // thickness), y == 0, y == thickness - 1, y % 4 < 2)
        for y in range(thickness)
    ]
    for kind in kinds:
        if kind not in palette.lines:
            palette.lines[kind] = _line(palette, kind)
    return [palette.lines[kind] for kind in kinds]


def _line(palette: Palette, kind: Line) -> Array:
    inks = np.vstack([palette.table, np.full((1, 4), palette.ground, np.uint32)]).astype(np.uint32)
    entry, strong, all_ = np.indices((len(inks), kind.steps + 1, kind.steps + 1)).reshape(3, -1)
    ink = np.where(strong >= kind.level, STRONG, np.where(all_ >= kind.level, QUIET, GROUND))
    if kind.is_top:
        ink[all_ < kind.steps] = LINE
    if kind.is_bottom:
        ink[all_ == 0] = LINE
    plain = inks[entry, ink]
    return np.concatenate([plain, inks[entry, GROUND] if kind.is_hatched else plain])


def _entries(terrain: Terrain, strip: Strip, entry: Array, nothing: int) -> Array:
    """The entry of every pixel; between blocks, and where nothing is, none."""
    none = strip.row < 0
    which = entry[strip.row].astype(np.intp)
    which[none] = nothing
    block = terrain.block[strip.row].astype(np.int64)
    block[none] = -1
    which[_borders(block, LEAST_BLOCK)] = nothing
    if strip.cells is not None:
        which[strip.cells & ~strip.fold] = nothing
    return which


def _levels(strip: Strip, which: Array, steps: int, nothing: int) -> tuple[Array, Array]:
    """How high what costs reaches, and how high anything does, from the bottom: what is there shows at least one
    step. Borders of regions stay empty."""
    empty = strip.fold | (which == nothing)
    empty[_borders(strip.row, LEAST_REGION)] = True
    strong = _risen(strip, (PRIVATE, SWAP), steps, empty)
    rest = _risen(strip, (OF_FILE, ZERO), steps, empty)
    return strong, np.minimum(strong + rest, steps)


def _risen(strip: Strip, kinds: tuple[int, ...], steps: int, empty: Mask) -> Array:
    found = [strip.shares[kind] for kind in kinds if kind in strip.shares]
    if not found:
        return np.zeros(len(strip), np.intp)
    share = found[0] if len(found) == 1 else np.minimum(found[0] + found[1], 1)
    level = (share * steps + 0.5).astype(np.intp)
    level += (level == 0) & (share > 0)
    level[empty] = 0
    return level


def _borders(value: Array, least: int) -> Array:
    """The first pixel of each run of one value that is long enough to spare it."""
    first = np.flatnonzero(value[1:] != value[:-1]) + 1
    length = np.diff(np.append(first, len(value)))
    found: Array = first[length >= least]
    return found


def _signs(terrain: Terrain, strip: Strip) -> list[tuple[Pattern, int]]:
    """Patterns over the fill: each gives, for a line of pixels, where it lies, and has an ink (-1 for alarm)."""
    signs: list[tuple[Pattern, int]] = []
    first = int(np.floor(strip.offset * strip.density + 0.5))
    slants = strip.averaged is not None or not strip.shares.keys().isdisjoint((SWAP, GUARDED))
    x = np.arange(first, first + len(strip)) if slants else np.empty(0)
    if strip.averaged is not None and (averaged := strip.averaged).any():
        signs.append((lambda y: averaged & ((x + y) % 6 < 2), GROUND))
    if (swap := strip.shares.get(SWAP)) is not None and (swapped := swap > 0).any():
        signs.append((lambda y: swapped & ((x - y) % 5 < 2), GROUND))
    if (zero := strip.shares.get(ZERO)) is not None and (zeros := zero > zero.dtype.type(0.5)).any():
        signs.append((lambda y: zeros if y % 4 else None, GROUND))
    if (guard := strip.shares.get(GUARDED)) is not None and (guards := guard > guard.dtype.type(0.5)).any():
        signs.append((lambda y: guards & (((x - y) % 8 == 0) | ((x + y) % 8 == 0)), LINE))
    if terrain.is_alarming and (alarming := terrain.alarming[strip.row] & (strip.row >= 0)).any():
        signs.append((lambda y: alarming if y < 3 else None, -1))
    return signs
