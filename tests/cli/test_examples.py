"""Every command line that memviz prints or its pages show can be typed as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from memviz.cli.main import COMMANDS, command, parse
from memviz.demos import DEMOS, Demo
from tests.cli.conftest import Run
from tests.demos.driver import start_demo

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LOOK = "look with: memviz "
PAGES = ("README.md", "docs/MEMORY_ANALYSIS.md", "docs/changelog.md")
SHOWN = re.compile(r"`memviz ([^`…]*)`")


def parses(line: str) -> bool:
    try:
        parse(shlex.split(line))
    except SystemExit as end:
        return end.code == 0  # it was --help or --version
    return True


@pytest.mark.parametrize("name", COMMANDS)
def test_that_the_example_of_a_command_parses(name: str) -> None:
    program, _, rest = command(name).EXAMPLE.partition(" ")
    assert program == "memviz"
    assert parses(rest)


def test_that_the_command_lines_of_the_pages_parse() -> None:
    text = "\n".join((REPOSITORY / page).read_text() for page in PAGES)
    shown = {line for line in SHOWN.findall(text) if line not in COMMANDS}  # a command may be merely named
    assert len(shown) > 5
    assert [
        line for line in shown if not parses(line.replace("demo NAME", "demo touch").replace("ADDRESS", "0x1000"))
    ] == []


@pytest.mark.live
@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_that_what_a_demo_says_to_look_with_can_be_typed_at_once(demo: Demo, run: Run, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        while not running.is_over:
            before = len(running.lines)
            running.step(skip=False)
            for line in running.lines[before:]:
                if line.startswith(LOOK):
                    words = shlex.split(line.removeprefix(LOOK))
                    assert parses(shlex.join(words))
                    status, out, err = run(*words)
                    # a process that does not answer is what one of the demos is about
                    assert status in ((0, 5) if demo.name == "stuck" else (0,)), err
                    assert out or status
