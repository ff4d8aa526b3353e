"""The colours of the map as texts, for terminals and files: the same as the window's, without Qt."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from memviz.assets import asset_text
from memviz.core.categories import GROUPS

FAINT = 0.16  # of a hue in the ground of what is mapped and not in memory


@dataclass(frozen=True, slots=True)
class Inks:
    """`#rrggbb` by role; `groups` in the order of GROUPS."""

    text: str
    dim: str
    line: str
    ground: str
    quiet: float
    groups: tuple[str, ...]

    @classmethod
    @functools.cache
    def of(cls, theme: str) -> Inks:
        """`light` or `dark`."""
        held = json.loads(asset_text("colours.json"))[theme]
        hues = tuple(held["groups"].get(group.name, held["dim"]) for group in GROUPS)
        return cls(held["text"], held["dim"], held["line"], held["ground"], held["quiet"], hues)

    def group(self, name: str) -> str:
        """The hue of a group."""
        return next(hue for group, hue in zip(GROUPS, self.groups, strict=True) if group.name == name)

    def cell(self, group: int, own: float) -> tuple[str, str]:
        """Ink and ground of a cell: strong for what is private, quiet for clean pages of files."""
        hue = self.groups[group]
        share = 1.0 if own >= 0.5 else self.quiet
        return self.mixed(hue, self.ground, share), self.mixed(hue, self.ground, FAINT)

    def mixed(self, colour: str, ground: str, share: float) -> str:
        """`share` of the one and the rest of the other."""
        pairs = zip(_parts(colour), _parts(ground), strict=True)
        return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@functools.lru_cache(maxsize=512)
def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
