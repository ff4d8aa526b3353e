"""`python -m benchmarks`: see --help."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from benchmarks.record import Benchmark, NotHere, Setting
from benchmarks.registry import BENCHMARKS
from benchmarks.report import as_record, as_text, failure


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where results differ or something fails; a goal that is missed is not a failure."""
    parser = ArgumentParser(prog="scripts/bench", description="Measures memviz against its goals and beside others.")
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--list", action="store_true", help="name the benchmarks and their goals, and run none")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="run this one (repeatable)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each, instead of its own number")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    chosen = parser.parse_args(arguments)
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds takes a number from 1")
    selected = [benchmark for benchmark in BENCHMARKS if not chosen.only or benchmark.name in chosen.only]
    if chosen.list:
        for benchmark in selected:
            print(f"{benchmark.name:18} {benchmark.ours}, beside {benchmark.peer}: {benchmark.goal.text}")
        return 0
    records = [run(each, chosen.rounds or each.rounds, Setting(), quiet=chosen.json) for each in selected]
    if chosen.json:
        print(json.dumps({"benchmarks": records}, indent=2))
    return int(any("error" in record for record in records))


def run(benchmark: Benchmark, rounds: int, setting: Setting, *, quiet: bool = False) -> dict[str, object]:
    """The benchmark's record for JSON; prints its lines unless `quiet`."""
    try:
        measurement = benchmark.measure(setting, rounds)
    except NotHere as reason:
        record, text = failure(benchmark, "absent", str(reason))
    except Exception as error:
        record, text = failure(benchmark, "error", f"{type(error).__name__}: {error}")
    else:
        record, text = as_record(benchmark, measurement), as_text(benchmark, measurement)
    if not quiet:
        print(text, flush=True)
    return record


if __name__ == "__main__":
    sys.exit(main())
