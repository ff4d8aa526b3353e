"""What the inspector says around the facts: where something belongs, and what its kind means. No Qt here."""

from __future__ import annotations

from memviz.assets import asset_text
from memviz.core.categories import BY_FILE, Category
from memviz.gui.explained.topics import Topic, topic_for
from memviz.gui.inspector.subject import Subject
from memviz.gui.session.selection import BLOCK, GROUP, NOTHING, PAGE, RANGE, REGION

KINDS = {NOTHING: "Process", GROUP: "Group", BLOCK: "Block", REGION: "Region", PAGE: "Page", RANGE: "Range"}
PROCESS = (
    "A process is a running program: an address space of its own, threads that run in it, and what it has open. "
    "Choose something in the map or the tables to see what it is."
)
A_RANGE = "Addresses that were marked in the map. Pages are counted exactly; regions also where they lie in it in part."


def category_of(subject: Subject) -> Category | None:
    """The category of a block, region or page."""
    if subject.row is None:
        return None
    if subject.kind == BLOCK and subject.block is not None:
        return subject.snapshot.blocks.category(subject.block)
    return subject.snapshot.categories[int(subject.snapshot.regions["category"][subject.row])]


def group_of(subject: Subject) -> str:
    """The group whose colour it has; empty for a process or a range."""
    if subject.kind == GROUP:
        return subject.selection.group
    if subject.kind == BLOCK and subject.block is not None:
        return subject.snapshot.blocks.group(subject.block)
    category = category_of(subject) if subject.kind in (REGION, PAGE) else None
    return category.group if category is not None else ""


def heading(subject: Subject) -> str:
    """`Region of libc · text · library code`"""
    words = [KINDS.get(subject.kind, subject.kind)]
    if subject.kind == NOTHING:
        words[0] += f" {subject.snapshot.pid}"
    if subject.kind in (PAGE, REGION) and subject.block is not None:
        words[0] += f" of {subject.snapshot.blocks.name(subject.block)}"
    words.append(group_of(subject) if subject.kind != GROUP else "")
    category = category_of(subject)
    if category is not None and subject.kind in (PAGE, REGION) and category.name != words[-1]:
        words.append(category.name)
    return " · ".join(filter(None, words))


def meaning(subject: Subject) -> tuple[str, str]:
    """A heading and a paragraph: what such a thing is."""
    if subject.kind == NOTHING:
        return "What is a process?", PROCESS
    if subject.kind == RANGE:
        return "What is a range?", A_RANGE
    if subject.kind == GROUP:
        return f"What is {subject.selection.group}?", group_text(subject.selection.group)
    category = category_of(subject)
    if category is None:
        return "", ""
    if subject.kind == BLOCK and category.blocks == BY_FILE:  # it holds regions of several categories
        return f"What is {group_of(subject)}?", group_text(group_of(subject))
    return f"What is “{category.name}”?", category.explanation


def group_text(name: str) -> str:
    """The paragraph about a group; empty for one that nobody described."""
    sections = asset_text("groups.md").split("\n## ")[1:]
    return next((" ".join(body.replace("`", "").split()) for title, _, body in (s.partition("\n") for s in sections)
                 if title.strip() == name), "")  # fmt: skip


def topic(subject: Subject) -> Topic:
    """The page of the tab Explained that fits."""
    return topic_for(subject.kind, group_of(subject))
