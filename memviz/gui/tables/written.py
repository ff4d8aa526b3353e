"""Rows of any table as text to copy or to save: each form declared once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from memviz.core.columns import Column
from memviz.text import csv_lines, for_markdown, for_spreadsheet


@dataclass(frozen=True, slots=True)
class Rows:
    """`values` has a list a column, of plain values; None where one is not known."""

    columns: Sequence[Column]
    values: Sequence[Sequence[Any]]

    def shown(self) -> Iterator[tuple[str, ...]]:
        """The same as people read it, row by row: a list of so many lists would have the garbage collector stop all."""
        texts = [
            [column.show(value) for value in given] for column, given in zip(self.columns, self.values, strict=True)
        ]
        return zip(*texts, strict=True)


class Form(NamedTuple):
    """`suffix` is how files of this form end."""

    name: str
    title: str
    explanation: str
    suffix: str
    write: Callable[[Rows], str]


def as_text(rows: Rows) -> str:
    """Tabs between cells, as spreadsheets and terminals take them: texts are made harmless as in CSV."""
    finish = [str if column.numeric else for_spreadsheet for column in rows.columns]
    return "".join(
        "\t".join(write(cell) for write, cell in zip(finish, row, strict=True)) + "\n" for row in rows.shown()
    )


def as_markdown(rows: Rows) -> str:
    """A table with numbers to the right. Names of files may look like pictures, links or HTML, and stay names."""
    head = [column.title for column in rows.columns]
    rule = ["---:" if column.numeric else "---" for column in rows.columns]
    body = ([for_markdown(cell) for cell in row] for row in rows.shown())
    return "".join("| " + " | ".join(row) + " |\n" for row in itertools.chain((head, rule), body))


def as_json(rows: Rows) -> str:
    """A list with an object a line: bytes as numbers, addresses as text, unknown values as null."""
    names = [column.name for column in rows.columns]
    values = [
        [f"{value:#x}" for value in given] if name in ("start", "end") else given
        for name, given in zip(names, rows.values, strict=True)
    ]
    lines = (json.dumps(dict(zip(names, row, strict=True))) for row in zip(*values, strict=True))
    return "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n]\n"


def as_csv(rows: Rows) -> str:
    """Names of columns, then plain values: bytes as numbers, unknown values as nothing."""
    return "".join(csv_lines((column.name for column in rows.columns), zip(*rows.values, strict=True)))


FORMS = (
    Form("text", "Text", "Cells as shown, tabs between them.", "txt", as_text),
    Form("markdown", "Markdown", "A table for issues and notes.", "md", as_markdown),
    Form("json", "JSON", "Objects with exact bytes; unknown values are null.", "json", as_json),
    Form("csv", "CSV", "Exact bytes, for spreadsheets and scripts.", "csv", as_csv),
)
