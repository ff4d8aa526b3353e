"""Pictures as the bytes of a file."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from memviz.text import shown


def encoded(image: QImage, name: str) -> bytes:
    """The bytes of a file of this name, PNG where it has no ending; raises ValueError where that is no picture's."""
    kind = QByteArray((PurePath(name).suffix[1:].lower() or "png").encode("utf-8", "replace"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    known = kind in QImageWriter.supportedImageFormats()
    if not known or not QImageWriter(buffer, kind).write(image):
        raise ValueError(f"{shown(name)}: cannot be written as a picture; its name should end in .png or .svg")
    return bytes(buffer.data().data())
