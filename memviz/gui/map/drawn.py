"""A frame made ready to be painted, when the view changes and not when it is painted: pixels, labels, gutters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from memviz.core.regions import Array, Mask
from memviz.gui.map.axis import Axis
from memviz.gui.map.cellwords import Cell, write_cells
from memviz.gui.map.frame import Frame
from memviz.gui.map.gutter import WORDY, Mark, addresses, landmarks
from memviz.gui.map.labels import Label, Words, dim_blocks, place_labels
from memviz.gui.map.lanes import Lanes
from memviz.gui.map.looks import TINY, Looks
from memviz.gui.map.notes import Note, Side, address_notes, fold_notes, side_notes
from memviz.gui.map.raster import Film, Palette, Pixels, codes_of, paint, paint_scrolled, scrolled_codes
from memviz.gui.map.strip import Strip, sample, scrolled
from memviz.gui.map.terrain import Terrain

Key = tuple[Terrain, Axis, Palette, "Mask | None", int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """`images` look into `film`, which the next picture is painted into; each has its place on the screen."""

    frame: Frame
    strip: Strip
    film: Film
    images: list[tuple[QRectF, QImage]]
    labels: list[Label]
    left: list[Mark]
    right: list[Mark]
    cells: list[Cell]
    notes: list[Note]
    sides: list[Side]
    codes: Array
    key: Key  # what codes were made for, but for the offset


def draw(
    frame: Frame, palette: Palette, entry: Array, wanted: Mask | None, looks: Looks, words: Words, density: float,
    before: Drawn | None = None,
) -> Drawn:  # fmt: skip
    """`wanted` is which regions the filter wants, None for all; the rest is dimmed. What was drawn before is used up:
    where the view only scrolled, most of it still shows."""
    lanes = frame.lanes
    width, thickness = round(lanes.width * density), round(lanes.thickness * density)
    real = width / lanes.width
    if wanted is not None:
        entry = np.where(wanted, entry, entry + len(palette.table) // 2)
    key = (frame.terrain, frame.axis, palette, wanted, width, lanes.count, thickness)
    strip, codes, step = _look_up(frame, key, entry, real, before)
    if step is None or before is None:
        film = paint(frame.terrain, strip, codes, palette, thickness, before.film if before is not None else None)
    else:
        film = paint_scrolled(before.film, step, frame.terrain, strip, codes, palette)
    labels = []
    if frame.terrain.page_size / frame.scale < WORDY:
        labels = place_labels(frame.terrain, strip, lanes, real, words, looks.width)
    right = landmarks(frame, strip, real, lanes.right - 14, looks.width)
    left, cells = addresses(frame, strip, real), write_cells(frame, strip, looks)
    notes = fold_notes(frame, labels, looks.width)
    sides = side_notes(frame, strip, real, labels, words, looks.height(0))
    if wanted is None:
        notes += address_notes(frame, labels, looks.width, looks.height(TINY))
    else:
        dim = dim_blocks(frame.terrain, wanted)
        labels = [label._replace(dim=bool(dim[label.block])) for label in labels]
        sides = [side._replace(dim=bool(dim[side.block])) for side in sides]
    return Drawn(frame, strip, film, _laid_out(lanes, film), labels, left, right, cells, notes, sides, codes, key)


def _laid_out(lanes: Lanes, film: Film) -> list[tuple[QRectF, QImage]]:
    """Pieces of the film and where they stand: one below the other, or upright. Each is an image of its own that looks
    into the film, since Qt mistakes places beyond 65,535 pixels in an image when it is scaled."""
    if lanes.upright:
        pixels = np.ascontiguousarray(film.pixels[::-1, ::-1].T)
        return [(QRectF(*lanes.box), _image(pixels, 0, pixels.shape[1]))]
    width = film.count // lanes.count
    return [
        (
            QRectF(lanes.left, lanes.top + lane * lanes.pitch, lanes.width, lanes.thickness),
            _image(film.buffer, film.at + lane * width, width),
        )
        for lane in range(lanes.count)
    ]


def _image(pixels: Pixels, first: int, width: int) -> QImage:
    high, stride = pixels.shape
    return QImage(pixels.data.cast("B")[4 * first :], width, high, 4 * stride, QImage.Format.Format_RGB32)


def _look_up(
    frame: Frame, key: Key, entry: Array, density: float, before: Drawn | None
) -> tuple[Strip, Array, int | None]:
    """What lies under each pixel; of a view that only scrolled, what comes into sight, and by how many pixels it
    scrolled."""
    terrain, palette, width, count, thickness = key[0], key[2], key[4], key[5], key[6]
    if before is not None and key[4:] == before.key[4:]:
        same = all(one is other for one, other in zip(key[:4], before.key[:4], strict=True))
        strip = scrolled(before.strip, terrain, frame.axis, frame.offset) if same else None
        if strip is not None:
            step = round((frame.offset - before.strip.offset) * density)
            return strip, scrolled_codes(before.codes, step, terrain, strip, entry, palette, thickness), step
    strip = sample(terrain, frame.axis, frame.offset, width * count, density)
    return strip, codes_of(terrain, strip, entry, palette, thickness), None
