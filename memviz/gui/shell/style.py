"""The little that a palette cannot say: lines between panels, their titles, the toolbar."""

from __future__ import annotations

from memviz.gui.theme import Theme


def sheet(theme: Theme) -> str:
    """For the main window; only what surrounds the views."""
    ground, raised, line, dim = (c.name() for c in (theme.ground, theme.raised, theme.line, theme.dim))
    text, accent, selected, field = (c.name() for c in (theme.text, theme.accent, theme.selected, theme.field))
    return f"""
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; margin: 2px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QDockWidget::title {{ background: {ground}; padding: 3px 8px; text-align: left; }}
QToolBar {{ background: {raised}; border: none; border-bottom: 1px solid {line}; padding: 4px 6px; spacing: 4px; }}
QToolBar QToolButton {{ color: {text}; border: 1px solid transparent; border-radius: 4px; padding: 4px 8px; }}
QToolBar QToolButton[popupMode="2"] {{ padding-right: 16px; }}
QToolBar QToolButton::menu-indicator {{ subcontrol-position: right center; right: 5px; width: 9px; }}
QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0px; min-width: 18px; }}
QToolBar QToolButton:hover {{ border-color: {line}; background: {ground}; }}
QToolBar QToolButton:checked, QToolBar QToolButton:pressed {{ background: {selected}; }}
QToolBar QToolButton:focus {{ border-color: {accent}; }}
QToolBar QToolButton:disabled {{ color: {dim}; }}
QToolBar QLineEdit {{ border: 1px solid {line}; border-radius: 4px; padding: 3px 6px; background: {field}; }}
QToolBar QLineEdit:focus {{ border-color: {accent}; }}
QMenuBar {{ background: {raised}; }}
QStatusBar {{ background: {raised}; border-top: 1px solid {line}; color: {dim}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {dim}; }}
"""
