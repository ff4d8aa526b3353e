"""What the keys do: a page made of the declared actions, and of what the map itself understands."""

from __future__ import annotations

import html

from memviz.gui.shell.actions import ACTIONS, MENUS, written
from memviz.gui.shell.panels import PANELS

# What the map does with keys and mouse while it has the focus.
IN_THE_MAP = (
    ("Wheel, W, S, +, -", "Zoom at the pointer."),
    ("A, D, arrows", "Move along; up and down by rows, Page Up and Page Down by pages."),
    ("F", "Centre the selection; once more fits it."),
    ("Home, 0", "Everything."),
    ("Click", "Select; on a notch: unfold it."),
    ("Double click", "Zoom to the block."),
    ("Drag", "Select a range; with Space held, move."),
    ("Backspace", "Undo a zoom; with Shift, redo it."),
    ("Enter", "To the next hit of the search; with Shift, to the one before."),
    ("Esc", "Select nothing."),
)


def rows() -> list[tuple[str, list[tuple[str, str]]]]:
    """Sections of keys and what they do."""
    sections = []
    for menu in MENUS:
        found = [each for each in ACTIONS if each.menu == menu and (each.keys or each.letters)]
        sections.append((menu, [(written(each.keys + each.letters), each.tip) for each in found]))
    panels = [(written((panel.key,)), f"To the panel {panel.title}.") for panel in PANELS]
    panels += [(written((f"Shift+{panel.key}",)), f"Show or hide the panel {panel.title}.") for panel in PANELS]
    return [*sections, ("Panels", panels), ("In the map", list(IN_THE_MAP))]


def as_html() -> str:
    parts = []
    for title, entries in rows():
        lines = "".join(
            f"<tr><td style='padding:2px 18px 2px 0'><b>{html.escape(key)}</b></td><td>{html.escape(what)}</td></tr>"
            for key, what in entries
        )
        parts.append(f"<h4>{html.escape(title)}</h4><table>{lines}</table>")
    return "".join(parts)
