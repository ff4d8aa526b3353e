"""What a cell says when the pointer rests on it: the exact number, what it means, why it is not there."""

from __future__ import annotations

import html
import time

from memviz import units
from memviz.core.source import ProcessRow
from memviz.core.state import ENDING, LIVES_ON, STATES
from memviz.gui.processes.columns import ListColumn
from memviz.gui.processes.people import People, lives_on
from memviz.gui.processes.tree import Line
from memviz.text import clipped

LONGEST = 400  # characters of a command line
STATE_WORDS = {
    **STATES,
    "Z": "zombie: it has ended, and its parent has not asked how",
}


def tooltip(people: People, line: Line, column: ListColumn) -> str:
    """HTML, whatever a process calls itself."""
    words = _words(people, line, column)
    return "<qt>" + "<br>".join(html.escape(word) for word in words if word) + "</qt>"


def spoken(people: People, line: Line, column: ListColumn, text: str) -> str:
    """What a reader of the screen says: with what others see by colour, indentation and a line through it."""
    words = [f"{column.title}: {text}"]
    if column.name == "name":
        words += [f"level {line.depth + 1}"] * people.tree
        words += ["open" if line.is_open else "closed"] * bool(line.children)
        words += ["has ended"] * (line.key in people.census.gone) + ["shown in the map"] * (line.key == people.target)
    return ", ".join(words)


def _words(people: People, line: Line, column: ListColumn) -> list[str]:
    row = line.row
    if row is None:
        return [f"{line.children} threads of the kernel: they have no memory of their own. Click to show or hide them."]
    value = people.value(line, column.name)
    head = f"{row.name} ({row.pid})"
    if line.key in people.census.gone:
        head += " has ended"
    if line.key in people.own:
        head += ": memviz itself"
    if column.name == "name":
        command = clipped(row.command, LONGEST) if row.command else ""
        return [head, command, f"{state_words(row)}; user {row.user or units.DASH}"]
    if value is None:
        return [head, f"{column.title}: {people.why_absent(line, column.name)}", column.explanation]
    if column.name == "state":
        return [head, state_words(row)]
    words = [head, f"{column.title}: {exact(value)}" if isinstance(value, int) and column.kind != "text" else ""]
    if column.name == "pss":
        words.append(f"Read {units.duration(time.monotonic() - people.shares[row.identity].at)} ago.")
    if column.name == "command":
        words.append(clipped(str(value), LONGEST))
    return [*words, column.explanation]


def state_words(row: ProcessRow) -> str:
    words = ENDING if row.is_ending else LIVES_ON if lives_on(row) else STATE_WORDS.get(row.state, f"state {row.state}")
    return words[:1].upper() + words[1:]


def exact(value: int) -> str:
    return units.number(value)
