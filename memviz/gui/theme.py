"""Light and dark: every colour comes from `resources/colours.json`, for widgets, map and plots alike."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from memviz.assets import asset_text

DARK, LIGHT = "dark", "light"


@dataclass(frozen=True)
class Theme:
    """Colours by role; `groups` by the name of a group; `quiet` is how much of a hue stays in what costs little."""

    name: str
    ground: QColor
    raised: QColor
    field: QColor
    text: QColor
    dim: QColor
    line: QColor
    accent: QColor
    selected: QColor
    alarm: QColor
    warn: QColor
    good: QColor
    new: QColor
    gone: QColor
    empty: QColor
    quiet: float
    groups: dict[str, QColor]

    def group(self, name: str) -> QColor:
        """The hue of a group, the dim text colour for one that nobody declared a hue for."""
        return self.groups.get(name, self.dim)

    def quiet_group(self, name: str) -> QColor:
        """The same hue for what costs little: clean pages of files."""
        return mixed(self.group(name), self.ground, self.quiet)


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """`share` of the one and the rest of the other."""
    pairs = zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]  # PySide says object
    return QColor(*(round(a * share + b * (1 - share)) for a, b in pairs))


@functools.cache
def theme(name: str) -> Theme:
    """The theme of that name, `dark` or `light`."""
    entry = json.loads(asset_text("colours.json"))[name]
    groups = {group: QColor(colour) for group, colour in entry.pop("groups").items()}
    quiet = entry.pop("quiet")
    return Theme(name=name, groups=groups, quiet=quiet, **{role: QColor(colour) for role, colour in entry.items()})


def readable(ground: QColor) -> QColor:
    """Dark or light letters, whichever can be read on a colour."""
    return theme(DARK if ground.lightnessF() > 0.5 else LIGHT).field


def system_theme() -> str:
    """What the desktop asks for; dark where it does not say."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


def palette(chosen: Theme) -> QPalette:
    """The palette for the Fusion style."""
    role, result = QPalette.ColorRole, QPalette()
    pairs = {
        role.Window: chosen.ground, role.WindowText: chosen.text, role.Base: chosen.field,
        role.AlternateBase: chosen.raised, role.Text: chosen.text, role.Button: chosen.raised,
        role.ButtonText: chosen.text, role.ToolTipBase: chosen.raised, role.ToolTipText: chosen.text,
        role.Highlight: chosen.selected, role.HighlightedText: chosen.text, role.Link: chosen.accent,
        role.LinkVisited: chosen.accent, role.PlaceholderText: chosen.dim, role.Light: chosen.line,
        role.Midlight: chosen.line, role.Mid: chosen.line, role.Dark: chosen.ground, role.Shadow: chosen.ground,
        role.BrightText: chosen.alarm, role.Accent: chosen.accent,
    }  # fmt: skip
    for key, colour in pairs.items():
        result.setColor(key, colour)
    for key in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, mixed(chosen.text, chosen.ground, 0.4))
    return result


def fixed_font(scale: float = 1.0) -> QFont:
    """For addresses: one width for every digit."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    base = QGuiApplication.font().pointSizeF()
    font.setPointSizeF(max(base, 6.0) * 0.95 * scale)
    return font
