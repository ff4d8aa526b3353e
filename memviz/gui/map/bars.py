"""Three bars on one scale: committed, resident, and what the process costs; virtual is a torn stub with its size."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from memviz.core.snapshot import Snapshot
from memviz.gui.map.words import Measured, bars_of
from memviz.gui.session.session import Session
from memviz.gui.theme import Theme, mixed

SMALLER = 0.88  # times the parent's font
GAP = 8
STUB = 26  # pixels of the torn stub
TOOTH = 3
LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
MIDDLE = Qt.AlignmentFlag.AlignVCenter


class Bars(QWidget):
    """Below each other, or side by side where `in_line`: then they take one line of text and a thin bar."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.measured: tuple[Measured, ...] = ()
        self.in_line = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._take_font()
        session.theme_changed.connect(self._take_theme)
        self._take_theme(session.theme)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        found = bars_of(snapshot, self.session.options.metric) if snapshot is not None else ()
        if found != self.measured:
            self.measured = found
            self.setAccessibleName(", ".join(f"{each.name} {each.words()}" for each in found))
            self.updateGeometry()
            self.update()

    def refresh(self, changed: object = None) -> None:
        """Another metric."""
        self.show_snapshot(self.session.snapshot)

    def set_in_line(self, in_line: bool) -> None:
        if in_line != self.in_line:
            self.in_line = in_line
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        if self.in_line:
            return QSize(300, round(self._metrics.height()) + 7)
        return QSize(round(self._names() + self._numbers() + 190), len(_NAMES) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    # -- drawing ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.measured:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        most = max((each.value or 0 for each in self.measured[:-1]), default=0) or 1
        for number, each in enumerate(self.measured):
            share = (each.value or 0) / most if number < len(self.measured) - 1 else None
            (self._draw_cell if self.in_line else self._draw_row)(painter, self.place(number), each, share, number)

    def place(self, number: int) -> QRectF:
        """Where a bar with its words is."""
        if self.in_line:
            width = (self.width() + GAP * 2) / max(len(self.measured), 1)
            return QRectF(number * width, 0, width - GAP * 2, self.height())
        return QRectF(0, number * self._row(), self.width(), self._row())

    def _draw_row(self, painter: QPainter, rect: QRectF, each: Measured, share: float | None, number: int) -> None:
        names, numbers = self._names(), self._numbers()
        painter.setPen(self._dim)
        painter.drawText(QRectF(rect.x(), rect.y(), names, rect.height()), RIGHT | MIDDLE, each.name)
        painter.setPen(self._text)
        right = QRectF(rect.right() - numbers, rect.y(), numbers, rect.height())
        painter.drawText(right, RIGHT | MIDDLE, each.words())
        track = QRectF(rect.x() + names + GAP, rect.y(), rect.width() - names - numbers - 2 * GAP, rect.height())
        thick = max(rect.height() * 0.42, 4.0)
        self._draw_bar(painter, QRectF(track.x(), track.center().y() - thick / 2, track.width(), thick), share, number)

    def _draw_cell(self, painter: QPainter, rect: QRectF, each: Measured, share: float | None, number: int) -> None:
        line = QRectF(rect.x(), rect.y(), rect.width(), self._metrics.height())
        words = each.words()
        painter.setPen(self._text)
        painter.drawText(line, RIGHT | MIDDLE, words)
        painter.setPen(self._dim)
        room = rect.width() - self._metrics.horizontalAdvance(words) - GAP
        name = self._metrics.elidedText(each.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, LEFT | MIDDLE, name)
        self._draw_bar(painter, QRectF(rect.x(), line.bottom() + 1, rect.width(), 4), share, number)

    def _draw_bar(self, painter: QPainter, rect: QRectF, share: float | None, number: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if share is None:
            painter.setBrush(self._track)
            painter.drawPolygon(_torn(rect))
            return
        painter.setBrush(self._track)
        painter.drawRoundedRect(rect, 2, 2)
        if share > 0:
            painter.setBrush(self._inks[number])
            painter.drawRoundedRect(QRectF(rect.x(), rect.y(), max(rect.width() * share, 2), rect.height()), 2, 2)

    # -- what Qt tells ------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = next((e for i, e in enumerate(self.measured) if self.place(i).contains(QPointF(event.pos()))), None)
            text = html.escape(found.tip()).replace("\n", "<br>") if found is not None else ""
            QToolTip.showText(event.globalPos(), f"<p>{text}</p>" if text else "", self)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_font()

    def _take_font(self) -> None:
        self._font = QFont(self.font())
        self._font.setPointSizeF(max(self._font.pointSizeF(), 5.0) * SMALLER)
        self._metrics = QFontMetricsF(self._font)
        self.updateGeometry()
        self.update()

    def _take_theme(self, theme: Theme) -> None:
        self._dim, self._text = QPen(theme.dim), QPen(theme.text)
        self._track = mixed(theme.line, theme.ground, 0.75)
        ink: tuple[QColor, ...] = tuple(mixed(theme.accent, theme.ground, share) for share in (0.38, 0.62, 1.0))
        self._inks = ink
        self.update()

    def _row(self) -> int:
        return round(self._metrics.height()) + 1

    def _names(self) -> float:
        names = [each.name for each in self.measured] or _NAMES
        return max(self._metrics.horizontalAdvance(name) for name in names) + 1

    def _numbers(self) -> float:
        return max((self._metrics.horizontalAdvance(each.words()) for each in self.measured), default=50.0) + 1


_NAMES = ["committed", "resident", "private + swap", "virtual"]


def _torn(rect: QRectF) -> QPolygonF:
    """A stub whose right edge is torn: what is not drawn goes on for ever."""
    right, step = rect.x() + STUB, rect.height() / 4
    edge = [QPointF(right + (TOOTH if at % 2 else 0), rect.y() + at * step) for at in range(5)]
    return QPolygonF([rect.topLeft(), *edge, rect.bottomLeft()])
