"""One plot: its name, its axes and its canvas. These two files import pyqtgraph, when a plot is first shown."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from memviz import units
from memviz.gui.live import ticks
from memviz.gui.live.canvas import Canvas
from memviz.gui.live.charts import Chart
from memviz.gui.live.events import Event
from memviz.gui.live.pens import Pens
from memviz.gui.live.series import BYTES, COUNT, PERCENT
from memviz.gui.live.shapes import Picture

LEAST = {BYTES: float(units.MIB), PERCENT: 10.0, COUNT: 4.0}  # the smallest upper end of an axis; 10 for all others
WHEEL = 1.0015  # by how much one unit of the wheel (120 a notch) zooms
MOST_LABELS = 0.38  # of the width of a plot
OLD = 5.0  # seconds from which on the age of a snapshot is told


class TimeBox(pg.ViewBox):  # type: ignore[misc]  # a class without types
    """Says what the mouse wants; whoever owns the window of time moves it."""

    panned = Signal(object)  # seconds
    zoomed = Signal(object)  # (factor, place between 0 and 1)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False, defaultPadding=0)

    def wheelEvent(self, event: Any, axis: Any = None) -> None:
        place = min(max(event.pos().x() / max(self.width(), 1.0), 0.0), 1.0)
        self.zoomed.emit((WHEEL ** -event.delta(), place))
        event.accept()

    def mouseDragEvent(self, event: Any, axis: Any = None) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        left, right = self.viewRange()[0]
        moved = event.pos().x() - event.lastPos().x()
        self.panned.emit(-moved / max(self.width(), 1.0) * (right - left))


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # as above
    """Writes KiB, MiB, GiB."""

    def __init__(self, unit: str) -> None:
        self.unit, self.row = unit, 15.0
        super().__init__("left")

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        most = max(int(size / (2.4 * self.row)), 1)
        values = ticks.value_ticks(self.unit, low, high, most)
        edge = high - (high - low) * (0.5 * self.row - 3) / max(size, 1.0)
        return [(1.0, [value for value in values if value <= edge])]  # no label is cut off at the top

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [ticks.value_label(self.unit, value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # as above
    """Writes how long ago while it is live and short, else the time of the clock."""

    def __init__(self) -> None:
        self.now: float | None = None  # while live
        self.wide = 60.0
        super().__init__("bottom")

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        zero = self.now if self._is_ago(high - low) and self.now is not None else ticks.midnight(low)
        return [(1.0, ticks.time_ticks(low, high, max(int(size / self.wide), 1), zero))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        low, high = self.range
        if self._is_ago(high - low) and self.now is not None:
            return [ticks.ago(self.now - value) for value in values]
        return [ticks.clock(value, seconds=high - low < 2 * ticks.HOUR) for value in values]

    def _is_ago(self, span: float) -> bool:
        return self.now is not None and span <= ticks.AGO_UP_TO


class Plot(QWidget):
    """One chart."""

    hovered = Signal(object)  # (time, place in this widget) under the cursor, or None
    clicked = Signal(object)  # Event
    panned = Signal(object)
    zoomed = Signal(object)

    def __init__(self, chart: Chart, pens: Pens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.setAccessibleName(f"Plot: {chart.title}")
        self.setToolTip("")
        self.name, self.note = QLabel(chart.title, self), QLabel("", self)
        self.view = pg.PlotWidget(
            self, viewBox=TimeBox(), axisItems={"left": ValueAxis(chart.unit), "bottom": TimeAxis()}, background=None
        )
        self.item = self.view.getPlotItem()
        self.box: TimeBox = self.item.getViewBox()
        self.canvas = Canvas(self.box, chart.unit, pens)
        self._lay_out()
        self._listen()
        self._scale = ticks.Scale(LEAST.get(chart.unit, 10.0))
        self.limits = (0.0, 1.0)
        self.set_pens(pens)

    def set_pens(self, pens: Pens) -> None:
        """A new theme, or another size of text."""
        self.canvas.pens = pens
        self.view.setBackground(pens.theme.ground)
        for label, dim in ((self.name, False), (self.note, True)):
            label.setFont(pens.font)
            colour = pens.theme.dim if dim else pens.theme.text
            label.setStyleSheet(f"color: {colour.name()}; font-weight: {400 if dim else 600};")
        metrics = pens.metrics
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pens.frame)
            axis.setTextPen(pens.dim)
            axis.setTickFont(pens.font)
            axis.setStyle(
                tickLength=0,
                tickTextOffset=4,
                autoExpandTextSpace=False,
                autoReduceTextSpace=False,
                hideOverlappingLabels=False,
            )
        left, bottom = self.item.getAxis("left"), self.item.getAxis("bottom")
        left.row, bottom.wide = metrics.height(), metrics.horizontalAdvance("00:00:00") * 1.6
        left.setWidth(round(metrics.horizontalAdvance("000.00 MiB") + 8))
        bottom.setHeight(round(metrics.height() + 5))
        self.set_labels(0.0)

    def show_picture(
        self, picture: Picture, events: list[Event], now: float | None, *, from_zero: bool, title: str = ""
    ) -> None:
        """`now` is the newest time while live, else None; `title` names the process where there are several."""
        self.limits = self._scale.fit(picture.lowest, picture.highest, from_zero=from_zero or self.chart.stacked)
        bottom = self.item.getAxis("bottom")
        if bottom.now != now:
            bottom.now = now
            bottom.picture = None
        self.box.setRange(xRange=(picture.left, picture.right), yRange=self.limits, padding=0, update=True)
        named = self.chart.others and any(curve.pin >= 0 for curve in picture.curves)
        self.name.setText(f"{self.chart.title} · {title}" if named else self.chart.title)
        self.canvas.show_picture(picture, self.limits, events, self._message(picture))
        self.note.setText(self._note(picture))
        self.note.setToolTip("\n".join(f"{series.title}: {why}" for series, why in picture.missing))

    @property
    def wanted_labels(self) -> float:
        """How much room the labels at the right would like."""
        return min(self.canvas.wanted_labels(), MOST_LABELS * self.width())

    def set_labels(self, width: float) -> None:
        """The room that they have: the same in all plots, so that times stand below each other."""
        self.canvas.prepareGeometryChange()
        self.canvas.labels_width = width
        self.item.layout.setContentsMargins(0, 2, width, 0)

    @property
    def pixels(self) -> int:
        """How wide the plot itself is."""
        return max(round(float(self.box.width())), 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(6 * self.canvas.pens.metrics.height()))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return False

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        for label in (self.name, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setToolTip(self.chart.explanation)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self.name)
        head.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.disableAutoRange()
        self.view.setMinimumSize(60, 40)
        self.view.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)

    def _listen(self) -> None:
        self.box.panned.connect(self.panned)
        self.box.zoomed.connect(self.zoomed)
        scene = self.view.scene()
        scene.sigMouseMoved.connect(self._moved)
        scene.sigMouseClicked.connect(self._clicked)
        self.view.viewport().installEventFilter(self)
        self.view.viewport().setMouseTracking(True)

    def _moved(self, place: QPointF) -> None:
        at = self.box.mapFromScene(place)
        if not self.box.rect().contains(at):
            self.hovered.emit(None)
            return
        point = self.view.mapTo(self, self.view.mapFromScene(place))
        self.hovered.emit((self.canvas.time_at(at.x()), point))

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            found = self.canvas.event_at(self.box.mapFromScene(event.scenePos()).x())
            if found is not None:
                self.clicked.emit(found)

    def _message(self, picture: Picture) -> str:
        """Why there is nothing to see."""
        if picture.curves or not picture.missing:
            return ""
        return f"Not known yet: {picture.missing[0][1]}."

    def _note(self, picture: Picture) -> str:
        if picture.missing and picture.curves:
            names = ", ".join(series.label for series, _ in picture.missing)
            return f"{names}: {picture.missing[0][1]}"
        if picture.age is not None and picture.age > OLD:
            return f"page tables walked {units.duration(round(picture.age))} ago"
        return ""
