"""`memviz open`, which is what `memviz PID` does where there is a display: the window, or a picture of it."""

from __future__ import annotations

import argparse
import os
import re

from memviz.errors import UsageError

HELP = "open the window on a process, or draw a picture of it"
EXAMPLE = "memviz open firefox --biggest"
THEMES = ("light", "dark")
MOST_SECONDS = 600  # that a picture may wait for changes
# `memviz PID` with none but these opens the window; any other asks for the summary
OPTIONS = frozenset(
    ("--biggest", "--present", "--screenshot", "--at", "--since", "--size", "--theme", "--scale", "-h", "--help")
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.target import add_target_argument

    add_target_argument(parser, optional=True)
    parser.add_argument("--present", action="store_true", help="the map alone in large type, for a projector")
    parser.add_argument("--screenshot", metavar="FILE", help="draw the window into FILE (PNG), without a display")
    parser.add_argument("--at", type=address, metavar="ADDRESS", help="go to the page that holds this address")
    parser.add_argument(
        "--since", type=seconds, metavar="SECONDS", default=0.0, help="with --screenshot: show what changed in so long"
    )
    add_picture_arguments(parser)


def add_picture_arguments(parser: argparse.ArgumentParser) -> None:
    """How large a picture is, and how it looks."""
    parser.add_argument("--size", type=size, metavar="WxH", help="of the window, in pixels (1280x720)")
    parser.add_argument("--theme", choices=THEMES, help="light or dark, whatever the desktop is")
    parser.add_argument("--scale", type=scale, metavar="N", help="N pixels of a picture for each (1 to 4)")


def size(text: str) -> tuple[int, int]:
    """`1280x720`."""
    found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text, re.ASCII)
    numbers = tuple(map(int, found.groups())) if found else ()
    if len(numbers) != 2 or not all(100 <= number <= 16384 for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 1280x720")
    return numbers[0], numbers[1]


def address(text: str) -> int:
    """`0x7f12_3456_7000`; hexadecimal also without its sign."""
    try:
        number = int(text, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no address; write 0x7f12_3456_7000")
    return number


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to {MOST_SECONDS}")
    return number


def scale(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= 4:
        raise argparse.ArgumentTypeError(f"{text!r} is no scale from 1 to 4")
    return number


def run(arguments: argparse.Namespace) -> int:
    from memviz.cli.target import find_pid, opened_source
    from memviz.errors import Unsupported
    from memviz.gui.shell.needs import why_no_picture, why_no_window

    draws = bool(arguments.screenshot)
    for option in ("scale", "since"):
        if getattr(arguments, option) and not draws:
            raise UsageError(f"--{option} is for pictures: add --screenshot FILE")
    if why := why_no_picture() if draws else why_no_window():
        raise Unsupported(f"{'no picture' if draws else 'no window'}: {why}")
    if draws:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        if arguments.scale:
            os.environ["QT_SCALE_FACTOR"] = f"{arguments.scale:g}"
    with opened_source(arguments) as source:  # its reader starts while Qt is being loaded
        from memviz.gui.shell.app import Wish
        from memviz.gui.shell.app import run as run_window

        pid = find_pid(source, arguments) if arguments.target is not None else None
        wish = Wish(
            pid, "", arguments.present, arguments.theme or "", arguments.size, arguments.at, arguments.since
        )  # fmt: skip
        if draws:
            from memviz.gui.shell.picture import draw_window

            return draw_window(source, wish, arguments.screenshot)
        return run_window(source, wish)
