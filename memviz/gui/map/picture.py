"""The pane as a picture: PNG, or SVG with words as words and the map as an image."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Protocol, cast

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from memviz.gui.map.search import Search
from memviz.gui.map.view import MapView
from memviz.gui.parts.pictures import encoded
from memviz.gui.session.session import Session


class Pane(Protocol):
    """What a picture is made of."""

    session: Session
    view: MapView
    card: QWidget
    search: Search


def image(pane: QWidget, size: QSize | None, dpr: float) -> QImage:
    """The pane at a size (its own where none is given), `dpr` pixels for each of it."""
    with _of_size(pane, size):
        result = QImage(pane.size() * dpr, QImage.Format.Format_RGB32)
        result.setDevicePixelRatio(dpr)
        result.fill(cast(Pane, pane).session.theme.ground)
        painter = QPainter(result)
        _draw(pane, painter, dpr)
        painter.end()
    return result


def contents(pane: QWidget, name: str, size: QSize | None, dpr: float) -> bytes:
    """The bytes of a picture file of this name; raises ValueError where its ending names no kind of picture."""
    if PurePath(name).suffix.lower() == ".svg":
        with _of_size(pane, size):
            return _svg(pane, dpr)
    return encoded(image(pane, size, dpr), name)


def _svg(pane: QWidget, dpr: float) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    whole = QRect(QPoint(), pane.size())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(whole.size())
    generator.setViewBox(whole)
    generator.setTitle("memviz")
    painter = QPainter(generator)
    painter.fillRect(whole, cast(Pane, pane).session.theme.ground)
    _draw(pane, painter, max(dpr, 2.0))
    painter.end()
    return bytes(buffer.data().data())


@contextlib.contextmanager
def _of_size(pane: QWidget, size: QSize | None) -> Iterator[None]:
    """The pane has another size for a moment: nothing is painted on the screen meanwhile."""
    before, search = pane.size(), cast(Pane, pane).search
    hides = search.isVisibleTo(pane) and not search.edit.text()  # an empty field only asks for something
    if hides:
        search.hide()
    if size is not None or hides:
        _resize(pane, size or before)
    try:
        yield
    finally:
        if hides:
            search.show()
        if size is not None or hides:
            _resize(pane, before)


def _resize(pane: QWidget, size: QSize) -> None:
    pane.resize(size)
    pane.grab(QRect(0, 0, 1, 1))  # hidden ones lay themselves out only then
    layout = pane.layout()
    if layout is not None:
        layout.activate()


def _draw(pane: QWidget, painter: QPainter, dpr: float) -> None:
    """Everything, and the map over it as it draws itself for a picture."""
    cast(Pane, pane).card.hide()  # it belongs to the pointer
    pane.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    view = cast(Pane, pane).view
    if view.isVisibleTo(pane):
        place = QRect(view.mapTo(pane, QPoint()), view.size())
        painter.drawImage(place, view.picture(view.size(), dpr))
