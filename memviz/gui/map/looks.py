"""Type and colours of the map, made once for a theme, a size of text and a density of pixels; none while painting."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QGuiApplication, QPen

from memviz.gui.theme import Theme, fixed_font

SIZES = (0.92, 1.08, 1.85)  # of the application's font, for the three sizes of labels
FIXED, TINY = 3, 4  # numbers of the fixed fonts among the sizes
OLDEST = 4000  # measured texts after which measuring starts anew


@dataclass(slots=True, eq=False)
class Looks:
    """What painting needs of a theme."""

    theme: Theme
    scale: float
    fonts: tuple[QFont, ...] = field(init=False)
    fixed: QFont = field(init=False)
    fixed_tiny: QFont = field(init=False)
    chip: QColor = field(init=False)
    text: QPen = field(init=False)
    dim: QPen = field(init=False)
    faint: QPen = field(init=False)
    accent: QPen = field(init=False)
    halo: QPen = field(init=False)
    hit: QColor = field(init=False)
    none: QBrush = field(init=False, default_factory=QBrush)
    _metrics: tuple[QFontMetricsF, ...] = field(init=False)
    _widths: dict[tuple[str, int], float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        theme, scale = self.theme, self.scale
        base = max(QGuiApplication.font().pointSizeF(), 7.0) * scale
        fonts = []
        for size in SIZES:
            font = QFont(QGuiApplication.font())
            font.setPointSizeF(base * size)
            font.setBold(size > 1)
            fonts.append(font)
        self.fonts = tuple(fonts)
        self.fixed, self.fixed_tiny = fixed_font(scale), fixed_font(scale * 0.88)
        self._metrics = tuple(QFontMetricsF(font) for font in (*self.fonts, self.fixed, self.fixed_tiny))
        self.chip = QColor(theme.ground)
        self.chip.setAlphaF(0.78)
        self.text, self.dim = QPen(theme.text), QPen(theme.dim)
        faint = QColor(theme.dim)
        faint.setAlphaF(0.62)
        self.faint = QPen(faint)
        self.accent, self.halo = QPen(theme.text, 2.0), QPen(theme.ground, 4.0)
        self.hit = QColor(theme.accent)
        self.hit.setAlphaF(0.28)

    def width(self, text: str, size: int) -> float:
        """Of a text in one of the sizes of labels; 3 is the fixed font, 4 the tiny one."""
        key = (text, size)
        if key not in self._widths:
            if len(self._widths) > OLDEST:
                self._widths.clear()
            self._widths[key] = self._metrics[size].horizontalAdvance(text)
        return self._widths[key]

    def height(self, size: int) -> float:
        return self._metrics[size].height()
