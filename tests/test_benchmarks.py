"""Each benchmark with tiny things: it runs, and ours and the peer read the same. No time is judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "scripts"
sys.path.insert(0, str(SCRIPTS))

from benchmarks.__main__ import main, run  # noqa: E402  # the line above makes them importable
from benchmarks.record import (  # noqa: E402  # as above
    VERDICTS,
    Benchmark,
    Disagreement,
    Goal,
    Measurement,
    NotHere,
    Setting,
    at_most,
    beyond,
    faster,
    hardly_above,
    seconds,
)  # fmt: skip
from benchmarks.registry import BENCHMARKS  # noqa: E402  # as above
from benchmarks.timing import same  # noqa: E402  # as above

TINY = Setting(
    regions=400, processes=8, followed=4, points=300, victim_regions=200, victim_seconds=0.4, window_seconds=0.5,
    patience=0,
)  # fmt: skip


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_that_ours_and_the_peer_read_the_same(benchmark: Benchmark, capsys: pytest.CaptureFixture[str]) -> None:
    record = run(benchmark, 2, TINY)
    if "absent" in record:
        pytest.skip(f"{benchmark.name}: {record['absent']}")
    assert "error" not in record, record["error"]
    assert record["verdict"] in VERDICTS
    assert capsys.readouterr().out.startswith(benchmark.name)


def test_that_benchmarks_have_names_of_their_own() -> None:
    names = [benchmark.name for benchmark in BENCHMARKS]
    assert len(set(names)) == len(names)


def test_that_the_list_names_every_benchmark_with_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [benchmark.name for benchmark in BENCHMARKS]
    assert all(line.endswith(benchmark.goal.text) for line, benchmark in zip(lines, BENCHMARKS, strict=True))


@pytest.mark.parametrize(
    ("goal", "ours", "peer", "verdict"),
    [
        (at_most(1.25), 1.2, 1.0, "met"),
        (at_most(1.25), 1.3, 1.0, "missed"),
        (faster(3.5, better=4), 1.0, 3.4, "missed"),
        (faster(3.5, better=4), 1.0, 3.6, "met"),
        (faster(3.5, better=4), 1.0, 4.1, "exceeded"),
        (seconds(0.15), 0.14, 1.0, "met"),
        (seconds(0.15), 0.16, 1.0, "missed"),
        (beyond(0.05, better=0.01), 0.07, 0.01, "missed"),
        (beyond(0.05, better=0.01), 0.05, 0.01, "met"),
        (beyond(0.05, better=0.01), 0.015, 0.01, "exceeded"),
        (hardly_above(1.1, plus=50e-6), 60e-6, 20e-6, "met"),
        (hardly_above(1.1, plus=50e-6), 109e-5, 100e-5, "met"),
        (hardly_above(1.1, plus=50e-6), 120e-5, 100e-5, "missed"),
    ],
)
def test_that_a_goal_is_judged_by_its_number(goal: Goal, ours: float, peer: float, verdict: str) -> None:
    assert goal.verdict(Measurement((ours,), (peer,))) == verdict


def test_that_a_ratio_is_the_median_over_pairs() -> None:
    measurement = Measurement((1.0, 2.0, 90.0), (1.0, 1.0, 10.0))
    assert measurement.ratio == 2.0
    assert measurement.excess == 1.0


def one_that(raises: Exception | None, ours: float = 1.0) -> Benchmark:
    def measure(setting: Setting, rounds: int) -> Measurement:
        if raises is not None:
            raise raises
        return Measurement((ours,) * rounds, (1.0,) * rounds)

    return Benchmark("made-up", "ours", "peer", at_most(1), 1, measure)


@pytest.mark.parametrize(
    ("benchmark", "code", "said"),
    [
        (one_that(None), 0, "met"),
        (one_that(None, ours=2.0), 0, "missed"),
        (one_that(NotHere("there is no pmap")), 0, "not measured: there is no pmap"),
        (one_that(Disagreement("rss: ours 1, the peer's 2")), 1, "FAILED: Disagreement: rss: ours 1, the peer's 2"),
        (one_that(OSError("no more")), 1, "FAILED: OSError: no more"),
    ],
    ids=["met", "missed", "not here", "disagreement", "error"],
)
def test_that_only_what_differs_or_fails_is_an_error(
    benchmark: Benchmark, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.__main__.BENCHMARKS", (benchmark,))
    assert main(["--rounds", "3"]) == code
    assert said in capsys.readouterr().out
    assert main(["--json"]) == code
    (record,) = json.loads(capsys.readouterr().out)["benchmarks"]
    assert record["name"] == "made-up"


def test_that_lists_that_differ_are_told_with_the_place() -> None:
    same("rows", [1, 2], [1, 2])
    with pytest.raises(Disagreement, match=r"^rows \[1\]: ours 2, the peer's 3$"):
        same("rows", [1, 2], [1, 3])
    with pytest.raises(Disagreement, match=r"^number of rows: ours 1, the peer's 2$"):
        same("rows", [1], [1, 3])


def test_that_it_runs_as_a_program() -> None:
    command = (sys.executable, "-m", "benchmarks", "--only", "no-such")
    environment = {**os.environ, "PYTHONPATH": f"{SCRIPTS}{os.pathsep}{REPOSITORY}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no-such" in done.stderr
