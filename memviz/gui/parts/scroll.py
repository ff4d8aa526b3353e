"""A scroll area for one column of content."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class ColumnScrollArea(QScrollArea):
    """Scrolls vertically; `column` is the content, as wide as the area, less the room of the scroll bar.

    That room is reserved whether or not the scroll bar is shown. Otherwise the height of wrapped content would depend
    on its width, its width on the scroll bar, and the scroll bar on the height: at some sizes no state is stable.
    """

    column_resized = Signal()  # see column_width

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.column = QWidget(self)
        self.setWidget(self.column)
        self._fit_width()

    def column_width(self) -> int:
        """The width of the content in pixels; it depends on nothing but the width of this area and the style."""
        return max(self.maximumViewportSize().width() - self.verticalScrollBar().sizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_width()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_width()

    def _fit_width(self) -> None:
        width = self.column_width()
        if width != self.column.maximumWidth():
            self.column.setFixedWidth(width)
            self.column_resized.emit()
