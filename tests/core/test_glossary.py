from __future__ import annotations

from pathlib import Path

from memviz.core.categories import CATEGORIES, GROUPS
from memviz.core.columns import BLOCK_COLUMNS, PROCESS_COLUMNS, REGION_COLUMNS, THREAD_COLUMNS
from memviz.core.glossary import glossary
from memviz.core.measures import MEASURES
from memviz.core.system_items import SYSTEM_ITEMS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"


def test_that_the_glossary_in_docs_is_what_the_program_says() -> None:
    again = ".venv/bin/python -m memviz.core.glossary docs/glossary.md"
    assert PAGE.read_text(encoding="utf-8") == glossary(), f"write it anew: {again}"


def test_that_every_record_is_in_the_glossary() -> None:
    text = glossary()
    columns = (*REGION_COLUMNS, *BLOCK_COLUMNS, *PROCESS_COLUMNS, *THREAD_COLUMNS)
    for record in (*CATEGORIES, *GROUPS, *MEASURES, *SYSTEM_ITEMS, *columns):
        assert record.name in text
    for record in (*CATEGORIES, *MEASURES, *SYSTEM_ITEMS, *columns):
        assert record.explanation.replace("|", "\\|") in text
