"""The menu of anything selected: the same for the same thing in map, tables, legend and inspector."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QWhatsThis, QWidget

from memviz.core.explain import explain
from memviz.core.query import quoted
from memviz.core.snapshot import Snapshot
from memviz.gui.parts.taking import copy_made, copy_text
from memviz.gui.session.selection import (
    BLOCK,
    GROUP,
    NOTHING,
    PAGE,
    RANGE,
    Selection,
    block_of,
    select_block,
    select_region,
)
from memviz.gui.session.session import Session
from memviz.gui.tables.copying import COPIES, Copy, Selected, selected

SHORT = 44  # letters of what is shown in the menu itself
MANY = 2000  # rows from which on a copy is made away from the GUI thread


def selection_menu(session: Session, selection: Selection, parent: QWidget | None) -> QMenu:
    """What can be done with a selection; it goes away by itself when it is closed."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    snapshot = session.snapshot
    if snapshot is not None and selection:
        found = selected(snapshot, selection)
        _add_copies(session, menu, found)
        menu.addSeparator()
        _add_filters(session, menu, found)
        _add_steps(session, menu, found)
        menu.addSeparator()
    if session.filter:
        _add(menu, "Show everything", "Takes the filter away.", partial(session.set_filter, ""))
    _add_mark(session, menu)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add(menu: QMenu, text: str, help_: str, do: Callable[[], object]) -> QAction:
    action = QAction(text.replace("&", "&&"), menu)
    action.setToolTip(help_)
    action.triggered.connect(lambda checked=False: do())
    menu.addAction(action)
    return action


# -- copying ----------------------------------------------------------------------------------------------------------


def _add_copies(session: Session, menu: QMenu, found: Selected) -> None:
    below = menu.addMenu("Copy")
    below.setToolTipsVisible(True)
    part = COPIES[0].part
    for copy in COPIES:
        text = copy.make(found if copy.part == "it" else _few(found))
        if text is None:
            continue
        if copy.part != part:
            below.addSeparator()
            part = copy.part
        is_short = len(text) <= SHORT and "\n" not in text
        _add(
            below,
            f"{copy.title}\t{text}" if is_short else copy.title,
            copy.explanation,
            partial(_copy, session, copy, found),
        )


def _few(found: Selected) -> Selected:
    """Its first regions: whether there is something to copy is tried on them."""
    return Selected(found.snapshot, found.selection, found.rows[:20], found.span)


def _copy(session: Session, copy: Copy, found: Selected) -> None:
    if len(found.rows) < MANY:
        copy_text(session, copy.make(found), copy.title)
    else:
        copy_made(session, lambda: (copy.make(found), copy.title))


# -- filter, selection ------------------------------------------------------------------------------------------------


def _add_filters(session: Session, menu: QMenu, found: Selected) -> None:
    for text in filters_of(found):
        _add(
            menu,
            f"Show only {text}",
            "Tables show only this; the map dims the rest.",
            partial(session.set_filter, text),
        )


def filters_of(found: Selected) -> list[str]:
    """The filters that a selection suggests, in the language of core.query."""
    snapshot, selection = found.snapshot, found.selection
    if selection.kind == GROUP:
        return [f"group:{selection.group}"]
    if selection.kind == RANGE:
        return [f"{selection.start:#x}-{selection.end:#x}"]
    if not len(found.rows):
        return []
    row = int(found.rows[0])
    region = snapshot.regions[row]
    block = block_of(selection, snapshot)
    texts = [f"block:{quoted(snapshot.blocks.name(block))}"] if block is not None else []
    texts.append(f"group:{snapshot.categories[int(snapshot.regions['category'][row])].group}")
    if region.path:
        texts.append(f"path:{quoted(region.path)}")
    return texts


def _add_steps(session: Session, menu: QMenu, found: Selected) -> None:
    snapshot, selection = found.snapshot, found.selection
    if selection.kind in (NOTHING, GROUP, RANGE) or not len(found.rows):
        return
    row, block = snapshot.regions.find(selection.start), block_of(selection, snapshot)
    if block is not None and selection.kind != BLOCK:
        step = select_block(snapshot, block)
        _add(menu, "Select its block", "The thing in memory that it is a part of.", partial(session.select, step))
    if row is not None and selection.kind in (PAGE, BLOCK):
        title = "Select its region" if selection.kind == PAGE else "Select its first region"
        step = select_region(snapshot, row)
        _add(menu, title, "One mapping of the kernel.", partial(session.select, step))
    _add(menu, "Explain", "What lies at its first address, in words.", partial(_explain, snapshot, selection, menu))


def _explain(snapshot: Snapshot, selection: Selection, menu: QMenu) -> None:
    told = explain(snapshot, selection.start)
    text = "".join(f"<p>{html.escape(part)}</p>" for part in (told.sentence, told.meaning) if part)
    parent = menu.parentWidget()
    QWhatsThis.showText(QCursor.pos(), text, parent)


def _add_mark(session: Session, menu: QMenu) -> None:
    if session.snapshot is not None and session.snapshot is not session.mark:
        text = "Set the mark anew" if session.mark is not None else "Set a mark"
        help_ = "From here on everything shows how it differs from now."
        _add(menu, text, help_, lambda: session.set_mark(session.snapshot))
    if session.mark is not None:
        _add(menu, "Remove the mark", "No differences are shown any more.", partial(session.set_mark, None))
