"""One plot: its name, its axes and its canvas. These three files import pyqtgraph, when a plot is first shown."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from memviz import units
from memviz.gui.live import ticks
from memviz.gui.live.axes import TimeAxis, TimeBox, ValueAxis
from memviz.gui.live.canvas import Canvas
from memviz.gui.live.charts import Chart
from memviz.gui.live.events import Event
from memviz.gui.live.pens import Pens, tip
from memviz.gui.live.series import BYTES, COUNT, PERCENT
from memviz.gui.live.shapes import Picture

LEAST = {BYTES: float(units.MIB), PERCENT: 10.0, COUNT: 4.0}  # the smallest upper end of an axis; 10 for all others
MOST_LABELS = 0.38  # of the width of a plot
NARROW = 320  # pixels: below that the labels have no values; the cursor tells them
OLD = 5.0  # seconds from which on the age of a snapshot is told

_RIGHT = Qt.TextElideMode.ElideRight
_HAND, _ARROW = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor


class Plot(QWidget):
    """One chart."""

    hovered = Signal(object)  # (time, place in this widget) under the cursor, or None
    clicked = Signal(object)  # Event
    group_clicked = Signal(str)
    panned = Signal(object)
    zoomed = Signal(object)

    def __init__(self, chart: Chart, pens: Pens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.setAccessibleName(f"Plot: {chart.title}")
        self.name, self.note = QLabel(chart.title, self), QLabel("", self)
        self.values, self.times = ValueAxis(chart.unit), TimeAxis()
        axes = {"left": self.values, "bottom": self.times}
        self.view = pg.PlotWidget(self, viewBox=TimeBox(), axisItems=axes, background=None)
        self.item = self.view.getPlotItem()
        self.box: TimeBox = self.item.getViewBox()
        self.canvas = Canvas(self.box, chart.unit, pens)
        self._lay_out()
        self._listen()
        self._scale = ticks.Scale(LEAST.get(chart.unit, 10.0))
        self.limits = (0.0, 1.0)
        self.room = (0.0, 0.0)  # pixels at the left and at the right
        self.set_pens(pens)

    def set_pens(self, pens: Pens) -> None:
        """A new theme, or another size of text."""
        self.canvas.pens = pens
        self.view.setBackground(pens.theme.ground)
        for label, dim in ((self.name, False), (self.note, True)):
            label.setFont(pens.font)
            colour = pens.theme.dim if dim else pens.theme.text
            label.setStyleSheet(f"color: {colour.name()}; font-weight: {400 if dim else 600};")
        for axis in (self.values, self.times):
            axis.dress(pens)
        self.set_room(0.0, 0.0)

    def show_picture(
        self, picture: Picture, events: list[Event], now: float | None, *, from_zero: bool, title: str = ""
    ) -> None:
        """`now` is the newest time while live, else None; `title` names the process where there are several."""
        self.limits = self._scale.fit(picture.lowest, picture.highest, from_zero=from_zero or self.chart.stacked)
        self.times.show_now(now)
        self.box.setRange(xRange=(picture.left, picture.right), yRange=self.limits, padding=0, update=True)
        named = self.chart.others and any(curve.pin >= 0 for curve in picture.curves)
        self.name.setText(f"{self.chart.title} · {title}" if named else self.chart.title)
        self.canvas.show_picture(picture, self.limits, events, self._message(picture))
        self.note.setText(self.note.fontMetrics().elidedText(self._note(picture), _RIGHT, self.note.width()))
        self.note.setToolTip(tip([f"{series.title}: {why}" for series, why in picture.missing]))
        if QAccessible.isActive():
            self.setAccessibleDescription(self.canvas.labels.text or self.canvas.message)

    @property
    def wanted_room(self) -> tuple[float, float]:
        """What the labels at the left and at the right would like to have."""
        self.canvas.labels.names_only = self.width() < NARROW
        labels = self.canvas.labels.wanted(self.canvas.pens)
        return self.values.wanted_width(*self.limits, float(self.box.height())), min(labels, MOST_LABELS * self.width())

    def set_room(self, left: float, right: float) -> None:
        """Set the widths of the labels at the left and at the right, in pixels."""
        self.room = left, right
        self.values.setWidth(round(left))
        self.canvas.set_labels(right)
        self.item.layout.setContentsMargins(0, 2, right, 0)
        self.item.layout.activate()  # it would keep the old widths until something else changes

    @property
    def pixels(self) -> int:
        """How wide the plot itself is."""
        return max(round(float(self.box.width())), 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(6 * self.canvas.pens.metrics.height()))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """The viewport's: when the mouse leaves, and what a label at the right means."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.box.mapFromScene(self.view.mapToScene(event.pos()))
            if (curve := self.canvas.label_at(at)) is not None:
                words = [f"{curve.series.title} of {curve.track.title}", curve.series.explanation]
                words += ["Click selects the group."] if curve.series.group else []
                QToolTip.showText(event.globalPos(), tip(words), self.view)
                return True
        return False

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        for label in (self.name, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setToolTip(tip([self.chart.explanation, *(f"{s.title}: {s.explanation}" for s in self.chart.series)]))
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
            curve = self.canvas.label_at(at)
            self.view.setCursor(_HAND if curve is not None and curve.series.group else _ARROW)
            self.hovered.emit(None)
            return
        event = self.canvas.event_at(at.x())
        self.view.setCursor(_HAND if event is not None and event.end else _ARROW)
        point = self.view.mapTo(self, self.view.mapFromScene(place))
        self.hovered.emit((self.canvas.time_at(at.x()), point))

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            at = self.box.mapFromScene(event.scenePos())
            if (curve := self.canvas.label_at(at)) is not None and curve.series.group:
                self.group_clicked.emit(curve.series.group)
            elif self.box.rect().contains(at) and (found := self.canvas.event_at(at.x())) is not None:
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
