"""What the standard streams can take: signs that their encoding has, and lines as wide as the terminal."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys

LEAST = 24  # places that a long text is to have at least, before it goes to a line of its own
FURTHER = "      "  # before the lines of such a text
_PIECES = re.compile(r"[^ /]*[ /]?")  # where a long text may be broken: behind a blank or a slash

# Of the same width, so that columns stay columns
PLAIN = str.maketrans({
    "–": "-", "·": "-", "×": "x", "…": "~", "→": ">", "✓": "+", "✗": "x", "─": "-",
    "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": " ", "▎": " ", "▏": " ",
})  # fmt: skip


def make_safe() -> None:
    """No text raises UnicodeEncodeError from here on, and a stream that was closed by whoever started us is nowhere."""
    codecs.register_error("memviz", _instead)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # as long as the program runs
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="memviz")


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(PLAIN)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


def forget_output() -> None:
    """Nobody reads it any more: what is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# -- lines ------------------------------------------------------------------------------------------------------------


def is_rich(arguments: argparse.Namespace) -> bool:
    """Whether to draw for a person at a terminal."""
    return sys.stdout.isatty() and not arguments.plain and os.environ.get("TERM") != "dumb"


def room_of_line() -> int:
    """How many places a line of the terminal has."""
    import shutil

    return shutil.get_terminal_size().columns


def width_of(text: str) -> int:
    """How many places of a terminal it takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of that width, broken behind blanks and slashes where there are some."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if width_of(lines[-1] + piece.rstrip()) <= width:
            lines[-1] += piece
            continue
        if lines[-1]:
            lines.append("")
        for letter in piece:
            if width_of(lines[-1] + letter.rstrip()) > width and lines[-1]:
                lines.append("")
            lines[-1] += letter
    return [line.rstrip() for line in lines if line.strip()] or [""]


def print_text(arguments: argparse.Namespace, text: str, before: str = "") -> None:
    """A text behind the first words of its line; on a terminal its further lines begin where it began."""
    if not is_rich(arguments):
        print((before + text).rstrip())
        return
    room, begin = room_of_line(), " " * width_of(before)
    if room - len(begin) < min(LEAST, width_of(text)):
        print(before.rstrip())
        before = begin = FURTHER
    for line in folded(text, max(room - len(begin), 2)):
        print((before + line).rstrip())
        before = begin
