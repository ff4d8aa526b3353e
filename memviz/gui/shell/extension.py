"""The button at the end of a toolbar that holds what has no room: Qt's own arrow cannot be seen on a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolBar, QToolButton

from memviz.gui.theme import Theme

NAME = "qt_toolbar_ext_button"  # what Qt calls it
SIDE = 14  # pixels of its sign
SHARP = 2  # pixels of the picture for each: it stays sharp on dense screens


def dress(bar: QToolBar, theme: Theme) -> None:
    """Gives it a sign in the theme's colour, and a word."""
    button = bar.findChild(QToolButton, NAME)
    if button is not None:
        button.setIcon(_sign(theme))
        button.setIconSize(QSize(SIDE, SIDE))
        button.setToolTip("More, for which there is no room")
        button.setAccessibleName("More tools")


def _sign(theme: Theme) -> QIcon:
    """Two arrows to the right."""
    picture = QPixmap(SIDE * SHARP, SIDE * SHARP)
    picture.setDevicePixelRatio(SHARP)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.text, 1.5))
    for left in (3.0, 7.0):
        painter.drawPolyline([QPointF(left, 3), QPointF(left + 4, 7), QPointF(left, 11)])
    painter.end()
    return QIcon(picture)
