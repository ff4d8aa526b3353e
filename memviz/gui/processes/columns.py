"""The columns of the list: those of every process, and what only a list that watches can tell."""

from __future__ import annotations

from typing import NamedTuple

from memviz.core.columns import PROCESS_COLUMNS, Column

NAME, TEXT, NUMBER, TREND = "name", "text", "number", "trend"
SMALL_FIRST = ("pid", "ppid")  # numbers that are names, not amounts


class ListColumn(NamedTuple):
    """`kind` is how a cell is drawn; `widest` a text that must fit; `shown_from` the width of the list from which on
    it is shown by itself."""

    name: str
    title: str
    explanation: str
    kind: str
    widest: str
    shown_from: int
    column: Column | None  # None where there is nothing to write

    @property
    def large_first(self) -> bool:
        """Whether the first click sorts the large amounts to the top."""
        return self.kind not in (NAME, TEXT) and self.name not in SMALL_FIRST

    def show(self, value: object) -> str:
        """The text of a value; a dash where it is unknown."""
        return self.column.show(value) if self.column is not None else ""


OWN_COLUMNS = (
    Column("trend", "Minute", "Anonymous + swap over the last minute. Its full height is the change of that minute, or "
        "a tenth of the size where the change is less. Sorted by how much it grew."),
    Column("pss", "PSS", "Proportional set size: shared pages divided by the number of processes that map them. Read "
        "for the rows in sight only, for it costs time; a dim number is old."),
    Column("family", "With children", "Anonymous + swap of the process and of all that descend from it."),
)  # fmt: skip

NEVER = 1 << 30
# Name, how it is drawn, what must fit, and from which width of the list on it is shown while nobody has chosen columns
_LOOKS: tuple[tuple[str, str, str, int], ...] = (
    ("name", NAME, "python · gunicorn 4194304", 0), ("private_swap", NUMBER, "Anon + swap000", 0),
    ("trend", TREND, "0000000", 320),
    ("family", NUMBER, "With children", NEVER), ("pid", NUMBER, "4194304", 520), ("user", TEXT, "www-data0", 600),
    ("rss", NUMBER, "Anon + swap00", 440), ("pss", NUMBER, "1,023 MiB", 680), ("vms", NUMBER, "1,023 MiB", NEVER),
    ("swap", NUMBER, "1,023 MiB", NEVER), ("threads", NUMBER, "Threads0", 780),
    ("cpu_seconds", NUMBER, "123456.78 s", 860), ("state", TEXT, "State", NEVER), ("ppid", NUMBER, "4194304", NEVER),
    ("command", TEXT, "/usr/bin/program --with options", 960),
)  # fmt: skip


def _made() -> tuple[ListColumn, ...]:
    columns = {column.name: column for column in (*PROCESS_COLUMNS, *OWN_COLUMNS)}
    known = {name for name, *_ in _LOOKS}
    looks = list(_LOOKS)
    looks += [
        (column.name, NUMBER if column.numeric else TEXT, column.title + "000", NEVER)
        for column in columns.values() if column.name not in known
    ]  # fmt: skip
    return tuple(
        ListColumn(name, columns[name].title, columns[name].explanation, kind, widest, shown_from,
                   columns[name] if kind != TREND else None)
        for name, kind, widest, shown_from in looks
    )  # fmt: skip


LIST_COLUMNS = _made()
NUMBERS = {column.name: number for number, column in enumerate(LIST_COLUMNS)}
SORTED_BY = "private_swap"
BARS = (SORTED_BY, "rss")  # what is known of every process


def columns_for(width: int, bar: str = SORTED_BY) -> list[str]:
    """The names of those that a list of this width shows by itself; `bar` is the one that bars are drawn of."""
    other = {SORTED_BY: bar, bar: SORTED_BY}
    return [other.get(column.name, column.name) for column in LIST_COLUMNS if column.shown_from <= width]


def bar_of(metric: str) -> str:
    """The column that a metric of the options means here. PSS and USS are not known of all processes."""
    return metric if metric in BARS else SORTED_BY
