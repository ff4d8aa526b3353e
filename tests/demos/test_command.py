"""`memviz demo`."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from memviz.cli import demo
from memviz.demos import DEMOS, command

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def run(*words: str) -> int:
    parser = ArgumentParser()
    demo.add_arguments(parser)
    return demo.run(parser.parse_args(words))


def test_that_without_a_name_all_demos_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == [demo.name for demo in DEMOS]
    assert all(row.endswith(demo.shows) for row, demo in zip(rows, DEMOS, strict=True))


@pytest.mark.parametrize(
    ("words", "passed_on"),
    [
        (["touch"], ["touch", "--limit=1800.0"]),
        (["leak", "7", "--auto", "2"], ["leak", "7", "--limit=1800.0", "--auto=2.0"]),
        (["stack", "--hold", "--limit", "9"], ["stack", "--limit=9.0", "--hold"]),
    ],
)
def test_that_a_demo_takes_the_place_of_the_command_with_its_options(
    words: list[str], passed_on: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _path, arguments: executed.append(arguments))
    run(*words)
    assert executed == [command(*passed_on)]


@pytest.mark.live
def test_that_the_demo_has_the_pid_of_the_command() -> None:
    program = (
        "import argparse, sys; from memviz.cli import demo; parser = argparse.ArgumentParser();"
        "demo.add_arguments(parser); demo.run(parser.parse_args(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "touch"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"pid {process.pid}\n"


def test_that_the_command_loads_nothing_large() -> None:
    program = "import sys, memviz.cli.demo; print(*{'numpy', 'ctypes', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
