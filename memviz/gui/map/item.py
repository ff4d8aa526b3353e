"""The one graphics item of the map: it paints what `drawn` made, and over it what is selected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from memviz.gui.map.cellwords import paint_cells
from memviz.gui.map.drawn import Drawn
from memviz.gui.map.gutter import Mark
from memviz.gui.map.labels import PADDING, Label
from memviz.gui.map.looks import FIXED, Looks
from memviz.gui.map.motion import Glow
from memviz.gui.map.notes import BESIDE
from memviz.gui.map.outlines import Outlines, paint_outlines

LANDMARKS_WIDTH = 120.0  # pixels for landmarks at the right edge


class MapItem(QGraphicsItem):
    """`show` hands it what it paints; it fills the scene."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._rect = QRectF()
        self._drawn: Drawn | None = None
        self._looks: Looks | None = None
        self.outlines = Outlines()
        self.glows: tuple[Glow, ...] = ()

    def set_size(self, width: float, height: float) -> None:
        self.prepareGeometryChange()
        self._rect = QRectF(0, 0, width, height)

    def show_drawn(self, drawn: Drawn | None, looks: Looks) -> None:
        self._drawn, self._looks = drawn, looks
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        drawn, looks = self._drawn, self._looks
        if drawn is None or looks is None:
            return
        lanes = drawn.frame.lanes
        for place, image in drawn.images:
            painter.drawImage(place, image)
        for glow in self.glows:
            painter.setOpacity(glow.strength)
            for piece in glow.pieces:
                painter.fillRect(QRectF(*piece), glow.colour)
        painter.setOpacity(1.0)
        chips = [chip_of(label, looks) for label in drawn.labels]
        paint_outlines(painter, self.outlines, looks, self._rect, chips)
        paint_cells(painter, drawn.cells, looks)
        _paint_notes(painter, drawn, looks)
        for label in drawn.labels:
            _paint_label(painter, label, lanes.upright, looks)
        _paint_gutters(painter, drawn, looks, self._rect.width())


def chip_of(label: Label, looks: Looks) -> QRectF:
    """The ground that a label stands on."""
    high = min(looks.height(label.size) + 2, label.height - 2 if label.height > 14 else label.height)
    return QRectF(label.x, label.y + (label.height - high) / 2, label.width, high)


def _paint_label(painter: QPainter, label: Label, upright: bool, looks: Looks) -> None:
    painter.setFont(looks.fonts[label.size])
    box = chip_of(label, looks)
    painter.fillRect(box, looks.chip)
    painter.setPen(looks.faint if label.dim else looks.text)
    painter.drawText(box.adjusted(PADDING - 1, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, label.text)


def _paint_gutters(painter: QPainter, drawn: Drawn, looks: Looks, width: float) -> None:
    lanes = drawn.frame.lanes
    painter.setFont(looks.fixed)
    down = (0 if lanes.upright else lanes.thickness / 2) + looks.height(FIXED) * 0.32
    for mark in drawn.left:
        _paint_address(painter, mark, lanes.left - 12, mark.y + down, looks)
    painter.setFont(looks.fonts[0])
    painter.setPen(looks.dim)
    left, _, wide, _ = lanes.box
    x = width - LANDMARKS_WIDTH * looks.scale if lanes.upright else left + wide + 10
    for mark in drawn.right:
        painter.drawText(QPointF(x, mark.y + down), "‹ " + mark.text)


def _paint_address(painter: QPainter, mark: Mark, right: float, y: float, looks: Looks) -> None:
    """What the address above says too is dimmed."""
    known, new = mark.text[: mark.known], mark.text[mark.known :]
    x = right - looks.width("0", FIXED) * len(mark.text)
    if known:
        painter.setPen(looks.faint)
        painter.drawText(QPointF(x, y), known)
    if new:
        painter.setPen(looks.text if not known else looks.dim)
        painter.drawText(QPointF(x + looks.width("0", FIXED) * len(known), y), new)


def _paint_notes(painter: QPainter, drawn: Drawn, looks: Looks) -> None:
    """How much folds hide; names beside a column."""
    painter.setPen(looks.dim)
    for note in drawn.notes:
        box = QRectF(note.x, note.y, note.width, note.height)
        painter.setFont(looks.fixed_tiny if note.is_address else looks.fonts[0])
        painter.fillRect(box, looks.chip if note.is_address else looks.theme.ground)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, note.text)
    painter.setFont(looks.fonts[0])
    for side in drawn.sides:
        painter.setPen(looks.faint)
        painter.drawLine(QPointF(side.x - BESIDE + 3, side.at), QPointF(side.x - 5, side.y))
        painter.setPen(looks.faint if side.dim else looks.text)
        painter.drawText(QPointF(side.x, side.y + looks.height(0) * 0.32), side.text)
