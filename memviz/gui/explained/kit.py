"""What pictures of the tab Explained are drawn with: boxes, arrows and words, in the colours of the theme."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from memviz.gui.theme import Theme, mixed, readable

WIDTH, HEIGHT = 460.0, 300.0  # the sheet that every picture is laid out on; it is scaled to where it is shown
SMALL, USUAL = 10.5, 12.0  # letters, in units of the sheet
LEFT, CENTRE, RIGHT = (
    Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight,
)  # fmt: skip


class Kit:
    """A sheet of WIDTH × HEIGHT. Colours are asked for by role."""

    def __init__(self, painter: QPainter, theme: Theme, font: QFont) -> None:
        self.painter, self.theme = painter, theme
        self._font = QFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def hue(self, group: str, strength: float = 1.0) -> QColor:
        """The colour of a group of memory; weaker towards the ground."""
        return mixed(self.theme.group(group), self.theme.ground, strength)

    def box(
        self, x: float, y: float, wide: float, high: float, fill: QColor | None = None, text: str = "",
        *, line: QColor | None = None, dashed: bool = False, size: float = USUAL, hatched: bool = False,
    ) -> QRectF:  # fmt: skip
        """A rectangle with words in its middle."""
        place = QRectF(x, y, wide, high)
        pen = QPen(line or self.theme.line, 1.0)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        self.painter.setPen(pen)
        pattern = Qt.BrushStyle.BDiagPattern if hatched else Qt.BrushStyle.SolidPattern
        self.painter.setBrush(QBrush(fill, pattern) if fill is not None else Qt.BrushStyle.NoBrush)
        self.painter.drawRoundedRect(place, 2, 2)
        if text:
            colour = readable(fill) if fill is not None and not hatched else self.theme.text
            self.words(place.adjusted(4, 0, -4, 0), text, size=size, colour=colour)
        return place

    def words(
        self, place: QRectF, text: str, *, size: float = USUAL, colour: QColor | None = None,
        align: Qt.AlignmentFlag = CENTRE, bold: bool = False, middle: bool = True,
    ) -> None:  # fmt: skip
        """Plain words within a place; they wrap."""
        self._font.setPixelSize(max(round(size), 1))
        self._font.setBold(bold)
        self.painter.setFont(self._font)
        self.painter.setPen(colour or self.theme.text)
        across = Qt.AlignmentFlag.AlignVCenter if middle else Qt.AlignmentFlag.AlignTop
        self.painter.drawText(place, int(align | across | Qt.TextFlag.TextWordWrap), text)

    def note(
        self, x: float, y: float, wide: float, text: str, *, align: Qt.AlignmentFlag = LEFT, dim: bool = True,
        bold: bool = False, size: float = SMALL,
    ) -> None:  # fmt: skip
        """Words without a box, from a top left corner on."""
        colour = self.theme.dim if dim else self.theme.text
        self.words(QRectF(x, y, wide, 60), text, size=size, colour=colour, align=align, bold=bold, middle=False)

    def fitted(self, text: str, wide: float, size: float = USUAL) -> str:
        """The text with its middle left out where it is too long for a line."""
        self._font.setPixelSize(max(round(size), 1))
        return QFontMetricsF(self._font).elidedText(text, Qt.TextElideMode.ElideMiddle, wide)

    def arrow(self, start: QPointF, end: QPointF, colour: QColor | None = None, *, dashed: bool = False) -> None:
        """A line with a head at its end."""
        pen = QPen(colour or self.theme.dim, 1.4)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        self.painter.setPen(pen)
        self.painter.drawLine(start, end)
        angle = math.atan2(end.y() - start.y(), end.x() - start.x())
        wings = [
            QPointF(end.x() - 8 * math.cos(angle + turn), end.y() - 8 * math.sin(angle + turn)) for turn in (0.4, -0.4)
        ]
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour or self.theme.dim)
        self.painter.drawPolygon(QPolygonF([end, *wings]))

    def line(self, start: QPointF, end: QPointF, colour: QColor | None = None) -> None:
        self.painter.setPen(QPen(colour or self.theme.line, 1.0))
        self.painter.drawLine(start, end)


def point(x: float, y: float) -> QPointF:
    return QPointF(x, y)
