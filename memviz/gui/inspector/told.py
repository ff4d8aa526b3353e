"""Everything that the inspector says about a subject, worked out at once and away from any widget. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

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
        heading(subject), _sentence(subject), _more(subject),
        shares, group_of(subject), lines_of(subject), title, text, topic(subject),
    )  # fmt: skip


def _sentence(subject: Subject) -> str:
    """Of a process only its name: what there is to say of it stands in large letters above the map."""
    snapshot = subject.snapshot
    if subject.kind == NOTHING and snapshot.name and "regions" not in snapshot.absent:
        return snapshot.name
    return sentence(snapshot, subject.selection, subject.pages)


def _more(subject: Subject) -> str:
    """What would help where a process may not be read."""
    why = subject.snapshot.absent.get("regions") if subject.kind == NOTHING else None
    return why.remedy if why is not None else ""
