"""Everything that the inspector says about a subject, worked out at once and away from any widget. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

from memviz.core.headline import cost
from memviz.core.sentence import sentence
from memviz.gui.explained.topics import Topic
from memviz.gui.inspector.lines import lines_of
from memviz.gui.inspector.shares import Share, shares_of
from memviz.gui.inspector.subject import Line, Subject
from memviz.gui.inspector.words import group_of, heading, meaning, topic
from memviz.gui.session.selection import NOTHING, PAGE, RANGE


class Told(NamedTuple):
    """`more` stands in smaller letters below the sentence; `shares` are the parts of the bar, in the hue of `group`."""

    heading: str
    sentence: str
    more: str
    shares: tuple[Share, ...]
    group: str
    lines: list[Line]
    meaning_of: str
    meaning: str
    topic: Topic


def tell(subject: Subject) -> Told:
    """Takes some 40 ms for a group of 65,000 regions."""
    shares = shares_of(subject.part) if subject.kind not in (RANGE, PAGE) else ()
    title, text = meaning(subject)
    return Told(
        heading(subject), sentence(subject.snapshot, subject.selection, subject.pages), _more(subject),
        shares, group_of(subject), lines_of(subject), title, text, topic(subject),
    )  # fmt: skip


def _more(subject: Subject) -> str:
    """What a process costs, or what would help where it may not be read."""
    if subject.kind != NOTHING:
        return ""
    why = subject.snapshot.absent.get("regions")
    return cost(subject.snapshot) if why is None else why.remedy
