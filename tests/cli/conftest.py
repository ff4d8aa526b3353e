"""What the tests of the command line share: commands in this process, and a process to look at."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from memviz.cli.main import main
from tests.programs import running

Run = Callable[..., tuple[int, str, str]]
SLEEPER = [sys.executable, "-c", "import sys; kept = bytearray(1 << 22); print('ready', flush=True); sys.stdin.read()"]


@pytest.fixture(scope="session")
def sleeper() -> Iterator[int]:
    with running(SLEEPER, "ready") as (pid, _):
        yield pid


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return call


def answer(run: Run, *words: object) -> Any:
    status, out, err = run(*words)
    assert status == 0, err
    return json.loads(out)
