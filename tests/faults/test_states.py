"""A process in every state, with every file missing once, in every command: nothing unknown is 0, and every null says
why it is not there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from memviz.cli.main import main
from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.snapshot import REASONS
from memviz.errors import MemvizError
from tests.process_states import FILES, PID, STATES, State, unexplained, write_tree, zeros

MISSING = (
    (),
    *((name,) for name in FILES),
    ("smaps", "maps"),
    ("statm", "status"),
    ("statm", "status", "smaps", "maps"),
)
COMMANDS = (
    ("summary", PID), ("summary", PID, "--tree"), ("regions", PID), ("regions", PID, "--fast"),
    ("regions", PID, "--blocks"), ("explain", PID, "400000"), ("explain", PID, "500000"), ("layout", PID), ("map", PID),
    ("ps",),
)  # fmt: skip
METHODS: tuple[Callable[[MemoryAnalyzer], object], ...] = (
    lambda analyzer: analyzer.get_detailed_memory_info(PID),
    lambda analyzer: analyzer.analyze_memory_regions(PID),
    lambda analyzer: analyzer.get_memory_layout_analysis(PID),
)


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main([str(word) for word in words])
    seen = capsys.readouterr()
    return status, seen.out, seen.err


@pytest.mark.parametrize("missing", MISSING, ids=lambda names: "without " + " ".join(names))
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_that_every_null_has_its_reason_and_nothing_unknown_is_zero(
    state: State, missing: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = write_tree(state, missing, tmp_path)
    for command in COMMANDS:
        status, out, err = call(capsys, "--proc-root", tree, *command, "--json")
        assert out or (status and err.count("\n") == 1), command
        if out:
            check(json.loads(out), state, f"{command}")
    with MemoryAnalyzer(proc_root=str(tree)) as analyzer:
        for number, method in enumerate(METHODS):
            told: object = {}
            with contextlib.suppress(MemvizError):  # where even its stat is missing
                told = method(analyzer)
            check(json.loads(json.dumps(told)), state, f"method {number}")


def check(told: dict[str, object], state: State, where: str) -> None:
    assert list(unexplained(told)) == [], where
    if not state.has_memory and "host" not in told:
        told.pop("totals", None)  # a sum over processes of which none has memory is 0
        assert list(zeros(told)) == [], where
    absent = told.get("absent", {})
    assert isinstance(absent, dict)
    assert {why["reason"] for why in absent.values()} <= set(REASONS), where


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_that_every_command_calls_the_state_by_its_name(
    state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = write_tree(state, (), tmp_path)
    told = json.loads(call(capsys, "--proc-root", tree, "summary", PID, "--json")[1])
    assert told["memory"]["status"] == state.status
    (row,) = json.loads(call(capsys, "--proc-root", tree, "ps", "--kernel", "--json")[1])["processes"]
    assert row["status"] == state.status or state.name == "ending after its stat was read"  # no statm in a list
    status, out, _ = call(capsys, "--proc-root", tree, "summary", PID)
    assert status == 0
    assert f", {state.status}" in out
    assert "0 B" not in out.partition("\n\n")[0] or state.has_memory


ENDING = [state for state in STATES if state.is_ending and not state.has_memory]


@pytest.mark.parametrize("command", [command for command in COMMANDS if PID in command], ids=str)
@pytest.mark.parametrize("state", ENDING, ids=lambda state: state.name)
def test_that_an_ending_process_is_no_failure_and_says_that_it_ends(
    state: State, command: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = write_tree(state, (), tmp_path)
    status, out, err = call(capsys, "--proc-root", tree, *command)
    assert status == 0
    assert "ending" in out
    assert "running" not in out + err
    status, out, _ = call(capsys, "--proc-root", tree, *command, "--json")
    assert status == 0
    told = json.loads(out)
    reasons = told.get("processes", [told])
    assert "ending" in json.dumps([reason["absent"] for reason in reasons])
