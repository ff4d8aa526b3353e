"""The hues of the groups: told apart by every eye, away from the colour of alarms, the same everywhere."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QColor

from memviz.core.categories import GROUPS
from memviz.gui.map.inks import Inks
from memviz.gui.theme import Theme, theme

Matrix = npt.NDArray[np.float64]

# How eyes without red or green cones see linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1)
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
# Linear RGB to cones, and their cube roots to Oklab, in which distances are as large as they look (Ottosson, 2020)
CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
OKLAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
APART, FAR = 0.07, 0.15  # of Oklab: three times what is just noticed side by side; from the colour of alarms
PAIRS = list(itertools.combinations([group.name for group in GROUPS], 2))


def seen(colour: QColor, eye: Matrix) -> Matrix:
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(OKLAB @ np.cbrt(CONES @ np.clip(eye @ linear, 0, 1)))


def distance(one: QColor, other: QColor, eye: Matrix) -> float:
    return float(np.linalg.norm(seen(one, eye) - seen(other, eye)))


@pytest.fixture(params=["dark", "light"])
def chosen(request: pytest.FixtureRequest) -> Theme:
    return theme(request.param)


@pytest.mark.parametrize("eye", EYES)
def test_that_any_two_groups_are_told_apart_by_every_eye(chosen: Theme, eye: str) -> None:
    near = [pair for pair in PAIRS if distance(chosen.group(pair[0]), chosen.group(pair[1]), EYES[eye]) < APART]
    assert near == []


def test_that_only_alarms_look_like_alarms(chosen: Theme) -> None:
    assert all(distance(chosen.group(group.name), chosen.alarm, EYES["usual"]) > FAR for group in GROUPS)


def test_that_every_group_stands_out_from_the_ground(chosen: Theme) -> None:
    assert all(
        distance(chosen.group(group.name), chosen.ground, eye) > 0.2 for group in GROUPS for eye in EYES.values()
    )


def test_that_windows_and_terminals_have_the_same_hues(chosen: Theme) -> None:
    inks = Inks.of(chosen.name)
    assert [inks.group(group.name) for group in GROUPS] == [chosen.group(group.name).name() for group in GROUPS]
    assert [group.colour for group in GROUPS] == [theme("dark").group(group.name).name() for group in GROUPS]
