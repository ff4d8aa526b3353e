"""The pane as a picture: PNG, or SVG with words as words and the map as an image."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from memviz.gui.session import Session


class Pane(Protocol):
    """What a picture is made of."""

    session: Session
    view: QWidget


class Draws(Protocol):
    """The map can draw itself at any size, whatever is on the screen."""

    def picture(self, size: QSize, dpr: float) -> QImage: ...


def image(pane: QWidget, size: QSize | None, dpr: float) -> QImage:
    """The pane at a size (its own where none is given), `dpr` pixels for each of it."""
    drawn = _of_size(pane, size)
    result = QImage(drawn.size() * dpr, QImage.Format.Format_ARGB32_Premultiplied)
    result.setDevicePixelRatio(dpr)
    result.fill(cast(Pane, pane).session.theme.ground)
    painter = QPainter(result)
    _draw(drawn, painter, dpr)
    painter.end()
    return result


def save(pane: QWidget, path: Path, size: QSize | None, dpr: float) -> None:
    """Raises OSError where the file cannot be written."""
    if path.suffix.lower() == ".svg":
        _save_svg(pane, path, size, dpr)
    elif not image(pane, size, dpr).save(str(path)):
        raise OSError(f"{path}: cannot be written as a picture")


def _save_svg(pane: QWidget, path: Path, size: QSize | None, dpr: float) -> None:
    from PySide6.QtSvg import QSvgGenerator

    drawn = _of_size(pane, size)
    path.write_bytes(b"")  # the generator does not tell that it cannot write
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(drawn.size())
    generator.setViewBox(QRect(QPoint(), drawn.size()))
    generator.setTitle(f"memviz: {drawn.accessibleName()}")
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(), drawn.size()), cast(Pane, pane).session.theme.ground)
    _draw(drawn, painter, max(dpr, 2.0))
    painter.end()


def _of_size(pane: QWidget, size: QSize | None) -> QWidget:
    """The pane itself, or one like it of another size that nobody sees."""
    if size is None or size == pane.size():
        return pane
    twin = type(pane)(cast(Pane, pane).session)  # type: ignore[arg-type]  # a pane is made of its session
    twin.resize(size)
    twin.ensurePolished()
    twin.grab()  # lays everything out
    return twin


def _draw(pane: QWidget, painter: QPainter, dpr: float) -> None:
    """Everything, and the map over it as it draws itself for a picture."""
    pane.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    view = cast(Pane, pane).view
    if view.isVisibleTo(pane) and hasattr(view, "picture"):
        place = QRect(view.mapTo(pane, QPoint()), view.size())
        painter.drawImage(place, cast(Draws, view).picture(view.size(), dpr))
