"""All about a demo but its name: what `memviz demo` and the demos' own program both accept."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from memviz.demos import DEMOS, Demo

HALF_AN_HOUR = 30 * 60.0
A_DAY = 24 * 60 * 60.0


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= A_DAY:
        raise ArgumentTypeError(f"{text} is not between 0 and {A_DAY:g}")
    return value


def add_options(parser: ArgumentParser) -> None:
    numbers = (
        f"{demo.name}: {demo.number.what}, from 1 to {demo.number.most} ({demo.number.default})"
        for demo in DEMOS
        if demo.number
    )
    parser.add_argument("number", nargs="?", type=int, help="; ".join(numbers), metavar="NUMBER")
    parser.add_argument(
        "--auto",
        type=seconds,
        metavar="SECONDS",
        help="go on without Enter after so many seconds, and end after the last step",
    )
    parser.add_argument("--hold", action="store_true", help="do all the steps at once, then stay")
    parser.add_argument(
        "--limit",
        type=seconds,
        metavar="SECONDS",
        default=HALF_AN_HOUR,
        help="end after so many seconds (%(default)g)",
    )


def as_words(chosen: Namespace) -> list[str]:
    """The options again, as somebody would type them."""
    words = [f"--limit={chosen.limit}"]
    if chosen.number is not None:
        words.insert(0, str(chosen.number))
    if chosen.auto is not None:
        words.append(f"--auto={chosen.auto}")
    if chosen.hold:
        words.append("--hold")
    return words


def number_of(demo: Demo, given: int | None) -> int:
    """The number to use, or 0 for a demo that takes none.

    ValueError, with a sentence, when *given* is not a number for this demo.
    """
    if demo.number is None:
        if given is not None:
            raise ValueError(f"{demo.name} takes no number")
        return 0
    number = demo.number.default if given is None else given
    if not 1 <= number <= demo.number.most:
        raise ValueError(f"{demo.name} takes a number from 1 to {demo.number.most}")
    return number
