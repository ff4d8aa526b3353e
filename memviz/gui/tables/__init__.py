"""Blocks and regions as tables, copying them, and the menu that anything selected has."""
