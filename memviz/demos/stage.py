"""What all demos share: how they declare their steps, when a step is taken, and what is printed.

A demo is a module with `steps(stage) -> tuple[Step, ...]`. The program prints, line by line:

    pid 12345
    A page costs memory when it is first touched
    Press Enter: map 16 MiB and touch none of it
    done: a region of 16 MiB with an RSS of 0
    look with: memviz regions 12345 --group anonymous
    fact address=0x7f0000000000 bytes=16777216 pages=4096
    Press Enter: ...
    Press Enter to end

A step that this kernel, machine or user cannot do prints `not here: REASON` instead of `done:`.
Input is read by lines, from a terminal or not; its end is the end of the demo.
"""

import os
import resource
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import NamedTuple, NoReturn

from memviz.demos import DEMOS, Demo, find, memory
from memviz.demos.cues import Cues
from memviz.demos.folder import Folder
from memviz.demos.options import add_options, number_of

# What a step can tell a test. Addresses print in hexadecimal, lists with commas.
Facts = dict[str, int | str | list[int]]


class NotHere(Exception):
    """This kernel, machine or user cannot do the step; the text says what would be needed."""


class Step(NamedTuple):
    """One thing that happens when Enter is pressed.

    `will` completes "Press Enter: ...". `look` says what there is to see when it is done, and
    `command` is the rest of a `memviz` command line that shows it; both may name facts in braces,
    and `{pid}`.
    """

    will: str
    act: Callable[[], Facts]
    look: str
    command: str = "regions {pid}"


class Stage:
    """What a demo may ask for, and what is cleared away when it ends, however it ends."""

    def __init__(self, demo: Demo, number: int, cleanup: ExitStack) -> None:
        self.demo = demo
        self.number = number
        self._cleanup = cleanup
        self._children: set[int] = set()
        cleanup.callback(self._end_children)

    def later(self, action: Callable[[], object]) -> None:
        """At the end; the last that was asked for comes first."""
        self._cleanup.callback(action)

    def folder(self) -> Folder:
        """A new folder of the demo's own among the temporary files, removed at the end."""
        made = Folder()
        self.later(made.remove)
        return made

    def fork(self, work: Callable[[], None]) -> int:
        """The pid of a child that does *work* and ends, and that never outlives this process."""
        parent = os.getpid()
        child = os.fork()
        if child:
            self._children.add(child)
            return child
        try:
            memory.control(memory.PR_SET_PDEATHSIG, signal.SIGKILL)
            for caught in ENDINGS:
                signal.signal(caught, signal.SIG_DFL)
            if os.getppid() == parent:  # otherwise it died before the line above
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                work()
        except BaseException as error:
            os.write(2, f"memviz demo: a child failed: {error!r}\n".encode())
        finally:
            os._exit(0)

    def end(self, child: int) -> None:
        """Kill *child* and wait for it."""
        self._children.discard(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def _end_children(self) -> None:
        # All are killed before any is waited for: one may hold what another is stuck on.
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)


# -- what is printed ------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, flush=True)


def written(name: str, value: int | str | list[int]) -> str:
    """A fact's value as one word; text keeps its letters and has everything else as %XX."""
    if isinstance(value, list):
        return ",".join(written(name, item) for item in value)
    if isinstance(value, int):
        return f"{value:#x}" if "address" in name else str(value)
    plain = (chr(byte) if 0x21 <= byte < 0x7F and byte != 0x25 else f"%{byte:02x}" for byte in os.fsencode(value))
    return "".join(plain)


def perform(step: Step) -> None:
    try:
        facts = step.act()
    except NotHere as reason:
        say(f"not here: {reason}")
        return
    known = {"pid": os.getpid(), **facts}
    say("done: " + step.look.format(**known))
    say("look with: memviz " + step.command.format(**known))
    say(" ".join(["fact", *(f"{name}={written(name, value)}" for name, value in facts.items())]))


def play(steps: Sequence[Step], cues: Cues, hold: bool) -> None:
    for step in steps:
        say(("Next: " if hold else "Press Enter: ") + step.will)
        if not hold and not cues.wait():
            return
        perform(step)
    say("Press Enter to end")
    cues.wait()


# -- limits, and the program itself ---------------------------------------------------------------

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def lower(limit: int, value: int) -> None:
    """Set a soft and hard resource limit, unless it is lower already."""
    now = resource.getrlimit(limit)[1]
    value = value if now == resource.RLIM_INFINITY else min(value, now)
    resource.setrlimit(limit, (value, value))


def limit(demo: Demo, seconds: float) -> None:
    lower(resource.RLIMIT_AS, demo.address_space)
    lower(resource.RLIMIT_DATA, demo.data)
    lower(resource.RLIMIT_CORE, 0)

    def end(caught: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + caught)

    for caught in ENDINGS:
        signal.signal(caught, end)
    # Should a step hang: the default action of the alarm ends what no Python code would.
    signal.alarm(int(seconds) + 5)


def main(arguments: Sequence[str]) -> int:
    parser = ArgumentParser(prog="memviz demo")
    parser.add_argument("name", choices=[demo.name for demo in DEMOS], metavar="NAME")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    demo = find(chosen.name)
    try:
        number = number_of(demo, chosen.number)
    except ValueError as error:
        parser.error(str(error))
    seconds = min(chosen.limit, demo.seconds)

    memory.name_this_thread(f"demo-{demo.name}".encode())
    # What a demo touches is what becomes resident, and not the 2 MiB around it; `huge` undoes this.
    memory.control(memory.PR_SET_THP_DISABLE, 1)
    try:
        with ExitStack() as cleanup:
            limit(demo, seconds)
            cues = Cues(chosen.auto, seconds, alone=chosen.hold or chosen.auto is not None)
            stage = Stage(demo, number, cleanup)
            say(f"pid {os.getpid()}")
            say(demo.title)
            steps = import_module(f"memviz.demos.{demo.module}").steps(stage)
            play(steps, cues, chosen.hold)
    except NotHere as reason:
        say(f"not here: {reason}")
        return 1
    except BrokenPipeError:  # nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        sys.stderr.write(f"memviz demo: {error}\n")
        return 1
    return 0
