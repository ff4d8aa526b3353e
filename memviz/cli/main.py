"""`memviz`: global options, then a command, each in a file of its own that is loaded when it is named."""

from __future__ import annotations

import argparse
import errno
import importlib
import sys
from types import ModuleType
from typing import Any, NoReturn

import memviz
from memviz.cli.choose import joined
from memviz.cli.terminal import forget_output, make_safe
from memviz.errors import MemvizError
from memviz.files import WriteError

# One file each in this folder, in the order of the help: HELP, EXAMPLE, add_arguments(parser), run(arguments) ->
# exit status
COMMANDS = (
    "open", "ps", "summary", "regions", "explain", "layout", "map", "cpu", "system", "demo", "doctor", "desktop",
)  # fmt: skip
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EAGAIN)  # what writing to a file may end in
DESCRIPTION = "See the memory of a running process: where it is, what it is, how it changes."


def command(name: str) -> ModuleType:
    """The module of a command."""
    return importlib.import_module(f"memviz.cli.{name}")


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(complain(f"{message} (try `{self.prog} --help`)", 2))

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or the version; argparse itself would ignore that a disk is full."""
        print(message, end="", file=file or sys.stderr)


def complain(text: str, status: int) -> int:
    """One line on stderr."""
    print(f"memviz: {text}", file=sys.stderr)
    return status


def top_parser() -> argparse.ArgumentParser:
    """The parser of everything before the command."""
    lines = "\n".join(f"  {name:<10}{command(name).HELP}" for name in COMMANDS)
    parser = Parser(
        prog="memviz",
        description=DESCRIPTION,
        usage="memviz [--via COMMAND | --proc-root DIR] [PID | NAME | COMMAND ...]",
        epilog=f"commands:\n{lines}\n\nexample: memviz --via 'ssh HOST' ps\nEvery command has --help of its own.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add_global_arguments(parser)
    parser.add_argument("-h", "--help", action="help", help="show this text and end")
    return parser


def add_global_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that stand before the command."""
    parser.add_argument("--version", action="version", version=f"memviz {memviz.__version__}")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--via",
        default="",
        metavar="COMMAND",
        help="read through this command: 'sudo', 'ssh HOST', 'docker exec -i NAME'",
    )
    where.add_argument("--proc-root", default="", metavar="DIR", help="read a captured /proc: a folder or a tar of one")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help=argparse.SUPPRESS)


def quick_parser() -> argparse.ArgumentParser:
    """The same without the list of commands, which would load them all."""
    parser = Parser(prog="memviz", add_help=False, allow_abbrev=False)
    add_global_arguments(parser)
    return parser


def parse(argv: list[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The command's module and its arguments, the global ones among them. Exits on wrong ones and on --help."""
    asks_for_help = argv[:1] in (["-h"], ["--help"], ["help"])
    top = (top_parser() if asks_for_help else quick_parser()).parse_args(
        ["--help"] if asks_for_help else with_command(argv)
    )
    words: list[str] = top.words
    if not words or words[0] not in COMMANDS:
        words = default_words(words)
    module = command(words[0])
    parser = Parser(
        prog=f"memviz {words[0]}",
        description=module.HELP,
        epilog=f"example: {module.EXAMPLE}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    arguments = parser.parse_args(joined(words[1:]))
    arguments.via, arguments.proc_root = top.via, top.proc_root
    return module, arguments


def default_words(words: list[str]) -> list[str]:
    """What words mean that begin with no command: the window, or a picture of it; the summary where there can be
    none, and where an option asks for text."""
    from memviz.cli import open as opening

    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    if words and words[0] in options and words[0] not in opening.OPTIONS:
        top_parser().error(f"unknown option {words[0]}")
    if not set(options) <= opening.OPTIONS:
        return ["summary", *words]
    if "--screenshot" not in options:
        from memviz.gui.shell.needs import NO_DISPLAY, why_no_window

        why = why_no_window()
        if why and not (words and why == NO_DISPLAY):  # who names a process where there is no screen knows it
            print(f"memviz: no window: {why}; here is the summary", file=sys.stderr)
        if why:
            return ["summary", *(words or ["--biggest"])]
    return ["open", *words]


def with_command(argv: list[str]) -> list[str]:
    """`--present` as `open --present`: the parser of global options would not know it."""
    from memviz.cli.open import OPTIONS

    at = 0
    while at < len(argv) and argv[at] in ("--via", "--proc-root"):
        at += 2
    while at < len(argv) and argv[at].startswith(("--via=", "--proc-root=")):
        at += 1
    name = argv[at].partition("=")[0] if at < len(argv) else ""
    return [*argv[:at], "open", *argv[at:]] if name in OPTIONS - {"-h", "--help"} else argv


def run(argv: list[str]) -> int:
    """The status of one command; what it has printed is written when this returns or, after --help, exits."""
    try:
        module, arguments = parse(argv)
        status: int = module.run(arguments)
    except SystemExit:
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return status


def main(argv: list[str] | None = None) -> int:
    """Runs one command; every expected failure is one line on stderr and the exit status of its kind."""
    make_safe()
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except MemvizError as error:
        return complain(str(error), error.exit_code)
    except WriteError as error:
        return complain(str(error), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        forget_output()  # whoever read it has seen enough
        return 0
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        forget_output()
        return complain(f"the answer could not be written: {error.strerror}", 1)
