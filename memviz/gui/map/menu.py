"""The menu on the map: what can be done at this place, and the menu that the thing has everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from memviz.gui.map.hand import Hand, piece_of
from memviz.gui.map.stage import Stage
from memviz.gui.session.selection import rows_of, select_block
from memviz.gui.session.session import Session
from memviz.gui.tables.menu import selection_menu


def map_menu(session: Session, stage: Stage, hand: Hand, x: float, y: float, parent: QWidget) -> QMenu:
    """For the selection, where the place is in it; else what is at the place is selected first."""
    spot, snapshot = hand.spot(x, y), session.snapshot
    if spot is not None and spot.row is not None and spot.block is not None and snapshot is spot.snapshot:
        chosen = session.selection
        if not chosen or spot.row not in rows_of(chosen, snapshot):
            session.select(select_block(snapshot, spot.block))
    menu = selection_menu(session, session.selection, parent)
    first = menu.actions()[0] if menu.actions() else None
    own: list[tuple[str, str, Callable[[], object]]] = []
    if spot is not None and spot.row is not None:
        own.append(("Zoom to it", "Fills the map with this block.", partial(stage.zoom_to, *piece_of(spot))))
    if spot is not None and spot.can_unfold:
        own.append(("Unfold", "Shows this fold at its size, until memviz ends.", partial(hand.unfold, x, y)))
    if not stage.is_fitted:
        own.append(("Undo zoom", "The view before (Backspace).", stage.undo_zoom))
        own.append(("Show all", "Everything (Home).", stage.fit))
    for title, tip, do in own:
        action = QAction(title, menu)
        action.setToolTip(tip)
        action.triggered.connect(lambda checked=False, do=do: do())
        menu.insertAction(first, action) if first is not None else menu.addAction(action)
    if own and first is not None:
        menu.insertSeparator(first)
    if around := actions_around(parent):
        menu.addSeparator()
        menu.addActions(around)
    return menu


def actions_around(widget: QWidget) -> list[QAction]:
    """Those of the nearest widget around it that has any: what can be done with the whole picture."""
    around = widget.parentWidget()
    while around is not None and not around.actions():
        around = around.parentWidget()
    return around.actions() if around is not None else []
