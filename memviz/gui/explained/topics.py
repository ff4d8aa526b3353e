"""The pages of the tab Explained, in order: each is a file of resources/explained and perhaps a picture. No Qt here."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from memviz.assets import asset_text


@dataclass(frozen=True, slots=True)
class Topic:
    """`name` is that of its file; `explains` are the groups of memory that it is the page of."""

    name: str
    explains: tuple[str, ...] = ()

    @property
    def markdown(self) -> str:
        return _page(self.name)

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.markdown.partition("\n")[0].removeprefix("# ").strip()


@functools.cache
def _page(name: str) -> str:
    return asset_text(f"explained/{name}.md")


TOPICS = (
    Topic("virtual-memory"),
    Topic("text", ("text",)),
    Topic("data", ("data",)),
    Topic("heap", ("heap",)),
    Topic("stack", ("stack",)),
    Topic("libraries", ("library",)),
    Topic("anonymous", ("anonymous",)),
    Topic("files", ("file",)),
    Topic("shared-memory", ("shared",)),
    Topic("kernel", ("kernel",)),
    Topic("reserved", ("reserved",)),
    Topic("rss"),
    Topic("pss"),
    Topic("swap"),
    Topic("page-faults"),
    Topic("page-tables"),
    Topic("tlb"),
    Topic("not-seen"),
)
FIRST = TOPICS[0]
OF_KIND = {"nothing": "rss", "page": "page-faults", "range": "virtual-memory"}


def topic_named(name: str) -> Topic:
    """The page of that name, or of the group of that name; the first one where there is none."""
    return next((topic for topic in TOPICS if name == topic.name or name in topic.explains), FIRST)


def topic_for(kind: str, group: str) -> Topic:
    """The page about a selection of that kind, in that group."""
    return topic_named(OF_KIND.get(kind, group))
