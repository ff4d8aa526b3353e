"""How text from a target is shown: nothing that it chose reaches a terminal, a file or a log as a control character."""

from __future__ import annotations

import io
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from numbers import Number

# Other (controls, formats such as bidi overrides, surrogates, private use, unassigned) and line or paragraph separators
_HIDDEN = ("C", "Zl", "Zp")
# What Markdown would take for a link, a picture, HTML, emphasis or the end of a cell; within a word `_` is none
_MARKUP = re.compile(r"[\\|`*~&<\[]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")

# Beginnings that a spreadsheet may take for a formula: `=`, `+`, `-`, `@`, also in wide, small and mathematical forms
# and behind blanks and quotes that it may drop; a tab and the ends of lines. The apostrophe is the escape itself.
_FORMULA = re.compile(r"'|[\t\r\n]|[\s\x00-\x1f\"\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫−]")  # noqa: RUF001  # the wide ones are meant


def shown(text: bytes | str) -> str:
    """The text with every byte that is not UTF-8 as `\\xNN`, and every character that would not show as an escape."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) for char in text)


def hex_entry(key: str, raw: bytes | None) -> dict[str, str]:
    """The entry of a JSON object beside `key: shown(raw)` where the shown text is not exact: `KEY_hex`, its bytes."""
    return {} if raw is None or is_exact(raw) else {f"{key}_hex": raw.hex()}


def hex_entries(key: str, raws: Iterable[bytes]) -> dict[str, list[str]]:
    """The same for a list of texts: those of all of them where one is not exact."""
    raws = list(raws)
    return {} if all(map(is_exact, raws)) else {f"{key}_hex": [raw.hex() for raw in raws]}


def is_exact(raw: bytes) -> bool:
    """Whether the shown text has these very bytes, nothing of it being an escape."""
    return shown(raw).encode() == raw


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if not unicodedata.category(char).startswith(_HIDDEN):
        return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clipped(text: str, width: int) -> str:
    """The text, its middle replaced by `…` where it is longer than `width`: both ends of a path say something."""
    if len(text) <= width:
        return text
    head = (width - 1) // 3
    return text[:head] + "…" + text[len(text) - (width - 1 - head) :]


def for_markdown(text: str) -> str:
    """A text that Markdown shows as it is, also in a cell of a table."""
    return _MARKUP.sub(r"\\\g<0>", text)


# -- CSV --------------------------------------------------------------------------------------------------------------


def for_spreadsheet(text: str) -> str:
    """A text that a spreadsheet shows and never computes: an apostrophe stands before one that would be a formula, and
    before one that begins with an apostrophe, so that `from_spreadsheet` gives back any text."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_spreadsheet(cell: str) -> str:
    """The text of a cell: without one leading apostrophe."""
    return cell.removeprefix("'")


def csv_lines(names: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV: names of columns, then rows. Numbers are written as such, be they negative; None is an empty
    cell, and everything else a text that no spreadsheet computes."""
    import csv

    line = io.StringIO()
    writer = csv.writer(line)  # which ends lines with CR LF and therefore quotes both
    for row in itertools.chain((names,), rows):
        writer.writerow(map(_cell, row))
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, Number) else for_spreadsheet(str(value))
