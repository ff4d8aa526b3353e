"""How a click in the legend changes the filter's text. No Qt here."""

from __future__ import annotations

import re

_GROUPS = re.compile(r"(?<!\S)group:([\w,]+)(?!\S)", re.IGNORECASE)


def groups_in(text: str) -> tuple[str, ...]:
    """The groups that a filter names in its first term of groups."""
    found = _GROUPS.search(text)
    return tuple(filter(None, found[1].lower().split(","))) if found is not None else ()


def toggled(text: str, group: str) -> str:
    """The filter with the group added to those it names, or taken away if it names it; other terms stay."""
    groups = groups_in(text)
    left = tuple(name for name in groups if name != group)
    return with_groups(text, left if group in groups else (*groups, group))


def alone(text: str, group: str) -> str:
    """The filter with this group only; without any where it was alone already."""
    return with_groups(text, () if groups_in(text) == (group,) else (group,))


def with_groups(text: str, groups: tuple[str, ...]) -> str:
    """The filter with exactly these groups in its first term of groups."""
    term = f"group:{','.join(groups)}" if groups else ""
    if not _GROUPS.search(text):
        return f"{text} {term}".strip()
    return _GROUPS.sub(lambda found: term, text, count=1).strip()
