"""The colours of the map as numbers for pixels: from the theme, for each entry of a colour mode."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from memviz.gui.map.modes import Mode
from memviz.gui.map.raster import Palette
from memviz.gui.theme import Theme, mixed

DIMMED = 0.22  # of its colour stays in what the filter does not want


def number(colour: QColor) -> int:
    return int(colour.rgb()) | 0xFF000000


def make_palette(theme: Theme, mode: Mode) -> Palette:
    """All inks of a mode: first the entries, then the same dimmed."""
    rows = []
    for strength in (1.0, DIMMED):
        for entry in mode.entries:
            hue = entry.colour(theme)
            inks = (
                mixed(hue, theme.ground, 0.10), mixed(hue, theme.ground, 0.42),
                mixed(hue, theme.ground, theme.quiet), hue,
            )  # fmt: skip
            rows.append([number(mixed(ink, theme.ground, strength)) for ink in inks])
    dots = number(mixed(theme.dim, theme.ground, 0.7))
    return Palette(np.array(rows, np.uint32), number(theme.ground), dots, number(theme.alarm))
