"""The facts of whatever is selected as lines to show. No Qt here."""

from __future__ import annotations

from collections.abc import Iterator

from memviz import units
from memviz.core.flags import flags_in_words
from memviz.core.readings import MEASURED
from memviz.gui.inspector.facts import SECTIONS, write_change, write_size
from memviz.gui.inspector.subject import DIGITS, HEADING, PLAIN, Fact, Line, Section, Subject, Value
from memviz.gui.session.selection import BLOCK, PAGE, REGION


def lines_of(subject: Subject) -> list[Line]:
    """Everything that there is to tell, in order."""
    if subject.kind in (PAGE, REGION, BLOCK) and subject.row is None:
        return []  # gone
    result: list[Line] = []
    for section in SECTIONS:
        if subject.kind in section.kinds:
            lines = list(_lines(section, subject))
            if lines:
                result.append(Line(f"section {section.title}", section.title, "", "", "", "", HEADING))
                result += lines
    return result


def _lines(section: Section, subject: Subject) -> Iterator[Line]:
    nothing: list[str] = []
    untold: list[str] = []
    for fact in section.facts:
        value = fact.value(subject)
        if fact.often_zero and value == 0:
            nothing.append(fact.title)
        elif fact.often_zero and value is None:
            untold.append(fact.title)
        elif value != "":
            yield _line(fact, value, subject)
    if nothing:
        text = ", ".join(nothing)
        yield Line(f"{section.title} zero", "Zero", text, "", "The kernel tells 0 for each of these.", text)
    if untold and subject.snapshot.regions.measured:
        text = ", ".join(untold)
        yield Line(f"{section.title} untold", "Unknown", text, "", str(subject.why("", "smaps")), text)


def _line(fact: Fact, value: Value | None, subject: Subject) -> Line:
    known = "" if fact.sentence else fact.source if fact.how == MEASURED else fact.how
    origin = f"{fact.how.capitalize()}, from {fact.source}."
    if value is None:
        why = subject.why(fact.name, fact.source)
        tip = f"{fact.explanation}\nNot known: {why}."
        return Line(fact.name, fact.title, f"{units.DASH} ({why.reason})", "", f"{tip}\n{origin}", units.DASH)
    raw = str(value)
    exact = f"\nExactly {value:,} bytes." if isinstance(value, int) and fact.write in (write_size, write_change) else ""
    words = f"\n{flags_in_words(value)}" if fact.name == "flags" and isinstance(value, list) else ""
    text, tip = fact.write(value), f"{fact.explanation}{words}\n{origin}{exact}"
    return Line(fact.name, fact.title, text, known, tip, text if text.startswith("0x") else raw,
                DIGITS if text.startswith("0x") else PLAIN, isinstance(value, int | float))  # fmt: skip
