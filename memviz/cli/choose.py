"""Columns and order by name, as options give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from memviz.errors import UsageError

if TYPE_CHECKING:
    from memviz.core.columns import Column


class HasColumns(Protocol):
    """A row that gives the value of a column by name."""

    def get(self, name: str) -> object: ...


R = TypeVar("R", bound=HasColumns)


def chosen_columns(known: Sequence[Column], text: str | None, usual: Sequence[str]) -> list[Column]:
    """The columns named in `text` (comma-separated, or `all`), else the usual ones. Raises UsageError."""
    by_name = {column.name: column for column in known}
    if text == "all":
        return list(known)
    names = text.split(",") if text else [name for name in usual if name in by_name]
    for name in names:
        if name not in by_name:
            raise UsageError(f"unknown column {name!r}; there are {', '.join(by_name)}")
    return [by_name[name] for name in names]


def sorted_by(rows: list[R], known: Sequence[Column], text: str) -> list[R]:
    """Rows by a column: numbers from large to small, texts in order, `-name` the other way; unknown values last."""
    name = text.removeprefix("-")
    column = chosen_columns(known, name, ())[0]
    have = [row for row in rows if row.get(name) is not None]
    lack = [row for row in rows if row.get(name) is None]
    descending = column.numeric and name not in ("start", "end", "pid", "tid") and not text.startswith("-")
    if not column.numeric and text.startswith("-"):
        descending = True
    have.sort(key=lambda row: row.get(name), reverse=descending)  # type: ignore[arg-type, return-value]  # one column, one type
    return have + lack
