"""`memviz demo`: the small programs of `memviz/demos`, to look at with memviz."""

import os
import sys
from argparse import ArgumentParser, Namespace

from memviz.demos import DEMOS, command
from memviz.demos.options import add_options, as_words
from memviz.errors import Unsupported

HELP = "run a small program that does one thing to its memory at a time"
EXAMPLE = "memviz demo touch"


def add_arguments(parser: ArgumentParser) -> None:
    names = [demo.name for demo in DEMOS]
    parser.add_argument("name", nargs="?", choices=names, metavar="NAME", help="which; without, they are listed")
    add_options(parser)


def run(arguments: Namespace) -> int:
    if arguments.name is None:
        print(table())
        return 0
    if sys.platform != "linux":
        raise Unsupported("the demos show what Linux does with memory, and run on Linux only")
    # The demo takes the place of this process: it has the terminal, and nothing stands in between.
    sys.stdout.flush()
    words = command(arguments.name, *as_words(arguments))
    os.execv(words[0], words)


def table() -> str:
    width = max(len(demo.name) for demo in DEMOS)
    rows = (f"{demo.name:<{width}}  {demo.shows}" for demo in DEMOS)
    return "\n".join([f"{'NAME':<{width}}  SHOWS", *rows])
