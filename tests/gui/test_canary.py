"""What memviz relies on of the PySide6 that is installed."""

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter


def test_that_a_void_call_gives_back_its_none() -> None:
    """6.12.0 on Python 3.11 lost one a call, until the interpreter died."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.drawRect(1, 1, 2, 2)
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.drawRect(1, 1, 2, 2)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 50


class Carrier(QObject):
    sent = Signal(object)


def test_that_addresses_travel_whole() -> None:
    carrier, seen = Carrier(), []
    carrier.sent.connect(seen.append)
    for value in (0x7F0000001000, (1 << 64) - 1, {1: 2}):
        carrier.sent.emit(value)
    assert seen == [0x7F0000001000, (1 << 64) - 1, {1: 2}]
