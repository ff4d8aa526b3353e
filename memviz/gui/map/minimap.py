"""The whole space on one line at true scale; what the map shows is marked and can be dragged."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from memviz import units
from memviz.core.categories import GROUPS
from memviz.core.snapshot import Snapshot
from memviz.gui.map.space import Scale, bits_of, has_far_page, ticks, words_at
from memviz.gui.session.session import Session
from memviz.gui.theme import Theme, mixed

BAND = 10  # height of the line in pixels
LEAST = 7  # width of the mark, however little the map shows
FAR = 14  # width of the kernel's page, which lies apart
GAP = 6


class Minimap(QWidget):
    """`wanted` tells an address that the map is to centre on."""

    wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._range: tuple[int, int] | None = None
        self._image: QImage | None = None
        self._bits, self._is_far, self._drags = 47, False, False
        self._is_short = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("The whole address space")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._take_font()
        session.snapshot_changed.connect(self.refresh)
        session.target_changed.connect(self.refresh)
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)

    def show_range(self, start: int, end: int) -> None:
        """What of the space the map shows."""
        if (start, end) != self._range:
            self._range = (start, end)
            self.update()

    def set_short(self, is_short: bool) -> None:
        """Without words, where there is little height; its tooltip has them."""
        if is_short != self._is_short:
            self._is_short = is_short
            self.updateGeometry()
            self.update()

    def refresh(self, changed: object = None) -> None:
        """The image is made when it is painted next, so a hidden minimap costs nothing."""
        snapshot = self.session.snapshot
        self._image = None
        self._bits, self._is_far = bits_of(snapshot), has_far_page(snapshot)
        if snapshot is None:
            self._range = None
        self.update()

    @property
    def scale(self) -> Scale:
        """The line as it is now; the kernel's page stands beside it."""
        return Scale(self._bits, self.width() - (GAP + FAR) * self._is_far)

    def sizeHint(self) -> QSize:
        return QSize(300, BAND + 8 + (0 if self._is_short else round(self._metrics.height())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    # -- drawing ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        snapshot = self.session.snapshot
        if snapshot is None or "regions" in snapshot.absent:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, top = self.scale.width, 3
        painter.fillRect(QRectF(0, top, line, BAND), self._ground)
        if self._image is None:
            self._image = self._made(snapshot)
        painter.drawImage(QRectF(0, top, line, BAND), self._image)
        if self._is_far:
            painter.fillRect(QRectF(line + GAP, top, FAR, BAND), self._ground)
            painter.fillRect(QRectF(line + GAP + FAR / 2 - 1, top, 2, BAND), self.session.theme.group("kernel"))
        if self._range is not None:
            self._draw_mark(painter, top)
        if not self._is_short:
            self._draw_words(painter, top + BAND + 3)
        if self.hasFocus():
            painter.setPen(QPen(self.session.theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, top - 1.5, line - 1, BAND + 2))

    def _made(self, snapshot: Snapshot) -> QImage:
        """One row of pixels: full colour where something is in memory, faint where addresses are only mapped."""
        theme, width = self.session.theme, max(round(self.scale.width * self.devicePixelRatioF()), 1)
        found = ticks(snapshot, width, self._bits)
        strong = [theme.group(group.name).rgba() for group in GROUPS]
        faint = [mixed(theme.group(group.name), theme.ground, 0.4).rgba() for group in GROUPS]
        colours = np.array([strong, faint], np.uint32)
        pixels = np.where(found.group >= 0, colours[(~found.filled).astype(int), found.group], np.uint32(0))
        data = np.ascontiguousarray(pixels.astype(np.uint32))
        return QImage(data.tobytes(), width, 1, width * 4, QImage.Format.Format_ARGB32).copy()

    def _draw_mark(self, painter: QPainter, top: float) -> None:
        assert self._range is not None
        left, right = (self.scale.x(min(edge, 1 << self._bits)) for edge in self._range)
        middle, wide = (left + right) / 2, right - left >= LEAST
        if not wide:
            left, right = middle - LEAST / 2, middle + LEAST / 2
        shift = max(-left, 0.0) - max(right - self.scale.width, 0.0)
        pen = QPen(self.session.theme.text, 1.3)
        if not wide:
            pen.setStyle(Qt.PenStyle.DotLine)  # it is drawn wider than it is
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(left + shift, top - 2, right - left, BAND + 4), 2, 2)

    def _draw_words(self, painter: QPainter, y: float) -> None:
        painter.setFont(self._font)
        painter.setPen(self.session.theme.dim)
        rect, height = QRectF(0, y, self.scale.width, self._metrics.height()), self._metrics.height()
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, "0")
        end = units.size(1 << self._bits).replace(".0 ", " ")
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight, end)
        middle = "the whole address space at true scale"
        if self._metrics.horizontalAdvance(middle) + 80 < rect.width():
            painter.drawText(QRectF(0, y, self.scale.width, height), Qt.AlignmentFlag.AlignHCenter, middle)

    # -- what Qt tells ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.session.snapshot is not None:
            self._drags = True
            self.wanted.emit(self.scale.address(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drags:
            self.wanted.emit(self.scale.address(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drags = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self._range is not None:
            middle = sum(self._range) // 2 + steps[Qt.Key(event.key())] * (1 << self._bits) // 64
            self.wanted.emit(min(max(middle, 0), (1 << self._bits) - 1))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            snapshot = self.session.snapshot
            text = words_at(snapshot, self.scale, event.pos().x()) if snapshot is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._image = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_font()

    def _take_font(self) -> None:
        self._font = QFont(self.font())
        self._font.setPointSizeF(max(self._font.pointSizeF(), 5.0) * 0.8)
        self._metrics = QFontMetricsF(self._font)
        self.updateGeometry()

    def _take_theme(self, theme: Theme) -> None:
        self._ground = mixed(theme.line, theme.ground, 0.45)
        self._image = None
        self.update()
