"""Frames of the map: with very many regions and page runs, beside few regions and beside one graphics item a region."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QWidget

from benchmarks.calm import Calm
from benchmarks.record import Measurement, Setting
from benchmarks.timing import alternate, same, timed
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.gui.map.axis import FINEST
from memviz.gui.map.view import MapView
from memviz.gui.session.options import Options
from memviz.gui.session.session import Reading, Session
from tests import builders
from tests.gui.fake_source import FakeSource

PRESENT, FILE = 1 << 3, 1 << 2
SIZE, STEPS = (1920, 1080), 60  # of the picture; of a zoom
LONGEST = 16  # pages of a made-up run, and of the untouched stretch after it


def made_up(regions: int, runs: int) -> tuple[Snapshot, PageRuns]:
    """A process of so many regions that take turns in kind, with runs of pages strewn over them."""
    rng = np.random.default_rng(7)
    kinds = ("rw-p", "r--p /usr/lib/lib%d.so.1", "r-xp /usr/lib/lib%d.so.1", "rw-p /usr/lib/lib%d.so.1")
    lengths = rng.integers(1, LONGEST, 5 * runs)
    total, bottom = int(lengths.sum()), 0x7F00_0000_0000 >> 12
    edges = np.sort(rng.choice(total, 2 * regions, replace=False)) + bottom
    lines = [
        f"{start:x}-{end:x} " + (kinds[n % 4] % (n // 40) if n % 4 else kinds[0])
        for n, (start, end) in enumerate(edges.reshape(-1, 2).tolist())
    ]
    snapshot = builders.snapshot(*lines)
    ends = np.cumsum(lengths)[: 5 * runs // 2 * 2].reshape(-1, 2) + bottom
    inside = np.searchsorted(edges, ends, "right")
    ends = ends[(inside[:, 0] == inside[:, 1]) & (inside[:, 0] % 2 == 1)][:runs]
    start, end = ends[:, 0].astype(np.uint64) << np.uint64(12), ends[:, 1].astype(np.uint64) << np.uint64(12)
    bits = np.where(rng.random(len(start)) < 0.6, PRESENT, PRESENT | FILE).astype(np.uint64)
    return snapshot, PageRuns(start, end, bits)


@contextlib.contextmanager
def shown_map(regions: int, runs: int) -> Iterator[MapView]:
    """A map of such a process, as large as a screen, drawn once."""
    application = QApplication.instance() or QApplication(["bench"])
    session = Session(FakeSource(), options=Options(motion=False))  # every frame is drawn at once and whole
    view = MapView(session)
    view.resize(*SIZE)
    view.show()
    snapshot, pages = made_up(regions, runs)
    session.open(snapshot.pid)
    session.show_reading(Reading(snapshot, pages))
    while view.stage.frame is None:
        application.processEvents()
        time.sleep(0.005)
    view.stage.zoom(2, SIZE[0] / 2, SIZE[1] / 2)
    try:
        yield view
    finally:
        session.close()
        view.close()
        view.deleteLater()
        application.processEvents()


def frame(view: MapView, image: QImage, pixels: float) -> int:
    """Moves the view and paints all of it; how many rows of pixels there are."""
    view.stage.pan(pixels)
    QWidget.render(view, image)
    return image.height()


def of_frames(setting: Setting, rounds: int) -> Measurement:
    """Each frame on its own."""
    with shown_map(setting.regions, setting.points * 10) as view:
        image, times, calm = QImage(*SIZE, QImage.Format.Format_RGB32), [], Calm(setting.patience)
        for number in range(rounds):
            calm.wait()
            times.append(timed(lambda: frame(view, image, _step(number)))[0])  # noqa: B023  # called at once
        return Measurement(tuple(times), notes=calm.notes)


def beside_few(setting: Setting, rounds: int) -> Measurement:
    """The same frames of a process with 1,000 regions."""
    with shown_map(setting.regions, setting.points * 10) as view, shown_map(1000, 20_000) as small:
        image, steps = QImage(*SIZE, QImage.Format.Format_RGB32), (itertools.count(), itertools.count())
        return alternate(
            setting, rounds, lambda: frame(view, image, _step(next(steps[0]))),
            lambda: frame(small, image, _step(next(steps[1]))), lambda ours, peer: same("rows of pixels", ours, peer),
        )  # fmt: skip


def beside_items(setting: Setting, rounds: int) -> Measurement:
    """One QGraphicsRectItem a region, in the same scene geometry, scrolled by the same amount."""
    with shown_map(setting.regions, setting.points * 10) as view:
        view.stage.fit()
        scene, plain = QGraphicsScene(), QGraphicsView()
        plain.setScene(scene)
        plain.resize(*SIZE)
        shown = view.stage.frame
        assert shown is not None
        pairs = zip(shown.axis.at(shown.terrain.start).tolist(), shown.axis.at(shown.terrain.end).tolist(), strict=True)
        for first, last in pairs:
            x, y = shown.lanes.place(first)
            scene.addRect(x, y, max(last - first, 1.0), shown.lanes.thickness)
        image, steps = QImage(*SIZE, QImage.Format.Format_RGB32), (itertools.count(), itertools.count())

        def peer() -> int:
            plain.translate(_step(next(steps[1])) / 10, 0)
            QWidget.render(plain, image)
            return image.height()

        return alternate(
            setting, rounds, lambda: frame(view, image, _step(next(steps[0]))), peer,
            lambda ours, theirs: same("rows of pixels", ours, theirs),
        )  # fmt: skip


def of_zooming(setting: Setting, rounds: int) -> Measurement:
    """From everything to one page in 60 steps; the slowest of each step's frames over the rounds is not told, its
    median is, since others use the machine too."""
    with shown_map(setting.regions, setting.points * 10) as view:
        image, calm = QImage(*SIZE, QImage.Format.Format_RGB32), Calm(setting.patience)
        times: list[list[float]] = [[] for _ in range(STEPS)]
        for _ in range(rounds):
            view.stage.fit()
            shown = view.stage.frame
            assert shown is not None
            page = float(shown.terrain.runs.start[len(shown.terrain.runs.start) // 2])
            along = shown.along(page)
            for number, scale in enumerate(np.geomspace(shown.scale, FINEST, STEPS)):
                calm.wait()
                times[number].append(timed(lambda: _zoomed(view, image, float(scale), page, along))[0])  # noqa: B023  # called at once
        return Measurement(tuple(median(each) for each in times), notes=calm.notes)


def _zoomed(view: MapView, image: QImage, scale: float, page: float, along: float) -> int:
    assert view.stage.frame is not None
    view.stage.go(view.stage.frame.zoomed(scale, page, along))
    QWidget.render(view, image)
    return image.height()


def _step(number: int) -> float:
    """To and fro, so that every frame shows something else than the one before."""
    return 700.0 if number % 2 else -700.0
