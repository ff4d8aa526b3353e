"""A live plot of twenty series: one value more in each, and the picture painted anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.record import Measurement, Setting
from benchmarks.timing import alternate, same

if TYPE_CHECKING:  # other benchmarks do without Qt
    from PySide6.QtCore import QCoreApplication

SERIES = 20
SHORT = 1_000  # points
WIDTH, HEIGHT = 1280, 480


def beside_short(setting: Setting, rounds: int) -> Measurement:
    """The same plot with a short history."""
    ours, short = _Ours(setting.points), _Ours(min(SHORT, setting.points))

    def agree(one: list[float], other: list[float]) -> None:
        same("newest values", one, other)

    return alternate(setting, rounds, ours.grow, short.grow, agree)


def beside_pyqtgraph(setting: Setting, rounds: int) -> Measurement:
    """pyqtgraph's own lines, as it makes them when it is told nothing else."""
    ours, theirs = _Ours(setting.points), _Theirs(setting.points)

    def agree(one: list[float], other: list[float]) -> None:
        same("newest values", one, other)

    return alternate(setting, rounds, ours.grow, theirs.grow, agree)


def _application() -> QCoreApplication:
    """Without a screen, where nobody has made one before."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


def _walks(points: int) -> np.ndarray:
    """Twenty random walks; the newest values are the same however long they are."""
    steps = np.random.default_rng(1).normal(0, 1 << 16, (SERIES, 2 * points))
    walks = np.cumsum(steps, axis=1) + 100 * np.arange(1, SERIES + 1)[:, np.newaxis] * (1 << 20)
    return np.abs(walks)


def _newest() -> Iterator[list[float]]:
    """What is appended, round after round."""
    values = np.abs(np.random.default_rng(2).normal(1 << 30, 1 << 28, (64, SERIES)))
    return cycle(values.tolist())


class _Ours:
    def __init__(self, points: int) -> None:
        self.application = _application()
        from memviz.gui.live.charts import Chart
        from memviz.gui.live.pens import Pens
        from memviz.gui.live.plot import Plot
        from memviz.gui.live.ring import Ring
        from memviz.gui.live.series import BYTES, MEASURED, SAMPLED
        from memviz.gui.live.track import Track
        from memviz.gui.theme import theme

        self.track = Track(1, "walks", capacity=points)
        self.track.snapshots = Ring(self.track.snapshots.columns, points)
        names = [each.name for each in (*SAMPLED, *MEASURED)]
        self.spare = len(names) - SERIES  # series beyond the twenty are kept, and not drawn
        self.chart = Chart("walks", "Walks", BYTES, tuple(names[:SERIES]), "Twenty random walks.")
        self.plot = Plot(self.chart, Pens(theme("dark"), 1.0))
        self.plot.resize(WIDTH, HEIGHT)
        self.plot.show()
        self.application.processEvents()  # nothing is painted before the platform has shown it
        self.newest, self.time, self.points = _newest(), 0.0, points
        for row in _walks(points).T[:points].tolist():
            self._append(row)

    def _append(self, values: list[float]) -> None:
        row, sampled = [*values, *[0.0] * self.spare], len(self.track.samples.columns)
        self.time += 1.0
        self.track.samples.append(self.time, row[:sampled])
        self.track.snapshots.append(self.time, row[sampled:])

    def grow(self) -> list[float]:
        from memviz.gui.live.shapes import picture

        self._append(next(self.newest))
        plot, left = self.plot, self.time - self.points
        shown = picture(self.chart, self.track, [], left, self.time, plot.pixels)
        plot.show_picture(shown, [], self.time, from_zero=True)
        plot.view.viewport().repaint()
        return [self.track.value_at(name, self.time) for name in self.chart.names]


class _Theirs:
    def __init__(self, points: int) -> None:
        self.application = _application()
        import pyqtgraph as pg

        self.view = pg.PlotWidget()
        self.view.resize(WIDTH, HEIGHT)
        self.view.show()
        self.application.processEvents()
        self.times = np.arange(2 * points, dtype=np.float64)
        self.values = _walks(points)
        self.curves = [self.view.plot() for _ in range(SERIES)]
        self.newest, self.points, self.end = _newest(), points, points

    def grow(self) -> list[float]:
        last, first = self.end, self.end - self.points + 1
        self.values[:, last] = next(self.newest)
        for curve, values in zip(self.curves, self.values, strict=True):
            curve.setData(self.times[first : last + 1], values[first : last + 1])
        self.end += 1
        self.view.viewport().repaint()
        return [float(curve.getData()[1][-1]) for curve in self.curves]
