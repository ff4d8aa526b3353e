"""How a click in the legend changes the filter's text. No Qt here."""

from __future__ import annotations

import re

_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')  # as core.query takes a text apart
_GROUPS = re.compile(r"group:([\w,]+)", re.IGNORECASE)


def _term(text: str) -> re.Match[str] | None:
    """The first word that names groups."""
    return next((word for word in _WORD.finditer(text) if _GROUPS.fullmatch(word[0])), None)


def groups_in(text: str) -> tuple[str, ...]:
    """The groups that a filter names in its first term of groups."""
    found = _term(text)
    names = found[0].partition(":")[2].lower().split(",") if found is not None else []
    return tuple(filter(None, names))


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
    found = _term(text)
    if found is None:
        return f"{text} {term}".strip()
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    return " ".join(filter(None, (before, term, after)))
