"""The glossary: every word that memviz shows, out of the very records that show it.

`python -m memviz.core.glossary docs/glossary.md` writes the page anew; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from memviz.assets import asset_text
from memviz.core.categories import CATEGORIES, GROUPS
from memviz.core.columns import BLOCK_COLUMNS, PROCESS_COLUMNS, REGION_COLUMNS, THREAD_COLUMNS, Column
from memviz.core.layout import PAGE_COUNTS
from memviz.core.measures import MEASURES
from memviz.core.query import TERMS
from memviz.core.system_items import SYSTEM_ITEMS
from memviz.files import write_file

TITLE = """\
# Glossary

Made from the program's own records by `.venv/bin/python -m memviz.core.glossary docs/glossary.md`.
Sizes are in bytes in JSON and CSV. *Measured* is the kernel's own number, *derived* is computed from such numbers,
*estimated* is neither.
"""


def glossary() -> str:
    """The whole page as Markdown."""
    parts = [TITLE, "## Groups\n", _groups(), "## Categories\n", _categories()]
    parts += ["## Measures of a process\n", _measures(), "## Pages of a process\n", _pages()]
    tables = {
        "Columns of a region": REGION_COLUMNS, "Columns of a block": BLOCK_COLUMNS,
        "Columns of a process": PROCESS_COLUMNS, "Columns of a thread": THREAD_COLUMNS,
    }  # fmt: skip
    for title, columns in tables.items():
        parts += [f"## {title}\n", _columns(columns)]
    parts += ["## The machine\n", _system(), "## The filter\n", _filter()]
    return "\n".join(parts)


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines: Iterator[tuple[str, ...]] = iter([heading, tuple("---" for _ in heading), *rows])
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _groups() -> str:
    sections = asset_text("groups.md").split("\n## ")[1:]
    texts = {name.strip(): " ".join(body.split()) for name, _, body in (part.partition("\n") for part in sections)}
    return _table(("group", "means"), ((f"**{group.name}**", texts[group.name]) for group in GROUPS))


def _categories() -> str:
    rows = ((c.name, c.group, "certain" if c.sure else "most likely", c.explanation) for c in CATEGORIES)
    return _table(("category", "group", "told", "means"), rows)


def _measures() -> str:
    rows = ((f"`{m.name}`", m.title, m.how, m.source, m.explanation) for m in MEASURES)
    return _table(("key", "title", "known", "from", "means"), rows)


def _pages() -> str:
    return _table(("key", "known", "means"), ((f"`{p.name}`", p.how, p.explanation) for p in PAGE_COUNTS))


def _columns(columns: tuple[Column, ...]) -> str:
    return _table(("key", "title", "means"), ((f"`{c.name}`", c.title, c.explanation) for c in columns))


def _system() -> str:
    rows = ((f"`{item.name}`", item.title, item.how, item.explanation) for item in SYSTEM_ITEMS)
    return _table(("key", "title", "known", "means"), rows)


def _filter() -> str:
    return _table(("type", "to choose"), ((f"`{term.example}`", term.explanation) for term in TERMS))


if __name__ == "__main__":
    write_file(sys.argv[1], glossary())
