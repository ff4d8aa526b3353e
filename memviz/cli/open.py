"""`memviz open`, which is what `memviz PID` does where there is a display: the window, or a picture of it."""

from __future__ import annotations

import argparse
import os

from memviz.errors import UsageError

HELP = "open the window on a process, or draw a picture of it"
EXAMPLE = "memviz open firefox --biggest"
THEMES = ("light", "dark")
# `memviz PID` with none but these opens the window; any other asks for the summary
OPTIONS = frozenset(
    ("--biggest", "--present", "--screenshot", "--at", "--since", "--size", "--theme", "--scale", "-h", "--help")
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from memviz.cli.target import add_target_argument
    from memviz.cli.values import address, number

    add_target_argument(parser, optional=True)
    parser.add_argument("--present", action="store_true", help="the map alone in large type, for a projector")
    parser.add_argument(
        "--screenshot", metavar="FILE",
        help="draw the window into FILE, without a display: PNG; - is the standard output",
    )  # fmt: skip
    parser.add_argument("--at", type=address, metavar="ADDRESS", help="go to the page that holds this address")
    parser.add_argument(
        "--since", type=number("number of seconds from 0.1 to 600", 0.1, 600), metavar="SECONDS", default=0.0,
        help="with --screenshot: show what changed in so long",
    )  # fmt: skip
    add_picture_arguments(parser)


def add_picture_arguments(parser: argparse.ArgumentParser) -> None:
    """How large a picture is, and how it looks."""
    from memviz.cli.values import number, pixels

    parser.add_argument("--size", type=pixels, metavar="WxH", help="of the window, in pixels (1280x720)")
    parser.add_argument("--theme", choices=THEMES, help="light or dark, whatever the desktop is")
    parser.add_argument(
        "--scale", type=number("scale from 1 to 4", 1, 4), metavar="N", help="N pixels of a picture for each (1 to 4)"
    )


def file_named(word: str) -> str:
    """The file that a word of the command line means."""
    return "/dev/stdout" if word == "-" else word


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

            return draw_window(source, wish, file_named(arguments.screenshot))
        return run_window(source, wish)
