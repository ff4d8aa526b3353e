"""The map as a widget: one item in a scene whose units are pixels, and what mouse and keys do with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmapCache,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from memviz import units
from memviz.gui.map.board import Board
from memviz.gui.map.hand import Hand
from memviz.gui.map.item import MapItem
from memviz.gui.map.menu import map_menu
from memviz.gui.map.spoken import spoken
from memviz.gui.map.stage import Stage
from memviz.gui.session.session import Session

DRAG = 5.0  # pixels from which on a press is a drag
PAINTED, KEPT = QGraphicsItem.CacheMode.NoCache, QGraphicsItem.CacheMode.DeviceCoordinateCache
USUAL_CACHE = 10_240  # KiB of pictures that Qt keeps


class MapView(QGraphicsView):
    """What moves it is the stage's: `fit`, `zoom_to`, `centre_on`, `undo_zoom`, `go_to_hit`."""

    hovered = Signal(object)  # Spot, or None beside the lanes
    view_changed = Signal(object)  # Window, or None while there is nothing to show

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of the address space")
        self.setMinimumSize(240, 120)
        self._session = session
        self._item = MapItem()
        self.scene().addItem(self._item)
        self.stage = Stage(session, self)
        self.fit, self.zoom_to, self.centre_on = self.stage.fit, self.stage.zoom_to, self.stage.centre_on
        self.undo_zoom, self.go_to_hit = self.stage.undo_zoom, self.stage.go_to_hit
        self.board = Board(session, self.stage, self._item, self)
        self._hand = Hand(session, self.stage)
        self._begun: tuple[float, float] | None = None  # where a button was pressed
        self._panned: tuple[float, float] | None = None  # where the last move of a pan was
        self._space = False
        self._described = False  # whether the description is about a process
        self.board.redrawn.connect(self._tell)
        session.selection_changed.connect(self._speak)
        session.theme_changed.connect(self._dress)
        self._dress()
        self._speak()

    # -- for those around it ------------------------------------------------------------------------------------------

    def hover_again(self) -> None:
        """The pointer rests, and something else has come below it."""
        pointer = self.stage.pointer
        self.hovered.emit(self._hand.spot(*pointer) if pointer is not None else None)

    def picture(self, size: QSize | None = None, density: float = 1.0) -> QImage:
        """The map as it shows (or as it would show at another size), as an image."""
        self._session.tasks.now(self)
        before = self.size()
        if size is not None and size != before:
            self._lay_out(size)
        wanted = size or before
        image = QImage(wanted * density, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(density)
        image.fill(self._session.theme.ground)
        painter = QPainter(image)
        if density != self.board.density:
            self.board.density, kept = density, self.board.density
            self.board.redraw()
            self.scene().render(painter, QRectF(QPointF(), wanted), QRectF(QPointF(), wanted))
            self.board.density = kept
        else:
            self.scene().render(painter, QRectF(QPointF(), wanted), QRectF(QPointF(), wanted))
        painter.end()
        if wanted != before or density != self.board.density:
            self._lay_out(before)
        return image

    # -- Qt asks ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.board.drawn is None:
            self._lay_out(event.size())
        else:  # the last picture stays for a moment: the rest of the window is laid out and painted first
            self._session.tasks.later(self, lambda: self._lay_out(self.viewport().size()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.stage.survey.set_visible(True)
        self._lay_out(self.viewport().size())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stage.survey.set_visible(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        place, turned = event.position(), event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self.stage.pan(-(turned.x() or turned.y()))
        else:
            self._hand.turn(turned.y(), place.x(), place.y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = (event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._panned = place
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._begun = place

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = (event.position().x(), event.position().y())
        self.stage.pointer = place
        if self._panned is not None:
            self._pan_to(place)
        elif self._begun is not None:
            moved = abs(place[0] - self._begun[0]) + abs(place[1] - self._begun[1])
            if self.board.dragged is not None or moved >= DRAG:
                self.board.dragged = self._hand.drag(self._begun, *place)
                self.board.outline()
        else:
            self.hovered.emit(self._hand.spot(*place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panned is not None:
            self._panned = None
            self.unsetCursor()
        elif self._begun is not None and event.button() == Qt.MouseButton.LeftButton:
            dragged, self.board.dragged = self.board.dragged, None
            if dragged is not None:
                self._session.select(dragged)
            else:
                self._hand.click(*self._begun)
            self._begun = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand.enter(event.position().x(), event.position().y())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            return
        held, modifier = event.modifiers(), Qt.KeyboardModifier
        others = bool(held & (modifier.ControlModifier | modifier.AltModifier))
        if others or not self._hand.press(event.key(), bool(held & modifier.ShiftModifier)):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = map_menu(self._session, self.stage, self._hand, event.pos().x(), event.pos().y(), self)
        menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.stage.pointer = None
            self.hovered.emit(None)
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._ring()
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._space = False
        self._ring()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self, size: QSize) -> None:
        self.setSceneRect(0, 0, size.width(), size.height())
        self._item.set_size(size.width(), size.height())
        self.board.density = self.devicePixelRatioF()
        picture = size.width() * size.height() * 4 * self.board.density**2 / units.KIB
        QPixmapCache.setCacheLimit(USUAL_CACHE + 2 * round(picture))  # that of this size, and the one before
        self.stage.resize(size.width(), size.height())
        self._ring()
        self._item.setCacheMode(KEPT)  # a window that is resized paints all of it again and again

    def _ring(self) -> None:
        shows = self.hasFocus()
        rect = self.sceneRect().adjusted(0.5, 0.5, -1.5, -1.5)
        self.board.ring = rect if shows else None
        self.board.outline()

    def _dress(self, theme: object = None) -> None:
        self.setBackgroundBrush(self._session.theme.ground)

    def _pan_to(self, place: tuple[float, float]) -> None:
        """Along a row by what the pointer moved; a row up or down by a row's height."""
        frame, before = self.stage.frame, self._panned
        if frame is None or before is None:
            return
        if frame.lanes.upright:
            self.stage.pan(place[1] - before[1])
        else:
            rows = round((before[1] - place[1]) / frame.lanes.pitch)
            self.stage.pan(before[0] - place[0] + rows * frame.lanes.width)
            if not rows:
                place = (place[0], before[1])
        self._panned = place

    def _tell(self) -> None:
        self._item.setCacheMode(PAINTED)  # while it moves, keeping each picture takes longer than painting it
        frame = self.stage.frame
        if self._described != (frame is not None):
            self._speak()
        self.view_changed.emit(frame.window(self.stage.is_fitted) if frame is not None else None)

    def _speak(self, selection: object = None) -> None:
        self._described = self.stage.frame is not None
        self.setAccessibleDescription(spoken(self._session.snapshot, self._session.selection))
